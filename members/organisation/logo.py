"""A logo: a small new picture of what was uploaded."""

import io
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.pictures import read_picture

LOGO_SIDE = 480
LOGO_PIXELS = 40_000_000
LOGO_KINDS = ("image/png", "image/jpeg", "image/webp")


class LogoField(forms.FileField):
    """A picture of at most LOGO_MAX_BYTES; cleans to a new PNG no larger than 480 × 480."""

    widget = forms.ClearableFileInput
    default_error_messages = {
        "too_big": _("The file is larger than %(max)d MB."),
        "svg": _("SVG drawings cannot be accepted, as they may carry scripts. Please save the logo as PNG."),
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
        return ContentFile(small_png(content), name="logo.png")


def small_png(content: bytes) -> bytes:
    """The picture `content` as a PNG of at most LOGO_SIDE pixels a side. Raises ValidationError (see `read_picture`)."""
    picture, _format = read_picture(content, LOGO_PIXELS)
    picture.thumbnail((LOGO_SIDE, LOGO_SIDE))
    result = io.BytesIO()
    picture.save(result, "PNG", optimize=True)
    return result.getvalue()
