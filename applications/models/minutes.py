"""The minutes: the numbered record of a decision."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def listed(self) -> "MinutesQuerySet":
        """For a list of links: with the sizes of the PDFs in bytes (`size_lt`, `size_en`), without the PDFs."""
        return self.defer("pdf_lt", "pdf_en", "content").annotate(size_lt=Length("pdf_lt"), size_en=Length("pdf_en"))


class Minutes(models.Model):
    """What the founders decided, as PDF in both languages, with the checksums by which each copy can be proved.

    Numbered without gaps within a year. The admission of the applicant makes a second edition of the same number,
    which adds its date; no edition is ever changed or deleted.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="minutes", verbose_name=_("application"))
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number in the year"))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    issued_at = models.DateTimeField(_("issued"))
    content = models.JSONField(_("content"))
    pdf_lt = models.BinaryField(_("PDF in Lithuanian"))
    pdf_en = models.BinaryField(_("PDF in English"))
    sha256_lt = models.CharField(_("SHA-256 of the PDF in Lithuanian"), max_length=64)
    sha256_en = models.CharField(_("SHA-256 of the PDF in English"), max_length=64)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        ordering = ["year", "sequence", "edition"]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence", "edition"], name="minutes_number_once"),
            models.CheckConstraint(condition=Q(sequence__gte=1, edition__gte=1), name="minutes_numbered_from_one"),
        ]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """As it is cited: "2026-03"."""
        return f"{self.year}-{self.sequence:02}"

    def file_name(self, language: str) -> str:
        """As the address names the PDF: "2026-03.lt.pdf", of the second edition "2026-03-2.lt.pdf"."""
        edition = "" if self.edition == 1 else f"-{self.edition}"
        return f"{self.number}{edition}.{language}.pdf"

    @property
    def files(self) -> list[dict]:
        """The two PDFs for a list of links; the sizes are there after `listed`."""
        return [
            {
                "language": language,
                "url": reverse("ballots:minutes", args=[self.application_id, self.file_name(language)]),
                "size": getattr(self, f"size_{language}"),
                "sha256": getattr(self, f"sha256_{language}"),
            }
            for language in ("lt", "en")
        ]
