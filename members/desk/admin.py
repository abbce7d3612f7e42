"""Members and their representatives at the desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.database import lock_table
from cluster_portal.base.history import Edition
from cluster_portal.desk.admin import DeskAdmin, StaffOnly
from cluster_portal.desk.permissions import is_coordinator
from members.desk.founders import PART_CHANGES, PartRefused, change_part, legal_changes
from members.desk.membership import STATUS_CHANGES, StatusRefused, change_status, effects, legal_statuses
from members.directory.export import csv_lines
from members.models import Member, Representative
from members.organisation.forms import MemberForm
from members.organisation.history import editions
from members.people.forms import RepresentativeForm, RepresentativeFormSet


class RepresentativeInline(StaffOnly, admin.TabularInline):
    model = Representative
    form = RepresentativeForm
    formset = RepresentativeFormSet
    # Not the name of a row but the whole of the button that adds one: put into a sentence it would be in the wrong case.
    verbose_name, verbose_name_plural = _("add a representative"), _("representatives")
    extra = 0
    autocomplete_fields = ["user"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_coordinator(request.user)


class AreaFilter(admin.RelatedFieldListFilter):
    """Django's, which calls its last choice “–”."""

    nothing: Any = _("no area")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = escape(self.nothing)


class MunicipalityFilter(AreaFilter):
    nothing = _("no municipality")


@admin.register(Member)
class MemberAdmin(DeskAdmin):
    """Members come by admission or import; here they are corrected, suspended or marked as former."""

    form = MemberForm
    list_title, change_title = _("Members"), _("The member’s record")
    list_display = ["name", "number", "kind", "municipality", "status", "is_founder", "joined"]
    list_filter = [
        "status", "kind", "is_founder", ("areas", AreaFilter), ("municipality", MunicipalityFilter),
    ]  # fmt: skip
    list_select_related = ["municipality"]
    search_fields = ["name", "legal_name", "company_code", "search_name"]
    search_help_text = _("Search by name or company code")
    readonly_fields = ["number", "status", "is_founder", "is_coordinator", "is_example"]
    formfield_overrides = {
        **DeskAdmin.formfield_overrides,
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }
    inlines = [RepresentativeInline]

    def lock(self, object_id: str) -> None:
        """The whole table, in which a company code and an address are there once."""
        lock_table(Member)

    @admin.display(description=_("joined on"), ordering="joined_on")
    def joined(self, member: Member) -> str:
        """By its figures, as dates stand in tables."""
        return member.joined_on.isoformat() if member.joined_on else ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def view_on_site(self, member: Member) -> str | None:
        return member.get_absolute_url() if member.status == Member.Status.ACTIVE else None

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export), name="members_member_export"),
            path("<int:pk>/status/<slug:status>/", wrap(self.status_view), name="members_member_status"),
            path("<int:pk>/part/<slug:name>/", wrap(self.part_view), name="members_member_part"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The record with its legal next steps."""
        member = self.get_object(request, unquote(object_id)) if request.method == "GET" else None
        context = {
            "steps": [(status, STATUS_CHANGES[status][0]) for status in legal_statuses(member)] if member else [],
            "parts": [(name, change.title) for name, change in legal_changes(member)] if member else [],
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def history_of(self, record: Member) -> list[Edition]:
        return editions(record)

    def status_view(self, request: HttpRequest, pk: int, status: str) -> HttpResponse:
        """GET says what the new status will do, POST gives it."""
        member = self.found(request, pk)
        if status not in STATUS_CHANGES:
            raise Http404
        title, done = STATUS_CHANGES[status]
        if request.method == "POST":
            try:
                change_status(member, status)
            except StatusRefused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, done)
            return redirect("admin:members_member_change", pk)
        why = [] if status in legal_statuses(member) else [gettext("The member’s status does not allow this.")]
        return self.confirm(request, member, title, effects(member, status), obstacles=why)

    def part_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """GET says what it does to make the member a founder or the coordinator, or to end that; POST does it."""
        member = self.found(request, pk)
        change = PART_CHANGES.get(name)
        if change is None:
            raise Http404
        if request.method == "POST":
            try:
                change_part(member, change)
            except PartRefused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, change.done)
            return redirect("admin:members_member_change", pk)
        obstacle = change.obstacle(member)
        return self.confirm(
            request, member, change.title, change.effects(member), obstacles=[obstacle] if obstacle else []
        )

    def export(self, request: HttpRequest) -> HttpResponse:
        """Exactly the list that the coordinator sees (same search and filters) as CSV."""
        try:
            members = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:members_member_changelist")
        lines = csv_lines(members.select_related("municipality").prefetch_related("areas"))
        response = HttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="nariai.csv"'
        return response


@admin.register(Representative)
class RepresentativeAdmin(DeskAdmin):
    """Who acts for whom: the people of all members on one page."""

    form = RepresentativeForm
    list_title, add_title, change_title = _("Representatives"), _("New representative"), _("The representative’s role")
    list_display = ["user", "email", "member", "role"]
    list_filter = ["role", "member__is_founder", "member__status"]
    list_select_related = ["user", "member"]
    search_fields = ["user__email", "user__first_name", "user__last_name", "member__name", "member__search_name"]
    search_help_text = _("Search by person or organisation")
    autocomplete_fields = ["user", "member"]
    ordering = ["member__sort_key", "role", "pk"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A role may be taken away; the person's account and what they did stay."""
        return is_coordinator(request.user)

    @admin.display(description=_("email address"), ordering="user__email")
    def email(self, representative: Representative) -> str:
        return representative.user.address
