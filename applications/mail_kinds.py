"""The emails about applications: what each is called at the desk, and what its words may name."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from applications.ballot.rule_words import voting_time
from applications.models import Application
from cluster_portal.mail.kinds import EmailKind, Placeholder, register
from cluster_portal.mail.models import Announcement
from cluster_portal.mail.topics import register_topic


def link(name: str, meaning, *, required: bool = False) -> Placeholder:
    """A link of `emails.ApplicationLinks`."""
    return Placeholder(
        name,
        meaning,
        "https://example.org/",
        lambda context: getattr(context["links"], LINKS[name]),
        is_link=True,
        required=required,
    )


LINKS = {
    "application": "status_page",
    "ballot": "ballot",
    "desk": "desk",
    "member": "member",
    "my_organisation": "my_organisation",
    "post": "post",
    "vote": "vote",
}
ORGANISATION = Placeholder(
    "organisation", _("the organisation that applies"), _("Example"), lambda context: context["application"].name
)
QUESTION = Placeholder(
    "question",
    _("what the coordinator asks"),
    _("What do you produce?"),
    lambda context: context["application"].information_request,
    required=True,
)
ANSWER = Placeholder(
    "answer",
    _("what the applicant answered"),
    _("Precision metal parts."),
    lambda context: context["application"].answer,
    required=True,
)
REASON = Placeholder(
    "reason",
    _("the reason that the coordinator gave"),
    _("The organisation does not yet produce anything."),
    lambda context: context["application"].rejection_reason,
    required=True,
)
VOTING_TIME = Placeholder(
    "voting_time",
    _("how long the founders vote"),
    lazy(voting_time, str)(14),
    lambda context: voting_time(context["rule"].voting_days),
)
DEADLINE = Placeholder(
    "deadline",
    _("the last day of the vote"),
    _("14 May 2027"),
    lambda context: formats.date_format(timezone.localtime(context["ballot"].closes_at), "DATE_FORMAT"),
)
NUMBER = Placeholder("number", _("the member’s number"), "12", lambda context: context["member"].number)
TITLE = Placeholder(
    "title", _("the news post’s title"), _("Example joins the cluster"), lambda context: context["post"].title
)
SUMMARY = Placeholder(
    "summary",
    _("the news post’s summary; may be empty"),
    _("Makes precision metal parts."),
    lambda context: context["post"].summary,
)
FOUNDER = Placeholder(
    "founder", _("the founder in whose name the vote is cast"), _("Founder"), lambda context: context["founder"].name
)
WHY = Placeholder(
    "reason",
    _("the reason that the coordinator gave"),
    _("A founder asked for more time."),
    lambda context: context["ballot"].reason,
    required=True,
)


def tallied(count: str) -> Callable[[Mapping[str, Any]], Any]:
    """What gives one of the tally's counts."""
    return lambda context: getattr(context["tally"], count)


