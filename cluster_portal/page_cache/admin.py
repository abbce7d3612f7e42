"""The settings of the public pages in the admin: one row, so one form."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.forms import EditForm
from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.page_cache.models import SiteSettings


@admin.register(SiteSettings)
class SiteSettingsAdmin(DeskAdmin):
    form = EditForm
    change_title = _("Settings of the public pages")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """The one row has no name of its own to stand below the title."""
        return super().changeform_view(request, object_id, form_url, {"subtitle": None, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("admin:page_cache_sitesettings_change", 1)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SiteSettings | None:
        """The row, or before the first choice the defaults, which saving makes the row."""
        return SiteSettings.chosen() if object_id == "1" else None
