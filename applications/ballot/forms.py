"""What a founder's voter fills in: the vote, a recusal, an objection."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.models import Recusal, Vote
from cluster_portal.base.prompts import Prompts


class BallotForm(Prompts, forms.Form):
    """The vote, on what the founder has voted before.

    A comment that was written to another choice is asked about once: it would speak against the new one.
    """

    prompts = {"choice": _("Choose for, against or abstain.")}

    choice = forms.ChoiceField(
        label=_("Your vote"),
        choices=[(Vote.Choice.FOR, _("For")), (Vote.Choice.AGAINST, _("Against")), (Vote.Choice.ABSTAIN, _("Abstain"))],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        help_text=_("The coordinator reads the comment, and it is recorded in the minutes."),
        widget=forms.Textarea(attrs={"rows": 1, "class": "form-control", "placeholder": " "}),
    )
    asked = forms.CharField(
        required=False, widget=forms.HiddenInput
    )  # the choice for which the comment was asked about

    def __init__(self, *args: Any, earlier: Vote | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = earlier
        if earlier and not self.initial:
            self.initial = {"choice": earlier.choice, "comment": earlier.comment}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        choice = cleaned.get("choice")
        if choice and self.comment_is_of_another_choice(choice) and cleaned.get("asked") != choice:
            sent: Any = self.data
            data = sent.copy()
            data[self.add_prefix("asked")] = choice
            self.data = data
            self.add_error("comment", self.question())
        return cleaned

    def comment_is_of_another_choice(self, choice: str) -> bool:
        """Whether the comment is the one that stands with an earlier vote for something else."""
        if not self.earlier or not self.earlier.comment or self.earlier.choice == choice:
            return False
        return self.cleaned_data.get("comment", "").split() == self.earlier.comment.split()

    def question(self) -> str:
        return gettext(
            "You wrote this comment when you voted “%(choice)s”. Change it or delete it; if it should stand with the new "
            "vote, send it again."
        ) % {"choice": self.earlier.get_choice_display() if self.earlier else ""}


class RecusalForm(Prompts, forms.Form):
    prompts = {"interest": _("Choose the reason for recusal.")}

    interest = forms.ChoiceField(
        label=_("Why does your organisation recuse itself?"),
        choices=Recusal.Interest.choices,
        widget=forms.RadioSelect,
    )
    word = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=500,
        help_text=_("It is recorded in the minutes."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("interest") == Recusal.Interest.OTHER and not cleaned.get("word"):
            self.add_error("word", _("Describe the conflict of interest in a few words."))
        return cleaned


class ObjectionForm(Prompts, forms.Form):
    prompts = {"objection": _("Say what is wrong with the recorded vote.")}

    objection = forms.CharField(
        label=_("What is wrong with the recorded vote?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
