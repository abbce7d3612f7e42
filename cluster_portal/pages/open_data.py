"""What of the portal others may use: open data and the wall of logos to embed."""

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page
from members.directory import schema_org
from members.models import Member

WALL_SHOWN = 60


@login_not_required
@public_page()
@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """What of the portal everyone may use: where it is, and under which licence."""
    licence = identity().get_licence()
    files = [(kind, settings.SITE_URL + reverse(f"members:{kind.lower()}")) for kind in ("CSV", "JSON")]
    dataset = {
        "@type": "Dataset",
        "name": _("Members of the %(cluster)s") % {"cluster": identity().genitive},
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
        "pages/open_data.html",
        {
            "licence": licence,
            "api_url": f"{settings.SITE_URL}/api/v1/members",
            "linked_data": [dataset, schema_org.breadcrumbs((_("Open data"), ""))],
        },
    )


FRAME = '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" frameborder="0"></iframe>'


@login_not_required
@public_page()
@require_safe
def embed(request: HttpRequest) -> HttpResponse:
    """How another site shows the members: the wall of logos as an iframe, ready to copy."""
    wall = settings.SITE_URL + reverse("embed-wall")
    choices = [
        (_("All members"), wall, _("Members of the %(cluster)s"), 480),
        (_("Founders only"), f"{wall}?founders=1", _("Founders of the %(cluster)s"), 240),
    ]
    cluster = {"cluster": identity().genitive}
    snippets = [
        (name, format_html(FRAME, address, title % cluster, height)) for name, address, title, height in choices
    ]
    return render(request, "pages/embed.html", {"snippets": snippets, "site_url": settings.SITE_URL})


@login_not_required
@public_page("founders")
@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # the one page that others may frame
def embed_wall(request: HttpRequest) -> HttpResponse:
    """The wall of logos that other sites frame: the founders first, the newest members after them."""
    members = Member.objects.public()
    count = members.count()
    if request.GET.get("founders", "") not in ("", "0"):
        members = members.filter(is_founder=True)
    shown = members.only("name", "slug", "logo").order_by(
        "-is_founder", F("joined_on").desc(nulls_last=True), "sort_key", "pk"
    )
    return render(request, "pages/embed_wall.html", {"members": shown[:WALL_SHOWN], "count": count})
