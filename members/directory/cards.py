"""The members of one page of the directory, as cards."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, QuerySet

from cluster_portal.page_cache import generation
from members.directory.query import (
    MANY,
    PAGE_SIZE,
    DirectoryQuery,
    matching_tags,
    with_tags,
)
from members.models import Member

AREAS_SHOWN = 3
BEST = 10 * PAGE_SIZE  # of those that common words find: how many are kept in their order


class Counted(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, members, count: int, size: int = PAGE_SIZE) -> None:
        super().__init__(members, size)
        self.count = count


class Rows(list):
    """Rows that were fetched for one page, whatever part of them is asked for."""

    def __getitem__(self, key):
        return self if isinstance(key, slice) else super().__getitem__(key)


@dataclass
class Card:
    """A member's card in the list; `member` is read for all of a page's cards at once, where one has to be drawn."""

    pk: int
    dressed: Callable[[], dict[int, Member]]
    # The key under which the drawn card is kept; None where it is drawn for searched words.
    kept_as: int | None

    @property
    def member(self) -> Member | None:
        """None where it has gone since the page was put together."""
        return self.dressed().get(self.pk)


class Cards(Paginator):
    """The members asked for, as cards: what they show is read for the one page only, not for all before it."""

    def __init__(self, wanted: DirectoryQuery, count: int) -> None:
        super().__init__(wanted.members().values_list("pk", flat=True), PAGE_SIZE)
        self.wanted, self.count = wanted, count

    def page(self, number: int | str) -> Page:
        """The page with its cards. Found words are marked in them, so these are drawn each time."""
        page = super().page(number)
        end = page.number * PAGE_SIZE
        if self.wanted.q and self.count >= MANY and end <= BEST:
            key = ("best", self.wanted.query_string(view=""))
            pks = generation.once(key, lambda: list(self.object_list[:BEST]))[end - PAGE_SIZE : end]
            members = dress(Member.objects.filter(pk__in=pks).order_by(), self.wanted)
            page.object_list = [Card(pk, lambda: members, None) for pk in pks if pk in members]
        elif self.wanted.q:
            found = self.wanted.in_order(self.wanted.found().filter(pk__in=page.object_list))
            members = dress(found, self.wanted)
            page.object_list = [Card(pk, lambda: members, None) for pk in members]
        else:
            page_key = ("page", self.wanted.query_string(view=""), page.number)
            pks = generation.once(page_key, lambda: list(page.object_list))
            drawn = cache(lambda: dress(Member.objects.filter(pk__in=pks).order_by(), self.wanted))
            page.object_list = [Card(pk, drawn, pk) for pk in pks]
        return page


def dress(members: QuerySet[Member], wanted: DirectoryQuery) -> dict[int, Member]:
    """These members with their municipality, areas and matching tags, from what is already at hand."""
    through = Member.areas.through.objects.filter(member=OuterRef("pk")).order_by("area__position")
    areas_too = members.annotate(area_ids=ArraySubquery(through.values("area_id")))
    dressed: Any = areas_too.defer("search_vector", "search_name", "description_lt", "description_en")
    if wanted.words:
        dressed = with_tags(dressed)
    places = {place.code: place for place in wanted.municipalities}
    areas = {area.pk: area for area in wanted.areas}
    for member in dressed:
        member.municipality = places.get(member.municipality_id)
        member.shown_areas = [areas[key] for key in member.area_ids[:AREAS_SHOWN] if key in areas]
        if wanted.words:
            member.matching_offers = matching_tags(member, "offers", wanted.words)
            member.matching_seeks = matching_tags(member, "seeks", wanted.words)
    return {member.pk: member for member in dressed}
