"""What applications tell on a member's page: by which decision it was admitted."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# The newest edition of the minutes is that of the admission.
DECISION = """
SELECT json_build_object('decided_at', decided_at, 'outside', outside_decision, 'year', year, 'number', sequence)
FROM applications_application AS application
    LEFT JOIN applications_minutes AS minutes ON minutes.application_id = application.id
WHERE application.member_id = member.id AND application.status = 'admitted'
    AND (decided_at IS NOT NULL OR outside_decision <> '')
ORDER BY minutes.issued_at DESC NULLS LAST, application.id DESC LIMIT 1
"""


def decision(row: dict[str, Any] | None) -> str | SafeString:
    """The decision in words: that taken outside the portal, or the founders' vote with its minutes; else empty."""
    if row is None:
        return ""
    if row["outside"]:
        return format_html('<span lang="lt">{}</span>', row["outside"])
    date = date_format(timezone.localtime(datetime.fromisoformat(row["decided_at"])), "DATE_FORMAT")
    if row["year"] is None:
        return _("Founders’ vote of %(date)s") % {"date": date}
    number = f"{row['year']}-{row['number']:02}"
    return _("Founders’ vote of %(date)s, minutes no. %(number)s") % {"date": date, "number": number}
