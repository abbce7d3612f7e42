"""The verbs of a founder's vote: casting, stepping aside, recording one from paper, objecting to that."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails
from applications.ballot.links import VoteLink
from applications.exceptions import LinkSpent, NotEntitled, Refused, VotingClosed
from applications.models import Application, Ballot, Recusal, Status, Vote
from applications.workflow.door import Taker, required, verb
from applications.workflow.outcome import ENDS, close_if_decided
from cluster_portal.base.dates import day_until_now
from members.models import Member, User
from members.permissions import founder_of


@verb(Taker.VOTER, sources=(Status.VOTING,), targets=(Status.VOTING, *ENDS))
def cast_vote(
    application: Application, by: User, choice: str, comment: str = "", *, link: VoteLink | None = None
) -> Vote:
    """Record or change the vote of the founder for which `by` votes; closes the ballot once nothing can change it.

    `link`: the emailed link through which the vote comes. Raises NotEntitled, LinkSpent, or VotingClosed when the ballot has
    closed or its deadline has passed.
    """
    ballot = application.ballot
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
    close_if_decided(application, ballot)
    return vote


@verb(Taker.VOTER, sources=(Status.VOTING,), targets=(Status.VOTING, *ENDS))
def recuse(
    application: Application, by: User, interest: str, word: str = "", *, link: VoteLink | None = None
) -> Recusal:
    """The founder for which `by` votes steps aside, for good: it leaves the denominator and a vote of it no longer counts.

    Raises NotEntitled, LinkSpent or VotingClosed as `cast_vote` does, and Refused for an interest that is not explained.
    """
    ballot = application.ballot
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
    emails.founder_recused(application, recusal)
    close_if_decided(application, ballot)
    return recusal


def no_vote_to_record(application: Application) -> str:
    ballot = application.ballot
    return "" if ballot.time_left and ballot.recordable else _("There is no founder whose vote may be recorded.")


@verb(Taker.COORDINATOR, sources=(Status.VOTING,), targets=(Status.VOTING,), obstacle=no_vote_to_record)
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
    the ballot early: see `counting.count`. Raises Refused where the founder has voted itself or recused itself, or has
    ended its part or been suspended: then it has no voter that could be told.
    """
    ballot = application.ballot
    refuse_after_deadline(ballot)
    if founder not in [voting for voting in ballot.voting if voting.is_active_founder]:
        raise Refused(_("This founder does not vote on this application."))
    if founder not in ballot.recordable:
        raise Refused(_("This founder has voted itself."))
    if choice not in Vote.Choice.values:
        raise Refused(_("Choose how the founder voted."))
    try:
        day_until_now(decided_on)
    except ValidationError as error:
        raise Refused(str(error.message)) from error
    vote, _created = Vote.objects.update_or_create(
        ballot=ballot,
        founder=founder,
        defaults={
            "voter": by,
            "choice": choice,
            "comment": comment.strip(),
            "manner": Vote.Manner.RECORDED,
            "decided_on": decided_on,
            "reference": required(reference, _("Say where the document or the minutes of the meeting can be found.")),
            "objected_at": None,
            "objection": "",
            "cast_at": timezone.now(),
        },
    )
    emails.vote_recorded(application, ballot, vote)
    return vote


@verb(Taker.VOTER, sources=(Status.VOTING,), targets=(Status.VOTING,))
def object_to_vote(application: Application, by: User, objection: str, *, link: VoteLink | None = None) -> Vote:
    """The founder for which `by` votes objects to the vote recorded for it: it no longer counts; the coordinator is told."""
    vote = vote_to_object_to(application.ballot, by, link)
    vote.objection = required(objection, _("Say what is wrong with the recorded vote."))
    vote.objected_at = timezone.now()
    vote.save(update_fields=["objection", "objected_at"])
    emails.vote_objected(application, vote)
    return vote


def entitled_founder(ballot: Ballot, by: User, link: VoteLink | None) -> Member:
    """The founder for which `by` may act on the open ballot; raises NotEntitled, VotingClosed or LinkSpent."""
    founder = founder_of(by) if by.is_active else None
    if founder is None or not ballot.entitled.filter(pk=founder.pk).exists():
        raise NotEntitled(_("Only a founder’s voter may vote on this application."))
    if link and (link.person_id != by.pk or link.founder_id != founder.pk or link.is_spent(ballot)):
        raise LinkSpent
    if ballot.recusals.filter(founder=founder).exists():
        raise NotEntitled(_("Your organisation has recused itself from this decision."))
    refuse_after_deadline(ballot)
    return founder


def vote_to_object_to(ballot: Ballot, by: User, link: VoteLink | None) -> Vote:
    """The vote recorded for the founder for which `by` votes; raises as `entitled_founder` does, and Refused without one."""
    founder = entitled_founder(ballot, by, link)
    vote = ballot.votes.filter(founder=founder, manner=Vote.Manner.RECORDED, objected_at=None).first()
    if vote is None:
        raise Refused(_("There is no recorded vote to object to."))
    return vote


def refuse_after_deadline(ballot: Ballot) -> None:
    if not ballot.time_left:
        raise VotingClosed
