"""The verbs before the vote: submitting, asking, answering; and withdrawing."""

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import emails
from applications.exceptions import AlreadyKnown, Incomplete
from applications.models import Application, Status
from applications.workflow.completeness import missing_fields
from applications.workflow.door import required, set_status, step
from members.models import Member, User


def submit(application: Application, by: User) -> Application:
    """draft → submitted. Raises Incomplete, or AlreadyKnown where the organisation is a member or applies already."""
    try:
        with step("submit", application, by) as locked:
            refuse_incomplete(locked)
            refuse_known(locked)
            locked.status = Status.SUBMITTED
            locked.submitted_at = timezone.now()
            locked.save(update_fields=["status", "submitted_at", "updated_at"])
            emails.application_submitted(locked)
    except IntegrityError as error:  # two of the same company at the same moment
        raise AlreadyKnown(_("This organisation already has an open application.")) from error
    return locked


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


def request_information(application: Application, by: User, question: str) -> Application:
    """submitted → information requested; the applicant is asked `question` by mail and may edit again."""
    with step("request_information", application, by) as locked:
        locked.status = Status.INFORMATION_REQUESTED
        locked.information_request = required(question, _("Write what the applicant should clarify."))
        locked.answer = ""
        locked.save(update_fields=["status", "information_request", "answer", "updated_at"])
        emails.information_requested(locked)
    return locked


def resubmit(application: Application, by: User, answer: str) -> Application:
    """information requested → submitted, with the applicant's answer."""
    try:
        with step("resubmit", application, by) as locked:
            refuse_incomplete(locked)
            refuse_known(locked)
            locked.status = Status.SUBMITTED
            locked.answer = required(answer, _("Write your answer."))
            locked.save(update_fields=["status", "answer", "updated_at"])
            emails.application_answered(locked)
    except IntegrityError as error:
        raise AlreadyKnown(_("This organisation already has an open application.")) from error
    return locked


def withdraw(application: Application, by: User) -> Application:
    """Any open status → withdrawn, by the applicant; an open ballot ends without a decision."""
    with step("withdraw", application, by) as locked:
        set_status(locked, Status.WITHDRAWN)
        emails.application_withdrawn(locked)
    return locked
