"""The coordinator's desk: Django's admin, with what waits for the coordinator on its first page."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

from django.contrib import admin, auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.desk.start_page import SECTIONS

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class CoordinatorSite(admin.AdminSite):
    """The admin site; people log in by the portal's own page and need to be the coordinator's staff."""

    site_title = site_header = gettext_lazy("Coordinator’s desk")
    empty_value_display = "–"
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        """Without Django's action that deletes many at once: what may be removed is removed on its own page, which says
        what is lost.
        """
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only the portal's own pages: what packages bring (groups, tokens) is not the coordinator's work."""
        if admin_class and issubclass(admin_class, DeskAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Django's, but for the address that leads from any row of any table to its page: the desk links to the page itself."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {
            "title": _("Waiting for me"),
            "sections": [(section.template, section.context()) for section in SECTIONS],
        }
        return super().index(request, {**context, **(extra_context or {})})

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Apps are the code's parts, not the coordinator's: there is one list of the records, on the first page."""
        return redirect("admin:index")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Somebody logged in who is not staff gets 403, not a second log-in form."""
        inner = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        wrapped: Any = update_wrapper(checked, inner)
        return wrapped

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the portal's own log-in, which checks where `next` leads."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    @method_decorator(require_POST)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        auth.logout(request)
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")
