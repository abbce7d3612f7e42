"""Slugs: the words by which a record's page is addressed."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, SlugField
from django.urls import resolve
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from cluster_portal.base.changes import own_field

# Room for "-2" and the like at the end of a slug.
ROOM = 10


def free_slug(model: type[Model], text: str, fallback: str, used: set[str] | None = None) -> str:
    """A slug made of `text` that no row has, and that leads to no other page: "alfa", then "alfa-2".

    `fallback` stands for a text without a letter of the alphabet. Whoever goes on to write the row locks the table first
    (`lock_table`). `used` are the slugs of all rows, where many are given at once; the new one joins them.
    """
    length = own_field(model, "slug").max_length or 0
    base = slugify(text)[: length - ROOM].strip("-_") or fallback
    if used is None:
        used = set(model._base_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = next(slug for slug in numbered(base) if slug not in used and not is_of_another_page(model, slug))
    used.add(slug)
    return slug


def numbered(base: str) -> Iterator[str]:
    """The slug, and with "-2", "-3" … after it."""
    return (base if number == 1 else f"{base}-{number}" for number in count(1))


def is_of_another_page(model: type[Model], slug: str) -> bool:
    """Whether the address of a record with this slug is another page's, in any language: "/naujienos/prenumerata/".

    Records without a page of their own (areas) have no such address.
    """
    record: Any = model(slug=slug)
    if not hasattr(record, "get_absolute_url"):
        return False
    for language, _name in settings.LANGUAGES:
        with override(language):
            if resolve(record.get_absolute_url()).kwargs != {"slug": slug}:
                return True
    return False


class PageSlugField(SlugField):
    """The slug of a record's page: none whose page nobody could open, whether it comes from a form, a file or a command."""

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if is_of_another_page(type(model_instance), value):
            raise ValidationError(
                _("“%(slug)s” is the address of another page. Choose another."), "taken", {"slug": value}
            )
