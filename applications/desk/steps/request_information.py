from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.desk.step import Preview, Step, step_of, words_field
from applications.workflow import joining
from members.models import User


@step_of(joining.request_information)
class RequestInformation(Step):
    rank = 10
    title = gettext_lazy("Ask the applicant")
    button = gettext_lazy("Send the question")
    done = gettext_lazy("The question was sent to the applicant.")

    prompts = {"question": gettext_lazy("Write what the applicant should clarify.")}

    question = words_field(
        gettext_lazy("What should the applicant clarify?"), gettext_lazy("The applicant reads exactly these words.")
    )

    def preview(self) -> Preview:
        return Preview(
            [
                _("The status becomes “information requested”; the applicant can change the application and answer."),
                _("Voting can be opened once the answer has arrived."),
            ],
            emails.applicant(self.application),
        )

    def take(self, by: User) -> None:
        joining.request_information(self.application, by, self.cleaned_data["question"])