COUNTS = tuple(
    Placeholder(name, meaning, example, tallied(count))
    for name, meaning, example, count in (
        ("for", _("how many voted for"), "3", "for_"),
        ("against", _("how many voted against"), "1", "against"),
        ("abstain", _("how many abstained"), "0", "abstain"),
        ("voted", _("how many voted"), "4", "voted"),
        ("entitled", _("how many might have voted"), "5", "entitled"),
    )
)
MINUTES = Placeholder("minutes", _("the number of the minutes"), "2027-3", lambda context: context["minutes"].number)
RECUSED = (
    Placeholder("founder", _("who recuses itself"), _("Founder"), lambda context: context["recusal"].founder.name),
    Placeholder(
        "interest",
        _("the reason for recusal"),
        _("competitor"),
        lambda context: context["recusal"].get_interest_display(),
    ),
    Placeholder("note", _("its own words; may be empty"), "", lambda context: context["recusal"].word),
)
OBJECTED = (
    Placeholder("founder", _("who objects"), _("Founder"), lambda context: context["vote"].founder.name),
    Placeholder(
        "objection",
        _("its own words"),
        _("We voted against."),
        lambda context: context["vote"].objection,
        required=True,
    ),
)
RECORDED = (
    Placeholder("choice", _("the vote"), _("for"), lambda context: context["vote"].get_choice_display()),
    Placeholder(
        "day",
        _("when it was given"),
        _("14 May 2027"),
        lambda context: formats.date_format(context["vote"].decided_on, "DATE_FORMAT"),
    ),
    Placeholder(
        "reference",
        _("where it is written down"),
        _("minutes of the meeting"),
        lambda context: context["vote"].reference,
    ),
)
APPLICATION = link("application", _("link: the application, for the applicant"))
BALLOT = link("ballot", _("link: the ballot, for founders"))
VOTE = link("vote", _("link: the recipient’s own ballot paper, without a password"), required=True)
DESK = link("desk", _("link: the application at the coordinator’s desk"))
MEMBER = link("member", _("link: the member’s page in the directory"))
MY_ORGANISATION = link("my_organisation", _("link: the page on which a representative edits the member"))
POST = link("post", _("link: the news post"))
OUTCOME = (*COUNTS, MINUTES)
CALL = (FOUNDER, DEADLINE, VOTE, BALLOT)


def kind(name: str, title, *placeholders: Placeholder, announcement: str = "") -> EmailKind:
    return EmailKind(f"applications/emails/{name}", title, (ORGANISATION, *placeholders), announcement=announcement)


register(
    [
        kind("application_submitted", _("To the applicant: the application has been received"), VOTING_TIME, APPLICATION),
        kind("application_waiting", _("To the coordinator: a new application"), DESK),
        kind("information_requested", _("To the applicant: a question"), QUESTION, APPLICATION),
        kind("application_answered", _("To the coordinator: the applicant’s answer"), ANSWER, DESK),
        kind("please_vote", _("To founders: please vote"), *CALL),
        kind("ballot_reminder", _("To founders: a reminder to vote"), *CALL),
        kind("voting_extended", _("To founders: there is more time to vote"), WHY, *CALL),
        kind("voting_reopened", _("To founders: please vote again"), WHY, *CALL),
        kind("vote_recorded", _("To founders: a vote was recorded for them"), *RECORDED, *CALL),
        kind("result_approved", _("To founders: approved"), *OUTCOME, BALLOT),
        kind("result_rejected", _("To founders: not approved"), *OUTCOME, BALLOT),
        kind("result_lapsed", _("To founders: no quorum"), *OUTCOME, BALLOT),
        kind("result_all_recused", _("To founders: all founders are recused"), MINUTES, BALLOT),
        kind("vote_objected", _("To the coordinator: a founder objects to a recorded vote"), *OBJECTED, DESK),
        kind("founder_recused", _("To the coordinator: a founder recuses itself"), *RECUSED, DESK),
        kind("founders_approved", _("To the coordinator: the founders have approved"), *OUTCOME, DESK),
        kind("founders_rejected", _("To the coordinator: the founders have not approved"), *OUTCOME, DESK),
        kind("voting_lapsed", _("To the coordinator: no quorum"), *OUTCOME, DESK),
        kind("all_recused", _("To the coordinator: all founders are recused"), *OUTCOME, DESK),
        kind("application_rejected", _("To the applicant: the application was not approved"), REASON, APPLICATION),
        kind("application_withdrawn", _("To the coordinator: the application was withdrawn"), DESK),
        kind("voting_cancelled", _("To founders: the application was withdrawn"), BALLOT),
        kind("member_welcome", _("To the applicant: welcome to the cluster"), NUMBER, MY_ORGANISATION, MEMBER, POST),
        kind(
            "member_announcement",
            _("To all representatives: a new member"),
            TITLE, SUMMARY, NUMBER, POST, MEMBER,
            announcement=Announcement.MEMBERS,
        ),
    ]
)  # fmt: skip
register_topic("application", _("Application"), Application)
