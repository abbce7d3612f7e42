"""What the pages of the applicant share: whose application it is, and what a page answers that has gone stale."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applications.models import Application
from applications.permissions import may_see_status


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
