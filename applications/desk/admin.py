"""Applications at the desk: one read-only screen each, and a page for every legal next step."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import escape, format_html
from django.utils.translation import gettext_lazy as _

from applications.desk.dossier import Dossier
from applications.desk.step import STEPS, next_steps
from applications.desk.steps.admit import Admit
from applications.exceptions import Refused
from applications.models import Application, DecisionRule, Status
from applications.permissions import may_decide
from cluster_portal.base.prompts import Prompts
from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.mail.views import framed, framed_faults
from members.models import Member
from members.permissions import signed_in

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class StatusFilter(admin.SimpleListFilter):
    """Every status but the draft, which is the applicant's own."""

    title, parameter_name = _("status"), "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, "StrOrPromise"]]:
        return [(value, label) for value, label in Status.choices if value != Status.DRAFT]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Application)
class ApplicationAdmin(DeskAdmin):
    list_title = _("Applications")
    list_display = ["name", "shown_status", "company_code", "municipality", "applicant", "submitted_at"]
    list_filter = [StatusFilter]
    list_select_related = ["municipality", "applicant"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["name", "legal_name", "company_code", "applicant__email", "contact_name"]
    search_help_text = _("Search by name, company code or applicant")
    ordering = ["-submitted_at"]

    @admin.display(description=_("status"), ordering="status")
    def shown_status(self, application: Application) -> str:
        label = application.get_status_display()
        return format_html('<span class="status status-{}">{}</span>', application.status, label)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """What was submitted; a draft is nobody's but the applicant's."""
        return super().get_queryset(request).filter(submitted_at__isnull=False)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path(
                f"<int:pk>/{verb}/",
                self.admin_site.admin_view(partial(self.step_view, verb=verb)),
                name=f"applications_application_{verb}",
            )
            for verb in STEPS
        ]
        tally = path(
            "<int:pk>/tally/", self.admin_site.admin_view(self.tally_view), name="applications_application_tally"
        )
        mail = path(
            "<int:pk>/admit/mail/",
            self.admin_site.admin_view(self.admission_mail_view),
            name="applications_application_admission_mail",
        )
        return [*steps, tally, mail, *super().get_urls()]

    def found(self, request: HttpRequest, pk: str | int) -> Application:
        """With its ballot. Raises Http404."""
        queryset = (
            Application.objects.filter(submitted_at__isnull=False)
            .with_ballot()
            .select_related("applicant", "municipality", "member")
        )
        try:
            return get_object_or_404(queryset, pk=int(pk))
        except ValueError as error:
            raise Http404 from error

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Everything about one application; nothing is changed here."""
        if not may_decide(request.user) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        application = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(application),
            "opts": self.opts,
            "application": application,
            "dossier": Dossier(application),
            "steps": next_steps(application),
        }
        return TemplateResponse(request, "admin/applications/application/page.html", context)

    def tally_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The founders' votes as they stand now: what the page asks for every few seconds while a vote is open."""
        if not may_decide(request.user):
            raise PermissionDenied
        application = self.found(request, pk)
        if not hasattr(application, "ballot"):
            raise Http404
        context = {"application": application, "dossier": Dossier(application)}
        return TemplateResponse(request, "admin/applications/application/tally.html", context)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """GET says what the step will do, POST does it. A refusal is shown, whatever else the form lacks, and what was typed
        stays.
        """
        if not may_decide(request.user):
            raise PermissionDenied
        application = self.found(request, pk)
        page = redirect("admin:applications_application_change", pk)
        refusal = STEPS[verb].verb.refusal(application)
        if refusal and request.method != "POST":
            messages.warning(request, refusal.message)
            return page
        step = STEPS[verb](request.POST if request.method == "POST" else None, application=application)
        if refusal is None and step.is_valid():
            try:
                step.take(signed_in(request))
            except Refused as refused:
                refusal = refused
                application = step.application = self.found(request, pk)
            else:
                messages.success(request, step.done)
                return page
        preview = None
        if step.verb.refusal(application) is None:
            try:
                preview = step.preview()
            except Refused as refused:
                refusal = refused
        if refusal:
            messages.error(request, refusal.message)
        context = {
            **self.admin_site.each_context(request),
            "title": step.title,
            "opts": self.opts,
            "application": application,
            "step": step,
            "preview": preview,
        }
        return TemplateResponse(request, f"admin/applications/application/{step.template}.html", context)

    def admission_mail_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """One of the emails that the admission would cause, to the recipient `to`, with the words as they are typed (POST)
        or as they always are (GET); for the frame of the admission's page. Nothing happens.
        """
        if not may_decide(request.user):
            raise PermissionDenied
        application = self.found(request, pk)
        if refusal := Admit.verb.refusal(application):
            return framed(request, escape(refusal.message))
        step = Admit(request.POST if request.method == "POST" else {}, application=application)
        if not step.is_valid():
            return framed_faults(request, step)
        try:
            letters = step.letters()
        except Refused as refusal:
            return framed(request, escape(refusal.message))
        to = request.POST.get("to") or request.GET.get("to")
        letter = next((letter for letter in letters if any(person.email == to for person in letter.recipients)), None)
        if letter is None:
            raise Http404
        if request.GET.get("part") == "text":
            return framed(request, letter.text, "text/plain")
        return framed(request, letter.html)


