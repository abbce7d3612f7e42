"""Counties and municipalities, which migrations lay out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.country.lt.sorting import sort_key_field


class County(models.Model):
    """One of the ten counties, by its ISO 3166-2 code (LT-MR)."""

    code = models.CharField(_("code"), max_length=5, primary_key=True)
    name_lt = models.CharField(_("name (Lithuanian)"), max_length=50)
    name_en = models.CharField(_("name (English)"), max_length=50)

    name = Bilingual()

    class Meta:
        verbose_name = _("county")
        verbose_name_plural = _("counties")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """One of the sixty municipalities, by its ISO 3166-2 code (LT-25)."""

    code = models.CharField(_("code"), max_length=5, primary_key=True)
    name_lt = models.CharField(_("name (Lithuanian)"), max_length=50)
    name_en = models.CharField(_("name (English)"), max_length=50)
    county = models.ForeignKey(County, models.PROTECT, related_name="municipalities", verbose_name=_("county"))
    sort_key = sort_key_field("name_lt")

    name = Bilingual()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name
