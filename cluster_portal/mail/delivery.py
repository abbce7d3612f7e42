"""Delivering the outbox: each email is marked as being sent, and that is committed, before the server hears of
it.

So a worker that dies mid-send leaves one email `sending`; nobody can know whether the server took it. After
`LEASE` it becomes `uncertain`, is shown to the coordinator, and is never sent again by itself. The same holds
for a conversation that breaks after the mail's content began to flow; one that breaks before is simply tried
again.

An email is claimed when its turn comes, not in a batch: one statement records what became of the last email and
claims the next (`claims.py`), so that a claim costs no commit of its own and a kill leaves at most one email a worker in
doubt.
"""

import smtplib
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import inf
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Now

from cluster_portal.identity.current import identity, read_once
from cluster_portal.mail import stoppage
from cluster_portal.mail.claims import claim, due, many_due, mark_abandoned, persist
from cluster_portal.mail.conversation import About, NotTaken, Refusal, Unknown, close, converse, reason
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail
from cluster_portal.mail.outbox import closed_addresses
from cluster_portal.mail.pace import TURN, reserve_moment
from cluster_portal.mail.stoppage import LONGEST_STOP, growing_pause

Status = OutgoingMail.Status

MAX_ATTEMPTS = 36  # with the pauses some four days, as RFC 5321, 4.5.4.1, asks for
LONGEST_RETRY = timedelta(hours=4)
LOOK = 0.2  # seconds: how long an urgent mail waits for a worker that waits for its moment of the rate
DOUBTS = 3  # emails refused one after another: it is not they that are refused
DOUBTED = 1.5 * LONGEST_STOP  # when all is stopped, others are tried before those that were refused


@dataclass
class Attempt:
    """What became of one claimed mail, not yet recorded; `refused` is what the server refused, if for good or all."""

    mail: OutgoingMail
    status: str
    fields: dict[str, Any] = field(default_factory=dict)
    refused: About | None = None


def can_send() -> bool:
    """Whether mail goes anywhere at all: without EMAIL_URL only a demo counts it as sent."""
    return bool(settings.EMAIL_URL or settings.DEMO)


def wants_help() -> bool:
    """Whether a second worker would be quicker: at a set rate none is."""
    return can_send() and not settings.MAIL_RATE and many_due()


def deliver_due() -> int:
    """Deliver due emails over one connection for up to `TURN` seconds; returns how many were sent.

    Any number of workers may do this at once. Without EMAIL_URL a demo counts its emails as sent (they are
    read at /demo/mail/); elsewhere they wait.
    """
    mark_abandoned()
    if not can_send():
        return 0
    with read_once():
        identity()  # who the emails come from, for the whole turn
        return Turn(EmailBackend() if settings.EMAIL_URL else None).run()


