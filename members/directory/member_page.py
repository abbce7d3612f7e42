"""One member's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DEFAULT_DB_ALIAS, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cluster_portal.base.database import execute_prepared
from cluster_portal.page_cache.pages import public_page
from members.directory import schema_org
from members.directory.query import ShownTag, shown_tag
from members.models import Area, County, Member, MemberEvent, Municipality
from members.models.member import initials, logo_url

PARTNERS_SHOWN = 12
RELATED_SHOWN = 4

# All that the page shows, in one statement: each of them would take as long. Partners offer what the member seeks or
# seek what it offers, those with the most of it first; related are those that offer the same, and after them those of
# the same kind in the same municipality.
PAGE = """
WITH member AS (
    SELECT * FROM members_member WHERE slug = %(slug)s AND status = 'active'
), partners AS (
    SELECT other.id, other.name, other.slug, other.offers, other.seeks, row_number() OVER (ORDER BY
        (SELECT count(*) FROM unnest(member.seeks) AS tag WHERE tag = ANY (other.offers))
        + (SELECT count(*) FROM unnest(member.offers) AS tag WHERE tag = ANY (other.seeks)) DESC,
        other.sort_key, other.id
    ) AS place
    FROM member JOIN members_member AS other ON other.offers && member.seeks OR other.seeks && member.offers
    WHERE other.status = 'active' AND other.id <> member.id
    ORDER BY place LIMIT {PARTNERS_SHOWN}
), related AS (
    SELECT other.name, other.slug, other.logo,
        row_number() OVER (ORDER BY other.offers && member.offers DESC, other.sort_key, other.id) AS place
    FROM member JOIN members_member AS other ON other.offers && member.offers
        OR other.municipality_id = member.municipality_id AND other.kind = member.kind
    WHERE other.status = 'active' AND other.id <> member.id AND other.id NOT IN (SELECT id FROM partners)
    ORDER BY place LIMIT {RELATED_SHOWN}
)
SELECT {columns},
    (SELECT json_build_object('code', town.code, 'name_lt', town.name_lt, 'name_en', town.name_en, 'county',
            json_build_object('code', county.code, 'name_lt', county.name_lt, 'name_en', county.name_en))
        FROM members_municipality AS town JOIN members_county AS county ON county.code = town.county_id
        WHERE town.code = member.municipality_id) AS place_row,
    (SELECT json_agg(json_build_object('slug', slug, 'name_lt', name_lt, 'name_en', name_en) ORDER BY position, area.id)
        FROM members_area AS area JOIN members_member_areas AS active ON active.area_id = area.id
        WHERE active.member_id = member.id) AS area_rows,
    (SELECT json_object_agg(name_lt, name_en) FROM members_tag
        WHERE name_lt = ANY (member.offers || member.seeks)) AS english_tags,
    (SELECT json_agg(json_build_object('name', name, 'slug', slug, 'offers', offers, 'seeks', seeks) ORDER BY place)
        FROM partners) AS partner_rows,
    (SELECT json_agg(json_build_object('name', name, 'slug', slug, 'logo', logo) ORDER BY place)
        FROM related) AS related_rows{facts}
FROM member
"""


class ExchangeSection(NamedTuple):
    """What a member offers, or seeks, under its heading; and the others that seek it, or offer it, with the tags."""

    heading: str
    name: str
    tags: list[ShownTag]
    others_heading: str
    why: str
    partners: list[tuple["Other", SafeString]]


@dataclass(slots=True)
class Other:
    """Another member as this one's page names it."""

    name: str
    slug: str
    logo: str = ""
    offers: Sequence[str] = ()
    seeks: Sequence[str] = ()

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def logo_url(self) -> str:
        return logo_url(self.logo)


class Fact(NamedTuple):
    """What another app tells on a member's page.

    `sql` is a subquery that gives one JSON value and may name the columns of `member` and the moment `%(now)s`; what
    `read` makes of the value, or of None, is in the template's context.
    """

    sql: str
    read: Callable[[Any], Any]


facts: dict[str, Fact] = {}


def register_fact(name: str, sql: str, read: Callable[[Any], Any]) -> None:
    """Tell `name` on every member's page (called by the app that knows it, from its AppConfig.ready)."""
    facts[name] = Fact(sql, read)


@cache
def statement() -> tuple[str, list[str]]:
    """The page's one query of $1 (the address) and $2 (now), and the fields of the member that its answer begins with."""
    fields = [field for field in Member._meta.concrete_fields if field.name not in ("search_vector", "search_name")]
    sql = PAGE.format(
        columns=", ".join(f'member."{field.column}"' for field in fields),
        facts="".join(f",\n    ({fact.sql}) AS {name}" for name, fact in facts.items()),
        PARTNERS_SHOWN=PARTNERS_SHOWN,
        RELATED_SHOWN=RELATED_SHOWN,
    )
    return sql % {"slug": "$1", "now": "$2"}, [field.attname for field in fields]


