"""How founders decide: the versions of the rule."""

from fractions import Fraction
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.ballot.counting import Majority
from applications.ballot.rule_words import rule_in_words


def default_reminder_days() -> list[int]:
    return [7, 1]


class DecisionRule(models.Model):
    """How founders decide. Never edited: a change makes a new version, and a ballot keeps the one it was opened under."""

    class Threshold(models.TextChoices):
        SIMPLE_MAJORITY = Majority.SIMPLE_MAJORITY.value, _("more votes for than against")
        TWO_THIRDS = Majority.TWO_THIRDS.value, _("at least two thirds in favour, not counting abstentions")
        UNANIMITY = Majority.UNANIMITY.value, _("all entitled founders in favour")

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
        _("founders read one another’s comments"),
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
        quorum = gettext("Quorum %(quorum)s") % {"quorum": f"{self.quorum_numerator}/{self.quorum_denominator}"}
        return f"{quorum}; {self.get_threshold_display()}"

    def clean(self) -> None:
        errors = {}
        if (self.quorum_numerator or 0) > (self.quorum_denominator or 0):
            errors["quorum_numerator"] = _("The quorum is a share: at most the whole.")
        if self.voting_days and any(day >= self.voting_days for day in self.reminder_days or []):
            errors["reminder_days"] = _("Each number must be smaller than the number of voting days.")
        if errors:
            raise ValidationError(errors)

    @property
    def quorum(self) -> Fraction:
        return Fraction(self.quorum_numerator, self.quorum_denominator)

    @classmethod
    def current(cls) -> "DecisionRule":
        """The newest version; the design's defaults, not saved, until the coordinator has set another or a vote is opened."""
        return cls.objects.first() or cls()

    @classmethod
    def in_force(cls) -> "DecisionRule":
        """The current rule as a row, for a ballot to keep."""
        return cls.objects.first() or cls.objects.create()

    def as_data(self) -> dict[str, Any]:
        """What the rule says, as the minutes keep it."""
        return {
            "quorum_numerator": self.quorum_numerator,
            "quorum_denominator": self.quorum_denominator,
            "threshold": self.threshold,
            "voting_days": self.voting_days,
            "reminder_days": self.reminder_days,
            "comments_shown": self.comments_shown,
        }

    def in_words(self, entitled: int) -> list[str]:
        """The rule as plain sentences, for so many entitled founders."""
        return rule_in_words(self.as_data(), entitled)
