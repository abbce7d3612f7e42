"""Seeded random faults in the middle of 500 emails: none is lost, none is sent twice, and only what was in flight at a
kill, or in a conversation that broke after its content, is uncertain.

Everything is real: Celery's worker and two beats, a Valkey of the test's own, PostgreSQL, an SMTP server. Only time is
helped on: rows are aged in the database, as if the clock had moved.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from cluster_portal.mail import claims
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Stoppage
from cluster_portal.mail.outbox import Recipient, queue_mails
from tests.mail.broker import Broker
from tests.processes import MailServer, broker_at, database_url, eventually, free_port

MAILS = 500
SCHEDULES = 20
EMAIL_TIMEOUT = 1
SECONDS = 240  # a schedule takes some five; a machine under load gets more time, not other results


class TroubledSink:
    """Counts the copies that it takes; some addresses meet trouble, each as the schedule says."""

    def __init__(self):
        self.copies: Counter[str] = Counter()
        self.trouble: dict[str, Any] = {}
        self.doubtful: set[str] = set()

    def begin(self, trouble):
        self.copies, self.trouble, self.doubtful = Counter(), dict(trouble), set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        match self.trouble.get(address):
            case "refused":
                return "550 no such person"
            case "later":
                del self.trouble[address]
                return "451 try later"
            case "silent before the content":
                del self.trouble[address]
                await asyncio.sleep(EMAIL_TIMEOUT * 1.5)
            case "gone before the content":
                del self.trouble[address]
                server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        trouble = self.trouble.get(address)
        if trouble == "later after the content":
            del self.trouble[address]
            return "451 try later"
        if trouble == "gone and not taken":
            self.doubtful.add(address)
            server.transport.abort()
            return "250 OK"
        self.copies[address] += 1
        if trouble == "gone but taken":
            self.doubtful.add(address)
            server.transport.abort()
        return "250 OK"


TROUBLES = (
    "refused",
    "later",
    "silent before the content",
    "gone before the content",
    "later after the content",
    "gone and not taken",
    "gone but taken",
)


@dataclass
class Break:
    """A moment at which emails may have been in somebody's hands: their claims, each with the moment at which it was seen."""

    at: float = field(default_factory=time.monotonic)
    claims: dict = field(default_factory=dict)
    looks: int = 0

    def note(self, claims) -> None:
        for claim in claims:
            self.claims.setdefault(claim, time.monotonic())


