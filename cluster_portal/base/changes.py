"""What changed in a record, in words, and against pages that have gone stale."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _


def own_field(model: models.Model | type[models.Model], name: str) -> models.Field:
    """The field of that name; raises FieldDoesNotExist where it is a relation that only points here."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist(name)
    return field


def values(record: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The record's value of each named field in a form that can be kept and compared: related objects by their keys."""
    found: dict[str, Any] = {}
    for name in names:
        field = own_field(record, name)
        if field.many_to_many:
            found[name] = sorted(item.pk for item in getattr(record, name).all()) if record.pk else []
        elif isinstance(field, models.FileField):
            found[name] = getattr(record, name).name or ""
        else:
            found[name] = comparable(getattr(record, field.attname))
    return found


def comparable(value: Any) -> Any:
    """A value of a record or a form in a shape that can be kept and compared: rows by their keys."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.QuerySet):
        return sorted(row.pk for row in value)
    return value if isinstance(value, int | float | list | date | None) else str(value)


@dataclass(frozen=True)
class Change:
    """One field's change; its label and values are put into words in the language of the moment."""

    field: Any
    before: Any
    after: Any

    @property
    def label(self) -> str:
        return str(capfirst(self.field.verbose_name))

    @property
    def old(self) -> str:
        return in_words(self.field, self.before)

    @property
    def new(self) -> str:
        return in_words(self.field, self.after)


def changes(model: type[models.Model], before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The fields whose values (see `values`) differ."""
    return [
        Change(model._meta.get_field(name), old, after[name])
        for name, old in before.items()
        if (old or "") != (after[name] or "")
    ]


def in_words(field: Any, value: Any) -> str:
    """A field's value (see `values`) as a person reads it; empty for nothing."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return ""
    if field.many_to_many:
        found = field.related_model.objects.in_bulk(value)
        return "; ".join(str(found[key]) if key in found else _("(since removed)") for key in value)
    if field.is_relation:
        return str(field.related_model.objects.filter(pk=value).first() or value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return PurePath(value).name if isinstance(field, models.FileField) else str(value)


def last_editor(record: models.Model) -> AbstractBaseUser | None:
    """Who changed the record last at the desk, as far as its log knows."""
    kind = ContentType.objects.get_for_model(record)
    entry = LogEntry.objects.filter(content_type=kind, object_id=record.pk).select_related("user").first()
    return entry.user if entry else None
