"""A member's history: its record's, and that of its areas of activity."""

from itertools import groupby
from operator import attrgetter

from cluster_portal.base import history
from cluster_portal.base.changes import Change
from cluster_portal.base.history import Besides, Edition
from members.models import Member, MemberAreaEvent


def editions(member: Member) -> list[Edition]:
    """The member's history, the newest first (see `history.editions`)."""
    return history.editions(member, area_changes(member))


def area_changes(member: Member) -> Besides:
    """What changed in the member's areas at each moment, the newest first, with a history row that tells who did it."""
    rows = MemberAreaEvent.objects.filter(member=member).select_related("pgh_context").order_by("-pgh_id")
    after = set(member.areas.values_list("pk", flat=True))
    found: Besides = {}
    for at, group in groupby(rows, attrgetter("pgh_created_at")):
        of_moment = list(group)
        before = after.copy()
        for row in of_moment:  # backwards: what was added was not there before, what was taken away was
            before ^= {row.area_id}
        if before != after:
            found[at] = (of_moment[0], Change(Member._meta.get_field("areas"), sorted(before), sorted(after)))
        after = before
    return found
