"""The pages that belong to no single app: home, about, how to join, personal data."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from applications.ballot.counting import votes_needed
from applications.models import DecisionRule
from cluster_portal.country.lt import outlines
from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page
from cluster_portal.pages.drawing import founders_drawing
from members.models import Area, Member
from news.models import Post


@login_not_required
@public_page()
def home(request: HttpRequest) -> HttpResponse:
    """Who we are: purpose, founders, newest members, numbers, news and the way to join."""
    members = Member.objects.public()
    founders = list(Member.objects.founders())
    numbers, counties, country = whereabouts()
    return render(
        request,
        "pages/home.html",
        {
            "founders": founders,
            "drawing": founders_drawing(len(founders)),
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
    name = f"name_{get_language() or settings.LANGUAGE_CODE}"
    rows = list(
        Member.objects.public()
        .order_by()
        .values_list("municipality", f"municipality__{name}", f"municipality__county__{name}")
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
@public_page()
def about(request: HttpRequest) -> HttpResponse:
    """What the cluster is for, who formed it, its areas, how it decides."""
    founders = list(Member.objects.founders())
    coordinator = next((founder for founder in founders if founder.is_coordinator), None)
    return render(
        request,
        "pages/about.html",
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
    return render(request, "pages/how_to_join.html", decision_rule(Member.objects.founders().count()))


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
        "mail_address": identity().contact_email or identity().sender_email,
        "details_url": reverse("my-details"),
    }
    return render(request, "pages/personal_data.html", context)


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: all that is public."""
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /paskyra/", "Disallow: /en/account/", ""]
    return HttpResponse("\n".join([*lines, f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]), content_type="text/plain")
