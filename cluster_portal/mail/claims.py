"""Which email is next, and whose it is: claims on the rows of the outbox. All times are the database's, for workers'
clocks may differ.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from cluster_portal.mail.models import OutgoingMail, Pace
from cluster_portal.mail.pace import TURN, farthest_moment

logger = logging.getLogger(__name__)
Status = OutgoingMail.Status
Result = TypeVar("Result")

MANY = 50  # due emails that are worth another worker's connection
RECONNECT = 60.0  # seconds for which an outcome waits for a database that went away
LEASE = timedelta(seconds=6 * settings.EMAIL_TIMEOUT + RECONNECT)  # one conversation with all its time-outs, and that
AT_WORK = timedelta(seconds=2 * TURN)  # whoever has claimed nothing for so long is dead, or wants help
FARTHEST = timedelta(hours=5)  # no email waits longer for its next try


def due() -> QuerySet[OutgoingMail]:
    """What may go now. An email from the future was queued, or put off, before the clock was put back: it does not wait."""
    ready = Q(due_at__lte=Now()) | Q(created_at__gt=Now(), attempts=0) | Q(due_at__gt=Now() + FARTHEST)
    return OutgoingMail.objects.filter(ready, status=Status.QUEUED)


def many_due() -> bool:
    """Whether more is due than one worker should carry alone."""
    return due().order_by()[MANY : MANY + 1].exists()


def others_at_work() -> bool:
    """Whether another worker is at the outbox: it claimed an email just now, or the next moment of the rate is taken.

    An email that a dead worker left `sending` says nothing, whether its claim is old or, the clock having been put back,
    still to come.
    """
    claimed = OutgoingMail.objects.filter(status=Status.SENDING, claimed_at__gt=Now() - AT_WORK, claimed_at__lte=Now())
    paced = Pace.objects.filter(next_at__gt=Now(), next_at__lte=farthest_moment())
    return claimed.exists() or bool(settings.MAIL_RATE and paced.exists())


# One statement, so that an email costs the database one round trip and one commit. Nothing is recorded where `sent` is null.
# `next` asks for `recorded` so that it comes second: a worker never waits for a row while it holds another, and so no
# deadlock with those who change many rows at once. What is due is said as in `due`.
RECORD_AND_CLAIM = """
    WITH recorded AS (
        UPDATE mail_outgoingmail SET status = 'sent', sent_at = statement_timestamp(), error = ''
        WHERE id = %(sent)s AND claim = %(sent_claim)s AND status IN ('sending', 'uncertain')
        RETURNING id
    ), next AS (
        SELECT id FROM mail_outgoingmail
        WHERE status = 'queued' AND (SELECT count(*) FROM recorded) >= 0 AND (urgent OR NOT %(urgent_only)s)
          AND (due_at <= statement_timestamp() OR (created_at > statement_timestamp() AND attempts = 0)
               OR due_at > statement_timestamp() + %(farthest)s)
        ORDER BY urgent DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE mail_outgoingmail mail
    SET status = 'sending', claim = %(claim)s, claimed_at = statement_timestamp(), attempts = attempts + 1
    FROM next WHERE mail.id = next.id
    RETURNING mail.*
"""


def claim(sent: OutgoingMail | None = None, urgent_only: bool = False) -> OutgoingMail | None:
    """Record that `sent` was sent and claim the email whose turn it is, in one statement; None when none is due.

    What a person waits for comes first; with `urgent_only` nothing else does.
    """
    mine = uuid4()
    values = {
        "sent": sent and sent.pk,
        "sent_claim": sent and sent.claim,
        "claim": mine,
        "urgent_only": urgent_only,
        "farthest": FARTHEST,
    }

    def work(again: bool) -> OutgoingMail | None:
        claimed = OutgoingMail.objects.filter(status=Status.SENDING, claim=mine).first() if again else None
        return claimed or next(iter(OutgoingMail.objects.raw(RECORD_AND_CLAIM, values)), None)

    return persist(work)


def persist(work: Callable[[bool], Result]) -> Result:
    """Do `work(again)` and return its result. When the connection to the database breaks, reconnect and do it again
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


def mark_abandoned() -> int:
    """Emails whose worker died mid-send become `uncertain`; returns how many.

    A claim that is still to come was made before the clock was put back: its lease begins now, or it might not end for
    hours.
    """
    sending = OutgoingMail.objects.filter(status=Status.SENDING)
    sending.filter(claimed_at__gt=Now()).update(claimed_at=Now())
    return sending.filter(claimed_at__lt=Now() - LEASE).update(
        status=Status.UNCERTAIN, error="The worker stopped while the mail was being sent."
    )
