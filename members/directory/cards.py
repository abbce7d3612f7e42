"""The members of one page of the directory, as cards."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef

from cluster_portal.base.bilingual import field_order
from cluster_portal.page_cache import generation
from members.directory.facets import Counts
from members.directory.query import MANY, PAGE_SIZE, DirectoryQuery, ShownTag, matching_tags, with_tags
from members.models import Kind, Member
from members.models.member import MemberQuerySet, initials, logo_url

AREAS_SHOWN = 3
BEST = 10 * PAGE_SIZE  # of those that common words find: how many are kept in their order


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


class Counted(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, members: Any, count: int, size: int = PAGE_SIZE) -> None:
        super().__init__(members, size)
        self.count = count


class Rows(list):
    """Rows that were fetched for one page, whatever part of them is asked for."""

    def __getitem__(self, key: Any) -> Any:
        return self if isinstance(key, slice) else super().__getitem__(key)


class Cards(Counted):
    """The members asked for, as cards: what they show is read for the one page only, not for all before it."""

    def __init__(self, wanted: DirectoryQuery, counts: Counts) -> None:
        super().__init__(wanted.members().values_list("pk", flat=True), counts.total)
        self.wanted, self.counts = wanted, counts

    def page(self, number: int | str) -> Page:
        """The page with its cards."""
        page = super().page(number)
        end = page.number * PAGE_SIZE
        if self.wanted.q and self.count >= MANY and end <= BEST:
            # To put so many in order takes long.
            key = ("best", self.wanted.query_string(view=""))
            best = generation.kept_answer(key, lambda: list(self.object_list[:BEST]), bool)[end - PAGE_SIZE : end]
            cards = self.cards(Member.objects.filter(pk__in=best))
            page.object_list = [cards[pk] for pk in best if pk in cards]
        else:
            chosen = self.wanted.found().filter(pk__in=page.object_list)
            page.object_list = list(self.cards(self.wanted.in_order(chosen)).values())
        return page

    def cards(self, members: MemberQuerySet) -> dict[int, Card]:
        """The cards of `members` by their keys, in their order."""
        through = Member.areas.through.objects.filter(member=OuterRef("pk")).order_by("area__position", "area")
        first, second = field_order("summary")
        rows = members.annotate(
            area_slugs=ArraySubquery(through.values("area__slug")), first_summary=F(first), second_summary=F(second)
        )
        columns = [
            "pk", "slug", "name", "logo", "kind", "municipality_id", "is_founder", "is_example", "offers", "seeks",
            "area_slugs", "first_summary", "second_summary",
        ]  # fmt: skip
        if self.wanted.words:
            rows = with_tags(rows)
            columns.append("tag_rows")
        kinds, areas, places = dict(Kind.choices), self.counts.names("area"), self.counts.names("municipality")
        cards = {}
        for row in rows.values(*columns):
            language = first if row["first_summary"] or not row["second_summary"] else second
            cards[row["pk"]] = Card(
                slug=row["slug"],
                name=row["name"],
                logo=row["logo"],
                logo_url=logo_url(row["logo"]),
                initials=initials(row["name"]),
                summary=row["first_summary"] or row["second_summary"],
                summary_language=language[-2:],
                kind=str(kinds[row["kind"]]),
                place=places.get(row["municipality_id"], ""),
                is_founder=row["is_founder"],
                is_example=row["is_example"],
                areas=[areas[slug] for slug in row["area_slugs"][:AREAS_SHOWN] if slug in areas],
                offers=matching_tags(row["offers"], row.get("tag_rows"), self.wanted.words),
                seeks=matching_tags(row["seeks"], row.get("tag_rows"), self.wanted.words),
            )
        return cards
