"""The pages that belong to no single app: home, about, how to join, health, errors."""

import logging
import sys
from email.utils import parseaddr
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import csrf
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from applications.models import DecisionRule
from applications.tally import votes_needed
from cluster_portal import unsent
from cluster_portal.cache import redis_answers
from cluster_portal.public.models import SiteSettings
from cluster_portal.public.page_cache import public_page
from members import outlines, schema_org
from members.models import Area, Member
from members.search import QUERY_LENGTH, query_words
from news.models import Post

FOUND_SHOWN = 9
WALL_SHOWN = 60
logger = logging.getLogger(__name__)


@login_not_required
@public_page()
def home(request: HttpRequest) -> HttpResponse:
    """Who we are: purpose, founders, newest members, numbers, news and the way to join."""
    members = Member.objects.public()
    numbers, counties, country = whereabouts()
    return render(
        request,
        "home.html",
        {
            "founders": Member.objects.founders(),
            "newest": members.filter(is_founder=False)
            .select_related("municipality")
            .order_by(F("joined_on").desc(nulls_last=True), "-number")[:2],
            "areas": Area.objects.all(),
            "posts": Post.objects.published()[:3],
            "numbers": numbers,
            "counties": counties,
            "map": country,
        },
    )


def whereabouts() -> tuple[dict[str, int], list[dict], dict]:
    """How many members and municipalities there are, the counties by the number of members, and the map.

    A county is `name` (current language), `members` and `query`: the directory's parameters that list them.
    """
    own = f"name_{get_language() or settings.LANGUAGE_CODE}"
    rows = list(
        Member.objects.public()
        .order_by()
        .values_list("municipality", f"municipality__{own}", f"municipality__county__{own}")
        .annotate(members=Count("pk"))
        .order_by("municipality")
    )
    numbers = {"members": sum(members for *_, members in rows)}
    rows = [row for row in rows if row[0]]
    numbers["municipalities"] = len(rows)
    counties: dict[str, dict] = {}
    for code, _name, county, members in rows:
        entry = counties.setdefault(county, {"name": county, "members": 0, "places": []})
        entry["members"] += members
        entry["places"].append(code)
    for entry in counties.values():
        entry["query"] = urlencode({"municipality": entry["places"]}, doseq=True)
    country = outlines.country(
        {code: name for code, name, *_ in rows},
        {code: members for code, _name, _county, members in rows},
        f"{reverse('members:list')}?municipality=",
    )
    return numbers, sorted(counties.values(), key=lambda entry: -entry["members"]), country


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The members and the news that the words find, the best first; the directory has all the members, pages all the news."""
    q = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:QUERY_LENGTH]
    typed = query_words(q)
    members, posts = Member.objects.public(), Post.objects.published()
    for_members = members.corrected(typed) if typed else []
    for_posts = posts.corrected(typed) if typed else []
    found_members = list(members.search_words(for_members).select_related("municipality")[:FOUND_SHOWN])
    page = Paginator(posts.search_words(for_posts), FOUND_SHOWN).get_page(request.GET.get("page"))
    found_posts = list(page)
    # A correction is told where it is all that was found: words that one side knows are right.
    if found_members and for_members == typed:
        found_posts = found_posts if for_posts == typed else []
    elif found_posts and for_posts == typed:
        found_members = []
    words = for_members if found_members else for_posts
    return render(
        request,
        "search.html",
        {
            "q": q,
            "members": found_members,
            "posts": found_posts,
            "page_obj": page,
            "words": words,
            "did_you_mean": " ".join(words) if words != typed and (found_members or found_posts) else "",
        },
    )


@login_not_required
@public_page()
def about(request: HttpRequest) -> HttpResponse:
    """What the cluster is for, who formed it, its seven areas, how it decides."""
    founders = list(Member.objects.founders())
    coordinator = next((founder for founder in founders if founder.is_coordinator), None)
    return render(
        request,
        "about.html",
        {
            "founders": founders,
            "coordinator": coordinator,
            "areas": Area.objects.all(),
            **decision_rule(len(founders)),
        },
    )


@login_not_required
@public_page()
def how_to_join(request: HttpRequest) -> HttpResponse:
    """Who may join, what to prepare, the four steps, how founders decide."""
    return render(request, "how_to_join.html", decision_rule(Member.objects.founders().count()))


def decision_rule(entitled: int) -> dict:
    """The rule in force, and how many of the `entitled` founders must vote, for the pages that explain it."""
    rule = DecisionRule.objects.first() or DecisionRule()
    return {"rule": rule, "entitled": entitled, "needed": votes_needed(entitled, rule.quorum)}


@login_not_required
@public_page()
@require_safe
def personal_data(request: HttpRequest) -> HttpResponse:
    """Which data about people the portal keeps, and the coordinator who answers for them (GDPR, Articles 13 and 14)."""
    context = {
        "coordinator": Member.objects.public().filter(is_coordinator=True).first(),
        "keep_days": settings.MAIL_KEEP_DAYS,
        "mail_address": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "postal_address": settings.POSTAL_ADDRESS,
        "details_url": reverse("my-details"),
    }
    return render(request, "personal_data.html", context)


@login_not_required
@public_page()
@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """What of the portal everyone may use: where it is, and under which licence."""
    licence = SiteSettings.chosen().get_licence()
    files = [(kind, settings.SITE_URL + reverse(f"members:{kind.lower()}")) for kind in ("CSV", "JSON")]
    dataset = {
        "@type": "Dataset",
        "name": _("Members of the Production Innovation Valley cluster"),
        "description": _("Who the cluster’s members are, what they offer and what they look for."),
        "url": settings.SITE_URL + reverse("open-data"),
        "license": licence.url,
        "creator": schema_org.cluster(),
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": address} for kind, address in files
        ],
    }
    return render(
        request,
        "open_data.html",
        {
            "licence": licence,
            "api_url": f"{settings.SITE_URL}/api/v1/members",
            "linked_data": [dataset, schema_org.breadcrumbs((_("Open data"), ""))],
        },
    )


@login_not_required
@public_page()
@require_safe
def embed(request: HttpRequest) -> HttpResponse:
    """How another site shows the members: the wall of logos as an iframe, ready to copy."""
    wall = settings.SITE_URL + reverse("embed-wall")
    choices = [(_("All members"), wall, 480), (_("Founders only"), f"{wall}?founders=1", 240)]
    title = _("Members of the Production Innovation Valley cluster")
    snippets = [
        (
            name,
            f'<iframe src="{address}" title="{title}" width="100%" height="{height}" loading="lazy" frameborder="0"></iframe>',
        )
        for name, address, height in choices
    ]
    return render(request, "embed.html", {"snippets": snippets, "site_url": settings.SITE_URL})


@login_not_required
@public_page("founders")
@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # the one page that others may frame
def embed_wall(request: HttpRequest) -> HttpResponse:
    """The wall of logos that other sites frame: the founders first, the newest members after them."""
    members = Member.objects.public()
    count = members.count()
    if request.GET.get("founders"):
        members = members.filter(is_founder=True)
    shown = members.only("name", "slug", "logo").order_by(
        "-is_founder", F("joined_on").desc(nulls_last=True), "sort_key"
    )
    return render(request, "embed_wall.html", {"members": shown[:WALL_SHOWN], "count": count})


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: all that is public."""
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /paskyra/", "Disallow: /en/account/", ""]
    return HttpResponse("\n".join([*lines, f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]), content_type="text/plain")


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and the broker answer, else 503; which of them is named."""
    checks = {"database": database_answers(), "broker": redis_answers(cache)}
    healthy = all(checks.values())
    answer = {name: "ok" if well else "down" for name, well in checks.items()}
    response = JsonResponse({"status": "ok" if healthy else "down", **answer}, status=200 if healthy else 503)
    response["Cache-Control"] = "no-store"
    return response


def database_answers() -> bool:
    """Whether the database answers a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("database not reached: %s", error)
        return False
    return True


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a failure, without the database: 503 when that is what is away, else 500."""
    down = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    html = render_to_string("503.html" if down else "500.html")
    return HttpResponse(html, status=503 if down else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of ours whose token is stale (a log-in in another window renews it) comes back with what was typed.

    What another site sent, or a browser without our cookie, gets the page that says what to do.
    """
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    with_cookies = settings.CSRF_COOKIE_NAME in request.COOKIES
    if ours and with_cookies and request.resolver_match and unsent.keep(request, request.resolver_match.func):
        messages.warning(request, _("The form had expired, so nothing is saved yet."))
        return redirect(request.get_full_path())
    return csrf.csrf_failure(request, reason)
