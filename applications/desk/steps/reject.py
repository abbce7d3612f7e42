from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.desk.step import Preview, Step, step_of, words_field
from applications.workflow import closing
from members.models import User


@step_of(closing.reject)
class Reject(Step):
    rank = 80
    is_final = True
    title = gettext_lazy("Reject the application")
    button = gettext_lazy("Reject and tell the applicant")
    done = gettext_lazy("The applicant is being notified of the decision.")

    prompts = {"reason": gettext_lazy("Write the reason; the applicant will read it.")}

    reason = words_field(gettext_lazy("Reason"), gettext_lazy("The applicant reads exactly these words."))

    def preview(self) -> Preview:
        return Preview(
            [
                _("The application is rejected. This cannot be undone."),
                _("The applicant is notified of the decision and your reason."),
            ],
            emails.applicant(self.application),
        )

    def take(self, by: User) -> None:
        closing.reject(self.application, by, self.cleaned_data["reason"])
