"""Every page asks for a log-in."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from cluster_portal.base import unsent


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
