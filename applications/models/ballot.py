"""The founders' ballot: the rule, who may vote, the votes and recusals.

Votes, recusals and the ballot itself change only through the workflow: triggers of the database refuse everything
else, psql included. History rows are written by triggers too and can be neither changed nor deleted.
"""

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from applications.ballot import tally
from applications.models.application import Application
from cluster_portal.base.text import LineField, LongTextField
from members.models import Member

TIME_TO_OBJECT = timedelta(days=2)  # how long a recorded vote stands before the coordinator may close a ballot on it
REMINDERS_AT = time(9)  # reminders go out in the morning of their day, in Vilnius


def only_by_workflow() -> pgtrigger.Trigger:
    """Refuses every change that `workflow.step` has not opened the door to (a setting of its transaction)."""
    return pgtrigger.Trigger(
        name="only_by_workflow",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF current_setting('portal.door', true) IS DISTINCT FROM 'open' THEN
                RAISE EXCEPTION 'rows of % change only through the workflow', TG_TABLE_NAME USING ERRCODE = '42501';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


def default_reminder_days() -> list[int]:
    return [7, 1]


class DecisionRule(models.Model):
    """How founders decide. Never edited: a change makes a new version, and a ballot keeps the one it was opened under."""

    class Threshold(models.TextChoices):
        SIMPLE_MAJORITY = tally.Threshold.SIMPLE_MAJORITY.value, _("more votes for than against")
        TWO_THIRDS = tally.Threshold.TWO_THIRDS.value, _("at least two thirds in favour, not counting abstentions")
        UNANIMITY = tally.Threshold.UNANIMITY.value, _("all entitled founders in favour")

    quorum_numerator = models.PositiveSmallIntegerField(_("quorum, numerator"), default=1)
    quorum_denominator = models.PositiveSmallIntegerField(
        _("quorum, denominator"), default=2, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    threshold = models.CharField(_("threshold"), max_length=20, choices=Threshold, default=Threshold.SIMPLE_MAJORITY)
    voting_days = models.PositiveSmallIntegerField(
        _("voting days"), default=14, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(90)]),
        verbose_name=_("reminder days"),
        default=default_reminder_days,
        blank=True,
        size=5,
        help_text=_("How many days before the end to remind founders who have not voted; separate with commas."),
    )
    comments_shown = models.BooleanField(
        _("founders read one another's comments"),
        default=True,
        help_text=_("Otherwise comments are for the coordinator and the minutes only."),
    )
    created_at = models.DateTimeField(_("in force since"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision rule")
        verbose_name_plural = _("decision rules")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quorum_denominator__gte=1) & Q(quorum_numerator__lte=models.F("quorum_denominator")),
                name="quorum_is_a_share",
            )
        ]
        triggers = [pgtrigger.Protect(name="never_edited", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.quorum_numerator}/{self.quorum_denominator}, {self.get_threshold_display()}"

    def clean(self) -> None:
        if (self.quorum_numerator or 0) > (self.quorum_denominator or 0):
            raise ValidationError({"quorum_numerator": _("The quorum is a share: at most the whole.")})

    @property
    def quorum(self) -> Fraction:
        return Fraction(self.quorum_numerator, self.quorum_denominator)

    @classmethod
    def current(cls) -> "DecisionRule":
        """The newest version; the design's defaults until the coordinator has set another."""
        return cls.objects.first() or cls.objects.create()

    def in_words(self, entitled: int) -> list[str]:
        """The rule as plain sentences, for so many entitled founders."""
        needed = tally.votes_needed(entitled, self.quorum)
        sentences = [
            ngettext(
                "At least %(needed)d of %(entitled)d founder must vote.",
                "At least %(needed)d of %(entitled)d founders must vote.",
                entitled,
            )
            % {"needed": needed, "entitled": entitled},
            {
                self.Threshold.SIMPLE_MAJORITY: gettext(
                    "An application is approved when more founders vote for than against; a tie rejects it."
                ),
                self.Threshold.TWO_THIRDS: gettext(
                    "An application is approved when at least two thirds of the votes, not counting abstentions, "
                    "are in favour."
                ),
                self.Threshold.UNANIMITY: gettext("An application is approved when every entitled founder votes for."),
            }[self.Threshold(self.threshold)],
            voting_time(self.voting_days),
        ]
        if self.reminder_days:
            sentences.append(
                gettext("Those who have not voted are reminded this many days before the end: %(days)s.")
                % {"days": ", ".join(map(str, sorted(self.reminder_days, reverse=True)))}
            )
        sentences.append(
            gettext("Founders read one another's comments once they have voted.")
            if self.comments_shown
            else gettext("Only the coordinator reads the comments; they are recorded in the minutes.")
        )
        return sentences


def voting_time(days: int) -> str:
    """How long founders vote, as a sentence."""
    return ngettext(
        "Voting takes %(days)d day; it ends sooner once no vote can change the outcome.",
        "Voting takes %(days)d days; it ends sooner once no vote can change the outcome.",
        days,
    ) % {"days": days}


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
    round = models.PositiveSmallIntegerField(_("round"), default=1)  # a reopened decision is voted on anew
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

    @property
    def voting(self) -> models.QuerySet[Member]:
        """The entitled founders without those that recused themselves: the denominator."""
        return self.entitled.exclude(recusals__ballot=self)

    @property
    def missing(self) -> models.QuerySet[Member]:
        """The founders whose vote counts and is not there."""
        return self.voting.exclude(votes__in=self.votes.counted())

    @property
    def recordable(self) -> models.QuerySet[Member]:
        """The founders for which a vote from paper may be recorded, or recorded anew: those that have not voted themselves."""
        return self.voting.exclude(votes__in=self.votes.exclude(manner=Vote.Manner.RECORDED))

    def reminder_due(self, now: datetime) -> bool:
        """Whether a reminder of the rule falls between the last one (or the opening) and now."""
        since = max(filter(None, [self.opened_at, self.reminded_at]))
        zone = timezone.get_default_timezone()
        mornings = (
            datetime.combine(self.last_day - timedelta(days=days), REMINDERS_AT, tzinfo=zone)
            for days in self.rule.reminder_days
        )
        return now < self.closes_at and any(since < morning <= now for morning in mornings)

    def tally(self, *, settled: bool = False) -> tally.Tally:
        """The count of what is recorded by now; `settled` takes the votes recorded from paper for final."""
        votes = list(self.votes.counted().values_list("choice", "manner"))
        recorded = [choice for choice, manner in votes if manner == Vote.Manner.RECORDED and not settled]
        cast = [choice for choice, manner in votes if manner != Vote.Manner.RECORDED or settled]
        return tally.count(
            self.entitled.count(),
            cast,
            self.rule.quorum,
            self.rule.threshold,
            recused=self.recusals.count(),
            recorded=recorded,
        )

    def objections_until(self) -> datetime | None:
        """Until when founders have at least time to object to the votes recorded for them; None where that is past."""
        latest = (
            self.votes.counted().filter(manner=Vote.Manner.RECORDED).aggregate(models.Max("cast_at"))["cast_at__max"]
        )
        until = latest + TIME_TO_OBJECT if latest else None
        return until if until and until > timezone.now() else None

    @cached_property
    def founders(self) -> list["FoundersVote"]:
        """Every entitled founder with its vote or recusal, in the order of the register."""
        votes = {vote.founder_id: vote for vote in self.votes.select_related("voter")}
        recusals = {recusal.founder_id: recusal for recusal in self.recusals.select_related("declared_by")}
        return [
            FoundersVote(founder, votes.get(founder.pk), recusals.get(founder.pk)) for founder in self.entitled.all()
        ]


MadeByDjango: Any = Ballot.entitled.through


class Entitlement(MadeByDjango):
    """Who may vote is fixed at the opening; the guard of the ballot holds for it too."""

    class Meta:
        proxy = True
        triggers = [only_by_workflow()]


class FoundersVote:
    """How one founder stands on a ballot."""

    def __init__(self, founder: Member, vote: "Vote | None", recusal: "Recusal | None") -> None:
        self.founder, self.recusal = founder, recusal
        self.vote = None if recusal else vote

    @property
    def state(self) -> str:
        """recused, for, against, abstain, objected or missing."""
        if self.recusal:
            return "recused"
        if self.vote is None:
            return "missing"
        return "objected" if self.vote.objected_at else self.vote.choice


class VoteQuerySet(models.QuerySet):
    def counted(self) -> "VoteQuerySet":
        """Without votes of founders that recused themselves, and without recorded ones to which the founder objected."""
        return self.filter(objected_at=None).exclude(founder__recusals__ballot=models.F("ballot"))


@pghistory.track(
    pghistory.InsertEvent("cast"),
    pghistory.UpdateEvent("changed"),
    pghistory.DeleteEvent("set_aside"),
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="VoteHistory",
)
class Vote(models.Model):
    """A founder's vote, cast by one of its voters or recorded from paper; the latest counts, all are kept as history."""

    class Choice(models.TextChoices):
        FOR = "for", pgettext_lazy("vote", "for")
        AGAINST = "against", pgettext_lazy("vote", "against")
        ABSTAIN = "abstain", pgettext_lazy("vote", "abstained")

    class Manner(models.TextChoices):
        PAGE = "page", pgettext_lazy("manner of voting", "in the portal")
        MAIL_LINK = "mail_link", pgettext_lazy("manner of voting", "by the link in the email")
        RECORDED = "recorded", pgettext_lazy("manner of voting", "on paper or in a meeting")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="votes", verbose_name=_("ballot"))
    founder = models.ForeignKey(Member, models.PROTECT, related_name="votes", verbose_name=_("founder"))
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("cast or recorded by"))
    choice = models.CharField(_("vote"), max_length=7, choices=Choice)
    comment = LongTextField(_("comment"), max_length=2000, blank=True)
    manner = models.CharField(_("manner"), max_length=9, choices=Manner, default=Manner.PAGE)
    decided_on = models.DateField(_("date of the document or meeting"), null=True, blank=True)
    reference = LineField(_("document reference"), max_length=200, blank=True)
    objected_at = models.DateTimeField(_("founder objected"), null=True, blank=True)
    objection = LongTextField(_("objection"), max_length=2000, blank=True)
    cast_at = models.DateTimeField(_("cast"))

    objects = VoteQuerySet.as_manager()
    history: Any  # made by pghistory

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["cast_at"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "founder"], name="one_vote_a_founder"),
            models.CheckConstraint(condition=Q(choice__in=["for", "against", "abstain"]), name="vote_choice_known"),
            models.CheckConstraint(condition=Q(manner__in=["page", "mail_link", "recorded"]), name="vote_manner_known"),
            models.CheckConstraint(
                condition=Q(manner="recorded", decided_on__isnull=False) & ~Q(reference="")
                | ~Q(manner="recorded") & Q(decided_on__isnull=True, reference="", objected_at__isnull=True),
                name="recorded_vote_has_its_source",
            ),
        ]
        triggers = [only_by_workflow()]

    def __str__(self) -> str:
        return f"{self.founder}: {self.get_choice_display()}"

    @property
    def is_recorded(self) -> bool:
        return self.manner == self.Manner.RECORDED


