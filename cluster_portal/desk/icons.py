"""Yes and no in the desk's lists and forms."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def yes_or_no(value: bool) -> SafeString:
    """A tick or a stroke, read aloud as a word of the person's language ("no" is no fault here, so no red cross)."""
    name, word = ("yes", _("yes")) if value else ("no", _("no"))
    return format_html('<img class="yes-or-no" src="{}" alt="{}">', static(f"img/{name}.svg"), word)
