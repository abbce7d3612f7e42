"""The verbs of the ballot: opening, reminding, extending, closing, reopening."""

from datetime import date, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.exceptions import Refused
from applications.models import Application, Ballot, DecisionRule, Status
from applications.models.ballot import end_of_day
from applications.workflow.door import HistoryLine, Taker, required, set_status, verb
from applications.workflow.joining import is_not_told_of_a_rejection
from applications.workflow.outcome import ENDS, record_outcome
from members.models import Member, User

REMINDER_PAUSE = timedelta(minutes=10)  # a second click on "remind" emails nobody twice


@verb(
    Taker.COORDINATOR,
    sources=(Status.SUBMITTED,),
    targets=(Status.VOTING,),
    history_line=HistoryLine(gettext_lazy("Voting opened")),
)
def open_voting(application: Application, by: User) -> Application:
    """submitted → voting, under the current rule; all active founders are entitled and their voters are emailed."""
    founders = list(Member.objects.founders())
    if not founders:
        raise Refused(_("There is no active founder to vote."))
    rule = DecisionRule.in_force()
    ballot = Ballot.objects.create(
        application=application,
        rule=rule,
        opened_at=timezone.now(),
        closes_at=end_of_day(timezone.localdate() + timedelta(days=rule.voting_days)),
    )
    ballot.entitled.set(founders)
    set_status(application, Status.VOTING)
    emails.please_vote(application, ballot)
    return application


def nobody_to_remind(application: Application) -> str:
    ballot = application.ballot
    return "" if ballot.time_left and ballot.missing else _("No founder’s vote is missing.")


@verb(
    Taker.COORDINATOR,
    sources=(Status.VOTING,),
    targets=(Status.VOTING,),
    history_line=HistoryLine(gettext_lazy("Those who have not voted were reminded"), of_ballot=True),
    scheduled=True,
    obstacle=nobody_to_remind,
)
def remind_voters(application: Application, by: User | None) -> Application:
    """Mail the voters of the founders that have not voted; by the coordinator at will, by the scheduled task when one is due."""
    ballot, now = application.ballot, timezone.now()
    if by is None and not ballot.reminder_due(now):
        raise Refused(_("No reminder is due."))
    if by is not None and ballot.reminded_at and now - ballot.reminded_at < REMINDER_PAUSE:
        raise Refused(_("They were reminded a moment ago."))
    ballot.reminded_at = now
    ballot.save(update_fields=["reminded_at"])
    emails.ballot_reminder(application, ballot)
    return application


def nobody_to_vote(application: Application) -> str:
    if application.ballot.tally().all_recused:
        return _("All founders have recused themselves: the decision must be taken outside the portal.")
    return ""


def no_time_to_add(application: Application) -> str:
    if application.status == Status.VOTING and not application.ballot.time_left:
        return _("The deadline has passed; the votes are being counted.")
    return nobody_to_vote(application)


@verb(
    Taker.COORDINATOR,
    sources=(Status.VOTING, Status.LAPSED),
    targets=(Status.VOTING,),
    history_line=HistoryLine(
        gettext_lazy("Voting extended"),
        text="reason",
        of_ballot=True,
        new_deadline=gettext_lazy("The coordinator extended voting until %(moment)s."),
    ),
    obstacle=no_time_to_add,
)
def extend_voting(application: Application, by: User, days: int, reason: str) -> Application:
    """Give founders `days` (1–90) more from today, or from the deadline if it is still ahead; reopens a lapsed ballot.

    All voters are emailed the `reason`.
    """
    ballot = application.ballot
    ballot.reason = required(reason, _("Write the reason; the founders will read it."))
    go_on(application, ballot, max(ballot.last_day, timezone.localdate()), days)
    emails.voting_extended(application, ballot)
    return application


@verb(
    Taker.COORDINATOR,
    sources=(Status.REJECTED,),
    targets=(Status.VOTING,),
    history_line=HistoryLine(
        gettext_lazy("The decision was reopened; founders vote again"),
        text="reason",
        of_ballot=True,
        new_deadline=gettext_lazy(
            "The coordinator reopened the decision: founders vote again until %(moment)s; the earlier votes are "
            "set aside."
        ),
    ),
    holds=is_not_told_of_a_rejection,
    obstacle=nobody_to_vote,
)
def reopen_voting(application: Application, by: User, days: int, reason: str) -> Application:
    """rejected, but not yet told → voting: founders vote again, for `days` (1–90) from today.

    The votes of the first round are set aside and stay in the history and its minutes; recusals stay. What was
    queued to tell of the reversed decision is discarded.
    """
    ballot = application.ballot
    ballot.reason = required(reason, _("Write the reason; the founders will read it."))
    ballot.votes.all().delete()
    ballot.round += 1
    go_on(application, ballot, timezone.localdate(), days)
    emails.voting_reopened(application, ballot)
    return application


def too_early(application: Application) -> str:
    ballot = application.ballot
    if ballot.time_left and ballot.tally(settled=True).can_change:
        return _("Founders may still vote: the ballot closes at its deadline.")
    if ballot.time_left and (until := ballot.objections_until()):
        moment = formats.date_format(timezone.localtime(until), "DATETIME_FORMAT")
        return _("Founders may object to the votes recorded for them until %(moment)s.") % {"moment": moment}
    return ""


@verb(Taker.COORDINATOR, sources=(Status.VOTING,), targets=ENDS, scheduled=True, obstacle=too_early)
def close_voting(application: Application, by: User | None) -> Application:
    """voting → approved, rejected or lapsed, at the deadline or when nothing can change any more; else refused.

    The coordinator may close a ballot that recorded votes have decided, once founders had their time to object.
    """
    ballot = application.ballot
    if by is None and ballot.time_left and ballot.tally().can_change:
        raise Refused(_("Founders may still vote: the ballot closes at its deadline."))
    record_outcome(application, ballot)
    return application


def go_on(application: Application, ballot: Ballot, start: date, days: int) -> None:
    """Open the ballot again until the end of the day `days` after `start`."""
    if not 1 <= days <= 90:
        raise Refused(_("Extend by 1 to 90 days."))
    ballot.closes_at = end_of_day(start + timedelta(days=days))
    ballot.closed_at, ballot.outcome = None, ""
    ballot.reminded_at = timezone.now()  # the email about it reminds; a morning before it is past
    ballot.save(update_fields=["closes_at", "closed_at", "outcome", "round", "reason", "reminded_at"])
    application.decided_at = None
    set_status(application, Status.VOTING, "decided_at")
