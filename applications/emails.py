"""What is said to whom about an application: one function and one set of templates an email.

Each is called by a verb of `workflow/` inside the transaction that causes it. A key names the occasion, so that no
retry of it emails anyone twice. The words are in `templates/applications/emails/`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from applications.ballot.links import VoteLink
from applications.models import Application, Ballot, DecisionRule, Minutes, Recusal, Vote
from cluster_portal.base.known import known
from cluster_portal.mail.models import Announcement
from cluster_portal.mail.outbox import Recipient, discard_unsent, queue_mails, willing, without_repeats
from cluster_portal.mail.words import Words
from members.models import Member, Representative, User
from news.models import Post


def application_submitted(application: Application) -> None:
    """A confirmation to the applicant, and a notice to the coordinator's staff that an application waits."""
    queue(application, "application_submitted", applicant(application), rule=DecisionRule.current())
    queue(application, "application_waiting", staff())


def information_requested(application: Application) -> None:
    """To the applicant: what the coordinator asks."""
    queue(application, "information_requested", applicant(application), occasion=stamp(application))


def application_answered(application: Application) -> None:
    """To the coordinator's staff: the applicant has answered."""
    queue(application, "application_answered", staff(), occasion=stamp(application))


def please_vote(application: Application, ballot: Ballot) -> None:
    """To the voters of every entitled founder: vote, where and until when."""
    call_to_vote("please_vote", application, ballot, ballot.entitled.all())


def ballot_reminder(application: Application, ballot: Ballot) -> None:
    """To the voters of the founders that have not voted: the time runs out."""
    occasion = f"{ballot.reminded_at:%Y-%m-%dT%H:%M:%S}"
    call_to_vote("ballot_reminder", application, ballot, ballot.missing, occasion=occasion)


def voting_extended(application: Application, ballot: Ballot) -> None:
    """To the voters of every founder that may vote: there is more time, and why. Of the lapse no unsent email goes out."""
    discard_calls_to_vote(application)
    discard_results(application)
    call_to_vote("voting_extended", application, ballot, ballot.voting)


def voting_reopened(application: Application, ballot: Ballot) -> None:
    """To the voters of every founder that may vote: vote again, and why. Unsent email of the reversed decision is discarded."""
    discard_results(application)
    call_to_vote("voting_reopened", application, ballot, ballot.voting)


def vote_recorded(application: Application, ballot: Ballot, vote: Vote) -> None:
    """To the founder's voters: this vote was recorded for you; confirm it, change it or object."""
    founders = Member.objects.filter(pk=vote.founder_id)
    call_to_vote("vote_recorded", application, ballot, founders, occasion=vote.cast_at.isoformat(), vote=vote)


def vote_objected(application: Application, vote: Vote) -> None:
    """To the coordinator's staff: the founder objects to the vote recorded for it."""
    queue(
        application,
        "vote_objected",
        staff(),
        occasion=f"{vote.founder_id}-{known(vote.objected_at).isoformat()}",
        vote=vote,
    )


def founder_recused(application: Application, recusal: Recusal) -> None:
    """To the coordinator's staff: a founder has stepped aside."""
    queue(application, "founder_recused", staff(), occasion=f"{recusal.founder_id}", recusal=recusal)


def voting_closed(application: Application, ballot: Ballot, minutes: Minutes) -> None:
    """To the coordinator's staff: the decision and the next step; to the voters: the decision and its minutes."""
    discard_calls_to_vote(application)
    tally = ballot.tally()
    about: dict[str, Any] = {"ballot": ballot, "minutes": minutes, "tally": tally}
    outcome = "all_recused" if tally.all_recused else ballot.outcome
    queue(application, TO_STAFF[outcome], staff(), key=f"{application.topic}:voting_closed:{minutes.number}", **about)
    people = [recipient(person) for person, _founder in voters(ballot.entitled.all())]
    queue(application, TO_VOTERS[outcome], people, key=f"{application.topic}:ballot_result:{minutes.number}", **about)


def application_rejected(application: Application) -> None:
    """To the applicant: the decision and its reason."""
    queue(application, "application_rejected", applicant(application))


def application_withdrawn(application: Application) -> None:
    """To the coordinator's staff, and to the voters if they were voting. A draft goes without a word."""
    discard_calls_to_vote(application)
    if not application.submitted_at:
        return
    queue(application, "application_withdrawn", staff())
    ballot = Ballot.objects.filter(application=application, closed_at=None).first()
    if ballot:
        people = voters(ballot.entitled.all())
        queue(application, "voting_cancelled", [recipient(person) for person, _founder in people])


def member_admitted(
    application: Application,
    member: Member,
    post: Post,
    words: Mapping[str, Words] | None = None,
    put: Callable[..., None] = queue_mails,
) -> None:
    """A welcome to the applicant; the announcement to every active member's and founder's representatives, in `words`
    (by language) where the coordinator wrote some for this admission.

    The key is the post's: whoever hears of it here gets no second email as a subscriber of the news. `put` takes the
    emails: the outbox, or a `Proof`, for which neither `member` nor `post` need be saved.
    """
    welcomed, *others = admission_recipients(application)
    about: dict[str, Any] = {"key": post.topic, "put": put, "post": post, "member": member}
    queue(application, "member_welcome", [welcomed], **about)
    queue(application, "member_announcement", others, words=words, **about)


