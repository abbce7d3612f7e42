"""The applicant's side: filling in, submitting, following and withdrawing an application."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.exceptions import Incomplete, Refused, WrongStatus
from applications.form import attachments
from applications.form.downloads import attachment_response
from applications.form.forms import STEP_NAMES, STEPS, AnswerForm, AttachmentForm, ConsentForm, StepForm, step_of
from applications.models import ONE_OPEN_APPLICATION, Application, Attachment, Status
from applications.permissions import may_edit, may_see_attachments, may_see_status, may_withdraw
from applications.workflow import joining
from applications.workflow.completeness import missing_fields
from cluster_portal.base import unsent
from cluster_portal.base.database import violated_constraint
from cluster_portal.base.unsent import keeps_typed
from members.models import User
from members.permissions import signed_in


def own_application(request: HttpRequest, pk: int) -> Application:
    """The application if it is this person's own; else 404, so that nobody learns of others' applications."""
    application = get_object_or_404(Application.objects.select_related("municipality", "member"), pk=pk)
    if not may_see_status(request.user, application):
        raise Http404
    return application


def moved_on(request: HttpRequest, application: Application, typed: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """Where a stale page's form leads: to the status page, or first to a page that gives back what was typed."""
    if typed:
        context = {"application": application, "typed": typed}
        return render(request, "applications/moved_on.html", context, status=409)
    messages.warning(request, _("The application can no longer be changed. This is its current status."))
    return redirect(application)


def list_applications(request: HttpRequest) -> HttpResponse:
    """All applications of this person; a draft says what it still lacks."""
    applications = list(signed_in(request).applications.all())
    draft = next((application for application in applications if application.status == Status.DRAFT), None)
    context = {
        "applications": [application for application in applications if application is not draft],
        "draft": draft,
        "missing": missing_with_steps(draft) if draft else [],
    }
    return render(request, "applications/list.html", context)


def missing_with_steps(application: Application) -> list[tuple[str, str]]:
    """(address, sentence) of everything that the application still lacks, the consent aside: it is given at the end."""
    return [
        (field_address(application, name), sentence)
        for name, sentence in missing_fields(application).items()
        if name != "consent"
    ]


def field_address(application: Application, name: str) -> str:
    """Where a field is filled in: its step's page, at the field."""
    return f"{step_address(application, step_of(name))}#id_{'areas_0' if name == 'areas' else name}"


def step_address(application: Application, step: str) -> str:
    """The address of one step of the form."""
    if step in ("attachments", "review"):
        return reverse(f"applications:{step}", args=[application.pk])
    return reverse("applications:step", args=[application.pk, step])


@keeps_typed
def new(request: HttpRequest) -> HttpResponse:
    """Begin an application, with `?from=` on what a closed one of this person's held.

    A person has one draft at a time: a double click makes one, and a form that is sent again never overwrites it.
    """
    person = signed_in(request)
    draft = person.applications.filter(status=Status.DRAFT).first()
    typed_before = unsent.typed(request)
    if draft and request.method == "GET" and not typed_before:
        messages.info(request, _("You already have a draft; continue it here."))
        return redirect("applications:step", draft.pk, "organisation")
    with transaction.atomic():
        if request.method == "POST":
            User.objects.select_for_update().get(pk=person.pk)
            draft = person.applications.select_for_update().filter(status=Status.DRAFT).first()
        if draft:
            return fill_in(request, draft, "organisation", typed_before, seen="")
        earlier = closed_application(request)
        return fill_in(request, begun(person, earlier), "organisation", typed_before, earlier=earlier)


def closed_application(request: HttpRequest) -> Application | None:
    """The person's own rejected or withdrawn application that `?from=` names, to start again with what it held."""
    pk = request.GET.get("from", "")
    closed = signed_in(request).applications.filter(status__in=[Status.REJECTED, Status.WITHDRAWN])
    return closed.exclude(status=Status.REJECTED, applicant_told_at=None).filter(pk=pk).first() if is_key(pk) else None


def is_key(text: str) -> bool:
    """Whether `text` may be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 19


def begun(person: User, earlier: Application | None) -> Application:
    """An application not saved yet, with the person's own address, or with all the fields of an earlier one."""
    if not earlier:
        return Application(applicant=person, contact_email=person.email, contact_name=person.get_full_name())
    names = (*Application.COPIED, "contact_name", "contact_email", "contact_phone", "motivation")
    return Application(applicant=person, **{name: getattr(earlier, name) for name in names})


