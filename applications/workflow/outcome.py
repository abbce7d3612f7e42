"""The end of a ballot: its outcome, the minutes, and who is told."""

from django.utils import timezone

from applications import emails
from applications.minutes.issuing import issue
from applications.models import Application, Ballot, Status
from applications.workflow.door import set_status, tell_moment

STATUSES = {
    Ballot.Outcome.APPROVED: Status.APPROVED,
    Ballot.Outcome.REJECTED: Status.REJECTED,
    Ballot.Outcome.INQUORATE: Status.LAPSED,
}
ENDS = tuple(STATUSES.values())


def close_if_decided(application: Application, ballot: Ballot) -> None:
    """Close the ballot if no way to go on can change its outcome."""
    if not ballot.tally().can_change:
        record_outcome(application, ballot)


def record_outcome(application: Application, ballot: Ballot) -> None:
    """Close the locked application's ballot with the count of its votes, write the minutes, tell those concerned.

    What its deadline closed was closed at the deadline, whenever the scheduled task comes to it: a ballot of 31 December
    belongs to that year.
    """
    ballot.outcome = Ballot.Outcome(ballot.tally().if_closed_now)
    ballot.closed_at = min(timezone.now(), ballot.closes_at)
    tell_moment(ballot.closed_at)
    ballot.save(update_fields=["outcome", "closed_at"])
    status = STATUSES[ballot.outcome]
    application.decided_at = None if status == Status.LAPSED else ballot.closed_at
    set_status(application, status, "decided_at")
    minutes = issue(application, ballot)
    emails.voting_closed(application, ballot, minutes)
