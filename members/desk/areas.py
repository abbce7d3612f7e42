"""Areas of activity at the desk: their names and order, and the one way to remove one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster_portal.base.database import lock_table
from cluster_portal.base.forms import EditForm
from cluster_portal.base.slugs import free_slug
from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.desk.permissions import is_coordinator
from members.models import Area


class AreaInUse(Exception):
    """The area cannot be removed; the message is for the person."""


class AreaForm(EditForm):
    """An area is called something in both languages, and no other area is called so."""

    prompts = {
        "name_lt": gettext_lazy("Enter the name in Lithuanian."),
        "name_en": gettext_lazy("Enter the name in English."),
        "position": gettext_lazy("Enter the place in the order in digits."),
    }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names: dict[str, str] = {
            name: cleaned[name] for name in ("name_lt", "name_en") if name in self.changed_data and name in cleaned
        }
        if names:
            for name, refusal in Area.names_in_use(names, self.instance.pk).items():
                self.add_error(name, refusal)
        return cleaned


def obstacle(area: Area) -> str:
    """Why the area cannot be removed, in words; empty where nothing uses it."""
    uses = [
        f"{relation.related_model._meta.verbose_name_plural} – {count}"
        for relation in ways_of_use()
        if (count := getattr(area, relation.get_accessor_name()).count())
    ]
    if not uses:
        return ""
    return _(
        "This area is in use (%(uses)s). You can rename it; it can be removed only when nothing uses it any more."
    ) % {"uses": "; ".join(uses)}


@transaction.atomic
def remove(area: Area) -> None:
    """Remove an area that nothing uses. Raises AreaInUse."""
    for relation in ways_of_use():
        lock_table(relation.through)  # what is being chosen in this moment is waited for
    if refusal := obstacle(area):
        raise AreaInUse(refusal)
    area.delete()


def ways_of_use() -> list[Any]:
    """The relations by which records of any app have areas."""
    return [relation for relation in Area._meta.related_objects if relation.many_to_many]


@admin.register(Area)
class AreaAdmin(DeskAdmin):
    """Areas are added, renamed and put in order; one that nothing uses can be removed.

    An area's address is made from its first name and stays: links to the list of its members are in use.
    """

    form = AreaForm
    list_title, add_title = gettext_lazy("Areas of activity"), gettext_lazy("New area of activity")
    change_title = gettext_lazy("The area of activity")
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
        """GET says what removing does, or why it cannot be done; POST removes."""
        area = self.found(request, unquote(object_id))
        if request.method == "POST":
            try:
                with transaction.atomic():
                    self.log_deletions(request, Area.objects.filter(pk=area.pk))
                    remove(area)
            except AreaInUse as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:members_area_change", object_id)
            messages.success(request, _("The area “%(area)s” has been removed.") % {"area": area})
            return redirect("admin:members_area_changelist")
        sentences = [
            _("Nothing uses this area. It disappears from the forms, the filters and the public pages at once."),
            _("This cannot be undone; you can add an area with the same name again."),
        ]
        why = obstacle(area)
        return self.confirm(request, area, _("Remove the area"), sentences, obstacles=[why] if why else [])
