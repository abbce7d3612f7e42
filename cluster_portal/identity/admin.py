"""The identity at the desk: one row, so one form, with a preview; and the page that sets a new portal up."""

import copy
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, resolve, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.database import lock_table
from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.identity.current import showing
from cluster_portal.identity.forms import IdentityForm, SetUpForm
from cluster_portal.identity.layout import FileRefused, lay_out
from cluster_portal.identity.models import Identity, LaidOut


def both(*names: str) -> list[str | list[str] | tuple[str, ...] | tuple[()]]:
    """The fields of a text in both languages, side by side."""
    return [(f"{name}_lt", f"{name}_en") for name in names]


@admin.register(Identity)
class IdentityAdmin(DeskAdmin):
    form = IdentityForm
    change_title = _("The cluster’s data")
    change_form_template = "admin/identity/change_form.html"
    fieldsets = [
        (_("Names"), {"fields": [("name_lt", "name_en"), "name_genitive_lt", *both("short_name", "official_name"), "formed_on"]}),
        (_("Home page and about the cluster"), {"fields": both(
            "headline", "introduction", "description", "purpose_lead", "purpose", "about", "participation")}),
        (_("Joining"), {"fields": [
            *both("welcome", "may_join", "benefits", "duties", "fee", "decision_time"), "statutes_url"]}),
        (_("The cluster’s contact details"), {"fields": ["contact_person", "contact_email", "contact_phone", "postal_address"]}),
        (_("Looks"), {"fields": ["primary_colour", "signal_colour", "drawing", "mark"]}),
        (_("Emails"), {"fields": ["sender_name", "sender_address"]}),
        (_("Open data"), {"fields": ["licence"]}),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("admin:identity_identity_change", 1)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if request.method == "POST" and "_preview" in request.POST and (page := self.preview(request, object_id)):
            return page
        return super().change_view(request, object_id, form_url, extra_context)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """The home page as it would be with what the form says; None where the form cannot be saved as it is."""
        record = self.get_object(request, object_id)
        if record is None or not self.has_change_permission(request, record):
            raise PermissionDenied
        form = self.get_form(request, record, change=True)(request.POST, request.FILES, instance=record)
        if not form.is_valid():
            return None
        visit = copy.copy(request)
        visit.method, visit.GET, visit.path = "GET", QueryDict(), reverse("home")
        visit.path_info, visit.resolver_match = visit.path, resolve(visit.path)
        messages.info(request, gettext("This is a preview: nothing is saved yet. Close it to go back to the form."))
        with transaction.atomic(), showing(form.instance):  # in a transaction, so that nothing of it is kept
            return visit.resolver_match.func(visit)

    def get_urls(self) -> list[URLPattern]:
        set_up = self.admin_site.admin_view(self.set_up)
        return [path("set-up/", set_up, name="identity_set_up"), *super().get_urls()]

    @transaction.atomic
    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Where the first superuser says whose portal this is; the same as loading a file that says it."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method == "POST":
            lock_table(LaidOut)  # of two who set it up at once the second is told of the first
        if present := Identity.objects.first():
            if request.method == "POST":
                words = gettext("Nothing was saved: the portal has been set up meanwhile, as “%(name)s”.")
                messages.error(request, words % {"name": present})
            return redirect("admin:identity_identity_change", 1)
        form = SetUpForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                lay_out(form.file())
            except FileRefused as refusal:
                form.take(refusal.faults)
            else:
                messages.success(request, gettext("The portal is open. Here you enter the rest: texts, contact, mark."))
                return redirect("admin:identity_identity_change", 1)
        context = {**self.admin_site.each_context(request), "title": gettext("Set the portal up"), "form": form}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/identity/set_up.html", context, status=status)
