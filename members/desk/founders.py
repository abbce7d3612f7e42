"""Who is a founder and which founder coordinates: what a change of it does, in words first, and the one way to change it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cluster_portal.base.database import lock_table
from members.models import Member, Representative

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class PartRefused(Exception):
    """The member's part in the cluster cannot be changed so; the message is for the person."""


@dataclass(frozen=True)
class PartChange:
    """One change of a member's part. `obstacle` says why it cannot be made now, or is empty; `make` makes it."""

    title: "StrOrPromise"
    done: "StrOrPromise"
    obstacle: Callable[[Member], str]
    effects: Callable[[Member], list[str]]
    make: Callable[[Member], None]


def change_part(member: Member, change: PartChange) -> None:
    """Make the change, all or nothing. Raises PartRefused where the member's record does not allow it any more."""
    with transaction.atomic():
        lock_table(Member)  # there is one coordinator among all members
        locked = Member.objects.get(pk=member.pk)
        if obstacle := change.obstacle(locked):
            raise PartRefused(obstacle)
        change.make(locked)


def legal_changes(member: Member) -> list[tuple[str, PartChange]]:
    """The changes that can be made now, by the names in their addresses."""
    return [(name, change) for name, change in PART_CHANGES.items() if not change.obstacle(member)]


def voters(member: Member) -> int:
    return member.representatives.filter(role=Representative.Role.VOTER).count()


def keep(member: Member, **flags: bool) -> None:
    for name, value in flags.items():
        setattr(member, name, value)
    member.save(update_fields=[*flags, "updated_at"])


def no_new_founder(member: Member) -> str:
    if member.is_founder:
        return _("Nothing was changed: the member is a founder already.")
    return "" if member.status == Member.Status.ACTIVE else _("Only an active member can become a founder.")


def effects_of_founding(member: Member) -> list[str]:
    return [
        _(
            "The member has one vote on every application that is put to the vote from now on, and counts for the quorum of each."
        ),
        _(
            "Where a vote is under way nothing changes: who is entitled and how many must vote was fixed when it opened."
        ),
        _("The pages, the directory and the open data name it as a founder."),
        _("A person votes for it once you have given them the role of voter."),
        _("The change is kept in the member’s history with your name, and can be undone."),
    ]


def no_founder_to_end(member: Member) -> str:
    if not member.is_founder:
        return _("Nothing was changed: the member is not a founder.")
    return _("The coordinator is a founder: appoint another coordinator first.") if member.is_coordinator else ""


def effects_of_ending(member: Member) -> list[str]:
    count = voters(member)
    return [
        _("It stays a member, but has no vote on the applications that are put to the vote from now on."),
        _(
            "Where a vote is under way it is still counted among those entitled, but it can no longer vote; a vote "
            "already cast stays."
        ),
        ngettext("%(count)d person loses the role of voter.", "%(count)d people lose the role of voter.", count)
        % {"count": count}
        if count
        else _("Nobody has the role of voter in it."),
        _("The pages, the directory and the open data no longer name it as a founder."),
        _(
            "The change is kept in the member’s history with your name; to undo it, make it a founder and choose voters again."
        ),
    ]


def end_founding(member: Member) -> None:
    keep(member, is_founder=False)
    for representative in member.representatives.filter(role=Representative.Role.VOTER):
        representative.delete()


def no_new_coordinator(member: Member) -> str:
    if member.is_coordinator:
        return _("Nothing was changed: the member coordinates the cluster already.")
    if not member.is_founder or member.status != Member.Status.ACTIVE:
        return _("Only an active founder can coordinate the cluster.")
    return ""


def effects_of_appointing(member: Member) -> list[str]:
    present = Member.objects.filter(is_coordinator=True).first()
    sentences = [_("The pages and the open data name it as the coordinator, who answers for personal data.")]
    if present:
        sentences.append(_("%(name)s no longer coordinates; it stays a founder with its vote.") % {"name": present})
    return [
        *sentences,
        _(
            "No vote changes, neither those under way nor later ones: the coordinator has one vote, as every founder has."
        ),
        _("Who may work at this desk stays as it is: that right is each person’s own."),
        _("The change is kept in the histories of both with your name, and can be undone."),
    ]


def appoint(member: Member) -> None:
    for present in Member.objects.filter(is_coordinator=True):
        keep(present, is_coordinator=False)
    keep(member, is_coordinator=True)


PART_CHANGES = {
    "found": PartChange(
        gettext_lazy("Make it a founder"),
        gettext_lazy("The member is a founder now."),
        no_new_founder,
        effects_of_founding,
        lambda member: keep(member, is_founder=True),
    ),
    "end-founding": PartChange(
        gettext_lazy("End its founder status"),
        gettext_lazy("The member is no longer a founder."),
        no_founder_to_end,
        effects_of_ending,
        end_founding,
    ),
    "coordinate": PartChange(
        gettext_lazy("Appoint it as coordinator"),
        gettext_lazy("The member coordinates the cluster now."),
        no_new_coordinator,
        effects_of_appointing,
        appoint,
    ),
}
