"""Validators of days and years that people enter: what cannot be is a typo."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FIRST_YEAR = 1900


def year_until_now(year: int) -> None:
    """The year in which an organisation was founded; raises ValidationError for a typo."""
    if not 1000 <= year <= timezone.localdate().year:
        raise ValidationError(_("Give a year from 1000 to this one."), "year")


def day_until_now(day: date) -> None:
    """A day on which something has happened; raises ValidationError for a typo."""
    if day.year < FIRST_YEAR or day > timezone.localdate():
        raise ValidationError(_("Give a day from the year 1900 to today."), "day")


def day_or_moment_to_come(day: date) -> None:
    """A day, or a moment, that may still lie ahead; raises ValidationError for a typo."""
    if day.year < FIRST_YEAR:
        raise ValidationError(_("Give a day from the year 1900 on."), "day")