@pghistory.track(
    pghistory.InsertEvent("declared"),
    obj_field=pghistory.ObjForeignKey(related_name="history"),
    model_name="RecusalHistory",
)
class Recusal(models.Model):
    """A founder steps aside because of a declared interest; it leaves the quorum's denominator, for good."""

    class Interest(models.TextChoices):
        COMPETITOR = "competitor", pgettext_lazy("interest", "competitor")
        AFFILIATE = "affiliate", pgettext_lazy("interest", "affiliated organisation")
        OTHER = "other", pgettext_lazy("interest", "other conflict of interest")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="recusals", verbose_name=_("ballot"))
    founder = models.ForeignKey(Member, models.PROTECT, related_name="recusals", verbose_name=_("founder"))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("declared by"))
    interest = models.CharField(_("reason for recusal"), max_length=10, choices=Interest)
    word = LineField(_("in your own words"), max_length=500, blank=True)
    manner = models.CharField(_("manner"), max_length=9, choices=Vote.Manner, default=Vote.Manner.PAGE)
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["declared_at"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "founder"], name="one_recusal_a_founder"),
            models.CheckConstraint(
                condition=Q(interest__in=["competitor", "affiliate", "other"]), name="recusal_interest_known"
            ),
        ]
        triggers = [only_by_workflow()]

    def __str__(self) -> str:
        return f"{self.founder}: {self.get_interest_display()}"
