"""The coordinator's steps: what each is called, what it asks for, and what it says that it will do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.models import Application, Ballot, DecisionRule, Vote
from applications.models.ballot import TIME_TO_OBJECT
from applications.workflow import admission, balloting, closing, joining
from cluster_portal.mail.kinds import KINDS
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.outbox import Recipient, once_each
from cluster_portal.mail.words import Words, current, faults
from members.models import Member, User
from news.announcement import titles

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class StepForm(forms.Form):
    """What a step asks for; the step of one application."""

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application = application


class NothingMore(StepForm):
    """The step needs no more than a confirmation."""


def words_field(
    label: "StrOrPromise", help_text: "StrOrPromise", max_length: int = 5000, rows: int = 6
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=max_length, widget=forms.Textarea(attrs={"rows": rows})
    )


class QuestionForm(StepForm):
    question = words_field(
        gettext_lazy("What should the applicant clarify?"), gettext_lazy("The applicant reads exactly these words.")
    )


class ReasonForm(StepForm):
    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The applicant reads exactly these words."))


class MoreTimeForm(StepForm):
    days = forms.IntegerField(label=gettext_lazy("By how many days?"), min_value=1, max_value=90, initial=7)
    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The founders read exactly these words."), 2000, 4)


class NewRoundForm(StepForm):
    days = forms.IntegerField(
        label=gettext_lazy("For how many days is the vote open?"), min_value=1, max_value=90, initial=14
    )
    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The founders read exactly these words."), 2000, 4)


class RecordedVoteForm(StepForm):
    founder = forms.ModelChoiceField(
        Member.objects.none(),
        label=gettext_lazy("Founder"),
        help_text=gettext_lazy("Those are listed that have neither voted themselves nor recused themselves."),
    )
    choice = forms.ChoiceField(
        label=gettext_lazy("The founder's vote"),
        choices=Vote.Choice.choices,
        widget=forms.RadioSelect(attrs={"class": "radio"}),
    )
    decided_on = forms.DateField(
        label=gettext_lazy("Date of the document or meeting"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reference = forms.CharField(
        label=gettext_lazy("Document reference"),
        help_text=gettext_lazy(
            "Say where the document or the minutes of the meeting can be found, for example, the number of the "
            "document."
        ),
        max_length=200,
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["founder"])
        field.queryset = self.application.ballot.recordable


class AdmissionForm(StepForm):
    """The words of the announcement for this admission only; a field left empty says what it always says.

    Where all founders have recused themselves, also the decision that admits.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ballot = getattr(self.application, "ballot", None)  # a stale page's application may have none yet
        if ballot and ballot.tally().is_beyond_us:
            # Required by `workflow.admit`, not here: the mails can be looked at before the decision is known.
            self.fields["outside_decision"] = forms.CharField(
                label=_("Decision that admits the organisation"),
                help_text=_(
                    "All founders have recused themselves. Name the decision taken outside the portal, for example “Decision "
                    "of the general meeting of 20 November 2026 (minutes no. 4)”. The minutes and the member’s public "
                    "page show it, so do not name people."
                ),
                required=False,
                max_length=200,
                widget=forms.Textarea(attrs={"rows": 1}),
            )
        self.announcement = KINDS["applications/emails/member_announcement"]
        for language, in_language in (("lt", _("in Lithuanian")), ("en", _("in English"))):
            usual = current(self.announcement, language)
            # The subject is no text input: Enter in one would admit.
            for part, label, most, rows in (("subject", _("Subject"), 200, 1), ("text", _("Text"), 20000, 12)):
                self.fields[f"{part}_{language}"] = forms.CharField(
                    label=f"{label} {in_language}",
                    required=False,
                    initial=getattr(usual, part),
                    max_length=most,
                    widget=forms.Textarea(attrs={"rows": rows, "lang": language}),
                )

    @property
    def announced(self) -> list[forms.BoundField]:
        """The fields of the announcement's words."""
        return [field for field in self if field.name != "outside_decision"]

    def clean(self) -> dict[str, Any]:
        """`words` by language and `outside_decision`, as `workflow.admit` takes them."""
        words = {}
        for language in ("lt", "en"):
            usual = current(self.announcement, language)
            subject, text = (self.cleaned_data.get(f"{part}_{language}", "") for part in ("subject", "text"))
            chosen = Words(subject or usual.subject, text.replace("\r\n", "\n").strip() or usual.text)
            for fault in faults(self.announcement, *chosen):
                self.add_error(f"text_{language}", fault)
            words[language] = chosen
        return {"words": words, "outside_decision": self.cleaned_data.get("outside_decision", "")}


