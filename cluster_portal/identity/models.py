"""The identity: all that is particular to the cluster whose portal this is."""

from email.utils import formataddr, parseaddr
from typing import Any

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.dates import day_until_now
from cluster_portal.base.text import (
    AddressField,
    LineField,
    LongTextField,
    WebsiteField,
    ascii_address,
    clean_address,
)
from cluster_portal.identity import colours
from cluster_portal.identity.current import forget
from cluster_portal.identity.mark import clean_mark, coloured, in_page

# What a cluster has until it chooses its own.
PLAIN_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="3">'
    '<circle cx="16" cy="16" r="13"/><circle cx="16" cy="16" r="5"/></svg>'
)
PLAIN_PRIMARY, PLAIN_SIGNAL = "#234b6b", "#d99a00"
hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A colour is # and six hexadecimal digits, such as #1d3f72."))


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


def text(label: Any, help_text: Any = "") -> LongTextField:
    """A field of a longer text."""
    return LongTextField(label, help_text=help_text, max_length=3000, blank=True)


def line(label: Any, help_text: Any = "", *, length: int = 200, blank: bool = True) -> LineField:
    """A field of one line."""
    return LineField(label, help_text=help_text, max_length=length, blank=blank)


ONE_A_LINE = _("One a line.")
POINTS = _("Paragraphs separated by an empty line; the first line of each is its heading.")


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), obj_field=pghistory.ObjForeignKey(related_name="events")
)
class Identity(models.Model):
    """The one row of what is particular to this cluster. Read it by `current.identity()`.

    Texts that are empty are left out of the pages, with their headings.
    """

    name_lt = line(_("name (Lithuanian)"), length=120, blank=False)
    name_genitive_lt = line(
        _("name in the genitive (Lithuanian)"),
        _("As in „… nariai“, „tapo … nare“."),
        length=120,
        blank=False,
    )
    name_en = line(_("name (English)"), _("As it stands after “the”, without that word."), length=120, blank=False)
    short_name_lt = line(_("short name (Lithuanian)"), length=60)
    short_name_en = line(_("short name (English)"), length=60)
    official_name_lt = line(_("official name (Lithuanian)"), _("Where it is another than the name."))
    official_name_en = line(_("official name (English)"))
    formed_on = models.DateField(_("formed on"), null=True, blank=True, validators=[day_until_now])

    headline_lt = line(_("heading of the home page (Lithuanian)"))
    headline_en = line(_("heading of the home page (English)"))
    introduction_lt = text(_("who we are (Lithuanian)"), _("Below the heading of the home page."))
    introduction_en = text(_("who we are (English)"))
    description_lt = line(_("description for search engines (Lithuanian)"), length=300)
    description_en = line(_("description for search engines (English)"), length=300)
    purpose_lead_lt = line(_("purpose in a sentence (Lithuanian)"), length=300)
    purpose_lead_en = line(_("purpose in a sentence (English)"), length=300)
    purpose_lt = text(_("purpose (Lithuanian)"), POINTS)
    purpose_en = text(_("purpose (English)"), POINTS)
    about_lt = text(
        _("how the cluster came about (Lithuanian)"), _("The first paragraph of the page about the cluster.")
    )
    about_en = text(_("how the cluster came about (English)"))
    participation_lt = line(_("participation (Lithuanian)"), _("For example: voluntary, as partners."), length=300)
    participation_en = line(_("participation (English)"), length=300)

    welcome_lt = text(_("whom the cluster welcomes (Lithuanian)"), _("The first paragraph of the page on joining."))
    welcome_en = text(_("whom the cluster welcomes (English)"))
    may_join_lt = text(_("who may join (Lithuanian)"), ONE_A_LINE)
    may_join_en = text(_("who may join (English)"), ONE_A_LINE)
    benefits_lt = text(_("what members get (Lithuanian)"), ONE_A_LINE)
    benefits_en = text(_("what members get (English)"), ONE_A_LINE)
    duties_lt = text(_("what members undertake (Lithuanian)"), ONE_A_LINE)
    duties_en = text(_("what members undertake (English)"), ONE_A_LINE)
    fee_lt = line(_("fee (Lithuanian)"), _("The amount and how often, or “free of charge”."), length=300)
    fee_en = line(_("fee (English)"), length=300)
    decision_time_lt = line(_("time to a decision (Lithuanian)"), _("From the application to the answer."), length=300)
    decision_time_en = line(_("time to a decision (English)"), length=300)
    statutes_url = WebsiteField(_("statutes"), blank=True, help_text=_("The address of the document."))

    contact_person = line(_("contact person"))
    contact_email = AddressField(_("contact email"), blank=True)
    contact_phone = PhoneNumberField(_("contact phone"), blank=True)
    postal_address = line(_("postal address"), _("On the pages and at the foot of every email."))

    mark = models.TextField(_("mark"), default=PLAIN_MARK, help_text=_("An SVG drawing of shapes alone."))
    primary_colour = models.CharField(
        _("primary colour"),
        max_length=7,
        default=PLAIN_PRIMARY,
        validators=[hex_colour],
        help_text=_("Links, buttons and lines. Dark mode and all tints are made from it."),
    )
    signal_colour = models.CharField(
        _("signal colour"),
        max_length=7,
        default=PLAIN_SIGNAL,
        validators=[hex_colour],
        help_text=_("Marks only what waits for the reader."),
    )
    sender_name = line(_("sender of emails: name"), _("Empty: the cluster’s name in the email’s language."), length=120)
    sender_address = AddressField(
        _("sender of emails: address"), blank=True, help_text=_("Empty: the address that the server is set up with.")
    )
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
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    name = Bilingual()
    short_name = Bilingual()
    official_name = Bilingual()
    headline = Bilingual()
    introduction = Bilingual()
    description = Bilingual()
    purpose_lead = Bilingual()
    purpose = Bilingual()
    about = Bilingual()
    participation = Bilingual()
    welcome = Bilingual()
    may_join = Bilingual()
    benefits = Bilingual()
    duties = Bilingual()
    fee = Bilingual()
    decision_time = Bilingual()

    class Meta:
        verbose_name = _("the cluster")
        verbose_name_plural = _("the cluster")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_identity"),
            models.CheckConstraint(condition=models.Q(licence__in=Licence.values), name="identity_licence_known"),
            models.CheckConstraint(
                condition=models.Q(primary_colour__regex="^#[0-9a-f]{6}$", signal_colour__regex="^#[0-9a-f]{6}$"),
                name="identity_colours_are_hexadecimal",
            ),
            models.CheckConstraint(
                condition=~models.Q(name_lt="") & ~models.Q(name_genitive_lt="") & ~models.Q(name_en=""),
                name="identity_has_names",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def unnamed(cls) -> "Identity":
        """What stands for the identity until the cluster is set up."""
        return cls(name_lt="Klasterio portalas", name_genitive_lt="Klasterio portalo", name_en="cluster portal")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """There is one row, and whoever has saved it sees it."""
        self.pk = 1
        super().save(*args, **kwargs)
        forget()

    def clean(self) -> None:
        """Bring the colours and the mark into the form in which they are kept, and refuse what could not be read."""
        faults = {}
        try:
            self.mark = clean_mark(self.mark)
        except ValidationError as fault:
            faults["mark"] = fault
        self.primary_colour, self.signal_colour = self.primary_colour.lower(), self.signal_colour.lower()
        if all(colours.HEX.fullmatch(colour) for colour in (self.primary_colour, self.signal_colour)):
            of_primary, of_signal = colours.weakest(self.primary_colour, self.signal_colour)
            if of_primary < colours.AT_LEAST:
                faults["primary_colour"] = too_weak(
                    _(
                        "Against the page’s light backgrounds its contrast is only %(figure)s:1; it must be at least 4.5:1."
                    ),
                    of_primary,
                )
            if of_signal < colours.AT_LEAST:
                faults["signal_colour"] = too_weak(
                    _("Dark text on it has a contrast of only %(figure)s:1; it must be at least 4.5:1."), of_signal
                )
        if faults:
            raise ValidationError(faults)

    @property
    def is_set_up(self) -> bool:
        """Whether this is the cluster's own identity, and not what stands for it before."""
        return self.pk is not None

    @property
    def genitive(self) -> str:
        """The name as it follows what belongs to the cluster: „… nariai“, “members of the …”."""
        return self.name_en if get_language() == "en" else self.name_genitive_lt

    @property
    def short(self) -> str:
        """The short name, or the name."""
        return self.short_name or self.name

    def points(self) -> list[tuple[str, str]]:
        """The purpose as pairs of heading and text."""
        paragraphs = (paragraph.strip().partition("\n") for paragraph in self.purpose.split("\n\n"))
        return [(heading, " ".join(rest.split())) for heading, _line, rest in paragraphs if heading]

    def get_licence(self) -> Licence:
        return Licence(self.licence)

    @property
    def style_sheet_path(self) -> str:
        """The path of the style sheet with the cluster's colours: another one whenever they change."""
        return reverse("colours", args=[colours.VERSION, self.primary_colour[1:], self.signal_colour[1:]])

    def colour(self, name: str, mode: str = "light") -> str:
        """One of the colours that are made from the two (see `colours.variables`)."""
        return colours.variables(self.primary_colour, self.signal_colour)[mode][name]

    def mark_in_page(self, size: int) -> SafeString:
        return in_page(self.mark, size)

    def mark_file(self, mode: str = "light") -> str:
        """The mark as an SVG file in the colour of light or dark mode."""
        return coloured(self.mark, self.colour("primary", mode))

    @property
    def sender_email(self) -> str:
        """The address that emails come from."""
        return self.sender_address or clean_address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])

    @property
    def sender(self) -> str:
        """Who emails come from, in the current language: name and address."""
        return formataddr((self.sender_name or self.name, ascii_address(self.sender_email)))


def too_weak(words: Any, contrast: float) -> ValidationError:
    figure = f"{int(contrast * 10) / 10:.1f}"  # rounded down, so that 4.49 does not read 4.5
    return ValidationError(words % {"figure": figure if get_language() == "en" else figure.replace(".", ",")})


class LaidOut(models.Model):
    """That an entry of a cluster's file has become a record, so that loading the file again leaves it alone.

    It holds whatever people have done to the record since: renamed it, given it another address, deleted it.
    """

    table = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    record = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="laid_out_once")]

    def __str__(self) -> str:
        return f"{self.table}.{self.key}"
