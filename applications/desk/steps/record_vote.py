from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.desk.step import Preview, Step, step_of
from applications.models import Vote
from applications.models.ballot import TIME_TO_OBJECT
from applications.workflow import voting
from cluster_portal.base.dates import day_until_now
from members.models import Member, User


@step_of(voting.record_vote)
class RecordVote(Step):
    rank = 30
    title = gettext_lazy("Record a vote given on paper or in a meeting")
    button = gettext_lazy("Record the vote")
    done = gettext_lazy("The vote is recorded; the founder is being notified.")

    prompts = {
        "founder": gettext_lazy("Choose the founder."),
        "choice": gettext_lazy("Choose how the founder voted."),
        "decided_on": gettext_lazy("Enter the date of the document or meeting."),
        "reference": gettext_lazy("Say where the document or the minutes of the meeting can be found."),
    }

    founder = forms.ModelChoiceField(
        Member.objects.none(),
        label=gettext_lazy("Founder"),
        help_text=gettext_lazy("Founders that have neither voted nor recused themselves are listed."),
    )
    choice = forms.ChoiceField(
        label=gettext_lazy("The founder’s vote"),
        choices=Vote.Choice.choices,
        widget=forms.RadioSelect(attrs={"class": "radio"}),
    )
    decided_on = forms.DateField(
        label=gettext_lazy("Date of the document or meeting"),
        validators=[day_until_now],
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
        field = self.fields["founder"]
        if isinstance(field, forms.ModelChoiceField) and hasattr(self.application, "ballot"):
            field.queryset = Member.objects.filter(
                pk__in=[founder.pk for founder in self.application.ballot.recordable]
            )

    def preview(self) -> Preview:
        ballot = self.application.ballot
        late = _(
            "Voting ends on %(day)s: the founder has little time to object, so you may want to extend the vote first."
        )
        day = formats.date_format(ballot.last_day, "DATE_FORMAT")
        return Preview(
            [
                _("The vote counts and is marked everywhere as given on paper or in a meeting."),
                _(
                    "The founder’s voters are notified by email; until the ballot closes they may confirm it, change "
                    "it or object."
                ),
                _(
                    "A recorded vote does not end the ballot early: it closes when founders confirm, or at its deadline."
                ),
                *([late % {"day": day}] if ballot.time_left < TIME_TO_OBJECT else []),
            ]
        )

    def take(self, by: User) -> None:
        data = self.cleaned_data
        voting.record_vote(
            self.application,
            by,
            founder=data["founder"],
            choice=data["choice"],
            decided_on=data["decided_on"],
            reference=data["reference"],
            comment=data["comment"],
        )
