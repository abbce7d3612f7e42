"""The base of the desk's pages in all apps."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.forms import model_fields
from cluster_portal.base.history import Edition, editions
from cluster_portal.base.prompts import Prompts
from cluster_portal.desk.permissions import is_coordinator


class StaffOnly:
    """The coordinator's staff may see and change; nothing is deleted, for everything here is kept as record."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_coordinator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_coordinator(request.user)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PromptedForm(Prompts, forms.ModelForm):
    """The form of a record that has none of its own."""


class RowForm:
    """Beside a record's form: its row in a list that may be edited, where no label stands beside a field."""

    fields: dict[str, forms.Field]
    instance: models.Model

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


class DeskAdmin(StaffOnly, admin.ModelAdmin):
    """Titles are given whole: Django would put the models' names into sentences in the wrong case."""

    form: type[forms.ModelForm] = PromptedForm
    list_title: Any = ""
    add_title: Any = ""
    change_title: Any = ""
    list_per_page = 50
    view_on_site: Any = False  # Django's own way there would look into any table
    log_says_more = False  # than the history that the database keeps
    # The browser's own fields, in the person's language; Django's calendar has no Lithuanian.
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        },
    }

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's, which fails when it looks for a record by a key that cannot be one."""
        if any(self.key(key) is None for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            nothing = _("Items must be selected in order to perform actions on them. No items have been changed.")
            self.message_user(request, nothing, messages.WARNING)
            return redirect(request.get_full_path())
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def get_action_choices(self, request: HttpRequest, default_choices: Any = None) -> list[tuple[str, str]]:
        return super().get_action_choices(request, [("", gettext("Choose an action"))])

    def key(self, text: str) -> Any:
        """The text as a key of a record; None for what is none."""
        try:
            return self.opts.pk.clean(text, None)
        except ValidationError:
            return None

    def history_of(self, record: Any) -> list[Edition]:
        """What has changed in the record, as far as the database keeps it; shown below its form."""
        return editions(record) if hasattr(record, "events") else []

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self.get_object(request, unquote(object_id)) if request.method == "GET" else None
        lines = self.history_of(record) if record else []
        history = self.log_of(record) or ("#history" if lines else "") if record else ""
        context = {"editions": lines, "history_address": history, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def log_of(self, record: models.Model) -> str:
        """The address of what the admin's own log has of the record; empty where that is nothing, or its page tells more."""
        kind = ContentType.objects.get_for_model(record)
        if not self.has_log or not LogEntry.objects.filter(content_type=kind, object_id=record.pk).exists():
            return ""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[quote(record.pk)])

    @property
    def has_log(self) -> bool:
        """Whether the admin's own log is shown: where the database keeps no history, or not all of it."""
        return self.log_says_more or not hasattr(self.model, "events")

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Django's for its log, with the names of fields as the catalogue has them: Django keeps them with a capital."""
        message: list[Any] = super().construct_change_message(request, form, formsets, add)
        with translation.override(None):
            names = {
                str(capfirst(field.verbose_name)): str(field.verbose_name)
                for model in (self.model, *(formset.model for formset in formsets or []))
                for field in model_fields(model)
            }
        for part in message:
            if changed := part.get("changed"):
                changed["fields"] = [names.get(name, name) for name in changed["fields"]]
        return message

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        """The rows of a list are checked as their records' own pages are."""
        form: Any = type("RowForm", (RowForm, self.form), {})
        return super().get_changelist_form(request, **{"form": form, **kwargs})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"title": self.change_title if object_id else self.add_title, **(extra_context or {})}
        with transaction.atomic():
            if request.method == "POST" and object_id:
                self.lock(object_id)
            return super().changeform_view(request, object_id, form_url, context)

    def lock(self, object_id: str) -> None:
        """Two who save the same page at once come one after the other (see `EditForm`)."""
        key = self.key(unquote(object_id))
        if key is not None:  # Django answers for what is no key
            list(self.model._default_manager.select_for_update().filter(pk=key).values_list("pk"))

    def confirm(self, request: HttpRequest, record: models.Model, title: Any, sentences: Iterable[str], **context: Any):
        """The page that says what a step will do; its button posts to the same address."""
        return TemplateResponse(
            request,
            "admin/confirm.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                "record": record,
                "sentences": list(sentences),
                "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk]),
                **context,
            },
        )

    def found(self, request: HttpRequest, pk: int | str) -> Any:
        """The record that a step is about. Raises Http404, and PermissionDenied for who may not change it."""
        record = self.get_object(request, str(pk))
        if record is None:
            raise Http404
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        return record

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What every way of changing the record has left is on its page, but for what only the admin's own log tells."""
        if not self.has_log:
            page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])
            return redirect(f"{page}#history")
        return super().history_view(request, object_id, {"title": _("History"), **(extra_context or {})})