@dataclass(frozen=True)
class Letter:
    """A mail with the same content to one or more people."""

    subject: str
    language: str
    recipients: list[str]


def letters(mails: Iterable[OutgoingMail]) -> list[Letter]:
    """The mails, put together by what they say."""
    found: dict[int | None, Letter] = {}
    for mail in mails:
        letter = found.setdefault(mail.content_id, Letter(mail.subject, mail.language, []))
        letter.recipients.append(mail.to)
    return list(found.values())


@dataclass(frozen=True)
class Preview:
    """What a step will do: sentences, and the people whom it mails."""

    sentences: list[str]
    recipients: list[Recipient]


def preview_question(application: Application) -> Preview:
    return Preview(
        [
            _("The status becomes “information requested”; the applicant may change the application and answers."),
            _("Voting can be opened once the answer is here."),
        ],
        emails.applicant(application),
    )


def preview_opening(application: Application) -> Preview:
    founders = Member.objects.founders()
    rule = DecisionRule.current()
    closes = timezone.localdate() + timedelta(days=rule.voting_days)
    return Preview(
        [
            _("These founders may vote: %(founders)s.") % {"founders": ", ".join(map(str, founders))},
            *without_voter(founders),
            *rule.in_words(len(founders)),
            _("Voting ends on %(day)s.") % {"day": formats.date_format(closes, "DATE_FORMAT")},
        ],
        people_of(founders),
    )


def preview_recording(application: Application) -> Preview:
    ballot = application.ballot
    day = formats.date_format(ballot.last_day, "DATE_FORMAT")
    late = _("Voting ends on %(day)s: the founder has little time to object, so you may want to extend the vote first.")
    return Preview(
        [
            _("The vote counts and is marked everywhere as given on paper or in a meeting."),
            _(
                "The founder's voters are notified by email; until the ballot closes they may confirm it, change "
                "it or object."
            ),
            _("A recorded vote does not end the ballot early: it closes when founders confirm, or at its deadline."),
            *([late % {"day": day}] if ballot.time_left < TIME_TO_OBJECT else []),
        ],
        [],
    )


def preview_reminder(application: Application) -> Preview:
    missing = application.ballot.missing
    return Preview(
        [
            _("These founders have not voted: %(founders)s.") % {"founders": ", ".join(map(str, missing))},
            *without_voter(missing),
            _("Each of their voters gets a link that opens the ballot without a password."),
        ],
        people_of(missing),
    )


def preview_extension(application: Application) -> Preview:
    ballot = application.ballot
    start = max(ballot.last_day, timezone.localdate())
    return Preview(
        [
            _("Founders get as many days as you enter, counted from %(day)s.")
            % {"day": formats.date_format(start, "DATE_FORMAT")},
            _("Votes already cast stay and may be changed."),
        ],
        people_of(ballot.voting),
    )


def preview_closing(application: Application) -> Preview:
    ballot = application.ballot
    return Preview(
        [
            _("The votes are counted as they stand: %(outcome)s.")
            % {"outcome": Ballot.Outcome(ballot.tally(settled=True).if_closed_now).label},
            _("The minutes are written; founders can no longer vote or object."),
        ],
        once_each([*emails.staff(), *people_of(ballot.entitled.all())]),
    )


def preview_reopening(application: Application) -> Preview:
    return Preview(
        [
            _("The applicant has not been told of the decision against it, and will not be."),
            _(
                "The founders vote again. The votes of the first round are set aside; they stay in the history "
                "and its minutes."
            ),
            _("Recusals stay."),
            _("Emails about the reversed decision that have not been sent yet are discarded."),
        ],
        people_of(application.ballot.voting),
    )


def without_voter(founders: QuerySet[Member]) -> list[str]:
    """A sentence on the founders for which nobody can vote, if there are any: no mail reaches them."""
    have_one = {founder.pk for _person, founder in emails.voters(founders)}
    lacking = [str(founder) for founder in founders if founder.pk not in have_one]
    sentence = _(
        "These founders have no voter: %(founders)s. Appoint one, or record their votes given on paper or in a meeting."
    )
    return [sentence % {"founders": ", ".join(lacking)}] if lacking else []


