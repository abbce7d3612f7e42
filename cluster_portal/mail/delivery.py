"""Delivering the outbox: each mail is marked as being sent, and that is committed, before the server hears of
it.

So a worker that dies mid-send leaves one mail `sending`; nobody can know whether the server took it. After
`LEASE` it becomes `uncertain`, is shown to the coordinator, and is never sent again by itself. The same holds
for a conversation that breaks after the mail's content began to flow; one that breaks before is simply tried
again.

A mail is claimed when its turn comes, not in a batch: one statement records what became of the last mail and
claims the next, so that a claim costs no commit of its own and a kill leaves at most one mail a worker in doubt.
All times are the database's, for workers' clocks may differ.
"""

import logging
import random
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now

from cluster_portal.identity.current import identity, read_once
from cluster_portal.mail.conversation import NotTaken, Refusal, Unknown, close, converse
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Pace
from cluster_portal.mail.pace import TURN, farthest_moment, pause_for_pace

logger = logging.getLogger(__name__)
Status = OutgoingMail.Status

MANY = 50  # due mails that are worth another worker's connection
RECONNECT = 60.0  # seconds for which an outcome waits for a database that went away
LEASE = timedelta(seconds=6 * settings.EMAIL_TIMEOUT + RECONNECT)  # one conversation with all its time-outs, and that
MAX_ATTEMPTS = 36  # with the pauses below some four days, as RFC 5321, 4.5.4.1, asks for
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(hours=4)


@dataclass
class Outcome:
    """What became of one claimed mail, not yet recorded."""

    mail: OutgoingMail
    status: str
    fields: dict[str, Any] = field(default_factory=dict)
    refused_address: bool = False


def due() -> QuerySet[OutgoingMail]:
    """What may go now. A mail from the future was queued before the clock was put back: it does not wait."""
    ready = Q(due_at__lte=Now()) | Q(created_at__gt=Now(), attempts=0)
    return OutgoingMail.objects.filter(ready, status=Status.QUEUED)


def can_send() -> bool:
    """Whether mail goes anywhere at all: without EMAIL_URL only a demo counts it as sent."""
    return bool(settings.EMAIL_URL or settings.DEMO)


def wants_help() -> bool:
    """Whether more is due than one worker should carry alone, and a second one would be quicker: at a set rate none is."""
    return can_send() and not settings.MAIL_RATE and due().order_by()[MANY : MANY + 1].exists()


def others_at_work() -> bool:
    """Whether another worker is at the outbox: a mail is being sent, or the next moment of the rate is taken."""
    sending = OutgoingMail.objects.filter(status=Status.SENDING, claimed_at__gte=Now() - LEASE)
    paced = Pace.objects.filter(next_at__gt=Now(), next_at__lte=farthest_moment())
    return sending.exists() or bool(settings.MAIL_RATE and paced.exists())


def deliver_due() -> int:
    """Deliver due mails over one connection for up to `TURN` seconds; returns how many were sent.

    Any number of workers may do this at once. Without EMAIL_URL a demo counts its mails as sent (they are
    read at /demo/mail/); elsewhere they wait.
    """
    mark_abandoned()
    if not can_send():
        return 0
    with read_once():
        identity()  # who the mails come from, for the whole turn
        return Turn(EmailBackend() if settings.EMAIL_URL else None).run()


