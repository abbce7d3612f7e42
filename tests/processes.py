"""The processes beside the web server that a story needs: an SMTP server that keeps what it gets, and Celery workers."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.db import connection, transaction

T = TypeVar("T")


class Inbox:
    """What the SMTP server was given: (recipient, message) pairs, in order."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mails += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 kept"

    def to(self, recipient: str) -> list[EmailMessage]:
        return [message for to, message in self.mails if to == recipient]


def free_port() -> int:
    """A port of this machine that nothing listens on now.

    It lies below those that the system gives to whoever asks for any (from 32768 on): such a one could be given to
    another test's connection before we listen on it, or while a server that a test has stopped is away.
    """
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.SystemRandom().randrange(10_000, 30_000)))
            except OSError:
                continue
            return probe.getsockname()[1]


class MailServer(Controller):
    """aiosmtpd's server in a thread; on a busy machine it may take longer to start than aiosmtpd's five seconds."""

    def __init__(self, handler: object, port: int = 0) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=port or free_port(), ready_timeout=60)
        self.conversations: WeakSet[SMTP] = WeakSet()

    def factory(self) -> SMTP:
        conversation = super().factory()
        self.conversations.add(conversation)
        return conversation

    def cancel_tasks(self, stop_loop: bool = True) -> None:
        """What a stop does in the loop: hang up on everybody first, or sockets stay open until they are collected."""
        self.loop.create_task(self.hang_up())

    async def hang_up(self) -> None:
        server: Any = self.server
        for listening in server.sockets:
            self.loop.remove_reader(listening.fileno())
        for _turn in range(5):  # a connection that was just taken has its conversation some turns later
            for conversation in self.conversations:
                if isinstance(conversation.transport, asyncio.WriteTransport):
                    conversation.transport.abort()
            await asyncio.sleep(0)
        super().cancel_tasks()


@contextmanager
def smtp_server(inbox: Inbox):
    """A real SMTP server on the loopback while the block runs; gives its EMAIL_URL."""
    controller = MailServer(inbox)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def database_url() -> str:
    """The address of the test's own database, for another process."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


class Worker:
    """A Celery worker (with the beat inside) on the test's database and broker."""

    def __init__(self, log: Path, email_url: str, broker_url: str = "", beat: bool = True) -> None:
        self.log = log
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": broker_url or settings.CELERY_BROKER_URL,
            "EMAIL_URL": email_url,
            "DEBUG": "0",
            "DEMO": "0",
        }
        schedule = ["--beat", "--schedule", str(log.with_suffix(".schedule"))] if beat else []
        command = [sys.executable, "-m", "celery", "-A", "cluster_portal", "worker", "--pool", "solo", "-l", "info"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *schedule],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=settings.BASE_DIR,
            )

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Return once the worker takes tasks."""
        until = time.monotonic() + seconds
        while b" ready." not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the worker: SIGTERM lets it finish its task, SIGKILL does not."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise


def eventually(condition, seconds: float = 90):
    """Wait until `condition()` is true and return its value; fail after `seconds`.

    That is longer than the sweep of the mail (20 s) and the turn of the scheduled task (60 s), which do what a lost wake-up
    did not: on a busy machine the broker may not answer within the second that a request gives it.
    """
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)
    return value


def after(first: Callable[[], Any], second: Callable[[], T], then: Callable[[], Any] = lambda: None) -> T:
    """What `second` gives when it comes, over a connection of its own, between what `first` does and its commit.

    `then` is done once `second` waits, before the commit.
    """

    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT bool_or(pg_backend_pid() = ANY (pg_blocking_pids(pid))) FROM pg_locks WHERE NOT granted"
            )
            return cursor.fetchone()[0]

    def act() -> T:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            first()
            answer = other.submit(act)
            eventually(lambda: is_waiting() or answer.done())
            then()
        return answer.result(60)


@contextmanager
def broker_at(url: str):
    """Let this process publish to another broker while the block runs, over connections of its own."""
    from cluster_portal.celery import app

    def use(*urls: str) -> None:
        app.conf.broker_url, app.conf.broker_write_url = urls
        app._after_fork()  # the pool of the other address is left as it is; kombu keeps one for each

    before = app.conf.broker_url, app.conf.broker_write_url
    use(url, url)
    app.set_current()
    try:
        yield
    finally:
        use(*before)
