"""Every page asks for a log-in, and what was shown under one is not stored."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from cluster_portal.base import unsent

SECRETS = {"token", "key", "uidb64"}  # parts of the addresses that are emailed to one person


class LogInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a log-in unless it says otherwise; what a form held when its session had ended is not lost."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if unsent.keep(request, view_func):
            messages.warning(
                request,
                _(
                    "You were logged out in the meantime, so nothing is saved yet. Log in: what you typed has been "
                    "kept."
                ),
            )
        elif request.method == "POST":
            messages.warning(
                request,
                _(
                    "You were logged out in the meantime, so nothing was saved. Go back, copy what you typed, and log in."
                ),
            )
        return super().handle_no_permission(request, view_func)


class PrivatePagesMiddleware:
    """No browser and no proxy stores a private page: after the log-out, Back shows nothing of it.

    Private is what needs a log-in or was opened by a link from an email, whatever a visitor with a session gets (a public
    page names the person in its head, and so does an error page), and what sets a cookie (a log-in form). Files that say
    themselves that they are public are the same for everybody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_private(request, response) and "public" not in response.get("Cache-Control", ""):
            patch_cache_control(response, private=True, no_store=True)
        return response


def is_private(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the answer may hold what is meant for one person. The session itself is not asked."""
    match = request.resolver_match
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        or bool(response.cookies)
        or (match is not None and (getattr(match.func, "login_required", True) or not SECRETS.isdisjoint(match.kwargs)))
    )
