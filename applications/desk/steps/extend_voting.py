from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.desk.step import Preview, Step, people_of, step_of, words_field
from applications.workflow import balloting
from members.models import User


@step_of(balloting.extend_voting)
class ExtendVoting(Step):
    rank = 50
    title = gettext_lazy("Extend the vote")
    button = gettext_lazy("Extend the founders’ vote")
    done = gettext_lazy("The vote was extended; the founders are being notified.")

    prompts = {
        "days": gettext_lazy("Enter the number of days, from 1 to 90."),
        "reason": gettext_lazy("Write the reason; the founders will read it."),
    }

    days = forms.IntegerField(label=gettext_lazy("By how many days?"), min_value=1, max_value=90, initial=7)
    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The founders read exactly these words."), 2000, 4)

    def preview(self) -> Preview:
        ballot = self.application.ballot
        start = max(ballot.last_day, timezone.localdate())
        return Preview(
            [
                _("Founders get as many days as you enter, counted from %(day)s.")
                % {"day": formats.date_format(start, "DATE_FORMAT")},
                _("Votes already cast stay and may be changed."),
            ],
            people_of(ballot.voting),
        )

    def take(self, by: User) -> None:
        balloting.extend_voting(self.application, by, self.cleaned_data["days"], self.cleaned_data["reason"])
