"""What people type about mail: its words, and which announcements they want."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.prompts import Prompts
from cluster_portal.mail.kinds import EmailKind
from cluster_portal.mail.models import Announcement, Subscription
from cluster_portal.mail.words import Words, current, faults


class WordsForm(Prompts, forms.Form):
    """The words of one email in one language, checked against its kind's placeholders; `words` once it is valid."""

    prompts = {"subject": _("Enter the subject."), "text": _("Enter the text.")}

    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=20000, widget=forms.Textarea(attrs={"rows": 16, "cols": 80}))

    def __init__(self, kind: EmailKind, language: str, *args: Any, **kwargs: Any) -> None:
        self.kind, self.language = kind, language
        super().__init__(*args, **{"initial": current(kind, language)._asdict(), **kwargs})
        for field in self.fields.values():
            field.widget.attrs["lang"] = language

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        # The words that were typed, whole: a reader of the faults must not hunt for the half that is missing.
        for fault in faults(self.kind, cleaned.get("subject", ""), cleaned.get("text", "")):
            self.add_error(None, fault)
        return cleaned

    @property
    def words(self) -> Words:
        return Words(self.cleaned_data["subject"], self.cleaned_data["text"].strip())


class AnnouncementsForm(Prompts, forms.Form):
    """Which announcements an address wants; the language is that of the person's details."""

    announcements = forms.MultipleChoiceField(
        label=_("Announcements"),
        choices=Announcement.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Decisions and questions that concern you are always sent."),
    )

    def __init__(self, address: str, *args: Any, **kwargs: Any) -> None:
        self.address = address.lower()
        super().__init__(*args, **kwargs)
        rows = dict(Subscription.objects.filter(address=self.address).values_list("announcement", "wanted"))
        by_default = {Announcement.MEMBERS: True, Announcement.NEWS: False}
        self.fields["announcements"].initial = [name for name in by_default if rows.get(name, by_default[name])]

    def save(self, language: str) -> None:
        for name in Announcement.values:
            wanted = name in self.cleaned_data["announcements"]
            Subscription.objects.choose(self.address, name, wanted, language)
