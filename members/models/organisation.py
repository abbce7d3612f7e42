"""What is known of an organisation, applicant and member alike."""

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.database import lock_table
from cluster_portal.base.text import LineField, LongTextField, WebsiteField
from cluster_portal.country.lt.codes import CodeField, VatCodeField
from members.models.places import Municipality

TAG_LENGTH = 60  # characters of what is offered or needed


class Kind(models.TextChoices):
    """What a participant is; the cluster's founding documents know these three."""

    COMPANY = "company", _("Company")
    INSTITUTION = "institution", _("Research or study institution")
    OTHER = "other", _("Other organisation")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class Area(models.Model):
    """One of the cluster's areas of activity."""

    slug = models.SlugField(_("address in the directory"), unique=True)
    name_lt = LineField(_("name (Lithuanian)"), max_length=100)
    name_en = LineField(_("name (English)"), max_length=100)
    description_lt = LongTextField(_("description (Lithuanian)"), blank=True)
    description_en = LongTextField(_("description (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    SLUG = "sritis"  # of a name without a letter of the alphabet

    events: Any  # its history, made by pghistory
    name = Bilingual()
    description = Bilingual()

    class Meta:
        verbose_name = _("area of activity")
        verbose_name_plural = _("areas of activity")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def names_in_use(cls, names: dict[str, str], but: int | None = None) -> dict[str, str]:
        """A refusal for each of `names` (`name_lt`, `name_en`) that an area has, but the one with this primary key.

        Two that get one name at once come one after the other.
        """
        lock_table(cls)
        others = cls.objects.exclude(pk=but)
        found = [name for name, typed in names.items() if others.filter(**{f"{name}__iexact": typed}).exists()]
        return {name: gettext("Another area has this name.") for name in found}


class Organisation(models.Model):
    """What is known of an organisation, applicant and member alike; `admit` copies these fields from one to the other."""

    COPIED = (
        "name", "legal_name", "kind", "company_code", "vat_code", "municipality", "address", "website",
        "summary_lt", "description_lt", "offers", "seeks",
    )  # fmt: skip

    name = LineField(_("name"), max_length=120)
    legal_name = LineField(_("full legal name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COMPANY)
    company_code = CodeField(
        _("company code"),
        max_length=9,
        blank=True,
        validators=[RegexValidator(r"^([0-9]{7}|[0-9]{9})\Z", _("A company code has nine digits (older ones seven)."))],
    )
    vat_code = VatCodeField(
        _("VAT code"),
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^LT([0-9]{9}|[0-9]{12})\Z", _("A VAT code is LT and nine or twelve digits."))],
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name=_("municipality"), related_name="%(class)ss"
    )
    address = LineField(_("address"), max_length=200, blank=True)
    website = WebsiteField(_("website"), max_length=200, blank=True)
    areas = models.ManyToManyField(Area, blank=True, verbose_name=_("areas of activity"), related_name="%(class)ss")
    summary_lt = LineField(_("summary (Lithuanian)"), max_length=200, blank=True)
    description_lt = LongTextField(_("description (Lithuanian)"), max_length=5000, blank=True)
    offers = ArrayField(LineField(max_length=TAG_LENGTH), verbose_name=_("offers"), default=list, blank=True)
    seeks = ArrayField(LineField(max_length=TAG_LENGTH), verbose_name=_("seeks"), default=list, blank=True)
    is_example = models.BooleanField(
        _("example"), default=False, help_text=_("Demonstration data, not a real organisation.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
