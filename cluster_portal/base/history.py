"""A record's history as the database keeps it (pghistory's `events`), in words."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib.auth import get_user_model

from cluster_portal.base.changes import Change, changes, values

HISTORY_SHOWN = 50
Besides = dict[datetime, tuple[Any, Change]]


@dataclass(frozen=True)
class Edition:
    """One line of a record's history; `who` (a user) is None for what was done outside the portal's pages."""

    at: datetime
    who: Any
    is_first: bool
    changes: list[Change]


def editions(record: Any, besides: Besides | None = None) -> list[Edition]:
    """The record's history, the newest first, at most HISTORY_SHOWN lines of it.

    `besides`: changes of which its own rows do not tell, by their moments, each with a history row that tells who made it.
    """
    besides = dict(besides or {})
    rows = list(record.events.select_related("pgh_context").order_by("-pgh_id")[: HISTORY_SHOWN + 1])
    people = get_user_model()._base_manager.in_bulk(
        {key for row in [*rows, *(row for row, _change in besides.values())] if (key := user_key(row))}
    )
    kept = {field.name for field in record.events.model._meta.concrete_fields}
    names = [
        field.name
        for field in record._meta.concrete_fields
        if field.name in kept and not getattr(field, "auto_now", False)
    ]
    lines = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        changed = changes(type(record), values(before, names), values(row, names)) if before else []
        if row.pgh_created_at in besides:  # both were saved in one transaction
            changed.append(besides.pop(row.pgh_created_at)[1])
        lines.append(Edition(row.pgh_created_at, people.get(user_key(row)), before is None, changed))
    lines += [Edition(at, people.get(user_key(row)), False, [change]) for at, (row, change) in besides.items()]
    return sorted(lines, key=attrgetter("at"), reverse=True)[:HISTORY_SHOWN]


def user_key(row: Any) -> int | None:
    """The key of the person who did what the history row tells of; None for a scheduled task, a command or psql."""
    return row.pgh_context.metadata.get("user") if row.pgh_context else None
