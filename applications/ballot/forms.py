"""The forms of a founder's voter: the vote, the recusal, the objection to a recorded vote."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Recusal, Vote
from cluster_portal.base.prompts import Prompts


class BallotForm(Prompts, forms.Form):
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
