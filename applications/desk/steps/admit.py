from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.desk.step import Preview, Step, step_of
from applications.workflow import admission
from applications.workflow.joining import refuse_known
from cluster_portal.mail.kinds import KINDS
from cluster_portal.mail.outbox import Letter, Proof
from cluster_portal.mail.words import Words, current, faults
from members.models import Member, User
from news.announcement import announcement
from news.emails import news_post
from news.models import Post


@step_of(admission.admit)
class Admit(Step):
    """Asks for the words of the announcement for this admission only; a field left empty says what it always says.

    Where all founders have recused themselves, also for the decision that admits.
    """

    rank = 70
    title = gettext_lazy("Admit to the cluster")
    button = gettext_lazy("Admit as a member")
    done = gettext_lazy("Admitted: the member’s page and the news post are public, the emails are on their way.")
    template = "admit"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ballot = getattr(self.application, "ballot", None)  # a stale page's application may have none yet
        if ballot and ballot.tally().all_recused:
            # Required by the verb, not here: the emails can be looked at before the decision is known.
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
        self.prompt_fields()

    @property
    def announced(self) -> list[forms.BoundField]:
        """The fields of the announcement's words."""
        return [field for field in self if field.name != "outside_decision"]

    def clean(self) -> dict[str, Any]:
        """Adds `words`: the announcement's by language."""
        words = {}
        for language, _name in settings.LANGUAGES:
            usual = current(self.announcement, language)
            subject, text = (self.cleaned_data.get(f"{part}_{language}", "") for part in ("subject", "text"))
            chosen = Words(subject or usual.subject, text.strip() or usual.text)
            for fault in faults(self.announcement, *chosen):
                self.add_error(f"text_{language}", fault)
            words[language] = chosen
        return {**self.cleaned_data, "words": words}

    def preview(self) -> Preview:
        application, (member, post) = self.application, self.to_come
        about = {"name": application, "number": member.number, "url": member.get_absolute_url()}
        return Preview(
            [
                _("“%(name)s” becomes member no. %(number)d; its page is %(url)s.") % about,
                *([_("It was a member before: its record, number and address stay.")] if member.pk else []),
                _("%(person)s becomes its main representative.") % {"person": application.applicant},
                _("A news post is published in Lithuanian: “%(title)s”.") % {"title": post.title_lt},
                _("A news post is published in English: “%(title)s”.") % {"title": post.title_en},
            ],
            letters=self.letters(),
        )

    @cached_property
    def to_come(self) -> tuple[Member, Post]:
        """The member and the news post that the step would make, not saved."""
        member = admission.member_to_be(self.application)
        return member, announcement(member)

    def letters(self) -> list[Letter]:
        """Every email that the step would cause, those to the subscribers of the news included, with the words of a valid
        form or else the usual ones. Raises AlreadyKnown as the admission would.
        """
        refuse_known(self.application)
        member, post = self.to_come
        proof = Proof()
        words = self.cleaned_data.get("words") if self.is_valid() else None
        emails.member_admitted(self.application, member, post, words, put=proof)
        news_post(post, put=proof)
        return proof.letters

    def take(self, by: User) -> None:
        data = self.cleaned_data
        admission.admit(self.application, by, data["words"], data.get("outside_decision", ""))
