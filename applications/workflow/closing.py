"""The verb that tells the applicant of a decision against it."""

from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails
from applications.models import Application, Status
from applications.workflow.door import required, step
from members.models import User


def reject(application: Application, by: User, reason: str) -> Application:
    """Tell the applicant of the decision against it, with its reason; closes a lapsed application as rejected."""
    with step("reject", application, by) as locked:
        now = timezone.now()
        locked.status = Status.REJECTED
        locked.rejection_reason = required(reason, _("Write the reason; the applicant will read it."))
        locked.decided_at = locked.decided_at or now
        locked.applicant_told_at = now
        locked.save(update_fields=["status", "rejection_reason", "decided_at", "applicant_told_at", "updated_at"])
        emails.application_rejected(locked)
    return locked