class World:
    """The processes of a schedule, and the faults that can befall them."""

    def __init__(self, folder: Path):
        self.folder, self.workers = folder, 0
        self.sink = TroubledSink()
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes a line for every command
        self.port = free_port()
        self.open_the_mail_server()
        self.broker = Broker(folder)
        self.broker.start()
        self.in_flight: list[Break] = []
        self.kills = 0
        self.app = Celery(broker=self.broker.url, set_as_current=False)
        self.app.conf.update(
            task_default_queue=django_settings.CELERY_TASK_DEFAULT_QUEUE,
            broker_transport_options=django_settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        )
        self.start_worker()

    def open_the_mail_server(self):
        self.controller = MailServer(self.sink, self.port)
        self.controller.start()

    def start_worker(self):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "EMAIL_TIMEOUT": str(EMAIL_TIMEOUT),
            "DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "cluster_portal.settings",
        }
        self.workers += 1
        with (self.folder / f"worker-{self.workers}.log").open("wb") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "cluster_portal", "worker", "--concurrency=2", "-l", "warning"],
                cwd=django_settings.BASE_DIR, env=environment, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

    def end(self):
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.broker.stop()
        self.app.close()
        self.controller.stop(no_assert=True)

    def sweep(self):
        """One tick of a beat; it does not mind that the broker is away."""
        with contextlib.suppress(OperationalError, OSError):
            self.app.send_task(
                "cluster_portal.mail.tasks.deliver", kwargs={"sweep": True}, expires=20, retry=False, ignore_result=True
            )

    def note_in_flight(self, killed: int):
        """What is `sending` just after a kill may have been in the hands of the killed; PostgreSQL may still carry out
        the last that they asked of it, so it is looked for during a second, and three times even where the machine is
        so busy that the next look comes later.
        """
        self.kills += killed
        self.in_flight.append(Break())
        self.look_who_is_in_flight()

    def look_who_is_in_flight(self):
        claims = OutgoingMail.objects.filter(status="sending").values_list("claim", flat=True)
        for moment in self.in_flight:
            if time.monotonic() - moment.at < 1 or moment.looks < 3:
                moment.note(claims)
                moment.looks += 1

    # Faults

    def kill_a_process(self, rng):
        """One of the worker's two processes; Celery starts another."""
        children = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text().split()
        if children:
            os.kill(int(rng.choice(children)), signal.SIGKILL)
            self.note_in_flight(1)

    def kill_the_worker(self, rng):
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.note_in_flight(2)
        self.start_worker()

    def wipe_the_broker(self, rng):
        self.broker.stop()
        self.broker.start()

    def take_the_broker_away(self, rng):
        self.broker.stop()
        time.sleep(rng.uniform(0.2, 1))
        self.broker.start()

    def hang_the_broker(self, rng):
        os.kill(self.broker.process.pid, signal.SIGSTOP)
        time.sleep(rng.uniform(0.5, 1.5))
        os.kill(self.broker.process.pid, signal.SIGCONT)

    def take_the_mail_server_away(self, rng):
        before = set(OutgoingMail.objects.filter(status="uncertain").values_list("claim", flat=True))
        self.controller.stop(no_assert=True)
        self.note_in_flight(2)  # a conversation may break after its content, and that may be recorded by now
        broken = OutgoingMail.objects.filter(status="uncertain").values_list("claim", flat=True)
        self.in_flight[-1].note(set(broken) - before)
        time.sleep(rng.uniform(0.1, 0.5))
        self.open_the_mail_server()

    def cut_the_database(self, rng):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def move_the_clock(self, rng):
        """Forward or back by up to two hours: the same as moving every time in the database."""
        step = timedelta(seconds=rng.uniform(-7200, 7200))
        OutgoingMail.objects.filter(status="queued").update(
            due_at=F("due_at") + step, created_at=F("created_at") + step
        )
        OutgoingMail.objects.filter(status="sending").update(claimed_at=F("claimed_at") + step)

    FAULTS = (
        kill_a_process, cut_the_database, wipe_the_broker, kill_the_worker, move_the_clock, take_the_mail_server_away,
        kill_a_process, hang_the_broker, cut_the_database, take_the_broker_away,
    )  # fmt: skip

    def time_passes(self):
        """What waits for its next try is due, and the lease of what a kill left behind runs out."""
        self.look_who_is_in_flight()
        tried = Q(attempts__gt=0) | Q(created_at__lte=Now())  # the rest has only been put into the future by the clock
        OutgoingMail.objects.filter(tried, status="queued", due_at__gt=Now()).update(due_at=Now())
        now = time.monotonic()
        left = {claim for moment in self.in_flight for claim, at in moment.claims.items() if now - at > 1.5}
        OutgoingMail.objects.filter(status="sending", claim__in=left).update(
            claimed_at=F("claimed_at") - claims.LEASE - timedelta(hours=2)
        )


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        world = World(tmp_path_factory.mktemp("faults"))
        yield world
        world.end()


@pytest.fixture
def outbox(world, django_db_blocker):
    """An empty outbox that other processes see too: nothing here is rolled back, so its rows are deleted."""
    with django_db_blocker.unblock():
        yield
        for model in (OutgoingMail, Content, BadAddress, Stoppage):
            model.objects.all().delete()


