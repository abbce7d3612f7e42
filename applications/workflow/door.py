"""Which step is legal from which status, and the door through which each goes.

`step` is atomic: it locks and re-reads the row, checks `TRANSITIONS`, and opens the database's own door to votes,
recusals and ballots (see `models/ballot.py`) for the length of the step. A refusal is an exception of `exceptions.py` and
leaves everything as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.db import connection, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.exceptions import NotEntitled, Refused, VotingClosed, WrongStatus
from applications.models import Application, Status
from applications.permissions import may_decide
from members.models import User

# verb → the statuses from which it is legal (the design's diagram)
TRANSITIONS: dict[str, tuple[Status, ...]] = {
    "submit": (Status.DRAFT,),
    "request_information": (Status.SUBMITTED,),
    "resubmit": (Status.INFORMATION_REQUESTED,),
    "open_voting": (Status.SUBMITTED,),
    "cast_vote": (Status.VOTING,),
    "recuse": (Status.VOTING,),
    "object_to_vote": (Status.VOTING,),
    "record_vote": (Status.VOTING,),
    "remind_voters": (Status.VOTING,),
    "extend_voting": (Status.VOTING, Status.LAPSED),
    "close_voting": (Status.VOTING,),
    "reopen_voting": (Status.REJECTED,),
    "admit": (Status.APPROVED, Status.LAPSED),
    "reject": (Status.LAPSED, Status.REJECTED),
    "withdraw": (
        Status.DRAFT, Status.SUBMITTED, Status.INFORMATION_REQUESTED, Status.VOTING, Status.APPROVED, Status.LAPSED,
    ),
}  # fmt: skip
COORDINATORS_VERBS = (
    "request_information", "open_voting", "record_vote", "remind_voters", "extend_voting", "close_voting", "admit",
    "reject", "reopen_voting",
)  # fmt: skip
APPLICANTS_VERBS = ("submit", "resubmit", "withdraw")
BALLOT_VERBS = ("cast_vote", "recuse", "object_to_vote")


def is_legal(verb: str, application: Application) -> bool:
    """Whether the transition table allows `verb` from the application's status."""
    if verb in ("reject", "reopen_voting") and application.status == Status.REJECTED:
        return application.applicant_told_at is None
    if verb == "admit" and application.status == Status.LAPSED:
        # Decided outside the portal, for no founder was left to vote.
        return application.ballot.tally().is_beyond_us
    return application.status in TRANSITIONS[verb]


def legal_steps(application: Application) -> list[str]:
    """The coordinator's verbs that make sense now, in the order of `COORDINATORS_VERBS`."""
    return [verb for verb in COORDINATORS_VERBS if is_legal(verb, application) and not obstacle(verb, application)]


def obstacle(verb: str, application: Application) -> str:
    """What else than the status stands in the way of one of the coordinator's verbs, in words; empty where nothing does."""
    ballot = getattr(application, "ballot", None)
    if ballot is None:
        return ""
    if verb == "close_voting":
        if ballot.time_left and ballot.tally(settled=True).can_change:
            return _("Founders may still vote: the ballot closes at its deadline.")
        if ballot.time_left and (until := ballot.objections_until()):
            moment = formats.date_format(timezone.localtime(until), "DATETIME_FORMAT")
            return _("Founders may object to the votes recorded for them until %(moment)s.") % {"moment": moment}
    if verb == "remind_voters" and not (ballot.time_left and ballot.missing.exists()):
        return _("No founder's vote is missing.")
    if verb == "record_vote" and not (ballot.time_left and ballot.recordable.exists()):
        return _("No founder's vote is missing.")
    if verb == "extend_voting" and application.status == Status.VOTING and not ballot.time_left:
        return _("The deadline has passed; the votes are being counted.")
    if verb in ("extend_voting", "reopen_voting") and ballot.tally().is_beyond_us:
        return _("All founders have recused themselves: the decision must be taken outside the portal.")
    return ""


@contextmanager
def step(verb: str, application: Application, by: User | None) -> Iterator[Application]:
    """The locked, re-read application in one transaction; raises NotEntitled, WrongStatus or VotingClosed.

    `by` is recorded in the history; None means the clockwork.
    """
    if verb in COORDINATORS_VERBS and by is None and verb not in ("close_voting", "remind_voters"):
        raise NotEntitled(_("Only the coordinator may do this."))
    if verb in COORDINATORS_VERBS and by is not None and not may_decide(by):
        raise NotEntitled(_("Only the coordinator may do this."))
    with transaction.atomic(), pghistory.context(verb=verb, user=by.pk if by else None), open_door():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        # History rows bear the time at which the transaction began, and it may have waited for the lock.
        pghistory.context(moment=timezone.now().isoformat())
        if verb in APPLICANTS_VERBS and (by is None or locked.applicant_id != by.pk):
            raise NotEntitled(_("Only the applicant may do this."))
        if not is_legal(verb, locked):
            raise VotingClosed if verb in BALLOT_VERBS else WrongStatus(locked.get_status_display())
        if by is not None and verb in COORDINATORS_VERBS and (words := obstacle(verb, locked)):
            raise Refused(words)
        yield locked


@contextmanager
def open_door() -> Iterator[None]:
    """Let the triggers of ballots, votes and recusals pass for the rest of the block, in this transaction only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.door', 'open', true)")
        yield
        # After an exception the transaction, or its savepoint, takes the setting back.
        cursor.execute("SELECT set_config('portal.door', '', true)")


def set_status(application: Application, status: Status, *fields: str) -> None:
    application.status = status
    application.save(update_fields=["status", "updated_at", *fields])


def required(text: str, message: str) -> str:
    """The text without surrounding blanks; raises Refused with `message` where nothing is left."""
    if not text.strip():
        raise Refused(message)
    return text.strip()
