"""What erasing a person means for applications: see `members/people/erasure.py`."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import User

EFFECT = gettext_lazy(
    "Drafts and the contact data in applications are erased; what was submitted, votes and history stay on record."
)


def obstacle(user: User) -> str:
    """Why the person's data cannot be erased now, or an empty string."""
    return (
        _("The person has an open application: it must be decided or withdrawn first.")
        if user.applications.open().exists()
        else ""
    )


def erase(user: User) -> None:
    """Applications that were never submitted are the person's own and go with their files; the others lose the contacts."""
    user.applications.filter(submitted_at=None).delete()
    user.applications.update(contact_name="", contact_email="", contact_phone="")
