"""Handing out attachments, so that they can be looked at safely in the browser."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from applications.models import Attachment

# A browser's own PDF reader is an object of the page, in an inline style.
POLICY = {
    "default-src": [NONE],
    "object-src": [SELF],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF],
    "frame-ancestors": [NONE],
}


def attachment_response(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """The file inline: shown in its own tab, where it may load and run nothing; kept by no cache.

    Pictures were redrawn when they were uploaded and PDFs are known by their content (`uploads.checked`); the kind that
    was found then is the one that is named, and browsers must not guess another. A file that is gone answers 404.
    """
    try:
        content = attachment.file.open()
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, filename=attachment.name, content_type=attachment.content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return csp(POLICY)(lambda _request: response)(request)
