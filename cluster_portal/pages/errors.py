"""The pages for failures."""

import sys

from django.conf import settings
from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import csrf

from cluster_portal.base import unsent


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
