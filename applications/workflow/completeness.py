"""What an application needs before it can be submitted. The form, the review page and the workflow ask here."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from applications.models import Application

# In the order of the form; each is a field of Application.
REQUIRED = (
    "name", "legal_name", "kind", "company_code", "municipality", "summary_lt", "motivation",
    "contact_name", "contact_email",
)  # fmt: skip


def missing_fields(application: Application) -> dict[str, str]:
    """Field name → sentence, for everything still missing; empty when the application may be submitted."""
    labels = {"summary_lt": _("Summary")}  # the form speaks of one summary, in the applicant's own words
    missing = {
        name: _("%(field)s: not filled in yet.")
        % {"field": labels.get(name) or capfirst(Application._meta.get_field(name).verbose_name)}
        for name in REQUIRED
        if not getattr(application, name)
    }
    if not application.areas.exists():
        missing["areas"] = _("Choose at least one area of activity.")
    if not application.consented_at:
        missing["consent"] = _("Please tick the confirmation.")
    return missing
