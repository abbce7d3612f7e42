"""Erasing a person and keeping the record: the account's names and addresses go, what it did stays."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from cluster_portal.mail import outbox
from members.models import User

DOMAIN = "anonymised.invalid"  # RFC 2606: no mail ever gets there


class StillNeeded(Exception):
    """The person cannot be anonymised now; the message says why."""


def is_anonymised(user: User) -> bool:
    return user.email.endswith(f"@{DOMAIN}")


def obstacles(user: User) -> list[str]:
    """Why the person cannot be anonymised now; empty when nothing is in the way."""
    found = []
    if is_anonymised(user):
        found.append(_("This person has been anonymised already."))
    if user.is_staff or user.is_superuser:
        found.append(_("The person works at the coordinator's desk: take that right away first."))
    if user.representations.exists():
        found.append(_("The person represents a member: remove those roles first."))
    if user.applications.open().exists():
        found.append(_("The person has an open application: it must be decided or withdrawn first."))
    return found


def anonymise(user: User) -> User:
    """Wipe who the person was, for good, and the contacts in its applications. Votes, applications and history stay
    and name an unknown person.

    Raises StillNeeded.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if why := obstacles(user):
            raise StillNeeded(" ".join(why))
        forget_mails(user)
        user.applications.update(contact_name="", contact_email="", contact_phone="")
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        user.email = f"person-{user.pk}@{DOMAIN}"
        user.first_name, user.last_name = "", ""
        user.is_active = False
        user.last_login = None
        user.set_unusable_password()
        user.save()
        kind = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).update(object_repr=str(user))
    return user


def forget_mails(user: User) -> None:
    """What was mailed to the person keeps its subject and time, not its address and text; what waits is not sent."""
    for address in {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}:
        outbox.forget(address, f"person-{user.pk}@{DOMAIN}")
