"""The operator's MAIL_RATE, which all workers keep together: one row says when the next email may go."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Greatest, Least, Now

from cluster_portal.mail.models import Pace

TURN = 5.0  # seconds: a worker that is told to stop ends its turn before it would be killed mid-send


def interval() -> timedelta:
    """The time between two emails at MAIL_RATE; none without it."""
    return timedelta(minutes=1) / settings.MAIL_RATE if settings.MAIL_RATE else timedelta()


def farthest_moment() -> CombinedExpression:
    """No moment of the rate is farther away than one interval and a turn: a clock put back must not stop the mail."""
    return Now() + interval() + timedelta(seconds=TURN)


def reserve_moment(longest: float) -> float | None:
    """Reserve the next moment at which an email may go, for MAIL_RATE emails a minute by all workers together.

    Returns the seconds until then; None, and nothing reserved, where it is more than `longest` away.
    """
    with transaction.atomic():
        Pace.objects.get_or_create(pk=1, defaults={"next_at": Now()})
        next_at = Least(F("next_at"), farthest_moment())
        pace = Pace.objects.select_for_update().annotate(wait=next_at - Now()).get(pk=1)
        pause = max(pace.wait.total_seconds(), 0.0)
        if pause > longest:
            return None
        Pace.objects.filter(pk=1).update(next_at=Greatest(next_at, Now()) + interval())
    return pause
