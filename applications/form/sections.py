"""The sections of the form: their titles, order and addresses, and what each still lacks."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.form.forms import SECTION_FORMS
from applications.models import Application
from applications.workflow.completeness import missing_fields

# In their order; the last two have pages of their own kind.
SECTION_TITLES = {
    "organisation": gettext_lazy("Organisation"),
    "activity": gettext_lazy("Activity"),
    "contact": gettext_lazy("Contact"),
    "attachments": gettext_lazy("Attachments"),
    "review": gettext_lazy("Review and submit"),
}


def section_of(field: str) -> str:
    """The section in which a field is filled in."""
    return next((section for section, form in SECTION_FORMS.items() if field in form.base_fields), "review")


def section_address(application: Application, section: str) -> str:
    """The address of one section of the form."""
    if section in ("attachments", "review"):
        return reverse(f"applications:{section}", args=[application.pk])
    return reverse("applications:section", args=[application.pk, section])


def section_after(section: str) -> str:
    """The section that follows."""
    order = list(SECTION_TITLES)
    return order[order.index(section) + 1]


def field_address(application: Application, name: str) -> str:
    """Where a field is filled in: its section's page, at the field."""
    return f"{section_address(application, section_of(name))}#id_{'areas_0' if name == 'areas' else name}"


def missing_with_addresses(application: Application) -> list[tuple[str, str]]:
    """(address, sentence) of everything that the application still lacks, the consent aside: it is given at the end."""
    return [
        (field_address(application, name), sentence)
        for name, sentence in missing_fields(application).items()
        if name != "consent"
    ]


def progress(current: str, application: Application) -> dict:
    """The bar of sections: (address, title, state, words for the screen reader); a section is done when it lacks nothing."""
    lacking = {section_of(name) for name in missing_fields(application)} if application.pk else set(SECTION_TITLES)
    if application.pk and not application.attachments.exists():
        lacking.add("attachments")
    states = {
        name: "is-current" if name == current else "" if name in lacking or name == "review" else "is-done"
        for name in SECTION_TITLES
    }
    words = {"is-current": _("you are here"), "is-done": _("filled in"), "": ""}
    return {
        "sections": [
            (section_address(application, name) if application.pk else "", SECTION_TITLES[name], state, words[state])
            for name, state in states.items()
        ],
    }
