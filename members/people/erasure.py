"""Erasing a person and keeping the record: the account's names and addresses go, what it did stays.

What other apps keep of people they make known in their `AppConfig.ready` (`register`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from cluster_portal.base.erased import stand_in
from cluster_portal.mail import outbox
from members.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Covered:
    """What another app keeps of people: why it is still needed (or an empty string), what goes and stays in words, and how
    it goes, within the transaction of the erasing.
    """

    obstacle: Callable[[User], str]
    effect: "StrOrPromise"
    erase: Callable[[User], None]


COVERED: list[Covered] = []


def register(obstacle: Callable[[User], str], effect: "StrOrPromise", erase: Callable[[User], None]) -> None:
    """Make erasing a person cover what another app keeps (see `Covered`)."""
    COVERED.append(Covered(obstacle, effect, erase))


class StillNeeded(Exception):
    """The person cannot be anonymised now; the message says why."""


def obstacles(user: User) -> list[str]:
    """Why the person cannot be anonymised now; empty when nothing is in the way."""
    found = []
    if user.is_erased:
        found.append(_("This person’s data have already been erased."))
    if user.is_staff or user.is_superuser:
        found.append(_("The person works at the coordinator’s desk: take that right away first."))
    if user.representations.exists():
        found.append(_("The person represents a member: remove those roles first."))
    return [*found, *filter(None, (covered.obstacle(user) for covered in COVERED))]


def anonymise(user: User) -> User:
    """Wipe who the person was, for good, with all that is covered. What was done stays and names an unknown person.

    Raises StillNeeded.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if why := obstacles(user):
            raise StillNeeded(" ".join(why))
        forget_mails(user)
        for covered in COVERED:
            covered.erase(user)
        erase_from_log(user)
        end_sessions(user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        user.email = stand_in(user.pk)
        user.first_name, user.last_name = "", ""
        user.is_active = False
        user.last_login = None
        user.set_unusable_password()
        user.save()
    return user


def erase_from_log(user: User) -> None:
    """The admin's log names people in words: in what it calls an object, and in the JSON that says what was changed."""
    nobody = Value(f"person-{user.pk}")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).update(object_repr=nobody)
    for words in {user.get_full_name(), user.email}:
        if " " not in words and "@" not in words:
            continue  # a single name may be another person's as well
        for field, written in (("object_repr", words), ("change_message", json.dumps(words)[1:-1])):
            named = LogEntry.objects.filter(**{f"{field}__contains": written})
            named.update(**{field: Replace(field, Value(written), nobody)})


def end_sessions(user: User) -> None:
    """Sessions keep the address with which one logged in."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def forget_mails(user: User) -> None:
    """What was emailed to the person keeps its subject and time, not its address and text; what waits is not sent."""
    for address in {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}:
        outbox.forget(address, stand_in(user.pk))