@keeps_typed
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of the form."""
    application = own_application(request, pk)
    if step not in STEPS:
        raise Http404
    typed_before = unsent.typed(request)
    with transaction.atomic():
        if request.method == "POST":
            application = Application.objects.select_for_update().get(pk=pk)
        if not application.is_editable:
            data = request.POST if request.method == "POST" else typed_before
            return moved_on(request, application, typed_into(step, data))
        seen = (typed_before or request.POST).get("seen")
        return fill_in(request, application, step, typed_before, seen)


def typed_into(step: str, data: QueryDict | None) -> list[tuple[str, str]]:
    """(label, text) of what `data` hold for a step's form, to be given back."""
    if not data:
        return []
    form = STEPS[step](data, instance=Application(), lenient=True)
    form.is_valid()
    return form.typed_in_words()


def fill_in(
    request: HttpRequest,
    application: Application,
    step: str,
    typed_before: QueryDict | None,
    seen: str | None = None,
    earlier: Application | None = None,
) -> HttpResponse:
    """Show or save one step.

    `seen` is the mark of what the sent form was opened on, None where it is not known: when something else was saved
    since, nothing is overwritten. `typed_before` came while the person was logged out: it is shown, not saved.
    `earlier` is an application whose areas a new one takes over.
    """
    leaving = "later" in request.POST
    sent = request.POST if request.method == "POST" else typed_before
    form = STEPS[step](sent, instance=application, lenient=leaving)
    context: dict[str, Any] = {"form": form, "step_title": STEP_NAMES[step], "earlier": earlier}
    status = 200
    if sent is not None:
        valid = form.is_valid()
        if application.pk and seen is not None and seen != form.mark and form.differing():
            context["saved"] = form.saved_in_words()
            status = 409
        elif request.method == "POST":
            kept = bool(valid or leaving or application.pk) and save(form, earlier)
            valid = valid and kept
            if valid and leaving and application.status == Status.INFORMATION_REQUESTED:
                messages.success(request, _("The change is saved. Now answer the coordinator."))
                return redirect(application)
            if valid and leaving:
                messages.success(request, _("The draft is saved. You can continue whenever you like."))
                return redirect("applications:list")
            if valid:
                order = list(STEP_NAMES)
                return redirect(step_address(application, order[order.index(step) + 1]))
            context["partly"] = kept
            status = 422
        context["unsent"] = request.method == "GET"
        if application.pk:  # the form has written into this one what it could not save
            application = Application.objects.get(pk=application.pk)
            form.mark = STEPS[step](instance=application).mark
        form.require(True)  # the page says what is needed in the end
    context |= {
        "application": application,
        "action": step_address(application, step) if application.pk else request.get_full_path(),
        **progress(step, application),
    }
    return render(request, "applications/step.html", context, status=status)


def save(form: StepForm, earlier: Application | None) -> bool:
    """Keep the form's valid fields; those that cannot be kept stay as they were. False where the database refuses."""
    begins = form.instance.pk is None
    try:
        with transaction.atomic():
            form.instance.save()
    except IntegrityError as error:
        field = ONE_OPEN_APPLICATION.get(violated_constraint(error))
        if field is None:
            raise
        # Another application with this code has been opened since the form was checked.
        form.add_error(field, _("This organisation already has an open application."))
        return False
    if "areas" in form.cleaned_data:
        form.instance.areas.set(form.cleaned_data["areas"])
    if begins and earlier:
        form.instance.areas.set(earlier.areas.all())
    return True


def progress(current: str, application: Application) -> dict:
    """The step bar: (address, title, state, words for the screen reader); a step is done when it lacks nothing."""
    lacking = {step_of(name) for name in missing_fields(application)} if application.pk else set(STEP_NAMES)
    if application.pk and not application.attachments.exists():
        lacking.add("attachments")
    states = {
        name: "is-current" if name == current else "" if name in lacking or name == "review" else "is-done"
        for name in STEP_NAMES
    }
    words = {"is-current": _("you are here"), "is-done": _("filled in"), "": ""}
    return {
        "steps": [
            (step_address(application, name) if application.pk else "", STEP_NAMES[name], state, words[state])
            for name, state in states.items()
        ],
    }


@keeps_typed
def edit_attachments(request: HttpRequest, pk: int) -> HttpResponse:
    """Add attachments, one file at a time; "continue" takes the chosen file along."""
    application = own_application(request, pk)
    if not may_edit(request.user, application):
        return moved_on(request, application)
    if unsent.typed(request) is not None:
        messages.warning(request, _("The file was not attached. Please choose it again."))
    going_on = "continue" in request.POST
    if going_on and not request.FILES:
        return redirect("applications:review", pk)
    form = AttachmentForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        try:
            name, kind, content = attachments.checked(form.cleaned_data["file"])
            with transaction.atomic():
                locked = Application.objects.select_for_update().get(pk=pk)
                if not locked.is_editable:
                    return moved_on(request, locked)
                if locked.attachments.count() >= settings.ATTACHMENTS_MAX:
                    raise ValidationError(too_many())
                attachment = Attachment(application=locked, name=name, content_type=kind, size=content.size)
                # Storages differ in the names that they can hold; the person's own name for it is in the row.
                attachment.file.save(f"{uuid4().hex}{PurePath(name).suffix}", content, save=True)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, _("Attached: %(name)s") % {"name": name})
            return redirect("applications:review" if going_on else "applications:attachments", pk)
    context = {
        "form": form,
        "application": application,
        "full": too_many() if application.attachments.count() >= settings.ATTACHMENTS_MAX else "",
        **progress("attachments", application),
    }
    return render(request, "applications/attachments.html", context, status=422 if form.errors else 200)