def statuses():
    return Counter(OutgoingMail.objects.values_list("status", flat=True))


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_whatever_breaks_no_mail_is_lost_or_doubled(seed, world, outbox):
    rng = random.Random(seed)
    addresses = [f"gavejas{number}.{seed}@example.org" for number in range(MAILS)]
    troubled = dict(zip(rng.sample(addresses, 3 * len(TROUBLES)), 3 * TROUBLES, strict=True))
    faults = [World.FAULTS[(3 * seed + turn) % len(World.FAULTS)] for turn in range(3)]
    moments = sorted(rng.uniform(0.02, 0.9) * MAILS for _fault in faults)
    world.sink.begin(troubled)
    world.in_flight, world.kills = [], 0

    queue_mails(
        key=f"fault:{seed}",
        recipients=[Recipient(address, rng.choice(["lt", "en"])) for address in addresses],
        template="account/email/login_code",
        context={"code": str(seed)},
    )
    deadline = time.monotonic() + SECONDS
    while (counts := statuses())["queued"] or counts["sending"]:
        assert time.monotonic() < deadline, (counts, [fault.__name__ for fault in faults])
        while moments and counts["sent"] >= moments[0]:
            moments.pop(0)
            faults.pop(0)(world, rng)
        world.time_passes()
        beats = [threading.Thread(target=world.sweep) for _beat in range(2)]
        for beat in beats:
            beat.start()
        for beat in beats:
            beat.join()
        time.sleep(0.1)
    assert faults == []

    rows = dict(OutgoingMail.objects.values_list("to", "status"))
    refused = {address for address, trouble in troubled.items() if trouble == "refused"}
    uncertain = {address for address, status in rows.items() if status == "uncertain"}
    suspected = set().union(*(moment.claims for moment in world.in_flight))
    in_flight = set(OutgoingMail.objects.filter(claim__in=suspected).values_list("to", flat=True))
    certain = set(addresses) - refused - uncertain
    assert {address for address, status in rows.items() if status == "failed"} == refused - uncertain
    assert set(BadAddress.objects.values_list("address", flat=True)) == refused - uncertain
    assert {address: world.sink.copies[address] for address in certain} == dict.fromkeys(certain, 1)
    assert {address for address in refused if world.sink.copies[address]} == set()
    assert {address for address in uncertain if world.sink.copies[address] > 1} == set()
    assert world.sink.doubtful <= uncertain
    # Where the sink itself came too late with its answer, as on a machine that stands still for a second.
    too_late = OutgoingMail.objects.filter(status="uncertain", error__contains="timed out")
    unexplained = uncertain - world.sink.doubtful - set(too_late.values_list("to", flat=True))
    assert too_late.count() <= 5
    assert unexplained <= in_flight
    assert len(unexplained) <= world.kills


def test_a_worker_outlives_a_broker_that_goes_while_it_holds_what_is_not_due_yet(world, outbox):
    for _wakeup in range(3):
        world.app.send_task("cluster_portal.mail.tasks.deliver", countdown=600, ignore_result=True)
    with redis.from_url(world.broker.url) as client:
        eventually(lambda: client.hlen("unacked") >= 3, 60)
    world.broker.stop()
    time.sleep(0.5)
    world.broker.start()
    world.sink.begin({})
    queue_mails(
        key="outlived",
        recipients=[Recipient("gavejas@example.org", "lt")],
        template="account/email/login_code",
        context={"code": "1"},
    )

    def delivered():
        world.sweep()
        return statuses() == {"sent": 1}

    eventually(delivered, 60)
    assert world.worker.poll() is None


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", ["hung", "down"])
def test_an_admission_is_answered_in_time_while_the_broker_is_away(
    trouble, client, applicant, coordinator, founders, tmp_path, django_capture_on_commit_callbacks
):
    from tests import factories

    # Three times, since a busy machine may hold up one of them by itself; each must be queued whole.
    applications = [factories.approved(applicant, coordinator, founders) for _time in range(3)]
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    seconds = []
    with Broker(tmp_path) as broker, broker_at(broker.url):
        if trouble == "hung":
            os.kill(broker.process.pid, signal.SIGSTOP)
        else:
            broker.stop()
        try:
            for application in applications:
                begun = time.monotonic()
                with django_capture_on_commit_callbacks(execute=True):
                    answer = client.post(f"/admin/applications/application/{application.pk}/admit/")
                seconds.append(time.monotonic() - begun)
                assert answer.status_code == 302
        finally:
            if trouble == "hung":
                os.kill(broker.process.pid, signal.SIGCONT)
    assert min(seconds) < 2, seconds
    for application in applications:
        mails = OutgoingMail.objects.filter(topic=application.topic, key__startswith="post:")
        assert Counter(mails.values_list("status", flat=True)) == {"queued": 1 + len(founders)}
