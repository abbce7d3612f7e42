"""The directory's filters as the page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from members.directory import facets
from members.directory.query import ROLES, TITLES, DirectoryQuery, ShownTag, shown_tag
from members.models import Kind

CHOICES_SHOWN = 8


@dataclass
class FilterChoice:
    """One box of a filter: what it is called, how many members it would show, whether it is ticked."""

    value: str
    label: str
    count: int
    chosen: bool
    language: str = ""  # of the label, where it is another one than the page's


@dataclass
class Filter:
    """One filter of the directory; choices past the first few (`shown`) are shown on request."""

    name: str
    title: str
    choices: list[FilterChoice]
    shown: int = CHOICES_SHOWN

    @property
    def parts(self) -> list[list[FilterChoice]]:
        """The choices that are seen at once, and those shown on request where there are more."""
        return [part for part in (self.choices[: self.shown], self.choices[self.shown :]) if part]


def filters(wanted: DirectoryQuery, counts: facets.Counts) -> list[Filter]:
    """The filters with boxes to tick. A tag that nobody has under the other filters stays while it is chosen."""

    def choices(name: str, labels: dict) -> list[FilterChoice]:
        chosen, numbers = getattr(wanted, name), counts.of(name)
        return [FilterChoice(value, label, numbers.get(value, 0), value in chosen) for value, label in labels.items()]

    def tags(name: str) -> list[FilterChoice]:
        """In the counts' order, so that a choice stays where it is when it is ticked."""
        chosen, values = getattr(wanted, name), counts.values.get(name, {})
        unseen = [tag for tag in chosen_tags(wanted) if tag.value in chosen and tag.value not in values]
        return [
            *(
                FilterChoice(each.value, each.name, each.members, each.value in chosen, each.language)
                for each in values.values()
            ),
            *(FilterChoice(tag.value, tag.name, 0, True, tag.language) for tag in unseen),
        ]

    return [
        Filter("area", str(TITLES["area"]), choices("area", counts.names("area"))),
        Filter("offers", str(TITLES["offers"]), tags("offers")),
        Filter("seeks", str(TITLES["seeks"]), tags("seeks")),
        Filter("kind", str(TITLES["kind"]), choices("kind", dict(Kind.choices))),
        Filter("role", str(TITLES["role"]), choices("role", ROLES)),
        Filter("county", str(TITLES["county"]), counties := choices("county", counts.names("county")), len(counties)),
    ]


def chosen_tags(wanted: DirectoryQuery) -> list[ShownTag]:
    """The tags of the address; a word that is no tag's name stands for itself."""
    names = {tag.name_lt: tag.name_en for tag in wanted.tags.values()}
    values = dict.fromkeys([*wanted.offers, *wanted.seeks])
    return [shown_tag(value, names[value]) if value in names else ShownTag(value, value) for value in values]


def municipalities(wanted: DirectoryQuery, counts: facets.Counts) -> list[tuple[str, list[FilterChoice]]]:
    """By county those of its municipalities that have members or are chosen."""
    places: dict[str, list[FilterChoice]] = {}
    for each in counts.values.get("municipality", {}).values():
        choice = FilterChoice(each.value, each.name, each.members, each.value in wanted.municipality[:1])
        places.setdefault(each.county, []).append(choice)
    return [(name, places[code]) for code, name in counts.names("county").items() if code in places]


def chips(wanted: DirectoryQuery, counts: facets.Counts, directory_url: str) -> list[tuple[SafeString, str]]:
    """What narrows the list, in words, each with the address of the list without it."""
    if not wanted.is_filtered:
        return []
    leads = {"offers": _("offers: %(tag)s"), "seeks": _("looks for: %(tag)s")}
    labels: dict[str, Mapping[str, Any]] = {
        **{facet: counts.names(facet) for facet in ("area", "county", "municipality")},
        "kind": dict(Kind.choices),
        "role": ROLES,
    }
    tags = {tag.value: tag.html for tag in chosen_tags(wanted)}

    def words(name: str, value: str) -> SafeString:
        if name in leads:
            return mark_safe(escape(leads[name]) % {"tag": tags[value]})
        return escape(labels[name][value])

    return [
        (words(name, value), directory_url + wanted.query_string(without=(name, value)))
        for name in wanted.LISTS
        for value in getattr(wanted, name)
    ]
