"""The founders' ballot: who may vote, under which rule, until when.

Votes, recusals and the ballot itself change only through the workflow: triggers of the database refuse everything
else, psql included. History rows are written by triggers too and can be neither changed nor deleted.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.ballot.counting import Tally, count
from applications.models.application import Application
from applications.models.guard import only_by_workflow
from applications.models.rule import DecisionRule
from applications.models.vote import FoundersVote
from cluster_portal.base.text import LongTextField
from members.models import Member

TIME_TO_OBJECT = timedelta(days=2)  # how long a recorded vote stands before the coordinator may close a ballot on it
REMINDERS_AT = time(9)  # reminders go out in the morning of their day, in Vilnius


def end_of_day(day: date) -> datetime:
    """The last second of that day in Vilnius: a deadline is a day, not an hour, across clock changes too."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=timezone.get_default_timezone())


@pghistory.track(
    pghistory.InsertEvent("opened"),
    pghistory.UpdateEvent("changed"),
    fields=["application", "closes_at", "closed_at", "outcome", "round", "reason", "reminded_at"],
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="BallotHistory",
)
class Ballot(models.Model):
    """The founders' decision on one application: who may vote, under which rule, until when, with what outcome."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("ballot", "approved")
        REJECTED = "rejected", pgettext_lazy("ballot", "rejected")
        INQUORATE = "inquorate", pgettext_lazy("ballot", "no quorum")

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="ballot", verbose_name=_("application")
    )
    rule = models.ForeignKey(DecisionRule, models.PROTECT, verbose_name=_("decision rule"))
    entitled = models.ManyToManyField(Member, related_name="ballots", verbose_name=_("entitled founders"))
    opened_at = models.DateTimeField(_("opened"))
    closes_at = models.DateTimeField(_("closes"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    round = models.PositiveSmallIntegerField(_("round"), default=1)  # a reopened decision is voted on again
    reason = LongTextField(_("why it was extended or reopened"), max_length=2000, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    history: Any  # made by pghistory

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="closed_has_outcome",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opened_at")), name="closes_after_opening"),
        ]
        indexes = [models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="ballot_due")]
        triggers = [only_by_workflow()]

    def __str__(self) -> str:
        return str(self.application)

    @property
    def time_left(self) -> timedelta:
        return max(self.closes_at - timezone.now(), timedelta())

    @property
    def last_day(self) -> date:
        """The day at whose end voting closes, in Vilnius."""
        return timezone.localtime(self.closes_at, timezone.get_default_timezone()).date()

    def stands(self) -> list[FoundersVote]:
        """Every entitled founder with its vote or recusal, in the order of the register.

        Read again each time, but for a ballot that came by `Application.objects.with_ballot`.
        """
        votes = {vote.founder_id: vote for vote in self.votes.all()}
        recusals = {recusal.founder_id: recusal for recusal in self.recusals.all()}
        return [
            FoundersVote(founder, votes.get(founder.pk), recusals.get(founder.pk)) for founder in self.entitled.all()
        ]

    @property
    def voting(self) -> list[Member]:
        """The entitled founders without those that recused themselves: the denominator."""
        return [stand.founder for stand in self.stands() if not stand.recusal]

    @property
    def missing(self) -> list[Member]:
        """The founders whose vote counts and is not there."""
        return [stand.founder for stand in self.stands() if stand.state in ("missing", "objected")]

    @property
    def recordable(self) -> list[Member]:
        """The founders for which a vote from paper may be recorded, or recorded again: those that have not voted themselves,
        and still could.
        """
        stands = [stand for stand in self.stands() if stand.founder.is_active_founder and not stand.recusal]
        return [stand.founder for stand in stands if stand.vote is None or stand.vote.is_recorded]

    def reminder_due(self, now: datetime) -> bool:
        """Whether a reminder of the rule falls between the last one (or the opening) and now."""
        since = max(filter(None, [self.opened_at, self.reminded_at]))
        zone = timezone.get_default_timezone()
        mornings = (
            datetime.combine(self.last_day - timedelta(days=days), REMINDERS_AT, tzinfo=zone)
            for days in self.rule.reminder_days
        )
        return now < self.closes_at and any(since < morning <= now for morning in mornings)

    def tally(self, *, settled: bool = False) -> Tally:
        """The count of what is recorded by now; `settled` takes the votes recorded from paper for final."""
        stands = self.stands()
        counted = [stand.vote for stand in stands if stand.vote and stand.counts]
        return count(
            len(stands),
            [vote.choice for vote in counted if settled or not vote.is_recorded],
            self.rule.quorum,
            self.rule.threshold,
            recused=sum(bool(stand.recusal) for stand in stands),
            recorded=[vote.choice for vote in counted if vote.is_recorded and not settled],
        )

    def objections_until(self) -> datetime | None:
        """Until when founders have at least time to object to the votes recorded for them; None where that is past."""
        stands = [stand for stand in self.stands() if stand.counts]
        recorded = [stand.vote.cast_at for stand in stands if stand.vote and stand.vote.is_recorded]
        until = max(recorded) + TIME_TO_OBJECT if recorded else None
        return until if until and until > timezone.now() else None


MadeByDjango: Any = Ballot.entitled.through


class Entitlement(MadeByDjango):
    """Who may vote is fixed at the opening; the guard of the ballot holds for it too."""

    class Meta:
        proxy = True
        triggers = [only_by_workflow()]
