"""The public directory, and the page where a member's people keep its entry."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache as shared_cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cluster_portal import unsent
from cluster_portal.public import generation
from cluster_portal.public.page_cache import public_page
from cluster_portal.unsent import keeps_typed
from members import emails, facets, outlines, schema_org
from members.api import as_list
from members.export import csv_lines
from members.filters import MANY, PAGE_SIZE, ROLES, DirectoryQuery, canonical, matching_tags, tag_names, with_tags
from members.forms import DetailsForm, ProfileForm
from members.models import Area, Kind, Member, User
from members.permissions import organisation_of
from members.share_picture import share_picture

POSTS_SHOWN = 5
PARTNERS_SHOWN = 12
RELATED_SHOWN = 4
CHOICES_SHOWN = 8
AREAS_SHOWN = 3
BEST = 10 * PAGE_SIZE  # of those that common words find: how many are kept in their order


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


class Counted(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, members, count: int, size: int = PAGE_SIZE) -> None:
        super().__init__(members, size)
        self.count = count


class Rows(list):
    """Rows that were fetched for one page, whatever part of them is asked for."""

    def __getitem__(self, key):
        return self if isinstance(key, slice) else super().__getitem__(key)


@login_not_required
@require_safe
@public_page("q", "sort", "view", "page", *DirectoryQuery.LISTS)
def directory(request: HttpRequest) -> HttpResponse:
    """The members as a list, a map or a table of offers and seeks: search, filters and pages, all of it in the address."""
    wanted = DirectoryQuery.read(request.GET)
    here = reverse("members:list")
    counts = facets.count(wanted)
    context = {
        "wanted": wanted,
        "count": counts.total,
        "filters": lambda: filters(wanted, counts),
        "counties": lambda: county_choices(wanted, counts),
        "more_places": wanted.municipality[1:],
        "chips": chips(wanted, counts, here),
        "views": [
            (label, here + wanted.query_string(view=view), view == wanted.view)
            for view, label in (("", _("List")), ("map", _("Map")), ("matches", _("Offers and needs")))
        ],
        "clear_url": here,
        "crumbs": [(_("Members"), here)],
    }
    if wanted.view == "map":
        query = wanted.query_string(view="", without_places=True)
        names = {place.code: place.name for place in wanted.municipalities}
        url = f"{here}{query}{'&' if query else '?'}municipality="
        context["map"] = outlines.country(names, counts.of("municipality"), url)
    elif wanted.view == "matches":
        asked = request.GET.get("page", "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 9 and int(asked) else 1
        rows, tags = table_rows(wanted, counts, number)
        if not rows and number > 1:
            number, (rows, tags) = 1, table_rows(wanted, counts, 1)
        context["page_obj"] = Counted(Rows(rows), tags).get_page(number)
    else:
        page = Cards(wanted, counts.total).get_page(request.GET.get("page"))
        sorting = wanted.sort or ("" if wanted.q else "name")
        sorts = [("name", _("By name")), ("joined", _("Newest first"))]
        if wanted.q:
            sorts.insert(0, ("", _("Best match")))
        context["page_obj"] = page
        context["sorts"] = [(label, here + wanted.query_string(sort=value), value == sorting) for value, label in sorts]
    return render(request, "members/list.html", context)


def table_rows(wanted: DirectoryQuery, counts: facets.Counts, number: int) -> tuple[list[facets.Match], int]:
    """One page of the table of offers and needs, and the number of all its rows."""
    return facets.matches(wanted, (number - 1) * PAGE_SIZE, PAGE_SIZE) if counts.total else ([], 0)


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
            key = ("page", self.wanted.query_string(view=""), page.number)
            pks = generation.once(key, lambda: list(page.object_list))
            drawn = cache(lambda: dress(Member.objects.filter(pk__in=pks).order_by(), self.wanted))
            page.object_list = [Card(pk, drawn, pk) for pk in pks]
        return page


def dress(members: QuerySet[Member], wanted: DirectoryQuery) -> dict[int, Member]:
    """These members with their municipality, areas and matching tags, from what is already at hand."""
    through = Member.areas.through.objects.filter(member=OuterRef("pk")).order_by("area__position")
    members = members.annotate(area_ids=ArraySubquery(through.values("area_id"))).defer(
        "search_vector", "search_name", "description_lt", "description_en"
    )
    if wanted.words:
        members = with_tags(members)
    places = {place.code: place for place in wanted.municipalities}
    areas = {area.pk: area for area in wanted.areas}
    for member in members:
        member.municipality = places.get(member.municipality_id)
        member.shown_areas = [areas[key] for key in member.area_ids[:AREAS_SHOWN] if key in areas]
        if wanted.words:
            member.matching_offers = matching_tags(member, "offers", wanted.words)
            member.matching_seeks = matching_tags(member, "seeks", wanted.words)
    return {member.pk: member for member in members}


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
        Filter("role", _("Part in the cluster"), choices("role", ROLES)),
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


def decision(member: Member) -> dict | None:
    """By which decision it was admitted: `outside_decision` in words, or else `decided_at`, when the founders voted, and
    `minutes`, the number of their minutes; None where that is not on record.
    """
    admissions = member.applications.filter(status="admitted").exclude(decided_at=None, outside_decision="")
    rows = admissions.order_by(F("minutes__issued_at").desc(nulls_last=True))  # the newest edition is the admission's
    row = rows.values("decided_at", "outside_decision", "minutes__year", "minutes__sequence").first()
    if row and row["minutes__year"]:
        row["minutes"] = f"{row['minutes__year']}-{row['minutes__sequence']:02}"
    return row


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


@login_not_required
@require_safe
@cache_control(public=True, max_age=86400)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The member's picture for those who share its page: 1200 × 630, drawn once for each state of the member."""
    member = get_object_or_404(Member.objects.public().select_related("municipality"), slug=slug)
    key = f"share:{get_language()}:{member.pk}:{member.updated_at.timestamp()}"
    content = shared_cache.get(key)
    if content is None:
        content = share_picture(member)
        shared_cache.set(key, content, 30 * 86400)
    return HttpResponse(content, content_type="image/png")