class Turn:
    """One worker's turn at the outbox: `TURN` seconds at most, over one connection (None: a demo's pretence)."""

    def __init__(self, smtp: EmailBackend | None) -> None:
        self.smtp, self.end = smtp, time.monotonic() + TURN
        self.outcome: Outcome | None = None
        self.bad = set(BadAddress.objects.values_list("address", flat=True))
        self.contents: dict[int, Content] = {}

    def run(self) -> int:
        """Send until nothing is due or time is up; returns how many were sent."""
        sent = 0
        try:
            while time.monotonic() < self.end and self.connected() and self.in_pace():
                mail = self.next_mail()
                if mail is None:
                    break
                self.outcome = send(mail, self.smtp)
                sent += self.outcome.status == Status.SENT
        finally:
            self.settle()
            close(self.smtp)
        return sent

    def connected(self) -> bool:
        """Whether the server can be spoken to; where it cannot, all that is due waits a little."""
        if self.smtp is None or self.smtp.connection:
            return True
        self.settle()
        if not due().exists():
            return False
        try:
            self.smtp.open()
        except (OSError, smtplib.SMTPException) as error:
            postpone_all(error)
            return False
        return True

    def in_pace(self) -> bool:
        """Wait until the operator's MAIL_RATE lets another mail go; False where that is after this turn."""
        if not settings.MAIL_RATE:
            return True
        self.settle()
        if not due().exists():
            return False
        pause = pause_for_pace(self.end - time.monotonic())
        if pause is None:
            return False
        time.sleep(pause)
        return True

    def next_mail(self) -> OutgoingMail | None:
        """Record the last outcome and claim the next due mail, in one statement; None when there is none."""
        if self.outcome and not self.is_plain(self.outcome):
            self.settle()
        last, claim = self.outcome.mail if self.outcome else None, uuid4()

        def work(again: bool) -> OutgoingMail | None:
            mine = OutgoingMail.objects.filter(status=Status.SENDING, claim=claim).first() if again else None
            sent = {"sent": last and last.pk, "sent_claim": last and last.claim, "claim": claim}
            return mine or next(iter(OutgoingMail.objects.raw(RECORD_AND_CLAIM, sent)), None)

        mail = persist(work)
        self.outcome = None
        if mail and mail.content_id:
            mail.content = persist(lambda _again: self.content(mail.content_id))
        return mail

    def is_plain(self, outcome: Outcome) -> bool:
        """Whether nothing is to be recorded but that the mail was sent."""
        kept = settings.DEMO or not outcome.mail.confidential
        return outcome.status == Status.SENT and kept and outcome.mail.to.lower() not in self.bad

    def content(self, pk: int) -> Content:
        """The content, read once for all the mails of this turn that share it."""
        if pk not in self.contents:
            if len(self.contents) > 20:
                self.contents.clear()
            self.contents[pk] = Content.objects.get(pk=pk)
        return self.contents[pk]

    def settle(self) -> None:
        """Record the last outcome now."""
        if outcome := self.outcome:
            persist(lambda _again: self.record(outcome))
            self.outcome = None

    @transaction.atomic
    def record(self, outcome: Outcome) -> None:
        """Write down what became of a mail; whoever claimed it knows best, even after the lease ran out."""
        mail, fields = outcome.mail, dict(outcome.fields)
        address = mail.to.lower()
        final = outcome.status != Status.QUEUED
        wiped = mail.content_id if mail.confidential and final and not settings.DEMO else None
        if wiped:
            fields["content"] = None
        status = Case(When(recalled=True, then=Value(Status.DISCARDED)), default=Value(Status.QUEUED))
        OutgoingMail.objects.filter(pk=mail.pk, claim=mail.claim, status__in=[Status.SENDING, Status.UNCERTAIN]).update(
            status=outcome.status if final else status, **fields
        )
        if wiped:
            Content.objects.filter(pk=wiped, mails=None).delete()
        if outcome.refused_address:
            BadAddress.objects.update_or_create(address=address, defaults={"answer": fields["error"]})
            self.bad.add(address)
        elif outcome.status == Status.SENT and address in self.bad:
            BadAddress.objects.filter(address=address).delete()
            self.bad.discard(address)


