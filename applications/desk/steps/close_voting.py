from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.desk.step import Preview, Step, people_of, step_of
from applications.models import Ballot
from applications.workflow import balloting
from cluster_portal.mail.outbox import without_repeats
from members.models import User


@step_of(balloting.close_voting)
class CloseVoting(Step):
    rank = 60
    title = gettext_lazy("Close the vote")
    button = gettext_lazy("Close the founders’ vote")
    done = gettext_lazy("The vote is closed and the minutes are written.")

    def preview(self) -> Preview:
        ballot = self.application.ballot
        outcome = Ballot.Outcome(ballot.tally(settled=True).if_closed_now)
        return Preview(
            [
                _("The votes are counted as they are: %(outcome)s.") % {"outcome": outcome.label},
                _("The minutes are written; founders can no longer vote or object."),
            ],
            without_repeats([*emails.staff(), *people_of(list(ballot.entitled.all()))]),
        )

    def take(self, by: User) -> None:
        balloting.close_voting(self.application, by)
