"""What waits for the coordinator."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from applications.models import Application, Ballot, Recusal, Status


@dataclass(frozen=True)
class Group:
    """Applications that wait for the same next step."""

    title: str
    hint: str
    applications: QuerySet


def waiting() -> list[Group]:
    """What waits for the coordinator, by next step, in the order of the desk; groups with nothing in them are left out."""
    queue = Application.objects.waiting_for_coordinator().order_by("submitted_at", "pk")
    submitted, lapsed = queue.filter(status=Status.SUBMITTED), queue.filter(status=Status.LAPSED)
    recused = Recusal.objects.filter(ballot=OuterRef("ballot")).values("founder")
    all_recused = ~Exists(Ballot.entitled.through.objects.filter(ballot=OuterRef("ballot")).exclude(member__in=recused))
    groups = [
        Group(_("New applications"), _("Read, ask or open the vote"), submitted.filter(answer="")),
        Group(_("Answered"), _("Read the answer, then open the vote"), submitted.exclude(answer="")),
        Group(_("Approved by the founders"), _("Admit to the cluster"), queue.filter(status=Status.APPROVED)),
        Group(_("No quorum"), _("Extend the vote or reject the application"), lapsed.exclude(all_recused)),
        Group(
            _("All founders have recused themselves"),
            _("Once it is decided outside the portal, admit or reject"),
            lapsed.filter(all_recused),
        ),
        Group(
            _("Rejected by the founders"),
            _("Tell the applicant and give the reason"),
            queue.filter(status=Status.REJECTED),
        ),
    ]
    return [group for group in groups if group.applications]


def votes_under_way() -> QuerySet:
    """Applications being voted on, the nearest deadline first."""
    return Application.objects.filter(status=Status.VOTING).with_ballot().order_by("ballot__closes_at", "pk")


def start_page() -> dict[str, Any]:
    """The context of `applications/desk/waiting.html`, a part of the desk's start page."""
    return {
        "groups": waiting(),
        "votes": votes_under_way(),
        "asked": Application.objects.filter(status=Status.INFORMATION_REQUESTED).order_by("submitted_at", "pk"),
    }
