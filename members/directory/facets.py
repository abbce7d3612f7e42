"""How many members each choice of a filter would show, under the other filters; and who offers what others seek."""

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.utils.translation import get_language

from cluster_portal.base.bilingual import field_order
from cluster_portal.page_cache import generation
from members.directory.query import MANY, DirectoryQuery

TAGS_SHOWN = 30
MATCHES_SHOWN = 6


@dataclass
class Counts:
    """`total` members under all the filters, and for each facet the members by value, under all filters but its own.

    `municipality` and `county` are counted under all filters but both of them. A tag's label is its name in the
    current language.
    """

    total: int = 0
    by_value: dict[str, dict[str, int]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def of(self, facet: str) -> dict[str, int]:
        return self.by_value.get(facet, {})


def inner(members: QuerySet, alias: str = "found") -> tuple[str, tuple]:
    """`alias AS (SELECT …)`, for a statement that begins WITH, and its parameters."""
    sql, params = members.query.sql_with_params()
    return f"{alias} AS MATERIALIZED ({sql})", params


def count(wanted: DirectoryQuery) -> Counts:
    """All the counts of one state of the directory, kept while nothing changes; of words, those that find `MANY`."""
    key = ("counts", get_language(), wanted.query_string(sort="", view=""))
    return generation.once(key, lambda: counted(wanted), lambda counts: not wanted.q or counts.total >= MANY)


def counted(wanted: DirectoryQuery) -> Counts:
    """The counts, in one query."""
    if wanted.q and not wanted.words:
        return Counts()
    conditions = wanted.conditions()
    found = (
        wanted.found()
        .order_by()
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

    def under(*without: str) -> str:
        return " AND ".join(f"found.is_{facet}" for facet in conditions if facet not in without) or "TRUE"

    own, _other = field_order("name")
    label = f"coalesce(nullif(tag.{own}, ''), value)"
    parts = [f"SELECT 'total', '', count(*), '' FROM found WHERE {under()}"]
    for facet, column in (("kind", "kind"), ("role", "is_founder::text"), ("municipality", "municipality_id")):
        without = under("place" if facet == "municipality" else facet)
        parts.append(f"SELECT '{facet}', {column}, count(*), '' FROM found WHERE {without} GROUP BY {column}")
    parts.append(
        f"SELECT 'area', area.slug, count(*), '' FROM found JOIN members_member_areas AS active"
        f" ON active.member_id = found.id JOIN members_area AS area ON area.id = active.area_id"
        f" WHERE {under('area')} GROUP BY area.slug"
    )
    params: list = []
    for facet in ("offers", "seeks"):
        parts.append(
            f"(SELECT '{facet}', value, members, {label} FROM ("
            f"SELECT value, count(*) AS members FROM found, unnest({facet}) AS value WHERE {under(facet)}"
            f" GROUP BY value ORDER BY value = ANY (%s) DESC, count(*) DESC, value LIMIT {TAGS_SHOWN}"
            f") AS counted LEFT JOIN members_tag AS tag ON tag.name_lt = value)"
        )
        params.append(getattr(wanted, facet))
    sql, inner_params = inner(found)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {sql} {' UNION ALL '.join(parts)}", [*inner_params, *params])
        rows = cursor.fetchall()
    counts = Counts()
    for facet, value, members, name in rows:
        if facet == "total":
            counts.total = members
        elif value is not None:
            value = {"true": "founder", "false": "member"}[value] if facet == "role" else value
            counts.by_value.setdefault(facet, {})[value] = members
            if name:
                counts.labels[value] = name
    counties = counts.by_value["county"] = {}
    county_of = {place.code: place.county_id for place in wanted.municipalities}
    for place, members in counts.of("municipality").items():
        counties[county_of[place]] = counties.get(county_of[place], 0) + members
    return counts


@dataclass
class Side:
    """Those who offer a tag, or who seek it: how many, and the first MATCHES_SHOWN as (name, slug)."""

    count: int
    members: list[tuple[str, str]]

    @property
    def more(self) -> int:
        return self.count - len(self.members)


@dataclass
class Match:
    """One row of the two-mode table: a tag, who offers it and who seeks it."""

    tag: str
    label: str
    offers: Side
    seeks: Side


def matches(wanted: DirectoryQuery, start: int, size: int) -> tuple[list[Match], int]:
    """`size` rows from `start` on of the table of offers and seeks among the members asked for, and the whole number.

    Tags that somebody offers and somebody seeks come first, those with the most possible pairs foremost.
    """
    members = wanted.members().order_by().values("id", "name", "slug", "sort_key", "offers", "seeks")
    sql, params = inner(members)
    own, _other = field_order("name")
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
            SELECT shown.tag, coalesce(nullif(known.{own}, ''), shown.tag), offering, seeking, tags,
                first.side, first.name, first.slug
            FROM shown LEFT JOIN members_tag AS known ON known.name_lt = shown.tag
                JOIN LATERAL (
                    SELECT *, row_number() OVER (PARTITION BY side ORDER BY sort_key) AS row
                    FROM sides WHERE sides.tag = shown.tag
                ) AS first ON first.row <= %s
            ORDER BY shown.place, first.row
            """,
            [*params, start, size, MATCHES_SHOWN],
        )
        found: dict[str, Match] = {}
        tags = 0
        for tag, label, offering, seeking, all_tags, side, name, slug in cursor:
            tags = all_tags
            match = found.setdefault(tag, Match(tag, label, Side(offering, []), Side(seeking, [])))
            getattr(match, side).members.append((name, slug))
    return list(found.values()), tags
