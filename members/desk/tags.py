"""Tags at the desk: their names in both languages, and merging those that mean the same."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.prompts import Prompts
from cluster_portal.desk.admin import DeskAdmin
from members.directory.query import canonical
from members.models import Member, Tag


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
                "was_asked": "asked" in request.POST,
            }
            return TemplateResponse(request, "admin/members/tag/merge.html", context)
        kept.absorb(Tag.objects.filter(pk__in=[tag.pk for tag in tags]))
        self.message_user(request, _("The chosen tags are now “%(tag)s”.") % {"tag": kept.name_lt}, messages.SUCCESS)
        return None