def people_of(founders: QuerySet[Member]) -> list[Recipient]:
    """The voters of these founders."""
    return [emails.recipient(person) for person, _founder in emails.voters(founders)]


def preview_admission(application: Application) -> Preview:
    former = admission.former_member(application)
    newest = Member.objects.order_by("-number").first()
    number = former.number if former else (newest.number if newest else 0) + 1
    slug = former.slug if former else Member.free_slug(application.name)
    title_lt, title_en = titles(application)
    return Preview(
        [
            _("“%(name)s” becomes member no. %(number)d; its page is %(url)s.")
            % {
                "name": application,
                "number": number,
                "url": reverse("members:detail", args=[slug]),
            },
            *([_("It was a member before: its record, number and address stay.")] if former else []),
            _("%(person)s becomes its main representative.") % {"person": application.applicant},
            _("A news post is published in Lithuanian: “%(title)s”.") % {"title": title_lt},
            _("A news post is published in English: “%(title)s”.") % {"title": title_en},
        ],
        [],  # the page rehearses the admission and shows its mails
    )


def preview_rejection(application: Application) -> Preview:
    return Preview(
        [
            _("The application is rejected. This cannot be undone."),
            _("The applicant is told the decision and your reason."),
        ],
        emails.applicant(application),
    )


@dataclass(frozen=True)
class Step:
    """One of the coordinator's verbs on the screen."""

    verb: Callable[..., Any]
    title: "StrOrPromise"
    button: "StrOrPromise"
    done: "StrOrPromise"
    form: type[StepForm]
    preview: Callable[[Application], Preview]
    # Gives every mail that the step would cause, for a page that shows them.
    rehearse: Callable[[Application, User], list[OutgoingMail]] | None = None
    template: str = "step"


STEPS = {
    "request_information": Step(
        joining.request_information,
        gettext_lazy("Ask the applicant"),
        gettext_lazy("Send the question"),
        gettext_lazy("The question was sent to the applicant."),
        QuestionForm,
        preview_question,
    ),
    "open_voting": Step(
        balloting.open_voting,
        gettext_lazy("Open the vote"),
        gettext_lazy("Open the founders' vote"),
        gettext_lazy("The vote is open; the founders are being notified."),
        NothingMore,
        preview_opening,
    ),
    "record_vote": Step(
        balloting.record_vote,
        gettext_lazy("Record a vote given on paper or in a meeting"),
        gettext_lazy("Record the vote"),
        gettext_lazy("The vote is recorded; the founder is being notified."),
        RecordedVoteForm,
        preview_recording,
    ),
    "remind_voters": Step(
        balloting.remind_voters,
        gettext_lazy("Remind those who have not voted"),
        gettext_lazy("Send the reminder"),
        gettext_lazy("The reminder is on its way."),
        NothingMore,
        preview_reminder,
    ),
    "extend_voting": Step(
        balloting.extend_voting,
        gettext_lazy("Extend the vote"),
        gettext_lazy("Extend the founders' vote"),
        gettext_lazy("The vote was extended; the founders are being notified."),
        MoreTimeForm,
        preview_extension,
    ),
    "close_voting": Step(
        balloting.close_voting,
        gettext_lazy("Close the vote"),
        gettext_lazy("Close the founders' vote"),
        gettext_lazy("The vote is closed and the minutes are written."),
        NothingMore,
        preview_closing,
    ),
    "reopen_voting": Step(
        balloting.reopen_voting,
        gettext_lazy("Reopen the decision"),
        gettext_lazy("Let the founders vote again"),
        gettext_lazy("The decision is reopened; the founders are being notified."),
        NewRoundForm,
        preview_reopening,
    ),
    "admit": Step(
        admission.admit,
        gettext_lazy("Admit to the cluster"),
        gettext_lazy("Admit as a member"),
        gettext_lazy("Admitted: the member's page and the news post are public, the emails are on their way."),
        AdmissionForm,
        preview_admission,
        admission.rehearse_admission,
        "admit",
    ),
    "reject": Step(
        closing.reject,
        gettext_lazy("Reject the application"),
        gettext_lazy("Reject and tell the applicant"),
        gettext_lazy("The applicant is being notified of the decision."),
        ReasonForm,
        preview_rejection,
    ),
}
