"""What the coordinator decides about the public pages as a whole."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Licence(models.TextChoices):
    """The licences under which the cluster may give its data and texts away; all three are Creative Commons'."""

    BY = "by", "CC BY 4.0"
    BY_SA = "by-sa", "CC BY-SA 4.0"
    ZERO = "zero", "CC0 1.0"

    @property
    def url(self) -> str:
        """The licence's own page."""
        path = "publicdomain/zero/1.0" if self is Licence.ZERO else f"licenses/{self}/4.0"
        return f"https://creativecommons.org/{path}/"


class SiteSettings(models.Model):
    """The one row of what the coordinator has chosen; without it the defaults hold."""

    licence = models.CharField(
        _("licence of the open data"),
        max_length=5,
        choices=Licence,
        default=Licence.BY,
        help_text=_(
            "Under which licence everyone may use the directory and the news. What was given away under the old one "
            "stays so for those who have it."
        ),
    )

    class Meta:
        verbose_name = _("settings of the public pages")
        verbose_name_plural = _("settings of the public pages")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_site_settings"),
            models.CheckConstraint(condition=models.Q(licence__in=Licence.values), name="licence_known"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def chosen(cls) -> "SiteSettings":
        """The settings in force."""
        return cls.objects.first() or cls(pk=1)

    def get_licence(self) -> Licence:
        return Licence(self.licence)
