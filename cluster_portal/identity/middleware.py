"""The portal opens when the cluster is set up."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from cluster_portal.identity.current import identity, read_once

# Addresses that work before there is a cluster: the state of the server, and what logging in takes.
OPEN_NAMES = ("healthz", "colours", "mark", "media", "robots")
OPEN_PREFIXES = ("account_", "mfa_")
IN_SET_UP = ("identity_set_up", "logout", "login", "jsi18n")
RETRY_AFTER = 3600  # seconds


class IdentityMiddleware:
    """Reads the identity once a request; until there is one, all pages say so and the superuser is led to set it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with read_once():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """What is answered in place of a page that needs the cluster; None once it is there, or where no page needs it."""
        match = request.resolver_match
        name = (match and match.url_name) or ""
        if name in OPEN_NAMES or identity().is_set_up or name.startswith(OPEN_PREFIXES):
            return None
        if match and match.app_name == "admin":
            if name in IN_SET_UP or not request.user.is_authenticated:
                return None  # the desk asks for a log-in itself
            if request.user.is_superuser:
                return redirect("admin:identity_set_up")
        response: HttpResponse
        if match and match.app_name == "ninja":  # a program asks, and reads JSON
            response = JsonResponse({"detail": gettext("The portal is being set up.")}, status=503)
        else:
            response = render(request, "identity/being_set_up.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        response["Cache-Control"] = "no-store"
        return response