class DaysField(SimpleArrayField):
    """Numbers of days in one line; whatever is wrong with one of them, the sentence is of the line."""

    default_error_messages = {
        "invalid": _("Enter the days in digits, separated by commas: at most five, each from 1 to 90.")
    }

    def __init__(self, base_field: forms.Field, **kwargs: Any) -> None:
        """With the model's limits: of its validators Django tells the form of a list nothing."""
        super().__init__(forms.IntegerField(min_value=1, max_value=90), **kwargs)

    def clean(self, value: Any) -> Sequence[Any]:
        try:
            return super().clean(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid"], "invalid") from error


class DecisionRuleForm(Prompts, forms.ModelForm):
    """A new version of the rule."""

    class Meta:
        model = DecisionRule
        fields = [
            "quorum_numerator", "quorum_denominator", "threshold", "voting_days", "reminder_days", "comments_shown",
        ]  # fmt: skip
        field_classes = {"reminder_days": DaysField}

    prompts = {
        "quorum_numerator": _("Enter the numerator of the quorum in digits."),
        "quorum_denominator": _("Enter the denominator of the quorum in digits."),
        "threshold": _("Choose the majority."),
        "voting_days": _("Enter the number of days, from 1 to 90."),
    }


@admin.register(DecisionRule)
class DecisionRuleAdmin(DeskAdmin):
    """A new version may be added; none is edited, for ballots keep the one they were opened under."""

    list_title, add_title, change_title = _("Decision rules"), _("New decision rule"), _("Decision rule")
    list_display = ["__str__", "voting_days", "created_at"]
    readonly_fields = ["words"]

    def has_change_permission(self, request: HttpRequest, obj: DecisionRule | None = None) -> bool:
        return False

    @admin.display(description=_("in words"))
    def words(self, rule: DecisionRule) -> str:
        return " ".join(rule.in_words(Member.objects.founders().count()))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The versions below the rule in force, which is none of them until one has been adopted or a vote was opened."""
        rule = DecisionRule.current()
        context = {"rule": rule, "words": rule.in_words(Member.objects.founders().count()), **(extra_context or {})}
        return super().changelist_view(request, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The rule in force, to be changed. The first POST shows the new one in plain words; only the POST that sends those
        very words back puts it in force.
        """
        if not may_decide(request.user):
            raise PermissionDenied
        form = DecisionRuleForm(
            request.POST if request.method == "POST" else None,
            initial=model_to_dict(DecisionRule.current(), DecisionRuleForm.Meta.fields),
        )
        words: list[str] = []
        if form.is_valid():
            words = form.instance.in_words(Member.objects.founders().count())
            if request.POST.get("agreed") == " ".join(words):
                form.save()
                messages.success(request, _("The new rule holds for every vote opened from now on."))
                return redirect("admin:applications_decisionrule_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("New decision rule"),
            "opts": self.opts,
            "form": form,
            "words": words,
        }
        return TemplateResponse(request, "admin/applications/decisionrule/add.html", context)