class Turn:
    """One worker's turn at the outbox: `TURN` seconds at most, over one connection (None: a demo's pretence)."""

    def __init__(self, smtp: EmailBackend | None) -> None:
        self.smtp, self.end = smtp, time.monotonic() + TURN
        self.attempt: Attempt | None = None
        self.doubted: list[Attempt] = []
        self.bad = set(BadAddress.objects.values_list("address", flat=True))
        self.closed = closed_addresses()
        self.is_stopped = stoppage.is_stopped()
        self.contents: dict[int, Content] = {}

    def run(self) -> int:
        """Send until nothing is due or time is up; returns how many were sent."""
        sent = 0
        try:
            while time.monotonic() < self.end and self.connected() and (mail := self.next_mail()):
                attempt = self.tried(mail)
                self.attempt = self.weighed(attempt)
                sent += attempt.status == Status.SENT
                if self.is_refused(attempt):
                    self.stop(attempt.fields["error"])
                    break
        finally:
            self.settle()
            self.fail_doubted()
            close(self.smtp)
        return sent

    def connected(self) -> bool:
        """Whether the server can be spoken to; where it cannot, all that is due waits."""
        if self.smtp is None or self.smtp.connection:
            return True
        self.settle()
        if not due().exists():
            return False
        try:
            self.smtp.open()
        except (OSError, smtplib.SMTPException) as error:
            self.stop(reason(error))
            return False
        return True

    def next_mail(self) -> OutgoingMail | None:
        """The mail whose turn it is, claimed; None where none is due, or MAIL_RATE lets none go in this turn."""
        if not settings.MAIL_RATE:
            return self.claim()
        self.settle()
        if mail := self.claim(urgent_only=True):
            reserve_moment(inf)  # it waits for none; the others wait the longer
            return mail
        return self.paced_mail() if due().exists() else None

    def paced_mail(self) -> OutgoingMail | None:
        """Wait for the next moment of the operator's rate; an urgent mail that is queued meanwhile has it at once."""
        pause = reserve_moment(self.end - time.monotonic())
        if pause is None:
            return None
        moment = time.monotonic() + pause
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, LOOK))
            if mail := self.claim(urgent_only=True):
                return mail
        return self.claim()

    def claim(self, urgent_only: bool = False) -> OutgoingMail | None:
        """Record the last attempt and claim the next email."""
        if self.attempt and not self.is_plain(self.attempt):
            self.settle()
        mail = claim(self.attempt.mail if self.attempt else None, urgent_only)
        self.attempt = None
        if mail and (key := mail.content_id):
            mail.content = persist(lambda _again: self.content(key))
        return mail

    def content(self, pk: int) -> Content:
        """The content, read once for all the emails of this turn that share it."""
        if pk not in self.contents:
            if len(self.contents) > 20:
                self.contents.clear()
            self.contents[pk] = Content.objects.get(pk=pk)
        return self.contents[pk]

    def tried(self, mail: OutgoingMail) -> Attempt:
        """Send the mail, unless its recipient's account was closed since it was queued."""
        if mail.to.lower() in self.closed:
            return Attempt(mail, Status.DISCARDED)
        return send(mail, self.smtp)

    def weighed(self, attempt: Attempt) -> Attempt:
        """What is to be recorded: an email that is refused, and not for its address, waits until it is known whether the
        server takes others.
        """
        if attempt.status == Status.SENT:
            self.fail_doubted()
        if attempt.refused is not About.MAIL:
            return attempt
        self.doubted.append(attempt)
        waits = postponed(attempt.mail, attempt.fields["error"])
        return replace(waits, fields={**waits.fields, "due_at": Now() + DOUBTED})

    def is_refused(self, attempt: Attempt) -> bool:
        """Whether the server takes no mail of ours, whichever it is."""
        doubts = 1 if self.is_stopped else DOUBTS
        return attempt.refused is About.SESSION or len(self.doubted) >= doubts

    def stop(self, answer: str) -> None:
        """End the turn: all that is due waits, what was refused before included."""
        self.settle()
        self.doubted.clear()
        stoppage.stop(answer)

    def fail_doubted(self) -> None:
        """It was they that the server refused."""
        for attempt in self.doubted:
            self.record_surely(attempt)
        self.doubted.clear()

    def record_surely(self, attempt: Attempt) -> None:
        """Record it however often the database goes away meanwhile."""
        persist(lambda _again: self.record(attempt))

    def is_plain(self, attempt: Attempt) -> bool:
        """Whether nothing is to be recorded but that the mail was sent."""
        kept = settings.DEMO or not attempt.mail.confidential
        is_news = self.is_stopped or attempt.mail.to.lower() in self.bad
        return attempt.status == Status.SENT and kept and not is_news

    def settle(self) -> None:
        """Record the last attempt now."""
        if attempt := self.attempt:
            persist(lambda _again: self.record(attempt))
            self.attempt = None

    @transaction.atomic
    def record(self, attempt: Attempt) -> None:
        """Write down what became of an email; whoever claimed it knows best, even after the lease ran out."""
        mail, fields = attempt.mail, dict(attempt.fields)
        final = attempt.status != Status.QUEUED
        wiped = mail.content_id if mail.confidential and final and not settings.DEMO else None
        if wiped:
            fields["content"] = None
        status = Case(When(recalled=True, then=Value(Status.DISCARDED)), default=Value(Status.QUEUED))
        mine = [Status.SENDING, Status.UNCERTAIN, Status.QUEUED]  # queued: where it was doubted first
        OutgoingMail.objects.filter(pk=mail.pk, claim=mail.claim, status__in=mine).update(
            status=attempt.status if final else status, **fields
        )
        if wiped:
            Content.objects.filter(pk=wiped, mails=None).delete()
        self.learn(attempt)

    def learn(self, attempt: Attempt) -> None:
        """What an attempt says of the address and of the server."""
        address = attempt.mail.to.lower()
        if attempt.refused is About.ADDRESS:
            BadAddress.objects.update_or_create(address=address, defaults={"answer": attempt.fields["error"]})
            self.bad.add(address)
        elif attempt.status == Status.SENT:
            if address in self.bad:
                BadAddress.objects.filter(address=address).delete()
                self.bad.discard(address)
            if self.is_stopped:
                stoppage.end()
                self.is_stopped = False


def send(mail: OutgoingMail, smtp: EmailBackend | None) -> Attempt:
    """Send one claimed mail; returns what became of it."""
    try:
        if smtp:
            converse(smtp, mail)
    except Refusal as refusal:
        return refused(mail, refusal)
    except NotTaken as error:
        close(smtp)
        return postponed(mail, str(error))
    except Unknown as error:
        close(smtp)
        return Attempt(mail, Status.UNCERTAIN, {"error": str(error)})
    return Attempt(mail, Status.SENT, {"sent_at": Now(), "error": ""})


def refused(mail: OutgoingMail, refusal: Refusal) -> Attempt:
    """What a refusal makes of the mail; one of the session costs it no attempt."""
    if refusal.about is About.SESSION:
        fields = {"error": str(refusal), "attempts": mail.attempts - 1}
        return Attempt(mail, Status.QUEUED, fields, refusal.about)
    if refusal.code < 500:
        return postponed(mail, str(refusal))
    return Attempt(mail, Status.FAILED, {"error": str(refusal)}, refusal.about)


def postponed(mail: OutgoingMail, answer: str) -> Attempt:
    """Try again after a growing pause, or give up after `MAX_ATTEMPTS`."""
    if mail.attempts >= MAX_ATTEMPTS:
        return Attempt(mail, Status.FAILED, {"error": answer})
    return Attempt(mail, Status.QUEUED, {"error": answer, "due_at": Now() + pause_before_retry(mail.attempts)})


def pause_before_retry(attempts: int) -> timedelta:
    return growing_pause(attempts, LONGEST_RETRY)
