"""The ballot's steps: opening, voting, recusal, votes on paper, reminders, extension, closing, reopening.

Callers come through `applications/workflow.py`. Each step is one transaction (see `transitions.step`).
"""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails
from applications.ballot.links import VoteLink
from applications.exceptions import LinkSpent, NotEntitled, Refused, VotingClosed
from applications.minutes.issuing import issue
from applications.models import Application, Ballot, DecisionRule, Recusal, Status, Vote
from applications.models.ballot import end_of_day
from applications.workflow.door import required, set_status, step
from members.models import Member, User
from members.permissions import founder_of

REMINDER_PAUSE = timedelta(minutes=10)  # a second click on "remind" mails nobody twice


def open_voting(application: Application, by: User) -> Application:
    """submitted → voting, under the current rule; all active founders are entitled and their voters are mailed."""
    with step("open_voting", application, by) as locked:
        founders = list(Member.objects.founders())
        if not founders:
            raise Refused(_("There is no active founder to vote."))
        rule = DecisionRule.current()
        ballot = Ballot.objects.create(
            application=locked,
            rule=rule,
            opened_at=timezone.now(),
            closes_at=end_of_day(timezone.localdate() + timedelta(days=rule.voting_days)),
        )
        ballot.entitled.set(founders)
        set_status(locked, Status.VOTING)
        emails.please_vote(locked, ballot)
    return locked


def cast_vote(
    application: Application, by: User, choice: str, comment: str = "", *, link: VoteLink | None = None
) -> Vote:
    """Record or change the vote of the founder for which `by` votes; closes the ballot once nothing can change it.

    `link`: the mailed link through which the vote comes. Raises NotEntitled, LinkSpent, or VotingClosed when the ballot has
    closed or its deadline has passed.
    """
    with step("cast_vote", application, by) as locked:
        ballot = locked.ballot
        founder = entitled_founder(ballot, by, link)
        if choice not in Vote.Choice.values:
            raise Refused(_("Choose for, against or abstain."))
        vote, _created = Vote.objects.update_or_create(
            ballot=ballot,
            founder=founder,
            defaults={
                "voter": by,
                "choice": choice,
                "comment": comment.strip(),
                "manner": Vote.Manner.MAIL_LINK if link else Vote.Manner.PAGE,
                "decided_on": None,
                "reference": "",
                "objected_at": None,
                "objection": "",
                "cast_at": timezone.now(),
            },
        )
        close_if_decided(locked, ballot)
    return vote


def recuse(
    application: Application, by: User, interest: str, word: str = "", *, link: VoteLink | None = None
) -> Recusal:
    """The founder for which `by` votes steps aside, for good: it leaves the denominator and a vote of it no longer counts.

    Raises NotEntitled, LinkSpent or VotingClosed as `cast_vote` does, and Refused for an interest that is not explained.
    """
    with step("recuse", application, by) as locked:
        ballot = locked.ballot
        founder = entitled_founder(ballot, by, link)
        if interest not in Recusal.Interest.values:
            raise Refused(_("Choose the reason for recusal."))
        if interest == Recusal.Interest.OTHER:
            word = required(word, _("Describe the conflict of interest in a few words."))
        recusal = Recusal.objects.create(
            ballot=ballot,
            founder=founder,
            declared_by=by,
            interest=interest,
            word=word.strip(),
            manner=Vote.Manner.MAIL_LINK if link else Vote.Manner.PAGE,
            declared_at=timezone.now(),
        )
        emails.founder_recused(locked, recusal)
        close_if_decided(locked, ballot)
    return recusal


def record_vote(
    application: Application,
    by: User,
    founder: Member,
    choice: str,
    decided_on: date,
    reference: str,
    comment: str = "",
) -> Vote:
    """Record a vote that `founder` gave on paper or in a meeting; its voters are told and may object until closing.

    `decided_on` is the day of the paper or meeting, `reference` where it can be looked up. It counts, but does not end
    the ballot early: see `tally.count`. Raises Refused where the founder has voted itself or recused itself.
    """
    with step("record_vote", application, by) as locked:
        ballot = locked.ballot
        refuse_after_deadline(ballot)
        if not ballot.voting.filter(pk=founder.pk).exists():
            raise Refused(_("This founder does not vote on this application."))
        earlier = ballot.votes.filter(founder=founder).first()
        if earlier and not earlier.is_recorded:
            raise Refused(_("This founder has voted itself."))
        if choice not in Vote.Choice.values:
            raise Refused(_("Choose for, against or abstain."))
        if decided_on > timezone.localdate():
            raise Refused(_("The date of the document or meeting cannot be in the future."))
        vote, _created = Vote.objects.update_or_create(
            ballot=ballot,
            founder=founder,
            defaults={
                "voter": by,
                "choice": choice,
                "comment": comment.strip(),
                "manner": Vote.Manner.RECORDED,
                "decided_on": decided_on,
                "reference": required(
                    reference, _("Say where the document or the minutes of the meeting can be found.")
                ),
                "objected_at": None,
                "objection": "",
                "cast_at": timezone.now(),
            },
        )
        emails.vote_recorded(locked, ballot, vote)
    return vote


