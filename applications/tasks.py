import logging

from celery import shared_task
from django.utils import timezone

from applications.exceptions import Refused
from applications.models import Application, Status
from applications.workflow import balloting
from applications.workflow.door import Verb
from members.models import User

logger = logging.getLogger(__name__)


@shared_task
def close_due_ballots() -> int:
    """Close every ballot whose deadline has passed; returns how many."""
    due = Application.objects.filter(status=Status.VOTING, ballot__closes_at__lte=timezone.now())
    return sum(attempt(balloting.close_voting, application) for application in due)


@shared_task
def remind_voters() -> int:
    """Remind the founders that have not voted, on the ballots where a reminder of the rule is due; returns how many."""
    now = timezone.now()
    under_way = Application.objects.filter(status=Status.VOTING).select_related("ballot__rule")
    return sum(
        attempt(balloting.remind_voters, application)
        for application in under_way
        if application.ballot.reminder_due(now)
    )


def attempt(verb: Verb[User | None, [], Application], application: Application) -> bool:
    """Take the step; False where somebody else has moved the application on meanwhile, or it fails: one broken ballot
    must not hold up the others, and the next turn tries it again.
    """
    try:
        verb(application, None)
    except Refused as refusal:
        logger.info("ballot of application %s left as it is: %s", application.pk, refusal.message)
        return False
    except Exception:
        logger.exception("ballot of application %s: %s failed", application.pk, verb.name)
        return False
    return True
