"""A member's history, in words."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from cluster_portal.base.changes import Change, changes, values
from members.models import Member, MemberAreaEvent, User

HISTORY_SHOWN = 50


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
        changed = changes(Member, values(before, names), values(row, names)) if before else []
        if row.pgh_created_at in of_areas:  # both were saved in one transaction
            changed.append(of_areas.pop(row.pgh_created_at)[1])
        lines.append(Edition(row.pgh_created_at, people.get(user_key(row)), before is None, changed))
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
