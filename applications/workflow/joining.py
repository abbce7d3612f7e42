"""The verbs of the applicant, and the coordinator's question: submitting, asking, answering, withdrawing."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import emails
from applications.exceptions import AlreadyKnown, Incomplete
from applications.models import ONE_OPEN_APPLICATION, Application, Status
from applications.workflow.completeness import missing_fields
from applications.workflow.door import HistoryLine, Taker, required, set_status, verb
from cluster_portal.base.database import violated_constraint
from members.models import Member, User


@verb(
    Taker.APPLICANT,
    sources=(Status.DRAFT,),
    targets=(Status.SUBMITTED,),
    history_line=HistoryLine(gettext_lazy("Submitted")),
)
def submit(application: Application, by: User) -> Application:
    """Raises Incomplete, or AlreadyKnown where the organisation is a member or applies already."""
    refuse_incomplete(application)
    refuse_known(application)
    application.submitted_at = timezone.now()
    hand_in(application, "submitted_at")
    emails.application_submitted(application)
    return application


@verb(
    Taker.COORDINATOR,
    sources=(Status.SUBMITTED,),
    targets=(Status.INFORMATION_REQUESTED,),
    history_line=HistoryLine(gettext_lazy("The applicant was asked to clarify"), text="information_request"),
)
def request_information(application: Application, by: User, question: str) -> Application:
    """The applicant is asked `question` by mail and may edit again."""
    application.information_request = required(question, _("Write what the applicant should clarify."))
    application.answer = ""
    set_status(application, Status.INFORMATION_REQUESTED, "information_request", "answer")
    emails.information_requested(application)
    return application


@verb(
    Taker.APPLICANT,
    sources=(Status.INFORMATION_REQUESTED,),
    targets=(Status.SUBMITTED,),
    history_line=HistoryLine(gettext_lazy("The applicant answered"), text="answer"),
)
def resubmit(application: Application, by: User, answer: str) -> Application:
    """Submitted again, with the applicant's answer; raises what `submit` raises."""
    refuse_incomplete(application)
    refuse_known(application)
    application.answer = required(answer, _("Write your answer."))
    hand_in(application, "answer")
    emails.application_answered(application)
    return application


def is_not_told_of_a_rejection(application: Application) -> bool:
    """Whether the applicant may still believe that the founders are deciding."""
    return application.applicant_told_at is None


@verb(
    Taker.APPLICANT,
    sources=(
        Status.DRAFT, Status.SUBMITTED, Status.INFORMATION_REQUESTED, Status.VOTING, Status.APPROVED, Status.REJECTED,
        Status.LAPSED,
    ),
    targets=(Status.WITHDRAWN,),
    history_line=HistoryLine(gettext_lazy("The applicant withdrew")),
    holds=is_not_told_of_a_rejection,
)  # fmt: skip
def withdraw(application: Application, by: User) -> Application:
    """An open ballot ends without a decision. A decision against it of which the applicant was not told is never told:
    to the applicant nothing may differ from withdrawing while founders vote.
    """
    set_status(application, Status.WITHDRAWN)
    emails.application_withdrawn(application)
    return application


def hand_in(application: Application, *fields: str) -> None:
    """Save it as submitted; two of the same company may come at the same moment, and the database takes one."""
    try:
        with transaction.atomic():
            set_status(application, Status.SUBMITTED, *fields)
    except IntegrityError as error:
        if violated_constraint(error) not in ONE_OPEN_APPLICATION:
            raise
        raise AlreadyKnown(_("This organisation already has an open application.")) from error


def refuse_incomplete(application: Application) -> None:
    """Raises Incomplete naming every missing field."""
    if missing := missing_fields(application):
        raise Incomplete(missing)


def refuse_known(application: Application) -> None:
    """Raises AlreadyKnown where the company or the VAT code is a member's or an open application's."""
    members = Member.objects.exclude(status=Member.Status.FORMER)
    others = Application.objects.open().exclude(pk=application.pk)
    for name, message in (
        ("company_code", _("An organisation with this company code is already a member of the cluster.")),
        ("vat_code", _("An organisation with this VAT code is already a member of the cluster.")),
    ):
        if not (code := getattr(application, name)):
            continue
        if members.filter(**{name: code}).exists():
            raise AlreadyKnown(message)
        if others.filter(**{name: code}).exists():
            raise AlreadyKnown(_("This organisation already has an open application."))
