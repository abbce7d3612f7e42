"""When the mail server takes nothing from us: all that is due waits, the desk is told, and no email fails for it.

The server may be away, refuse the log-in, the sender, or one email after another. The emails are tried again after a
growing pause, one at first, and the first that is taken ends it.
"""

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from cluster_portal.mail.claims import due
from cluster_portal.mail.models import OutgoingMail, Stoppage

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=15)
LONGEST_STOP = timedelta(minutes=2)  # people wait, and a server that is back takes all at once


def growing_pause(attempts: int, longest: timedelta) -> timedelta:
    """How long to wait after so many attempts: 15 s, doubled each time up to `longest`, with a fifth of jitter."""
    return min(FIRST_RETRY * 2 ** min(attempts - 1, 12), longest) * random.uniform(0.8, 1.2)


def stop(answer: str) -> None:
    """All that is due waits; that costs no email an attempt, for nothing was tried that could tell one from another."""
    logger.warning("the mail server takes nothing: %s", answer)
    with transaction.atomic():
        stoppage, is_new = Stoppage.objects.select_for_update().get_or_create(pk=1, defaults={"answer": answer})
        if not is_new:
            Stoppage.objects.update(answer=answer, tries=F("tries") + 1)
        pause = growing_pause(stoppage.tries if is_new else stoppage.tries + 1, LONGEST_STOP)
        waiting = due().select_for_update(skip_locked=True).values("pk")
        OutgoingMail.objects.filter(pk__in=waiting).update(due_at=Now() + pause, error=answer)


def is_stopped() -> bool:
    return Stoppage.objects.exists()


def end() -> None:
    """The server has taken an email."""
    Stoppage.objects.all().delete()
