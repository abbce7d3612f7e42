"""The applicant's attachments: adding, removing and looking at them."""

from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.form.applicant import moved_on, own_application
from applications.form.downloads import attachment_response
from applications.form.forms import AttachmentForm
from applications.form.sections import progress
from applications.form.uploads import checked
from applications.models import Application, Attachment
from applications.permissions import may_edit, may_see_attachments
from cluster_portal.base import unsent
from cluster_portal.base.unsent import keeps_typed


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
            name, kind, content = checked(form.cleaned_data["file"])
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
