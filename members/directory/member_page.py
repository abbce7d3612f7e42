"""One member's page."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cluster_portal.page_cache import generation
from cluster_portal.page_cache.pages import public_page
from members.directory import schema_org
from members.directory.query import canonical
from members.models import Area, Member

POSTS_SHOWN = 5
PARTNERS_SHOWN = 12
RELATED_SHOWN = 4


@login_not_required
@require_safe
@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One member's page; former and suspended members have none."""
    member = generation.once(("member", slug), lambda: shown_member(slug))
    return render(request, "members/detail.html", {"member": member, "entry": cache(lambda: entry(member))})


def shown_member(slug: str) -> Member:
    """The member with its place and areas (`area_rows`); Http404 where the directory shows none."""
    through = Member.areas.through.objects.filter(member=OuterRef("pk")).order_by("area__position")
    area = JSONObject(slug="area__slug", name_lt="area__name_lt", name_en="area__name_en")
    found = Member.objects.public().select_related("municipality__county").defer("search_vector", "search_name")
    return get_object_or_404(found.annotate(area_rows=ArraySubquery(through.values_list(area))), slug=slug)


def entry(member: Member) -> dict[str, Any]:
    """What the page tells beside the member's own fields."""
    others = Member.objects.public().only("name", "slug", "logo", "offers", "seeks", "sort_key")
    partners = list(others.partners_of(member)[:PARTNERS_SHOWN])
    shown = {partner.pk for partner in partners}
    related = [other for other in others.related_to(member)[: RELATED_SHOWN * 3] if other.pk not in shown]
    words = sorted({*member.offers, *member.seeks})
    names = (
        {word: tag.name for word, tag in canonical(words).items()} if get_language() != settings.LANGUAGE_CODE else {}
    )

    def named(tags: list[str]) -> list[tuple[str, str]]:
        return [(tag, names.get(tag, tag)) for tag in tags]

    return {
        "areas": [Area(**row) for row in getattr(member, "area_rows", [])],
        "decision": decision(member),
        "offers": named(member.offers),
        "seeks": named(member.seeks),
        "suppliers": with_reason(partners, named([*member.seeks]), "offers"),
        "customers": with_reason(partners, named([*member.offers]), "seeks"),
        "related": related[:RELATED_SHOWN],
        "posts": member.posts.published().defer("search_vector", "search_title")[:POSTS_SHOWN],
        "linked_data": linked_data(member),
        "picture_url": settings.SITE_URL + reverse("members:picture", args=[member.slug]),
        "crumbs": [(_("Members"), reverse("members:list")), (member.name, member.get_absolute_url())],
    }


def decision(member: Member) -> dict[str, Any] | None:
    """By which decision it was admitted: `outside_decision` in words, or else `decided_at`, when the founders voted, and
    `minutes`, the number of their minutes; None where that is not on record.
    """
    admissions = member.applications.filter(status="admitted").exclude(decided_at=None, outside_decision="")
    rows = admissions.order_by(F("minutes__issued_at").desc(nulls_last=True))  # the newest edition is the admission's
    row = rows.values("decided_at", "outside_decision", "minutes__year", "minutes__sequence").first()
    if row is None:
        return None
    minutes = f"{row['minutes__year']}-{row['minutes__sequence']:02}" if row["minutes__year"] else ""
    return {"decided_at": row["decided_at"], "outside_decision": row["outside_decision"], "minutes": minutes}


def with_reason(partners: list[Member], tags: list[tuple[str, str]], side: str) -> list[tuple[Member, list[str]]]:
    """Those of `partners` whose `side` ("offers" or "seeks") has some of `tags`, each with the names of those."""
    found = [(partner, [name for tag, name in tags if tag in getattr(partner, side)]) for partner in partners]
    return [(partner, names) for partner, names in found if names]


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
