"""The applicant's applications: how each stands, answering the coordinator, withdrawing."""

from itertools import groupby
from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.exceptions import Refused, WrongStatus
from applications.form.applicant import moved_on, own_application
from applications.form.forms import SECTION_FORMS, AnswerForm
from applications.form.sections import missing_with_addresses, section_address
from applications.models import Application, Status
from applications.permissions import may_withdraw
from applications.workflow import joining
from cluster_portal.base import unsent
from cluster_portal.base.unsent import keeps_typed
from members.permissions import signed_in


def list_applications(request: HttpRequest) -> HttpResponse:
    """All applications of this person; a draft says what it still lacks."""
    applications = list(signed_in(request).applications.all())
    draft = next((application for application in applications if application.status == Status.DRAFT), None)
    context = {
        "applications": [application for application in applications if application is not draft],
        "draft": draft,
        "missing": missing_with_addresses(draft) if draft else [],
    }
    return render(request, "applications/list.html", context)


def detail(request: HttpRequest, pk: int, answer: AnswerForm | None = None) -> HttpResponse:
    """The status page in the applicant's words: how it stands, what happens next, by when."""
    application = own_application(request, pk)
    ballot = getattr(application, "ballot", None)
    order = [Status.SUBMITTED, Status.VOTING, Status.APPROVED, Status.ADMITTED]
    stands = {
        Status.INFORMATION_REQUESTED: Status.SUBMITTED,
        Status.LAPSED: Status.VOTING,
        Status.REJECTED: Status.VOTING,
    }
    public = Status(application.public_status)
    current = stands.get(public, public)
    context = {
        "application": application,
        "public_status": public,
        "ballot": ballot,
        "answer_form": answer or AnswerForm(initial=answer_begun(request, application)),
        "missing": missing_with_addresses(application) if application.is_editable else [],
        # The number of the decision that the applicant has been told of.
        "decision": application.minutes.listed().filter(edition=1).last()
        if public in (Status.APPROVED, Status.ADMITTED, Status.REJECTED)
        else None,
        "may_withdraw": may_withdraw(request.user, application),
        "steps": [
            (
                label,
                "is-done" if current in order and i < order.index(current) else "is-current" if current == name else "",
            )
            for i, (name, label) in enumerate(
                zip(order, [_("Review"), _("Founders vote"), _("Decision"), _("Member")], strict=True)
            )
        ],
        "history": [(event.pgh_created_at, Status(event.status)) for event in shown_history(application)],
    }
    status = 422 if answer and request.method == "POST" else 200
    return render(request, "applications/detail.html", context, status=status)


def answer_begun(request: HttpRequest, application: Application) -> dict[str, str]:
    """What was typed as the answer before something in the application was changed."""
    waiting = unsent.typed(request, reverse("applications:answer", args=[application.pk]))
    return {"answer": waiting.get("answer", "")} if waiting else {}


def shown_history(application: Application) -> list:
    """The rows of the application's history that its applicant may know: never a decision against it that the coordinator
    has not told, though it was reopened since. The row of the telling has the reason.
    """
    rows = [
        row for row in application.history.order_by("pgh_id") if row.status != Status.REJECTED or row.rejection_reason
    ]
    return [next(same) for _status, same in groupby(rows, attrgetter("status"))]


@keeps_typed
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the coordinator's question and hand the application in again; a GET (after a log-in) shows the form.

    A POST that names a section in `change` goes to that section first; the answer begun waits meanwhile.
    """
    application = own_application(request, pk)
    typed_before = unsent.typed(request)
    place = request.POST.get("change")
    if place in (*SECTION_FORMS, "attachments") and application.status == Status.INFORMATION_REQUESTED:
        unsent.keep(request, answer)
        return redirect(section_address(application, place))
    sent = request.POST if request.method == "POST" else typed_before
    if sent is None:
        return redirect(application)
    form = AnswerForm(sent)
    if request.method == "POST" and application.status == Status.INFORMATION_REQUESTED and form.is_valid():
        try:
            joining.resubmit(application, signed_in(request), form.cleaned_data["answer"])
        except WrongStatus:
            application.refresh_from_db()
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Your answer is sent. The coordinator will continue with the application."))
            return redirect(application)
    if application.status == Status.INFORMATION_REQUESTED:
        return detail(request, pk, form)
    text = sent.get("answer", "").strip()
    if text and text == application.answer:  # the second of two clicks
        return redirect(application)
    return moved_on(request, application, [(str(form.fields["answer"].label), text)] if text else [])


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is lost, and withdraw on POST."""
    application = own_application(request, pk)
    done = _("The draft is discarded.") if application.status == Status.DRAFT else _("The application is withdrawn.")
    if request.method == "POST":
        try:
            joining.withdraw(application, signed_in(request))
        except Refused:  # whose words may name a decision that the applicant has not been told
            application.refresh_from_db()
            if application.status != Status.WITHDRAWN:  # else it is the second of two clicks
                return moved_on(request, application)
        else:
            messages.success(request, done)
        return redirect(application)
    if not may_withdraw(request.user, application):
        return moved_on(request, application)
    return render(request, "applications/withdraw.html", {"application": application})
