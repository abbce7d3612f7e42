"""A member's status: what a change of it does, in words first, and the one way to change it."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cluster_portal.base.database import lock_table
from members.models import Member

Status = Member.Status
# status → (the step's title, what is said when it is done)
STATUS_CHANGES: dict[str, tuple] = {
    Status.SUSPENDED: (gettext_lazy("Suspend the membership"), gettext_lazy("The membership is suspended.")),
    Status.FORMER: (gettext_lazy("End the membership"), gettext_lazy("The membership has ended.")),
    Status.ACTIVE: (gettext_lazy("Renew the membership"), gettext_lazy("The membership is active again.")),
}


class StatusRefused(Exception):
    """The status cannot be changed so; the message is for the person."""


def legal_statuses(member: Member) -> list[str]:
    """The statuses that the member may be given now; the coordinator keeps its own."""
    return [] if member.is_coordinator else [status for status in STATUS_CHANGES if status != member.status]


def change_status(member: Member, status: str) -> Member:
    """Give the member this status. Raises StatusRefused where it has it already, or is the coordinator."""
    with transaction.atomic():
        lock_table(Member)  # as `change_part` does: one who locked the row first would wait for it, and it for the row
        locked = Member.objects.get(pk=member.pk)
        if status not in legal_statuses(locked):
            raise StatusRefused(
                _("Nothing was changed: the status is now “%(status)s”.") % {"status": locked.get_status_display()}
            )
        locked.status = status
        locked.save(update_fields=["status", "updated_at"])
    return locked


def effects(member: Member, status: str) -> list[str]:
    """What giving the member this status will do, in sentences."""
    people = member.representatives.values("user").distinct().count()
    if status == Status.ACTIVE:
        sentences = [
            _("The page is shown again in the directory and the open data."),
            _("Its representatives may edit the page and get the cluster’s announcements again."),
        ]
        vote = _("As a founder it votes on every application that is put to the vote from now on.")
    else:
        sentences = [_("The page disappears from the directory, the search and the open data; nothing is deleted.")]
        if status == Status.SUSPENDED:
            sentences.append(_("Its representatives may still edit the page, but get no announcements."))
        else:
            sentences.append(_("Its representatives can no longer edit the page and get no announcements."))
        vote = _(
            "As a founder it can no longer vote. Where a vote is under way it is still counted among those "
            "entitled; a vote already cast stays."
        )
    if member.is_founder:
        sentences.append(vote)
    sentences.append(
        ngettext(
            "No emails are sent: tell its %(count)d representative yourself.",
            "No emails are sent: tell its %(count)d representatives yourself.",
            people,
        )
        % {"count": people}
        if people
        else _("It has no representatives.")
    )
    sentences.append(_("The change is kept in the member’s history with your name, and can be undone."))
    return sentences
