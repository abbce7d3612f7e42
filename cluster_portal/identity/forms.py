"""What is entered of the identity at the desk: the whole of it, and before that the little that opens the portal."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.forms import EditForm
from cluster_portal.base.prompts import Prompts
from cluster_portal.base.slugs import numbered
from cluster_portal.base.text import clean_line
from cluster_portal.identity.layout import Fault, File
from cluster_portal.identity.mark import LENGTH_MAX, clean_mark
from cluster_portal.identity.models import PLAIN_PRIMARY, PLAIN_SIGNAL, Identity

COLOUR = forms.TextInput(attrs={"type": "color"})


class IdentityForm(EditForm):
    """The identity; a drawing that is uploaded takes the place of the mark."""

    field_order = ("drawing",)  # before the mark, which it replaces
    drawing = forms.FileField(
        label=_("A new mark"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".svg,image/svg+xml"}),
        help_text=_("An SVG file. Only shapes with plain colours are kept; `currentColor` becomes the primary colour."),
    )

    class Meta:
        model = Identity
        exclude = ["updated_at"]
        widgets = {
            "primary_colour": COLOUR,
            "signal_colour": COLOUR,
            "mark": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        }

    def clean_drawing(self) -> None:
        """Put the uploaded drawing into the field of the mark, where it stays should the form come back for anything."""
        drawing = self.cleaned_data["drawing"]
        if not drawing:
            return
        if drawing.size > 4 * LENGTH_MAX:
            raise ValidationError(gettext("The file is too large for a mark: simplify the drawing."))
        try:
            mark = clean_mark(drawing.read().decode())
        except UnicodeDecodeError as error:
            raise ValidationError(gettext("This is not an SVG drawing.")) from error
        data: Any = copy(self.data)  # QueryDict's copy may be written to
        data[self.add_prefix("mark")] = mark
        self.data = data


def entries(text: str) -> list[str]:
    """The lines of a field of which each is one thing."""
    return [entry for line in text.splitlines() if (entry := clean_line(line))]


LONGEST_KEY = 40  # an area's key is its address, which has 50 characters: room for "-2" and the like


def keyed(names: list[str], stand_in: str) -> dict[str, str]:
    """Each name by a key of its own, in their order."""
    found: dict[str, str] = {}
    for name in names:
        base = slugify(name.replace("_", " "))[:LONGEST_KEY].strip("-") or stand_in
        found[next(key for key in numbered(base) if key not in found)] = name
    return found


class SetUpForm(Prompts, forms.Form):
    """What a portal needs before it opens. `file` is what a cluster's file with the same in it would say."""

    name_lt = forms.CharField(label=_("Name (Lithuanian)"), max_length=120)
    name_genitive_lt = forms.CharField(
        label=_("Name in the genitive (Lithuanian)"), max_length=120, help_text=_("As in „… nariai“, „tapo … nare“.")
    )
    name_en = forms.CharField(
        label=_("Name (English)"), max_length=120, help_text=_("As it stands after “the”, without that word.")
    )
    founders = forms.CharField(
        label=_("Founders"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line. Each has one vote on every application; you can add their data later."),
    )
    coordinator = forms.CharField(
        label=_("Coordinator"),
        max_length=120,
        help_text=_("The founder that coordinates the cluster, as written above."),
    )
    areas = forms.CharField(
        label=_("Areas of activity"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: the Lithuanian name, a vertical bar, the English name."),
    )
    primary_colour = forms.CharField(label=_("Primary colour"), widget=COLOUR, initial=PLAIN_PRIMARY)
    signal_colour = forms.CharField(label=_("Signal colour"), widget=COLOUR, initial=PLAIN_SIGNAL)

    def clean_founders(self) -> list[str]:
        names = entries(self.cleaned_data["founders"])
        if len({name.casefold() for name in names}) < len(names):
            raise ValidationError(gettext("A founder is named twice."))
        return names

    def clean_areas(self) -> dict[str, str]:
        """The English names by the Lithuanian ones."""
        pairs = [[part.strip() for part in line.split("|")] for line in entries(self.cleaned_data["areas"])]
        for pair in pairs:
            if len(pair) != 2 or not all(pair):
                raise ValidationError(
                    gettext("“%(line)s” does not have two names with one vertical bar between them.")
                    % {"line": " | ".join(pair)}
                )
        if len({lt.casefold() for lt, _en in pairs}) < len(pairs):
            raise ValidationError(gettext("An area is named twice."))
        return dict(pairs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        founders, coordinator = cleaned.get("founders"), cleaned.get("coordinator")
        if founders and coordinator and coordinator not in founders:
            self.add_error("coordinator", gettext("This is none of the founders above."))
        return cleaned

    def file(self) -> File:
        """What was entered, as a cluster's file says it."""
        said = self.cleaned_data
        founders = keyed(said["founders"], "founder")
        areas = keyed(list(said["areas"]), "area")
        identity_fields = ("name_lt", "name_genitive_lt", "name_en", "primary_colour", "signal_colour")
        return {
            "key": "set-up-at-the-desk",
            "identity": {name: said[name] for name in identity_fields},
            "coordinator": next(key for key, name in founders.items() if name == said["coordinator"]),
            "founders": {key: {"name": name} for key, name in founders.items()},
            "areas": {key: {"name_lt": name, "name_en": said["areas"][name]} for key, name in areas.items()},
        }

    def take(self, faults: tuple[Fault, ...]) -> None:
        """Show the faults that the laying out has found, each at its field."""
        file = self.file()
        for fault in faults:
            table, _dot, rest = fault.place.partition(".")
            field, words = (rest if table == "identity" else table), fault.words
            if table in ("founders", "areas") and (entry := file[table].get(rest.partition(".")[0])):
                name = entry.get("name") or entry["name_lt"]
                words = gettext("“%(name)s”: %(fault)s") % {"name": Truncator(name).chars(60), "fault": words}
            self.add_error(field if field in self.fields else None, words)
