"""A logo: a small new picture of what was uploaded."""

import io
import warnings
from typing import Any

import filetype
from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

LOGO_SIDE = 480
LOGO_PIXELS = 40_000_000
LOGO_KINDS = ("image/png", "image/jpeg", "image/webp")


class LogoField(forms.FileField):
    """A picture of at most LOGO_MAX_BYTES; cleans to a new PNG no larger than 480 × 480."""

    widget = forms.ClearableFileInput
    default_error_messages = {
        "too_big": _("The file is larger than %(max)d MB."),
        "svg": _("SVG drawings cannot be accepted, as they may carry scripts. Please save the logo as PNG."),
        "kind": _("This is not a PNG, JPEG or WebP picture."),
        "broken": _("The picture is damaged or too large and cannot be read."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {**super().widget_attrs(widget), "accept": ",".join(LOGO_KINDS)}

    def to_python(self, data: Any) -> ContentFile | None:
        upload = super().to_python(data)
        if upload is None:
            return None
        if upload.size > settings.LOGO_MAX_BYTES:
            raise forms.ValidationError(
                self.error_messages["too_big"], "too_big", {"max": settings.LOGO_MAX_BYTES // 1024**2}
            )
        content = upload.read()
        if (upload.name or "").lower().endswith((".svg", ".svgz")) or b"<svg" in content[:1000].lower():
            raise forms.ValidationError(self.error_messages["svg"], "svg")
        if filetype.guess_mime(content) not in LOGO_KINDS:
            raise forms.ValidationError(self.error_messages["kind"], "kind")
        try:
            return ContentFile(small_png(content), name="logo.png")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise forms.ValidationError(self.error_messages["broken"], "broken") from error


def small_png(content: bytes) -> bytes:
    """The picture `content` as a PNG of at most LOGO_SIDE pixels a side.

    Raises OSError, SyntaxError or ValueError for what is no readable picture of at most LOGO_PIXELS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large and odd pictures; the size is checked right here
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > LOGO_PIXELS:
                raise ValueError("too many pixels")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((LOGO_SIDE, LOGO_SIDE))
    result = io.BytesIO()
    # A fresh canvas: nothing of the file's metadata (places, persons, thumbnails) comes along.
    canvas = Image.new("RGBA", upright.size)
    canvas.paste(upright)
    canvas.save(result, "PNG", optimize=True)
    return result.getvalue()
