"""Areas of activity at the desk: their form, and the one way to remove one."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster_portal.base.database import lock_table
from cluster_portal.base.forms import EditForm
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
    """What stands in the way of removing the area, in words; empty where nothing does."""
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
