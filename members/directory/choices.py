"""The directory's filters as the page shows them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.directory import facets
from members.directory.query import ROLES, DirectoryQuery
from members.models import Kind

CHOICES_SHOWN = 8


@dataclass
class Choice:
    """One box of a filter: what it is called, how many members it would show, whether it is ticked."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass
class Filter:
    """One filter of the directory; choices past the first few are shown on request."""

    name: str
    title: str
    choices: list[Choice]

    @property
    def first(self) -> list[Choice]:
        return self.choices[:CHOICES_SHOWN]

    @property
    def rest(self) -> list[Choice]:
        return self.choices[CHOICES_SHOWN:]


def filters(wanted: DirectoryQuery, counts: facets.Counts) -> list[Filter]:
    """The filters with boxes to tick. A tag that nobody has under the other filters stays while it is chosen."""

    def choices(name: str, labels: dict) -> list[Choice]:
        chosen, numbers = getattr(wanted, name), counts.of(name)
        return [Choice(value, label, numbers.get(value, 0), value in chosen) for value, label in labels.items()]

    def tags(name: str) -> list[Choice]:
        values = dict.fromkeys([*getattr(wanted, name), *counts.of(name)])
        return choices(name, {value: counts.labels.get(value, value) for value in values})

    return [
        Filter("area", _("Area of activity"), choices("area", {area.slug: area.name for area in wanted.areas})),
        Filter("offers", _("Offers"), tags("offers")),
        Filter("seeks", _("Looks for"), tags("seeks")),
        Filter("kind", _("Kind of organisation"), choices("kind", dict(Kind.choices))),
        Filter("role", _("Role in the cluster"), choices("role", ROLES)),
    ]


def county_choices(wanted: DirectoryQuery, counts: facets.Counts) -> list[tuple[Choice, list[Choice]]]:
    """The counties, each with those of its municipalities that have members or are chosen."""
    numbers, places = counts.of("county"), counts.of("municipality")
    return [
        (
            Choice(code, county.name, numbers.get(code, 0), code in wanted.county),
            [
                Choice(place.code, place.name, places.get(place.code, 0), place.code in wanted.municipality[:1])
                for place in wanted.municipalities
                if place.county_id == code and (place.code in places or place.code in wanted.municipality)
            ],
        )
        for code, county in wanted.counties.items()
    ]


def chips(wanted: DirectoryQuery, counts: facets.Counts, here: str) -> list[tuple[str, str]]:
    """What narrows the list, in words, each with the address of the list without it."""
    if not wanted.is_filtered:
        return []
    leads = {"offers": _("offers: %(tag)s"), "seeks": _("looks for: %(tag)s")}
    labels = {
        "area": {area.slug: area.name for area in wanted.areas},
        "kind": dict(Kind.choices),
        "role": ROLES,
        "county": {code: county.name for code, county in wanted.counties.items()},
        "municipality": {place.code: place.name for place in wanted.municipalities},
    }
    tags = {tag.name_lt: tag.name for tag in wanted.tags.values()}
    return [
        (
            leads[name] % {"tag": tags.get(value, value)} if name in leads else labels[name][value],
            here + wanted.query_string(without=(name, value)),
        )
        for name in wanted.LISTS
        for value in getattr(wanted, name)
    ]