@login_not_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Exactly the list that the page shows under these parameters, all of its pages, as CSV or JSON."""
    wanted = DirectoryQuery.read(request.GET)
    members = (
        wanted.members().select_related("municipality").prefetch_related("areas").defer("search_vector", "search_name")
    )
    if kind == "json":
        found = list(members)
        names = tag_names(tag for member in found for tag in (*member.offers, *member.seeks))
        rows = [as_list(member, request.build_absolute_uri, names) for member in found]
        response: HttpResponseBase = JsonResponse({"count": len(rows), "results": rows})
    else:
        response = StreamingHttpResponse(csv_lines(members), content_type="text/csv; charset=utf-8")
    name = pgettext("file name", "members")
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


@keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def my_organisation(request: HttpRequest) -> HttpResponse:
    """The owner's and editors' form for their member's page; 403 for everyone else."""
    member = organisation_of(request.user)
    if member is None:
        raise PermissionDenied
    if request.method == "POST":
        # Two who save at once come one after the other; the form tells the second what the first has changed.
        member = Member.objects.select_for_update().get(pk=member.pk)
    typed_before = unsent.typed(request)
    form = ProfileForm(typed_before or request.POST or None, request.FILES or None, instance=member)
    if request.method == "POST" and form.is_valid():
        form.save()
        if edits := form.edits():
            emails.member_edited(member, request.user, edits)
        messages.success(request, _("The page of your organisation has been saved."))
        return redirect("my-organisation")
    if form.errors:
        # The form has already written what was typed into the member; the page's head shows what is stored.
        member = Member.objects.get(pk=member.pk)
        if request.FILES.get("logo") and "logo" not in form.errors:
            form.add_error("logo", _("Please choose the picture again: browsers do not keep a chosen file."))
    context = {"form": form, "member": member, "unsent": typed_before is not None}
    return render(request, "members/my_organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def my_details(request: HttpRequest) -> HttpResponse:
    """A person's own name and language; the address and the password have allauth's pages."""
    user = request.user
    if request.method == "POST":
        user = User.objects.select_for_update().get(pk=user.pk)
    form = DetailsForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your details have been saved."))
        return redirect("my-details")
    return render(request, "members/my_details.html", {"form": form})