# One statement, so that a mail costs the database one round trip and one commit. Nothing is recorded where `sent` is null.
# `next` asks for `recorded` so that it comes second: a worker never waits for a row while it holds another, and so no
# deadlock with those who change many rows at once.
RECORD_AND_CLAIM = """
    WITH recorded AS (
        UPDATE mail_outgoingmail SET status = 'sent', sent_at = statement_timestamp(), error = ''
        WHERE id = %(sent)s AND claim = %(sent_claim)s AND status IN ('sending', 'uncertain')
        RETURNING id
    ), next AS (
        SELECT id FROM mail_outgoingmail
        WHERE status = 'queued' AND (SELECT count(*) FROM recorded) >= 0
          AND (due_at <= statement_timestamp() OR (created_at > statement_timestamp() AND attempts = 0))
        ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE mail_outgoingmail mail
    SET status = 'sending', claim = %(claim)s, claimed_at = statement_timestamp(), attempts = attempts + 1
    FROM next WHERE mail.id = next.id
    RETURNING mail.*
"""


def persist(work: Callable[[bool], Any]) -> Any:
    """Do `work(again)` and return its result. When the connection to the database breaks, connect anew and do it again
    (`again` is True then: the first time may have been committed), for up to `RECONNECT` seconds.
    """
    end, again = time.monotonic() + RECONNECT, False
    while True:
        try:
            return work(again)
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > end:
                raise
            logger.warning("database not reached, trying again: %s", error)
            connection.close()
            again = True
            time.sleep(0.2)


def send(mail: OutgoingMail, smtp: EmailBackend | None) -> Outcome:
    """Send one claimed mail; returns what became of it."""
    try:
        if smtp:
            converse(smtp, mail)
    except Refusal as refusal:
        if refusal.code < 500:
            return postponed(mail, refusal)
        return Outcome(mail, Status.FAILED, {"error": str(refusal)}, refused_address=refusal.of_recipient)
    except NotTaken as error:
        close(smtp)
        return postponed(mail, error)
    except Unknown as error:
        close(smtp)
        return Outcome(mail, Status.UNCERTAIN, {"error": str(error)})
    return Outcome(mail, Status.SENT, {"sent_at": Now(), "error": ""})


def postponed(mail: OutgoingMail, error: Exception) -> Outcome:
    """Try again after a growing pause, or give up after `MAX_ATTEMPTS`."""
    if mail.attempts >= MAX_ATTEMPTS:
        return Outcome(mail, Status.FAILED, {"error": str(error)})
    return Outcome(mail, Status.QUEUED, {"error": str(error), "due_at": Now() + pause_before_retry(mail.attempts)})


def pause_before_retry(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 15 s, doubled each time up to 4 hours, with a fifth of jitter."""
    return min(FIRST_RETRY * 2 ** min(attempts - 1, 12), LONGEST_RETRY) * random.uniform(0.8, 1.2)


def postpone_all(error: Exception) -> None:
    """The mail server cannot be reached: nothing was tried, so all that is due waits a little."""
    logger.warning("mail server not reached: %s", error)
    with transaction.atomic():
        waiting = due().select_for_update(skip_locked=True).values("pk")
        OutgoingMail.objects.filter(pk__in=waiting).update(due_at=Now() + FIRST_RETRY, error=str(error))


def mark_abandoned() -> int:
    """Mails whose worker died mid-send become `uncertain`; returns how many."""
    return OutgoingMail.objects.filter(status=Status.SENDING, claimed_at__lt=Now() - LEASE).update(
        status=Status.UNCERTAIN, error="The worker stopped while the mail was being sent."
    )


def prune(keep: timedelta) -> int:
    """Delete the contents that were written longer ago than `keep` and that no mail needs any more; returns how many.

    The line of each mail stays: to whom, when, about what. What failed or is uncertain keeps its content, for it
    may be sent again.
    """
    needed = [Status.QUEUED, Status.SENDING, Status.FAILED, Status.UNCERTAIN]
    old = Content.objects.filter(created_at__lt=Now() - keep).exclude(
        pk__in=OutgoingMail.objects.filter(status__in=needed, content__isnull=False).values("content")
    )
    pruned = 0
    while batch := list(old.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            OutgoingMail.objects.filter(content__in=batch).exclude(status__in=needed).update(content=None)
            pruned += Content.objects.filter(pk__in=batch, mails=None).delete()[0]
    return pruned
