"""Checking what applicants upload: only PDF and pictures, known by their content, not by their name."""

import io
import re
from pathlib import PurePath

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

IMAGE_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
PIXELS_MAX = 50_000_000


def size_limit() -> str:
    """The largest size of one file, for people: "10 MB"."""
    return f"{floatformat(settings.ATTACHMENT_MAX_BYTES / 1024**2, -1)}\N{NO-BREAK SPACE}MB"


def checked(upload: UploadedFile) -> tuple[str, str, ContentFile]:
    """The name, content type and content under which `upload` is kept; pictures are redrawn, which drops whatever
    else hides in the file. Raises ValidationError in words for the applicant.
    """
    if not upload.size:
        raise ValidationError(_("The file is empty."))
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        raise ValidationError(_("The file is too large: at most %(size)s.") % {"size": size_limit()})
    content = upload.read()
    kind = filetype.guess_mime(content)
    if kind not in EXTENSIONS:
        raise ValidationError(_("Only PDF, PNG, JPEG and WebP files are accepted; this is another kind of file."))
    if kind in IMAGE_FORMATS:
        content = redrawn(content, IMAGE_FORMATS[kind])
    elif b"%%EOF" not in content:  # the mark that ends every PDF
        raise ValidationError(_("The PDF is damaged or incomplete. Save it again and try once more."))
    stem = re.sub(r"[^\w\s.-]", "", PurePath(upload.name or "").stem)
    stem = re.sub(r"\s+", " ", stem)[:100].strip("._- ")
    return f"{stem or 'file'}.{EXTENSIONS[kind]}", kind, ContentFile(content)


def redrawn(content: bytes, image_format: str) -> bytes:
    """The picture encoded again; raises ValidationError for a broken one and for a decompression bomb."""
    output = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise ValidationError(_("The picture has too many pixels. Make it smaller and try again."))
            # A phone keeps "turned" in the data that are dropped here.
            upright = ImageOps.exif_transpose(image)
            # Comments and colour profiles would be written out again as they came.
            upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
            upright.save(output, image_format, quality=90)
    except ValidationError:
        raise
    except Exception:  # on hostile files Pillow raises whatever its decoders raise
        raise ValidationError(_("The picture cannot be read. Save it again and try once more.")) from None
    return output.getvalue()
