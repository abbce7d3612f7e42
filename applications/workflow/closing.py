"""The verb that tells the applicant of a decision against it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.models import Application, Status
from applications.workflow.door import HistoryLine, Taker, required, set_status, verb
from applications.workflow.joining import is_not_told_of_a_rejection
from members.models import User


@verb(
    Taker.COORDINATOR,
    sources=(Status.LAPSED, Status.REJECTED),
    targets=(Status.REJECTED,),
    history_line=HistoryLine(gettext_lazy("The applicant was told of the rejection"), text="rejection_reason"),
    holds=is_not_told_of_a_rejection,
)
def reject(application: Application, by: User, reason: str) -> Application:
    """Tell the applicant of the decision against it, with its reason; closes a lapsed application as rejected."""
    now = timezone.now()
    application.rejection_reason = required(reason, _("Write the reason; the applicant will read it."))
    application.decided_at = application.decided_at or now
    application.applicant_told_at = now
    set_status(application, Status.REJECTED, "rejection_reason", "decided_at", "applicant_told_at")
    emails.application_rejected(application)
    return application
