"""Public files (logos), served by the portal itself: the storage may be a disk or a bucket."""

import re

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

# No part of a path may begin with a dot, which shuts out "..", hidden files and absolute paths alike.
PUBLIC_NAME = re.compile(r"logos/(?:(?!\.)[\w.-]+/)*(?!\.)[\w.-]+\.(png|jpg|jpeg|webp)")
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


@login_not_required
@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """The public picture `name`, streamed; anything outside logos/, or that is no picture, answers 404."""
    match = PUBLIC_NAME.fullmatch(name)
    if not match:
        raise Http404
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=CONTENT_TYPES[match[1]])
    # A stored name is never used twice, so that a picture may be kept for long.
    response["Cache-Control"] = "public, max-age=31536000"
    response["X-Content-Type-Options"] = "nosniff"
    return response
