from datetime import timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.desk.step import Preview, Step, people_of, step_of, without_voter
from applications.models import DecisionRule
from applications.workflow import balloting
from members.models import Member, User


@step_of(balloting.open_voting)
class OpenVoting(Step):
    rank = 20
    title = gettext_lazy("Open the vote")
    button = gettext_lazy("Open the founders’ vote")
    done = gettext_lazy("The vote is open; the founders are being notified.")

    def preview(self) -> Preview:
        founders = list(Member.objects.founders())
        rule = DecisionRule.current()
        closes = timezone.localdate() + timedelta(days=rule.voting_days)
        return Preview(
            [
                _("These founders may vote: %(founders)s.") % {"founders": ", ".join(map(str, founders))},
                *without_voter(founders),
                *rule.in_words(len(founders)),
                _("Voting ends on %(day)s.") % {"day": formats.date_format(closes, "DATE_FORMAT")},
            ],
            people_of(founders),
        )

    def take(self, by: User) -> None:
        balloting.open_voting(self.application, by)
