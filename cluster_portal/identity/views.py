"""The identity's files for browsers: its colours as a style sheet, its mark as a picture."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cluster_portal.identity import colours
from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page


@login_not_required
@require_safe
def style_sheet(request: HttpRequest, version: str, primary: str, signal: str) -> HttpResponse:
    """The colours that the address names, so that it needs no database and may be kept for a year."""
    response = HttpResponse(colours.style_sheet(f"#{primary}", f"#{signal}"), content_type="text/css; charset=utf-8")
    # An address of another release may be met while both run: what it gets now is not what it will get.
    is_ours = version == colours.VERSION
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_ours else "no-cache"
    return response


@login_not_required
@public_page()
@require_safe
def mark(request: HttpRequest, mode: str) -> HttpResponse:
    """The mark as an SVG file, in the colour of light or dark mode."""
    if mode not in ("light", "dark"):
        raise Http404
    return HttpResponse(identity().mark_file(mode), content_type="image/svg+xml")
