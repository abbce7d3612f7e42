"""The public directory: list, map and table; its exports and pictures."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache as shared_cache
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cluster_portal.country.lt import outlines
from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page
from members.directory import facets
from members.directory.api import as_list
from members.directory.cards import Cards, CountedPaginator, Rows
from members.directory.choices import chips, filters, municipalities
from members.directory.export import csv_lines
from members.directory.picture import share_picture
from members.directory.query import PAGE_SIZE, DirectoryQuery, tag_names
from members.models import Member


@login_not_required
@require_safe
@public_page("q", "sort", "view", "page", *DirectoryQuery.LISTS)
def directory(request: HttpRequest) -> HttpResponse:
    """The members as a list, a map or a table of offers and seeks: search, filters and pages, all of it in the address."""
    wanted = DirectoryQuery.read(request.GET)
    directory_url = reverse("members:list")
    counts = facets.count(wanted)
    context = {
        "wanted": wanted,
        "count": counts.total,
        "count_in_words": ngettext("%(n)s member", "%(n)s members", counts.total) % {"n": counts.total},
        "filters": filters(wanted, counts),
        "municipalities": municipalities(wanted, counts),
        "more_places": wanted.municipality[1:],
        "words": wanted.words,
        "chips": chips(wanted, counts, directory_url),
        "views": [
            (label, directory_url + wanted.query_string(view=view), view == wanted.view)
            for view, label in (("", _("List")), ("map", _("Map")), ("matches", _("Offers and needs")))
        ],
        "clear_url": directory_url,
        "crumbs": [(_("Members"), directory_url)],
    }
    if wanted.view == "map":
        query = wanted.query_string(view="", without_places=True)
        names = {place.code: place.name for place in wanted.places}
        url = f"{directory_url}{query}{'&' if query else '?'}municipality="
        context["placeless"] = placeless(counts.placeless)
        context["map"] = outlines.country(names, counts.of("municipality"), url)
    elif wanted.view == "matches":
        asked = request.GET.get("page", "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 9 and int(asked) else 1
        rows, tags = table_rows(wanted, counts, number)
        if not rows and number > 1:
            number, (rows, tags) = 1, table_rows(wanted, counts, 1)
        context["page_obj"] = CountedPaginator(Rows(rows), tags).get_page(number)
    else:
        page = Cards(wanted, counts).get_page(request.GET.get("page"))
        sorting = wanted.sort or ("" if wanted.q else "name")
        sorts = [("name", _("By name")), ("joined", _("Newest first"))]
        if wanted.q:
            sorts.insert(0, ("", _("Best match")))
        context["page_obj"] = page
        context["sorts"] = [
            (label, directory_url + wanted.query_string(sort=value), value == sorting) for value, label in sorts
        ]
    return render(request, "members/list.html", context)


def placeless(members: int) -> str:
    """What the map cannot show, in words; empty where it shows everyone."""
    words = ngettext(
        "%(n)s member has not named its municipality and is not on the map.",
        "%(n)s members have not named their municipality and are not on the map.",
        members,
    )
    return words % {"n": members} if members else ""


def table_rows(wanted: DirectoryQuery, counts: facets.Counts, number: int) -> tuple[list[facets.Match], int]:
    """One page of the table of offers and needs, and the number of all its rows."""
    return facets.matches(wanted, (number - 1) * PAGE_SIZE, PAGE_SIZE) if counts.total else ([], 0)


@login_not_required
@require_safe
@cache_control(public=True, max_age=86400)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The member's picture for those who share its page: 1200 × 630, drawn once for each state of member and cluster."""
    member = get_object_or_404(Member.objects.public().select_related("municipality"), slug=slug)
    key = f"share:{get_language()}:{member.pk}:{member.updated_at.timestamp()}:{identity().updated_at.timestamp()}"
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
