"""Middleware of the project."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from cluster_portal import unsent


class AdminLanguageMiddleware:
    """The admin has no language in its address: it speaks the language of the person who works in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)


class LogInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a log-in unless it says otherwise; what a form held when its session had ended is not lost."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if unsent.keep(request, view_func):
            messages.warning(
                request,
                _("You were logged out in the meantime, so nothing is saved yet. Log in: what you typed awaits you."),
            )
        elif request.method == "POST":
            messages.warning(
                request,
                _(
                    "You were logged out in the meantime, so nothing was saved. Go back, copy what you typed, and log in."
                ),
            )
        return super().handle_no_permission(request, view_func)
