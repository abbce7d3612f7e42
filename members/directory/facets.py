"""How many members each choice of a filter would show, under the other filters; and who offers what others seek."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import get_language, ngettext

from cluster_portal.base.database import execute_prepared
from cluster_portal.page_cache import generation
from members.directory.query import MANY, DirectoryQuery, ShownTag, shown_tag
from members.models import Member

COLUMNS = ("id", "kind", "municipality_id", "is_founder", "offers", "seeks")
TAGS_SHOWN = 30
MATCHES_SHOWN = 6


class FacetValue(NamedTuple):
    """One value of a facet: how many members it would show, and what it is called.

    `name` is empty where the value has a name in the code (kinds, roles); `language` is that of a name which is in
    another language than the page; `county` is a municipality's.
    """

    value: str
    members: int
    name: str = ""
    language: str = ""
    county: str = ""


@dataclass
class Counts:
    """`total` members under all the filters, and for each facet the members by value, under all filters but its own.

    `municipality` and `county` are counted under all filters but both of them. All areas and counties are there, of the
    municipalities those with members and those chosen. Tags come in the order of their numbers, which no choice among
    them changes.
    """

    total: int = 0
    placeless: int = 0  # those that have not named their municipality
    values: dict[str, dict[str, FacetValue]] = field(default_factory=dict)

    def of(self, facet: str) -> dict[str, int]:
        return {value: each.members for value, each in self.values.get(facet, {}).items()}

    def names(self, facet: str) -> dict[str, str]:
        return {value: each.name for value, each in self.values.get(facet, {}).items()}


def inner(members: QuerySet, once: bool = True) -> tuple[str, tuple]:
    """`found AS (SELECT …)`, for a statement that begins WITH, and its parameters; looked up `once` or at each mention."""
    sql, params = members.query.sql_with_params()
    return f"found AS {'' if once else 'NOT '}MATERIALIZED ({sql})", params


def all_members() -> tuple[str, tuple]:
    """All public members as `found`. To read them at each mention takes less than to put them aside."""
    return inner(Member.objects.public().order_by().values(*COLUMNS), once=False)


def under_conditions(wanted: DirectoryQuery, conditions: dict[str, Q]) -> tuple[str, tuple]:
    """The members that have the searched words as `found`, each with whether it meets the `conditions` (`is_<facet>`)."""
    members = wanted.found() if wanted.words or not wanted.q else Member.objects.filter(pk=0)
    met = {
        f"is_{facet}": ExpressionWrapper(condition, output_field=BooleanField())
        for facet, condition in conditions.items()
    }
    return inner(members.order_by().annotate(**met).values(*COLUMNS, *met))


def count(wanted: DirectoryQuery) -> Counts:
    """All the counts of one state of the directory, kept while nothing changes; of words, those that find `MANY`."""
    key = ("counts", get_language(), wanted.query_string(sort="", view=""))
    return generation.kept_answer(key, lambda: counted(wanted), lambda counts: not wanted.q or counts.total >= MANY)


def counted(wanted: DirectoryQuery) -> Counts:
    """The counts, with the names that the page shows beside them, in one query."""
    with connection.cursor() as cursor:
        if wanted.q or wanted.is_filtered:
            cursor.execute(*counting(wanted))
        else:
            execute_prepared(cursor, "counts_of_all", lambda: cursor.mogrify(*counting(wanted)).decode())
        rows = cursor.fetchall()
    counts = Counts()
    counties: Counter[str] = Counter()
    for facet, value, members, name_lt, name_en, county in rows:
        if facet == "total":
            counts.total = members
        elif facet == "placeless":
            counts.placeless = members
        else:
            name = shown_tag(name_lt, name_en) if name_lt else ShownTag(value, "")
            counts.values.setdefault(facet, {})[value] = FacetValue(value, members, name.name, name.language, county)
            if facet == "municipality":
                counties[county] += members
    for code, members in counties.items():
        counts.values["county"][code] = counts.values["county"][code]._replace(members=members)
    return counts


def counting(wanted: DirectoryQuery) -> tuple[str, list]:
    """The statement that counts, and its parameters: rows of facet, value, members, names in both languages, county."""
    conditions = wanted.conditions()
    sql, params = under_conditions(wanted, conditions) if wanted.q or conditions else all_members()

    def under(without: str = "") -> str:
        return " AND ".join(f"found.is_{facet}" for facet in conditions if facet != without) or "TRUE"

    nameless = "NULL, NULL, NULL, 0"
    return (
        f"""
        WITH {sql}, grouped AS (
            SELECT kind, is_founder, municipality_id, grouping(kind, is_founder, municipality_id) AS level,
                count(*) FILTER (WHERE {under()}) AS total, count(*) FILTER (WHERE {under("kind")}) AS of_kind,
                count(*) FILTER (WHERE {under("role")}) AS of_role, count(*) FILTER (WHERE {under("place")}) AS of_place
            FROM found GROUP BY GROUPING SETS ((), (kind), (is_founder), (municipality_id))
        ), areas AS (
            SELECT area_id, count(*) AS members FROM found JOIN members_member_areas AS active
                ON active.member_id = found.id WHERE {under("area")} GROUP BY area_id
        ), tags AS (
            SELECT side, tag, count(*) AS members,
                row_number() OVER (PARTITION BY side ORDER BY count(*) DESC, tag) AS place
            FROM (
                SELECT 'offers' AS side, unnest(offers) AS tag FROM found WHERE {under("offers")}
                UNION ALL SELECT 'seeks', unnest(seeks) FROM found WHERE {under("seeks")}
            ) AS each GROUP BY side, tag
        )
        SELECT facet, value, members, name_lt, name_en, county FROM (
            SELECT 'total', '', total, {nameless} FROM grouped WHERE level = {0b111}
            UNION ALL SELECT 'placeless', '', of_place, {nameless} FROM grouped
                WHERE level = {0b110} AND municipality_id IS NULL
            UNION ALL SELECT 'kind', kind, of_kind, {nameless} FROM grouped WHERE level = {0b011}
            UNION ALL SELECT 'role', CASE WHEN is_founder THEN 'founder' ELSE 'member' END, of_role, {nameless}
                FROM grouped WHERE level = {0b101}
            UNION ALL SELECT 'area', slug, coalesce(members, 0), name_lt, name_en, NULL,
                    row_number() OVER (ORDER BY position, id)
                FROM members_area LEFT JOIN areas ON area_id = id
            UNION ALL SELECT 'county', code, 0, name_lt, name_en, NULL, row_number() OVER (ORDER BY code)
                FROM members_county
            UNION ALL SELECT 'municipality', code, coalesce(of_place, 0), name_lt, name_en, county_id,
                    row_number() OVER (ORDER BY sort_key)
                FROM members_municipality LEFT JOIN grouped ON municipality_id = code AND level = {0b110}
                WHERE of_place > 0 OR code = ANY (%s)
            UNION ALL SELECT side, tag, members, coalesce(name_lt, tag), coalesce(name_en, ''), NULL, place
                FROM tags LEFT JOIN members_tag ON name_lt = tag
                WHERE place <= {TAGS_SHOWN} OR side = 'offers' AND tag = ANY (%s) OR side = 'seeks' AND tag = ANY (%s)
        ) AS counted (facet, value, members, name_lt, name_en, county, place)
        -- The order is said of the whole, for joins and unions keep none.
        ORDER BY facet, place, value
        """,
        [*params, wanted.municipality, wanted.offers, wanted.seeks],
    )


@dataclass
class TagMembers:
    """Those who offer a tag, or who seek it: how many, and the first MATCHES_SHOWN as (name, slug)."""

    count: int
    members: list[tuple[str, str]]

    @property
    def more(self) -> str:
        """How many are left out, in words; empty where nobody is."""
        left = self.count - len(self.members)
        return ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left} if left > 0 else ""


@dataclass
class Match:
    """One row of the two-mode table: a tag, who offers it and who seeks it."""

    tag: ShownTag
    offers: TagMembers
    seeks: TagMembers

    @property
    def is_match(self) -> bool:
        """Whether somebody offers what somebody seeks."""
        return bool(self.offers.count and self.seeks.count)


def matches(wanted: DirectoryQuery, start: int, size: int) -> tuple[list[Match], int]:
    """`size` rows from `start` on of the table of offers and seeks among the members asked for, and the whole number.

    Tags that somebody offers and somebody seeks come first, those with the most possible pairs foremost.
    """
    members = wanted.members().order_by().values("id", "name", "slug", "sort_key", "offers", "seeks")
    sql, params = inner(members)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {sql}, sides AS (
                SELECT 'offers' AS side, unnest(offers) AS tag, name, slug, sort_key FROM found
                UNION ALL SELECT 'seeks', unnest(seeks), name, slug, sort_key FROM found
            ), tags AS (
                SELECT tag, count(*) FILTER (WHERE side = 'offers') AS offering,
                    count(*) FILTER (WHERE side = 'seeks') AS seeking
                FROM sides GROUP BY tag
            ), shown AS (
                SELECT *, count(*) OVER () AS tags, row_number() OVER (
                    ORDER BY offering > 0 AND seeking > 0 DESC, offering * seeking DESC, offering + seeking DESC, tag
                ) AS place
                FROM tags ORDER BY place OFFSET %s LIMIT %s
            )
            SELECT shown.tag, coalesce(known.name_en, ''), offering, seeking, tags,
                first.side, first.name, first.slug
            FROM shown LEFT JOIN members_tag AS known ON known.name_lt = shown.tag
                JOIN LATERAL (
                    SELECT *, row_number() OVER (PARTITION BY side ORDER BY sort_key, slug) AS row
                    FROM sides WHERE sides.tag = shown.tag
                ) AS first ON first.row <= %s
            ORDER BY shown.place, first.side, first.row
            """,
            [*params, start, size, MATCHES_SHOWN],
        )
        found: dict[str, Match] = {}
        tags = 0
        for tag, name_en, offering, seeking, all_tags, side, name, slug in cursor:
            tags = all_tags
            match = found.setdefault(
                tag, Match(shown_tag(tag, name_en), TagMembers(offering, []), TagMembers(seeking, []))
            )
            getattr(match, side).members.append((name, slug))
    return list(found.values()), tags
