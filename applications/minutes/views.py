"""The download of the minutes: never anything but the file that was issued."""

import logging

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from applications.minutes.issuing import LANGUAGES, Damaged, checked_pdf
from applications.models import Minutes
from applications.permissions import may_see_minutes

logger = logging.getLogger(__name__)


@require_safe
def download(request: HttpRequest, pk: int, file_name: str) -> HttpResponseBase:
    """The PDF of that name ("2026-03.lt.pdf") of application `pk`; an error page where it is not what was issued."""
    editions = Minutes.objects.listed().filter(application=pk).select_related("application__ballot")
    named = {edition.file_name(language): (edition, language) for edition in editions for language in LANGUAGES}
    record, language = named.get(file_name, (None, ""))
    if record is None or not may_see_minutes(request.user, record.application):
        raise Http404
    try:
        pdf = checked_pdf(record, language)
    except Damaged as damage:
        logger.error("%s", damage)
        response: HttpResponseBase = render(
            request, "applications/ballot/minutes_damaged.html", {"minutes": record}, status=503
        )
    else:
        with translation.override(language):
            name = pgettext("file name", "minutes")
        response = as_file(request, pdf, f"{name}-{file_name}")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def as_file(request: HttpRequest, pdf: bytes, name: str) -> HttpResponseBase:
    """The PDF to be read in the browser. The pages' policy (`object-src 'none'`) would keep some browsers' readers shut."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return csp_exempt()(lambda _request: response)(request)
