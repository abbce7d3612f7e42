from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.desk.step import Preview, Step, people_of, step_of, without_voter
from applications.workflow import balloting
from members.models import User


@step_of(balloting.remind_voters)
class RemindVoters(Step):
    rank = 40
    title = gettext_lazy("Remind those who have not voted")
    button = gettext_lazy("Send the reminder")
    done = gettext_lazy("The reminder is on its way.")

    def preview(self) -> Preview:
        missing = list(self.application.ballot.missing)
        return Preview(
            [
                _("These founders have not voted: %(founders)s.") % {"founders": ", ".join(map(str, missing))},
                *without_voter(missing),
                _("Each of their voters gets a link that opens the ballot without a password."),
            ],
            people_of(missing),
        )

    def take(self, by: User) -> None:
        balloting.remind_voters(self.application, by)