def admission_recipients(application: Application) -> list[Recipient]:
    """Everyone whom `member_admitted` emails, once each: the applicant first, then those who get the
    announcement.
    """
    representatives = (
        User.objects.filter(is_active=True, representations__member__status=Member.Status.ACTIVE)
        .distinct()
        .order_by("email")
    )
    welcomed = applicant(application)
    return without_repeats([*welcomed, *willing(Announcement.MEMBERS, map(recipient, representatives))])


# Recipients


def recipient(user: User) -> Recipient:
    return Recipient(user.email, user.language, str(user))


def applicant(application: Application) -> list[Recipient]:
    return [recipient(application.applicant)]


def staff() -> list[Recipient]:
    """The coordinator's people."""
    return [recipient(user) for user in User.objects.filter(is_active=True, is_staff=True).order_by("email")]


def voters(founders: Iterable[Member]) -> list[tuple[User, Member]]:
    """The voters of these founders, each with the founder for which it votes."""
    roles = Representative.objects.filter(
        role=Representative.Role.VOTER,
        member__in=founders,
        member__status=Member.Status.ACTIVE,  # one suspended since the opening has no say
        user__is_active=True,
    )
    return [(role.user, role.member) for role in roles.select_related("user", "member").order_by("user__email")]


# Keys and links

CALLS_TO_VOTE = ("please_vote", "ballot_reminder", "voting_extended", "voting_reopened", "vote_recorded")
# The emails on a ballot's outcome
TO_STAFF = {
    "approved": "founders_approved",
    "rejected": "founders_rejected",
    "inquorate": "voting_lapsed",
    "all_recused": "all_recused",
}
TO_VOTERS = {
    "approved": "result_approved",
    "rejected": "result_rejected",
    "inquorate": "result_lapsed",
    "all_recused": "result_all_recused",
}


def stamp(application: Application) -> str:
    """Tells apart the occasions of a step that may come more than once."""
    return application.updated_at.isoformat()


def call_to_vote(
    mail: str,
    application: Application,
    ballot: Ballot,
    founders: Iterable[Member],
    *,
    occasion: str = "",
    **context: Any,
) -> None:
    """Queue `mail` to the voters of `founders`, each with a link of their own that votes without a password.

    The link makes it confidential: nobody else reads it, the coordinator's staff included.
    """
    occasion = occasion or f"{ballot.round}-{ballot.closes_at:%Y-%m-%d}"
    for person, founder in voters(founders):
        queue(
            application,
            mail,
            [recipient(person)],
            occasion=occasion,
            confidential=True,
            vote_link=VoteLink.make(ballot, founder, person),
            ballot=ballot,
            founder=founder,
            **context,
        )


def discard_calls_to_vote(application: Application) -> None:
    """What still waits in the outbox must not ask anyone to vote on a ballot that is no longer open."""
    for mail in CALLS_TO_VOTE:
        discard_unsent(f"{application.topic}:{mail}")


def discard_results(application: Application) -> None:
    """What still waits in the outbox must not tell of a closing after which voting goes on."""
    for mail in ("voting_closed", "ballot_result"):
        discard_unsent(f"{application.topic}:{mail}")


def queue(
    application: Application,
    mail: str,
    recipients: Iterable[Recipient],
    *,
    occasion: str = "",
    key: str = "",
    words: Mapping[str, Words] | None = None,
    confidential: bool = False,
    vote_link: VoteLink | None = None,
    put: Callable[..., None] = queue_mails,
    **context: Any,
) -> None:
    """Queue the email named `mail` with the application and its links in the recipients' languages."""
    links = ApplicationLinks(application, context.get("member"), context.get("post"), vote_link)
    put(
        key=key or ":".join(filter(None, [application.topic, mail, occasion])),
        recipients=recipients,
        template=f"applications/emails/{mail}",
        context={"application": application, "links": links, **context},
        topic=application.topic,
        words=words,
        confidential=confidential,
    )


class ApplicationLinks:
    """Absolute addresses, made at rendering time: they follow the language in which the email is rendered."""

    def __init__(
        self,
        application: Application,
        member: Member | None = None,
        post: Post | None = None,
        vote_link: VoteLink | None = None,
    ) -> None:
        self.application, self.new_member, self.news_post, self.vote_link = application, member, post, vote_link

    @staticmethod
    def absolute(path: str) -> str:
        return settings.SITE_URL + path

    @property
    def status_page(self) -> str:
        return self.absolute(reverse("applications:detail", args=[self.application.pk]))

    @property
    def ballot(self) -> str:
        return self.absolute(reverse("ballots:detail", args=[self.application.pk]))

    @property
    def vote(self) -> str:
        """The ballot paper of the mail's recipient, without a password."""
        return self.absolute(self.vote_link.path) if self.vote_link else ""

    @property
    def desk(self) -> str:
        """The application at the desk, which has no language in its address."""
        return self.absolute(f"{reverse('admin:index')}applications/application/{self.application.pk}/change/")

    @property
    def member(self) -> str:
        return self.absolute(self.new_member.get_absolute_url()) if self.new_member else ""

    @property
    def my_organisation(self) -> str:
        member = self.new_member
        return self.absolute(reverse("edit-organisation", args=[member.slug])) if member else ""

    @property
    def post(self) -> str:
        return self.absolute(self.news_post.get_absolute_url()) if self.news_post else ""