def object_to_vote(application: Application, by: User, objection: str, *, link: VoteLink | None = None) -> Vote:
    """The founder for which `by` votes objects to the vote recorded for it: it no longer counts; the coordinator is told."""
    with step("object_to_vote", application, by) as locked:
        ballot = locked.ballot
        founder = entitled_founder(ballot, by, link)
        vote = ballot.votes.filter(founder=founder, manner=Vote.Manner.RECORDED, objected_at=None).first()
        if vote is None:
            raise Refused(_("There is no recorded vote to object to."))
        vote.objection = required(objection, _("Say what is wrong with the recorded vote."))
        vote.objected_at = timezone.now()
        vote.save(update_fields=["objection", "objected_at"])
        emails.vote_objected(locked, vote)
    return vote


def remind_voters(application: Application, by: User | None = None) -> Application:
    """Mail the voters of the founders that have not voted; by the coordinator at will, by the clockwork when one is due."""
    with step("remind_voters", application, by) as locked:
        ballot, now = locked.ballot, timezone.now()
        if by is None and not ballot.reminder_due(now):
            raise Refused(_("No reminder is due."))
        if by is not None and ballot.reminded_at and now - ballot.reminded_at < REMINDER_PAUSE:
            raise Refused(_("They were reminded a moment ago."))
        ballot.reminded_at = now
        ballot.save(update_fields=["reminded_at"])
        emails.ballot_reminder(locked, ballot)
    return locked


def extend_voting(application: Application, by: User, days: int, reason: str) -> Application:
    """Give founders `days` (1–90) more from today, or from the deadline if it is still ahead; reopens a lapsed ballot.

    All voters are mailed the `reason`.
    """
    with step("extend_voting", application, by) as locked:
        ballot = locked.ballot
        ballot.reason = required(reason, _("Write the reason; the founders will read it."))
        go_on(locked, ballot, max(ballot.last_day, timezone.localdate()), days)
        emails.voting_extended(locked, ballot)
    return locked


def reopen_voting(application: Application, by: User, days: int, reason: str) -> Application:
    """rejected, but not yet told → voting: founders vote anew, for `days` (1–90) from today.

    The votes of the first round are set aside and stay in the history and its minutes; recusals stay. What was
    queued to tell of the reversed decision is discarded.
    """
    with step("reopen_voting", application, by) as locked:
        ballot = locked.ballot
        ballot.reason = required(reason, _("Write the reason; the founders will read it."))
        ballot.votes.all().delete()
        ballot.round += 1
        go_on(locked, ballot, timezone.localdate(), days)
        emails.voting_reopened(locked, ballot)
    return locked


def go_on(application: Application, ballot: Ballot, start: date, days: int) -> None:
    """Open the ballot again until the end of the day `days` after `start`."""
    if not 1 <= days <= 90:
        raise Refused(_("Extend by 1 to 90 days."))
    ballot.closes_at = end_of_day(start + timedelta(days=days))
    ballot.closed_at, ballot.outcome = None, ""
    ballot.reminded_at = timezone.now()  # the mail about it reminds; a morning before it is past
    ballot.save(update_fields=["closes_at", "closed_at", "outcome", "round", "reason", "reminded_at"])
    application.decided_at = None
    set_status(application, Status.VOTING, "decided_at")


def close_voting(application: Application, by: User | None = None) -> Application:
    """voting → approved, rejected or lapsed, at the deadline or when nothing can change any more; else refused.

    The coordinator may close a ballot that recorded votes have decided, once founders had their time to object.
    """
    with step("close_voting", application, by) as locked:
        ballot = locked.ballot
        if by is None and ballot.time_left and ballot.tally().can_change:
            raise Refused(_("Founders may still vote: the ballot closes at its deadline."))
        record_outcome(locked, ballot)
    return locked


def close_if_decided(application: Application, ballot: Ballot) -> None:
    """Close the ballot if no way to go on can change its outcome."""
    if not ballot.tally().can_change:
        record_outcome(application, ballot)


def record_outcome(application: Application, ballot: Ballot) -> None:
    """Close the locked application's ballot with the count of its votes, write the minutes, tell those concerned."""
    ballot.outcome = ballot.tally().if_closed_now
    ballot.closed_at = timezone.now()
    ballot.save(update_fields=["outcome", "closed_at"])
    status = {"approved": Status.APPROVED, "rejected": Status.REJECTED, "inquorate": Status.LAPSED}[ballot.outcome]
    application.decided_at = None if status == Status.LAPSED else ballot.closed_at
    set_status(application, status, "decided_at")
    minutes = issue(application, ballot)
    emails.voting_closed(application, ballot, minutes)


def entitled_founder(ballot: Ballot, by: User, link: VoteLink | None) -> Member:
    """The founder for which `by` may act on the open ballot; raises NotEntitled, VotingClosed or LinkSpent."""
    founder = founder_of(by) if by.is_active else None
    if founder is None or not ballot.entitled.filter(pk=founder.pk).exists():
        raise NotEntitled(_("Only a founder's voter may vote on this application."))
    if link and (link.person_id != by.pk or link.founder_id != founder.pk or link.is_spent(ballot)):
        raise LinkSpent
    if ballot.recusals.filter(founder=founder).exists():
        raise NotEntitled(_("Your organisation has recused itself from this decision."))
    refuse_after_deadline(ballot)
    return founder


def refuse_after_deadline(ballot: Ballot) -> None:
    if not ballot.time_left:
        raise VotingClosed