def too_many() -> str:
    """The sentence that no more files can be attached."""
    return ngettext(
        "At most %(count)d file can be attached.",
        "At most %(count)d files can be attached.",
        settings.ATTACHMENTS_MAX,
    ) % {"count": settings.ATTACHMENTS_MAX}


def remove_attachment(request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponse:
    """Take an attachment off again while the application may be changed; a GET (after a log-in) does nothing."""
    application = own_application(request, pk)
    if request.method == "POST":
        with transaction.atomic():
            locked = Application.objects.select_for_update().get(pk=pk)
            if not may_edit(request.user, locked):
                return moved_on(request, locked)
            attachment = locked.attachments.filter(pk=attachment_pk).first()
            if attachment:  # a second click finds nothing left to do
                attachment.delete()
                messages.success(request, _("Removed: %(name)s") % {"name": attachment.name})
    return redirect("applications:attachments", application.pk)


def attachment(request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponseBase:
    """Look at an attachment, in a tab of its own."""
    file = get_object_or_404(Attachment.objects.select_related("application"), pk=attachment_pk, application=pk)
    if not may_see_attachments(request.user, file.application):
        raise Http404
    return attachment_response(request, file)


@keeps_typed
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on one page, what is missing, the consent, and the button that submits."""
    application = own_application(request, pk)
    if application.status != Status.DRAFT:
        return already_submitted(request, application) if request.method == "POST" else redirect(application)
    typed_before = unsent.typed(request)
    sent = request.POST if request.method == "POST" else typed_before
    form = ConsentForm(sent, initial={"consent": bool(application.consented_at)})
    if request.method == "POST" and form.is_valid():
        if not application.consented_at:
            application.consented_at = timezone.now()
            application.save(update_fields=["consented_at", "updated_at"])
        try:
            joining.submit(application, signed_in(request))
        except WrongStatus:  # the second of two clicks
            application.refresh_from_db()
            return already_submitted(request, application)
        except Incomplete:
            pass  # the page itself says what is missing
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("The application is submitted. We have sent you a confirmation by email."))
            return redirect(application)
    context = {
        "application": application,
        "form": form,
        "refused": request.method == "POST",
        "missing": missing_with_steps(application),
        **progress("review", application),
    }
    return render(request, "applications/review.html", context, status=422 if request.method == "POST" else 200)


def already_submitted(request: HttpRequest, application: Application) -> HttpResponse:
    """To the status page: a second click has nothing left to do."""
    if application.status == Status.SUBMITTED:
        messages.info(request, _("The application is submitted."))
        return redirect(application)
    return moved_on(request, application)


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
    here = stands.get(public, public)
    context = {
        "application": application,
        "public_status": public,
        "ballot": ballot,
        "answer_form": answer or AnswerForm(initial=answer_begun(request, application)),
        "missing": missing_with_steps(application) if application.is_editable else [],
        # The number of the decision that the applicant has been told of.
        "decision": application.minutes.listed().filter(edition=1).last()
        if public in (Status.APPROVED, Status.ADMITTED, Status.REJECTED)
        else None,
        "may_withdraw": may_withdraw(request.user, application),
        "steps": [
            (label, "is-done" if here in order and i < order.index(here) else "is-current" if here == name else "")
            for i, (name, label) in enumerate(
                zip(order, [_("Review"), _("Founders vote"), _("Decision"), _("Member")], strict=True)
            )
        ],
        "history": [(event.pgh_created_at, Status(event.status)) for event in told(application)],
    }
    status = 422 if answer and request.method == "POST" else 200
    return render(request, "applications/detail.html", context, status=status)


def answer_begun(request: HttpRequest, application: Application) -> dict[str, str]:
    """What was typed as the answer before something in the application was changed."""
    waiting = unsent.typed(request, reverse("applications:answer", args=[application.pk]))
    return {"answer": waiting.get("answer", "")} if waiting else {}


def told(application: Application) -> list:
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

    A POST that names a step in `change` goes to that step first; the answer begun waits meanwhile.
    """
    application = own_application(request, pk)
    typed_before = unsent.typed(request)
    place = request.POST.get("change")
    if place in (*STEPS, "attachments") and application.status == Status.INFORMATION_REQUESTED:
        unsent.keep(request, answer)
        return redirect(step_address(application, place))
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