def find(slug: str) -> tuple[Member, dict[str, Any]] | None:
    """The public member of that address, and what PAGE tells about it; None where there is none."""
    sql, fields = statement()
    with connection.cursor() as cursor:
        execute_prepared(cursor, "member_page", lambda: sql, (slug, timezone.now()))
        row = cursor.fetchone()
        if row is None:
            return None
        around = [column.name for column in cursor.description[len(fields) :]]
    # Past `Member.objects.raw`, which takes longer than the page's frame.
    member = Member.from_db(DEFAULT_DB_ALIAS, fields, row[: len(fields)])
    return member, dict(zip(around, row[len(fields) :], strict=True))


@login_not_required
@require_safe
@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One member's page; who left or is suspended has a short note in its place, an old address leads to the new one."""
    found = find(slug)
    if found is None:
        return moved_or_gone(request, slug)
    member, around = found
    context = {
        **shown(member, around),
        **{name: fact.read(around[name]) for name, fact in facts.items()},
        "linked_data": linked_data(member),
        "picture_url": settings.SITE_URL + reverse("members:picture", args=[member.slug]),
        "crumbs": [(_("Members"), reverse("members:list")), (member.name, "")],
    }
    return render(request, "members/detail.html", context)


def moved_or_gone(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer where no public member has this address. The members' history knows every address there ever was."""
    events = MemberEvent.objects.filter(slug=slug).order_by("-pgh_id")
    member = (
        Member.objects.filter(slug=slug).first() or Member.objects.filter(pk__in=events.values("pgh_obj")[:1]).first()
    )
    if member is None:
        raise Http404
    if member.status == Member.Status.ACTIVE:
        return redirect(member, permanent=True)
    return render(request, "members/gone.html", status=410)


def shown(member: Member, around: dict[str, Any]) -> dict[str, Any]:
    """The `member` with its municipality, its `areas`, its `sides` (what it offers, what it seeks), `related` members."""
    if place := around["place_row"]:
        member.municipality = Municipality(**{**place, "county": County(**place["county"])})
    others = [Other(**row) for row in around["partner_rows"] or ()]
    english = around["english_tags"] or {}
    offers = [shown_tag(tag, english.get(tag, "")) for tag in member.offers]
    seeks = [shown_tag(tag, english.get(tag, "")) for tag in member.seeks]
    return {
        "member": member,
        "areas": [Area(**row) for row in around["area_rows"] or ()],
        "sides": [
            ExchangeSection(
                _("Offers"),
                "offers",
                offers,
                _("Who looks for this"),
                _("looks for:"),
                sharing(others, "seeks", offers),
            ),
            ExchangeSection(
                _("Looks for"), "seeks", seeks, _("Who offers this"), _("offers:"), sharing(others, "offers", seeks)
            ),
        ],
        "related": [Other(**row) for row in around["related_rows"] or ()],
    }


def sharing(members: list[Other], side: str, tags: list[ShownTag]) -> list[tuple[Other, SafeString]]:
    """Those of `members` whose `side` ("offers" or "seeks") has some of `tags`, each with those, as HTML."""
    names = {tag.value: tag.html for tag in tags}
    found = [(member, [name for value, name in names.items() if value in getattr(member, side)]) for member in members]
    return [(member, mark_safe(", ".join(shared))) for member, shared in found if shared]


def linked_data(member: Member) -> list[dict]:
    """The member and its place in the directory in schema.org's words; addresses of mail are left out."""
    page = settings.SITE_URL + member.get_absolute_url()
    place = member.municipality
    organisation = {
        "@type": "Organization",
        "@id": page,
        "name": member.name,
        "legalName": member.legal_name,
        "url": member.website or page,
        "logo": settings.SITE_URL + member.logo_url if member.logo else "",
        "description": member.summary,
        "identifier": member.company_code,
        "vatID": member.vat_code,
        "foundingDate": str(member.founded or ""),
        "address": {
            "@type": "PostalAddress",
            "streetAddress": member.address,
            "addressLocality": place.name if place else "",
            "addressCountry": "LT",
        },
        "memberOf": schema_org.cluster(),
    }
    crumbs = schema_org.breadcrumbs((_("Members"), reverse("members:list")), (member.name, ""))
    return [{name: value for name, value in organisation.items() if value}, crumbs]
