"""Checking what applicants upload: only PDF and pictures, known by their content, not by their name."""

import io
import re
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from pypdf import PasswordType, PdfReader

from cluster_portal.base.pictures import is_picture, read_picture
from cluster_portal.base.text import clean_line

# How pictures are kept, by Pillow's format: the content type, the ending
PICTURES = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}
PDF = ("application/pdf", "pdf")
# Readers look for the mark of a PDF this far: some programs put something before it.
PDF_MARK_WITHIN = 1024
# No Windows disk can hold these in a name.
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]')
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
    if is_picture(content):
        content, (kind, ending) = redrawn(content)
    elif b"%PDF-" in content[:PDF_MARK_WITHIN]:
        refuse_unreadable_pdf(content)
        kind, ending = PDF
    else:
        raise ValidationError(_("Only PDF, PNG, JPEG and WebP files are accepted; this is another kind of file."))
    return f"{stem_of(upload.name or '')}.{ending}", kind, ContentFile(content)


def stem_of(name: str) -> str:
    """The file's own name without its ending, as any machine can hold it."""
    stem = clean_line(NOT_IN_NAMES.sub("", PurePath(name).stem))[:100].strip("._- ")
    return stem if re.search(r"\w", stem) else "file"


def redrawn(content: bytes) -> tuple[bytes, tuple[str, str]]:
    """The picture encoded again, and how it is kept."""
    picture, picture_format = read_picture(content, PIXELS_MAX)
    output = io.BytesIO()
    picture.save(output, picture_format, quality=90)
    return output.getvalue(), PICTURES[picture_format]


def refuse_unreadable_pdf(content: bytes) -> None:
    """Raises ValidationError for a PDF that is cut short, or that nobody can open without its password."""
    if b"%%EOF" not in content:  # the mark that ends every PDF
        raise ValidationError(_("The PDF is damaged or incomplete. Save it again and try once more."))
    if b"/Encrypt" in content and is_locked(content):
        raise ValidationError(
            _("The PDF is locked with a password. Save a copy without the password and attach that copy.")
        )


def is_locked(content: bytes) -> bool:
    """Whether it takes a password to read the PDF. Many that only restrict printing or copying are encrypted as well, and
    open without one.
    """
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        return reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED
    except Exception:  # not a PDF as pypdf knows them; a viewer may be more patient
        return False
