"""The PDF of the minutes: PDF/A-2a and PDF/UA-1, set by typst after `templates/applications/minutes.typ`.

The layout gets finished words as data, so that nothing typed by anyone is markup. The same content gives the same
bytes: the only moment in the file is that of issue, and the only fonts are those inside typst.
"""

import json
from pathlib import Path

import typst
from django.conf import settings

from applications.minutes.words import words_of
from applications.models import Minutes
from cluster_portal.identity.current import identity

LAYOUT = Path(settings.BASE_DIR, "templates", "applications", "minutes.typ")


def rendered(minutes: Minutes, language: str) -> bytes:
    """The PDF in one language."""
    data = words_of(minutes, language)
    return typst.compile(
        LAYOUT.read_bytes(),
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**data, **look()})},
        timestamp=int(minutes.issued_at.timestamp()),
    )


def look() -> dict[str, str]:
    """The cluster's mark and colours, which are no words: `printable` would touch them."""
    cluster = identity()
    return {"mark": cluster.mark_file(), "primary": cluster.primary_colour}
