"""What an application needs before it can be submitted. The form, the review page and the workflow ask here."""

from django.utils.translation import gettext_lazy as _

from applications.models import Application

# What is asked for where a field is empty, in the order of the form; each is a field of Application.
PROMPTS = {
    "name": _("Enter the name of the organisation."),
    "legal_name": _("Enter the full legal name."),
    "kind": _("Choose the kind of organisation."),
    "company_code": _("Enter the company code."),
    "municipality": _("Choose the municipality."),
    "summary_lt": _("Describe the organisation in one or two sentences."),
    "motivation": _("Say why you want to join."),
    "contact_name": _("Enter the name of the contact person."),
    "contact_email": _("Enter the email address of the contact person, for example, vardas@example.org."),
    "areas": _("Choose at least one area of activity."),
}
CONFIRM = _("Please tick the confirmation.")
REQUIRED = tuple(name for name in PROMPTS if name != "areas")  # areas are rows of their own


def missing_fields(application: Application) -> dict[str, str]:
    """Field name → sentence, for everything still missing; empty when the application may be submitted."""
    missing = {name: str(PROMPTS[name]) for name in REQUIRED if not getattr(application, name)}
    if not application.areas.exists():
        missing["areas"] = str(PROMPTS["areas"])
    if not application.consented_at:
        missing["consent"] = str(CONFIRM)
    return missing
