"""The members of one page of the directory, as cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.utils.translation import get_language

from cluster_portal.base.bilingual import field_order
from cluster_portal.page_cache import generation
from members.directory.facets import Counts
from members.directory.query import MANY, PAGE_SIZE, DirectoryQuery, ShownTag, matching_tags
from members.models import Kind
from members.models.member import initials, logo_url

AREAS_SHOWN = 3
BEST = 10 * PAGE_SIZE  # of those that common words find: how many are kept in their order

CARDS = """
SELECT slug, name, logo, kind, municipality_id, is_founder, is_example, offers, seeks,
    ARRAY(SELECT slug FROM members_area AS area JOIN members_member_areas ON area_id = area.id
        WHERE member_id = member.id ORDER BY position, area.id LIMIT {AREAS_SHOWN}),
    {english}, summary_lt, summary_en
FROM unnest({chosen}) WITH ORDINALITY AS chosen (id, place) JOIN members_member AS member USING (id)
WHERE status = 'active' ORDER BY place
"""
ENGLISH = "(SELECT json_object_agg(name_lt, name_en) FROM members_tag WHERE name_lt = ANY (offers || seeks))"


@dataclass
class Card:
    """A member as the list shows it, its texts in the language of the page."""

    slug: str
    name: str
    logo: str
    logo_url: str
    initials: str
    summary: str
    summary_language: str
    kind: str
    place: str
    is_founder: bool
    is_example: bool
    areas: list[str]
    # Those that the searched words match.
    offers: list[ShownTag]
    seeks: list[ShownTag]


class CountedPaginator(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, members: Any, count: int, size: int = PAGE_SIZE) -> None:
        super().__init__(members, size)
        self.count = count


class Rows(list):
    """Rows that were fetched for one page, whatever part of them is asked for."""

    def __getitem__(self, key: Any) -> Any:
        return self if isinstance(key, slice) else super().__getitem__(key)


class Cards(CountedPaginator):
    """The members asked for, as cards: what they show is read for the one page only, not for all before it."""

    def __init__(self, wanted: DirectoryQuery, counts: Counts) -> None:
        self.wanted, self.counts = wanted, counts
        self.keys = wanted.members().values_list("pk", flat=True)
        super().__init__(self.keys, counts.total)

    def page(self, number: int | str) -> Page:
        """The page with its cards."""
        page = super().page(number)
        end = page.number * PAGE_SIZE
        if self.wanted.q and self.count >= MANY and end <= BEST:
            # To put so many in order takes long.
            key = ("best", self.wanted.query_string(view=""))
            best = generation.kept_answer(key, lambda: list(self.keys[:BEST]), bool)
            page.object_list = self.cards("%s::bigint[]", [best[end - PAGE_SIZE : end]])
        elif self.count:
            sql, params = self.keys[end - PAGE_SIZE : end].query.sql_with_params()
            page.object_list = self.cards(f"ARRAY({sql})", params)
        else:
            page.object_list = []
        return page

    def cards(self, chosen: str, params: Sequence[Any]) -> list[Card]:
        """The cards of the members whose keys are in `chosen`, an SQL array, in its order."""
        words = self.wanted.words
        kinds, areas, places = dict(Kind.choices), self.counts.names("area"), self.counts.names("municipality")
        languages = [name[-2:] for name in field_order("summary")]
        with connection.cursor() as cursor:
            cursor.execute(
                CARDS.format(chosen=chosen, english=ENGLISH if words else "NULL", AREAS_SHOWN=AREAS_SHOWN), params
            )
            rows = cursor.fetchall()
        cards = []
        for slug, name, logo, kind, place, is_founder, is_example, offers, seeks, slugs, english, *summaries in rows:
            if get_language() == "en":
                summaries.reverse()
            language = languages[0] if summaries[0] or not summaries[1] else languages[1]
            cards.append(
                Card(
                    slug=slug,
                    name=name,
                    logo=logo,
                    logo_url=logo_url(logo),
                    initials=initials(name),
                    summary=summaries[0] or summaries[1],
                    summary_language=language,
                    kind=str(kinds[kind]),
                    place=places.get(place, ""),
                    is_founder=is_founder,
                    is_example=is_example,
                    areas=[areas[area] for area in slugs if area in areas],
                    offers=matching_tags(offers, english, words),
                    seeks=matching_tags(seeks, english, words),
                )
            )
        return cards
