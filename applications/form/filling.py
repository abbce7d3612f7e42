"""Filling in an application section by section, and handing it in."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.exceptions import Incomplete, Refused, WrongStatus
from applications.form.applicant import moved_on, own_application
from applications.form.forms import SECTION_FORMS, ConsentForm, SectionForm
from applications.form.sections import (
    SECTION_TITLES,
    missing_with_addresses,
    progress,
    section_address,
    section_after,
)
from applications.models import ONE_OPEN_APPLICATION, Application, Status
from applications.workflow import joining
from cluster_portal.base import unsent
from cluster_portal.base.changes import values
from cluster_portal.base.database import violated_constraint
from cluster_portal.base.unsent import keeps_typed
from members.models import User
from members.permissions import signed_in


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
        return redirect("applications:section", draft.pk, "organisation")
    with transaction.atomic():
        if request.method == "POST":
            User.objects.select_for_update().get(pk=person.pk)
            draft = person.applications.select_for_update().filter(status=Status.DRAFT).first()
        if draft:
            return fill_in(request, draft, "organisation", typed_before, opened_new=True)
        earlier = closed_application(request)
        return fill_in(request, begun(person, earlier), "organisation", typed_before, earlier=earlier)


def closed_application(request: HttpRequest) -> Application | None:
    """The person's own rejected or withdrawn application that `?from=` names, to start again with what it held."""
    pk = request.GET.get("from", "")
    closed = signed_in(request).applications.filter(status__in=[Status.REJECTED, Status.WITHDRAWN])
    return (
        closed.exclude(status=Status.REJECTED, applicant_told_at=None).filter(pk=pk).first()
        if is_primary_key(pk)
        else None
    )


def is_primary_key(text: str) -> bool:
    """Whether `text` may be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 19


def begun(person: User, earlier: Application | None) -> Application:
    """An application not saved yet, with the person's own address, or with all the fields of an earlier one."""
    if not earlier:
        return Application(applicant=person, contact_email=person.email, contact_name=person.get_full_name())
    names = (*Application.COPIED, "contact_name", "contact_email", "contact_phone", "motivation")
    return Application(applicant=person, **{name: getattr(earlier, name) for name in names})


@keeps_typed
def section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """One section of the form."""
    application = own_application(request, pk)
    if section not in SECTION_FORMS:
        raise Http404
    typed_before = unsent.typed(request)
    with transaction.atomic():
        if request.method == "POST":
            application = Application.objects.select_for_update().get(pk=pk)
        if not application.is_editable:
            data = request.POST if request.method == "POST" else typed_before
            return moved_on(request, application, typed_into(section, data))
        return fill_in(request, application, section, typed_before)


def typed_into(section: str, data: QueryDict | None) -> list[tuple[str, str]]:
    """(label, text) of what `data` hold for a section's form, to be given back."""
    if not data:
        return []
    form = SECTION_FORMS[section](data, instance=Application(), lenient=True)
    form.is_valid()
    return form.typed_in_words()


def fill_in(
    request: HttpRequest,
    application: Application,
    section: str,
    typed_before: QueryDict | None,
    opened_new: bool = False,
    earlier: Application | None = None,
) -> HttpResponse:
    """Show or save one section.

    Where something else was saved since the sent form was opened (`opened_new`: before there was an application), nothing is
    overwritten. `typed_before` came while the person was logged out: it is shown, not saved. `earlier` is an application
    whose areas a new one takes over.
    """
    leaving = "later" in request.POST
    sent = request.POST if request.method == "POST" else typed_before
    form = SECTION_FORMS[section](sent, instance=application, lenient=leaving, opened_new=opened_new)
    context: dict[str, Any] = {"form": form, "section_title": SECTION_TITLES[section], "earlier": earlier}
    status = 200
    if sent is not None:
        valid = form.is_valid()
        if conflicts := form.conflicts():
            context["saved"] = conflicts
            status = 409
        elif request.method == "POST":
            kept = bool(valid or leaving or application.pk) and save(form, earlier)
            if valid and kept:
                return saved(request, application, section, leaving)
            context["partly"] = kept
            status = 422
        context["unsent"] = request.method == "GET"
        if application.pk:  # the form has written into this one what it could not save
            application = Application.objects.get(pk=application.pk)
            form.show_as_seen(values(application, form.names))
        form.require(True)  # the page says what is needed in the end
    context |= {
        "application": application,
        "action": section_address(application, section) if application.pk else request.get_full_path(),
        **progress(section, application),
    }
    return render(request, "applications/section.html", context, status=status)


def saved(request: HttpRequest, application: Application, section: str, leaving: bool) -> HttpResponse:
    """To the next section, or back to where one came from."""
    if not leaving:
        return redirect(section_address(application, section_after(section)))
    if application.status == Status.INFORMATION_REQUESTED:
        messages.success(request, _("The change is saved. Now answer the coordinator."))
        return redirect(application)
    messages.success(request, _("The draft is saved. You can continue whenever you like."))
    return redirect("applications:list")


def save(form: SectionForm, earlier: Application | None) -> bool:
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
        "missing": missing_with_addresses(application),
        **progress("review", application),
    }
    return render(request, "applications/review.html", context, status=422 if request.method == "POST" else 200)


def already_submitted(request: HttpRequest, application: Application) -> HttpResponse:
    """To the status page: a second click has nothing left to do."""
    if application.status == Status.SUBMITTED:
        messages.info(request, _("The application is submitted."))
        return redirect(application)
    return moved_on(request, application)
