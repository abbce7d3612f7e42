"""How many members each choice of a filter would show, under the other filters; and who offers what others seek."""

from dataclasses import dataclass, field, replace

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.utils.translation import get_language, ngettext

from cluster_portal.page_cache import generation
from members.directory.query import MANY, DirectoryQuery, ShownTag, shown_tag
from members.models import Member

TAGS_SHOWN = 30
MATCHES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Counted:
    """One value of a facet: how many members it would show, and what it is called.

    `name` is empty where the value has a name in the code (kinds, roles); `language` is that of a name which is in
    another language than the page; `county` is a municipality's.
    """

    value: str
    count: int
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
    values: dict[str, dict[str, Counted]] = field(default_factory=dict)

    def of(self, facet: str) -> dict[str, int]:
        return {value: each.count for value, each in self.values.get(facet, {}).items()}

    def names(self, facet: str) -> dict[str, str]:
        return {value: each.name for value, each in self.values.get(facet, {}).items()}


def inner(members: QuerySet, alias: str = "found") -> tuple[str, tuple]:
    """`alias AS (SELECT …)`, for a statement that begins WITH, and its parameters."""
    sql, params = members.query.sql_with_params()
    return f"{alias} AS MATERIALIZED ({sql})", params


def count(wanted: DirectoryQuery) -> Counts:
    """All the counts of one state of the directory, kept while nothing changes; of words, those that find `MANY`."""
    key = ("counts", get_language(), wanted.query_string(sort="", view=""))
    return generation.kept_answer(key, lambda: counted(wanted), lambda counts: not wanted.q or counts.total >= MANY)


def counted(wanted: DirectoryQuery) -> Counts:
    """The counts, with the names that the page shows beside them, in one query."""
    sql, params = counting(wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    counts = Counts()
    for facet, value, members, name_lt, name_en, county in rows:
        if facet == "total":
            counts.total = members
        elif facet == "placeless":
            counts.placeless = members
        else:
            name = shown_tag(name_lt, name_en) if name_lt else ShownTag(value, "")
            counts.values.setdefault(facet, {})[value] = Counted(value, members, name.name, name.language, county)
    for place in counts.values.get("municipality", {}).values():
        whole = counts.values["county"][place.county]
        counts.values["county"][place.county] = replace(whole, count=whole.count + place.count)
    return counts


def counting(wanted: DirectoryQuery) -> tuple[str, list]:
    """The statement that counts, and its parameters: rows of facet, value, members, names in both languages, county."""
    conditions = wanted.conditions()
    members = wanted.found() if wanted.words or not wanted.q else Member.objects.filter(pk=0)
    found = (
        members.order_by()
        .annotate(
            **{
                f"is_{facet}": ExpressionWrapper(condition, output_field=BooleanField())
                for facet, condition in conditions.items()
            }
        )
        .values(
            "id", "kind", "municipality_id", "is_founder", "offers", "seeks",
            *(f"is_{facet}" for facet in conditions),
        )
    )  # fmt: skip

    def under(without: str = "") -> str:
        return " AND ".join(f"found.is_{facet}" for facet in conditions if facet != without) or "TRUE"

    nameless = "NULL, NULL, NULL, 0"
    sql, params = inner(found)
    parts = [
        f"SELECT 'total', '', count(*), {nameless} FROM found WHERE {under()}",
        f"SELECT 'placeless', '', count(*), {nameless} FROM found WHERE municipality_id IS NULL AND {under('place')}",
        f"SELECT 'kind', kind, count(*), {nameless} FROM found WHERE {under('kind')} GROUP BY kind",
        f"SELECT 'role', CASE WHEN is_founder THEN 'founder' ELSE 'member' END, count(*), {nameless}"
        f" FROM found WHERE {under('role')} GROUP BY is_founder",
        f"""
        SELECT 'area', area.slug, coalesce(members, 0), name_lt, name_en, NULL, row_number() OVER (ORDER BY position, id)
        FROM members_area AS area LEFT JOIN (
            SELECT area_id, count(*) AS members FROM found JOIN members_member_areas AS active
                ON active.member_id = found.id WHERE {under("area")} GROUP BY area_id
        ) AS counted ON counted.area_id = area.id
        """,
        "SELECT 'county', code, 0, name_lt, name_en, NULL, row_number() OVER (ORDER BY code) FROM members_county",
        f"""
        SELECT 'municipality', town.code, coalesce(members, 0), name_lt, name_en, county_id,
            row_number() OVER (ORDER BY sort_key)
        FROM members_municipality AS town LEFT JOIN (
            SELECT municipality_id, count(*) AS members FROM found WHERE {under("place")} GROUP BY municipality_id
        ) AS counted ON counted.municipality_id = town.code WHERE members > 0 OR town.code = ANY (%s)
        """,
    ]
    values: list = [wanted.municipality]
    for facet in ("offers", "seeks"):
        parts.append(
            f"""
            SELECT '{facet}', value, members, coalesce(tag.name_lt, value), coalesce(tag.name_en, ''), NULL, place
            FROM (
                SELECT value, count(*) AS members, row_number() OVER (ORDER BY count(*) DESC, value) AS place
                FROM found, unnest({facet}) AS value WHERE {under(facet)} GROUP BY value
            ) AS counted LEFT JOIN members_tag AS tag ON tag.name_lt = value
            WHERE place <= {TAGS_SHOWN} OR value = ANY (%s)
            """
        )
        values.append(getattr(wanted, facet))
    # The order is said of the whole, for joins and unions keep none.
    return (
        f"WITH {sql} SELECT facet, value, members, name_lt, name_en, county FROM ({' UNION ALL '.join(parts)})"
        " AS counted (facet, value, members, name_lt, name_en, county, place) ORDER BY facet, place, value",
        [*params, *values],
    )


@dataclass
class Side:
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
    offers: Side
    seeks: Side

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
            match = found.setdefault(tag, Match(shown_tag(tag, name_en), Side(offering, []), Side(seeking, [])))
            getattr(match, side).members.append((name, slug))
    return list(found.values()), tags
