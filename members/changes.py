"""What changed in a record, in words: for the coordinator's mail and history, and against pages that have gone stale."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import PurePath
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.models import Member, MemberAreaEvent, User

HISTORY_SHOWN = 50


def values(record: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The record's value of each named field in a form that can be kept and compared: related objects by their keys."""
    found: dict[str, Any] = {}
    for name in names:
        field = record._meta.get_field(name)
        if field.many_to_many:
            found[name] = sorted(item.pk for item in getattr(record, name).all()) if record.pk else []
        elif isinstance(field, models.FileField):
            found[name] = getattr(record, name).name or ""
        elif isinstance(value := getattr(record, field.attname), str):
            # Browsers send a text's line breaks in their own way; that is no change.
            found[name] = value.replace("\r\n", "\n")
        else:
            found[name] = value if isinstance(value, int | float | list | date | None) else str(value)
    return found


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
        return "; ".join(str(item) for item in field.related_model.objects.filter(pk__in=value))
    if field.is_relation:
        return str(field.related_model.objects.filter(pk=value).first() or value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return PurePath(value).name if isinstance(field, models.FileField) else str(value)


@dataclass(frozen=True)
class Edition:
    """One line of a member's history; `who` is None for what was done outside the portal's pages."""

    at: datetime
    who: User | None
    is_first: bool
    changes: list[Change]


def editions(member: Member) -> list[Edition]:
    """The member's history, the newest first, at most HISTORY_SHOWN lines of it."""
    rows = list(member.events.select_related("pgh_context").order_by("-pgh_id")[: HISTORY_SHOWN + 1])
    of_areas = area_changes(member)
    people = User.objects.in_bulk(
        {key for row in [*rows, *(row for row, _change in of_areas.values())] if (key := user_key(row))}
    )
    tracked = {field.name for field in Member._meta.concrete_fields}
    names = [field.name for field in member.events.model._meta.concrete_fields if field.name in tracked]
    lines = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        told = changes(Member, values(before, names), values(row, names)) if before else []
        if row.pgh_created_at in of_areas:  # both were saved in one transaction
            told.append(of_areas.pop(row.pgh_created_at)[1])
        lines.append(Edition(row.pgh_created_at, people.get(user_key(row)), before is None, told))
    lines += [Edition(at, people.get(user_key(row)), False, [change]) for at, (row, change) in of_areas.items()]
    return sorted(lines, key=attrgetter("at"), reverse=True)[:HISTORY_SHOWN]


def area_changes(member: Member) -> dict[datetime, tuple[Any, Change]]:
    """What changed in the member's areas at each moment, the newest first, with a history row that tells who did it."""
    rows = MemberAreaEvent.objects.filter(member=member).select_related("pgh_context").order_by("-pgh_id")
    after = set(member.areas.values_list("pk", flat=True))
    found: dict[datetime, tuple[Any, Change]] = {}
    for at, group in groupby(rows, attrgetter("pgh_created_at")):
        of_moment = list(group)
        before = after.copy()
        for row in of_moment:  # backwards: what was added was not there before, what was taken away was
            before ^= {row.area_id}
        if before != after:
            found[at] = (of_moment[0], Change(Member._meta.get_field("areas"), sorted(before), sorted(after)))
        after = before
    return found


def user_key(row: Any) -> int | None:
    """The key of the person in whose request a history row was written."""
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def last_editor(record: models.Model) -> User | None:
    """Who changed the record last, as far as the portal knows."""
    if isinstance(record, Member):
        return next((edition.who for edition in editions(record)), None)
    kind = ContentType.objects.get_for_model(record)
    entry = LogEntry.objects.filter(content_type=kind, object_id=record.pk).select_related("user").first()
    return entry.user if entry else None
