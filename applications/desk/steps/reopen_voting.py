from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.desk.step import Preview, Step, people_of, step_of, words_field
from applications.workflow import balloting
from members.models import User


@step_of(balloting.reopen_voting)
class ReopenVoting(Step):
    rank = 90
    title = gettext_lazy("Reopen the decision")
    button = gettext_lazy("Let the founders vote again")
    done = gettext_lazy("The decision is reopened; the founders are being notified.")

    prompts = {
        "days": gettext_lazy("Enter the number of days, from 1 to 90."),
        "reason": gettext_lazy("Write the reason; the founders will read it."),
    }

    days = forms.IntegerField(
        label=gettext_lazy("For how many days is the vote open?"), min_value=1, max_value=90, initial=14
    )
    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The founders read exactly these words."), 2000, 4)

    def preview(self) -> Preview:
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
            people_of(list(self.application.ballot.voting)),
        )

    def take(self, by: User) -> None:
        balloting.reopen_voting(self.application, by, self.cleaned_data["days"], self.cleaned_data["reason"])
