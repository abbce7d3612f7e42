"""The register at the desk: members, people, areas, tags."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.database import lock_table
from cluster_portal.base.history import Edition
from cluster_portal.base.prompts import Prompts
from cluster_portal.base.slugs import free_slug
from cluster_portal.desk.admin import DeskAdmin, StaffOnly
from cluster_portal.desk.permissions import is_coordinator
from members import emails
from members.desk import areas
from members.desk.areas import AreaForm
from members.desk.founders import PART_CHANGES, PartRefused, change_part, legal_changes
from members.desk.membership import STATUS_CHANGES, StatusRefused, change_status, effects, legal_statuses
from members.directory.export import csv_lines
from members.directory.query import canonical
from members.models import Area, Member, Representative, Tag, User
from members.organisation.forms import MemberForm
from members.organisation.history import editions
from members.people.erasure import COVERED, StillNeeded, anonymise, obstacles
from members.people.forms import PersonForm, RepresentativeForm, RepresentativeFormSet


class RepresentativeInline(StaffOnly, admin.TabularInline):
    model = Representative
    form = RepresentativeForm
    formset = RepresentativeFormSet
    extra = 0
    autocomplete_fields = ["user"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_coordinator(request.user)


class RoleInline(RepresentativeInline):
    """The same roles from the person's side."""

    autocomplete_fields = ["member"]


@admin.register(Member)
class MemberAdmin(DeskAdmin):
    """Members come by admission or import; here they are corrected, suspended or marked as former."""

    form = MemberForm
    list_title, change_title = _("Members"), _("The member’s record")
    list_display = ["name", "number", "kind", "municipality", "status", "is_founder", "joined"]
    list_filter = ["status", "kind", "is_founder", "areas", "municipality"]
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


@admin.register(Area)
class AreaAdmin(DeskAdmin):
    """Areas are added, renamed and put in order; one that nothing uses can be removed.

    An area's address is made from its first name and stays: links to the list of its members are in use.
    """

    form = AreaForm
    list_title, add_title, change_title = _("Areas of activity"), _("New area of activity"), _("The area of activity")
    list_display = ["name_lt", "name_en", "position"]
    list_editable = ["position"]
    readonly_fields = ["slug"]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Area | None = None) -> list[Any]:
        texts = ["name_lt", "name_en", "description_lt", "description_en"]
        return [*texts, "position", "slug"] if obj else texts

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_coordinator(request.user)

    def save_model(self, request: HttpRequest, obj: Area, form: forms.ModelForm, change: bool) -> None:
        """A new area gets an address, and comes last. Its form has locked the table."""
        if not change:
            obj.slug = free_slug(Area, obj.name_lt, Area.SLUG)
            obj.position = (Area.objects.aggregate(last=models.Max("position"))["last"] or 0) + 1
        super().save_model(request, obj, form, change)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """GET says what removing does, or what stands in its way; POST removes."""
        area = self.found(request, unquote(object_id))
        if request.method == "POST":
            try:
                with transaction.atomic():
                    self.log_deletions(request, Area.objects.filter(pk=area.pk))
                    areas.remove(area)
            except areas.AreaInUse as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:members_area_change", object_id)
            messages.success(request, _("The area “%(area)s” has been removed.") % {"area": area})
            return redirect("admin:members_area_changelist")
        sentences = [
            gettext("Nothing uses this area. It disappears from the forms, the filters and the public pages at once."),
            gettext("This cannot be undone; you can add an area with the same name again."),
        ]
        why = areas.obstacle(area)
        return self.confirm(request, area, _("Remove the area"), sentences, obstacles=[why] if why else [])


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


class TagForm(Prompts, forms.ModelForm):
    """A name that another tag has already is refused: the two are to be merged."""

    class Meta:
        model = Tag
        fields = ["name_lt", "name_en"]

    prompts = {"name_lt": _("Enter the name in Lithuanian.")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = [name for name in (cleaned.get("name_lt"), cleaned.get("name_en")) if name]
        if any(tag.pk != self.instance.pk for tag in canonical(names).values()):
            raise forms.ValidationError(_("Another tag is called so already: merge the two in the list."))
        return cleaned


class TagFormSet(forms.BaseModelFormSet):
    """The tags of one page of the list: no two get one name at once."""

    def clean(self) -> None:
        super().clean()
        names = [name.casefold() for form in self.forms if (name := form.cleaned_data.get("name_en"))]
        if len(set(names)) < len(names):
            raise forms.ValidationError(_("Two tags cannot have the same name: merge the two in the list."))


@admin.register(Tag)
class TagAdmin(DeskAdmin):
    """What members offer and seek: the coordinator gives tags their names and merges those that mean the same.

    Tags come from what people type and import, in Lithuanian alone; their English names are filled in on the list.
    """

    form = TagForm
    list_title, change_title = _("Tags"), _("Names of the tag")
    list_display = ["name_lt", "name_en", "members_with"]
    list_editable = ["name_en"]
    list_filter = [("name_en", admin.EmptyFieldListFilter)]
    search_fields = ["name_lt", "name_en"]
    search_help_text = _("Search by name")
    fields = ["name_lt", "name_en"]
    actions = ["merge"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tag appears with the first member that names it."""
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        carriers = Member.objects.order_by().filter(
            models.Q(offers__contains=[models.OuterRef("name_lt")])
            | models.Q(seeks__contains=[models.OuterRef("name_lt")])
        )
        number = carriers.annotate(one=models.Value(1)).values("one").annotate(all=models.Count("pk")).values("all")
        return super().get_queryset(request).annotate(number=models.Subquery(number))

    @admin.display(description=_("members"), ordering="number")
    def members_with(self, tag: Any) -> int:
        return tag.number or 0

    def save_model(self, request: HttpRequest, obj: Tag, form: forms.ModelForm, change: bool) -> None:
        obj.rename(obj.name_lt, obj.name_en)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> type[forms.BaseModelFormSet]:
        return super().get_changelist_formset(request, formset=TagFormSet, **kwargs)

    @admin.action(description=_("Merge the chosen tags into one"), permissions=["change"])
    def merge(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        """Asks which name stays, then makes all the chosen tags that one."""
        tags = list(queryset)
        kept = next((tag for tag in tags if str(tag.pk) == request.POST.get("kept")), None)
        if len(tags) < 2:
            self.message_user(request, _("Choose at least two tags to merge."), messages.WARNING)
            return None
        if kept is None:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Merge tags"),
                "tags": tags,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/members/tag/merge.html", context)
        kept.absorb(Tag.objects.filter(pk__in=[tag.pk for tag in tags]))
        self.message_user(request, _("The chosen tags are now “%(tag)s”.") % {"tag": kept.name_lt}, messages.SUCCESS)
        return None
