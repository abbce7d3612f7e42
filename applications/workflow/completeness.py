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
    "areas": _("Choose at least one area of activity."),
    "summary_lt": _("Describe the organisation in one or two sentences."),
    "contact_name": _("Enter the name of the contact person."),
    "contact_email": _("Enter the email address of the contact person, for example, vardas@example.org."),
    "motivation": _("Say why you want to join."),
}
CONFIRM = _("Please tick the confirmation.")


def missing_fields(application: Application) -> dict[str, str]:
    """Field name → sentence, for everything still missing; empty when the application may be submitted."""
    has_areas = application.areas.exists()  # rows of their own
    missing = {
        name: str(prompt)
        for name, prompt in PROMPTS.items()
        if not (has_areas if name == "areas" else getattr(application, name))
    }
    if not application.consented_at:
        missing["consent"] = str(CONFIRM)
    return missing
