"""People's accounts at the desk, and erasing a person."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.desk.admin import DeskAdmin
from members import emails
from members.desk.admin import RepresentativeInline
from members.models import User
from members.people.erasure import COVERED, StillNeeded, anonymise, obstacles
from members.people.forms import PersonForm


class RoleInline(RepresentativeInline):
    """The same roles from the person's side."""

    verbose_name, verbose_name_plural = _("add a member"), _("acts for")
    autocomplete_fields = ["member"]


@admin.register(User)
class UserAdmin(DeskAdmin):
    """People sign up themselves or are added here; here they get roles, and an account is closed.

    Only a superuser gives or takes the right to this desk, or closes the account of one who has it; nobody here sets
    another's password, nor changes the address by which a person logs in.
    """

    form = PersonForm
    list_title, add_title, change_title = _("People"), _("New person"), _("The person’s account")
    list_display = ["shown_address", "first_name", "last_name", "language", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "first_name", "last_name"]
    search_help_text = _("Search by name or email address")
    ordering = ["email"]
    inlines = [RoleInline]
    log_says_more = True  # of names and addresses the database keeps no history: they must be erasable

    @admin.display(description=_("email address"), ordering="email")
    def shown_address(self, person: User) -> str:
        """The address, or in its place who it was."""
        return person.address or str(person)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        if obj is None:
            return ["email", "first_name", "last_name", "language"]
        if obj.is_erased:
            return ["language", "is_active", "date_joined"]
        return ["email", "first_name", "last_name", "language", "is_active", "is_staff", "date_joined", "last_login"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff do not touch a superuser's account, and nobody one that has been anonymised."""
        if obj and (obj.is_erased or (obj.is_superuser and not request.user.is_superuser)):
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        fixed = ["email", "date_joined", "last_login"]
        if not request.user.is_superuser:
            fixed.append("is_staff")
        # Nobody closes their own account by mistake.
        if obj.pk == request.user.pk or (obj.is_staff and not request.user.is_superuser):
            fixed += ["is_active", "is_staff"]
        return list(dict.fromkeys(fixed))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """A new person gets an email that says how to log in; there is no password until they choose one."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
            emails.account_made(obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"anonymise_offered": True, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/anonymise/", wrap(self.anonymise_view), name="members_user_anonymise"),
            *super().get_urls(),
        ]

    def anonymise_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what is erased and what stays, POST does it."""
        person = self.found(request, pk)
        if request.method == "POST":
            try:
                anonymise(person)
            except StillNeeded as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, gettext("The personal data have been erased."))
            return redirect("admin:members_user_change", pk)
        sentences = [
            gettext("The name, the email addresses, the password and the two-factor authentication are erased."),
            gettext("The emails that were sent to the person keep their subject and time, not their address and text."),
            gettext("The account is closed: nobody can log in to it again."),
            *(str(covered.effect) for covered in COVERED),
            gettext("This cannot be undone."),
        ]
        title = _("Erase personal data")
        return self.confirm(request, person, title, sentences, obstacles=obstacles(person), is_final=True)
