"""Making the things that tests talk about. Every call makes a new one with sensible values."""

from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone

from applications.models import Application, Ballot, Status
from applications.workflow import admission, balloting, joining
from applications.workflow.door import open_door
from applications.workflow.voting import cast_vote
from members.models import Area, Member, Municipality, Representative, User

PASSWORD = "klasteris-2020"
numbers = count(1)


def bare_portal() -> None:
    """Leave the portal as it is before a cluster is laid out on it, with a history that knows none."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE identity_identity, identity_identityevent, identity_laidout, members_area CASCADE")


def company_code(number: int) -> str:
    """A nine-digit company code with a right check digit (the rule is in the glossary)."""
    digits = [int(digit) for digit in f"{30000000 + number:08}"]
    check = sum(i * d for i, d in enumerate(digits, 1)) % 11
    if check == 10:
        check = sum(i * d for i, d in zip((3, 4, 5, 6, 7, 8, 9, 1), digits, strict=True)) % 11 % 10
    return "".join(map(str, digits)) + str(check)


def person(email: str | None = None, **fields) -> User:
    """A person with a verified email address and the password PASSWORD."""
    email = email or f"person{next(numbers)}@example.org"
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def member(name: str | None = None, **fields) -> Member:
    """An active member."""
    number = next(numbers)
    name = name or f"Narys {number}"
    return Member.objects.create(**{"name": name, "slug": Member.free_slug(name), "number": number + 1000, **fields})


def founder(name: str | None = None, **fields) -> Any:
    """A founder with one voter, kept in its attribute `voter`."""
    organisation: Any = member(name, is_founder=True, **fields)
    organisation.voter = person(f"{organisation.slug}@example.org")
    Representative.objects.create(member=organisation, user=organisation.voter, role=Representative.Role.VOTER)
    return organisation


def founders() -> list[Any]:
    """The five founders of the seed, each with one voter (`founder.voter`); the third coordinates."""
    names = ("Aedilis", "BaltLed", "Pažangios inovacijos", "Prezicika Metrology", "Proftools")
    return [founder(name, is_coordinator=name == "Pažangios inovacijos") for name in names]


def application(applicant: User, **fields) -> Application:
    """A complete draft, ready to be submitted."""
    number = next(numbers)
    draft = Application.objects.create(
        applicant=applicant,
        **{
            "name": f"Pareiškėjas {number}",
            "legal_name": f"UAB „Pareiškėjas {number}“",
            "company_code": company_code(number),
            "municipality": Municipality.objects.first(),
            "summary_lt": "Gaminame tikslias detales.",
            "motivation": "Norime dirbti drauge.",
            "contact_name": "Vardenė Pavardenė",
            "contact_email": applicant.email,
            "consented_at": timezone.now(),
            **fields,
        },
    )
    draft.areas.set(Area.objects.all()[:2])
    return draft


def submitted(applicant: User, **fields) -> Application:
    return joining.submit(application(applicant, **fields), applicant)


def voting(applicant: User, coordinator: User, **fields) -> Application:
    """An application whose ballot is open."""
    return balloting.open_voting(submitted(applicant, **fields), coordinator)


def approved(applicant: User, coordinator: User, founders: list[Any], **fields) -> Application:
    """An application that three founders have voted for."""
    opened = voting(applicant, coordinator, **fields)
    for organisation in founders[:3]:
        cast_vote(opened, organisation.voter, "for")
    opened.refresh_from_db()
    assert opened.status == Status.APPROVED
    return opened


def rejected(applicant: User, coordinator: User, founders: list[Any], **fields) -> Application:
    """An application that three founders have voted against; the applicant has not been told."""
    opened = voting(applicant, coordinator, **fields)
    for organisation in founders[:3]:
        cast_vote(opened, organisation.voter, "against")
    return Application.objects.get(pk=opened.pk)


def past_deadline(application: Application) -> None:
    """Let the open ballot's deadline be this moment, after all that is done on it: who is at work on it is waited for."""
    with transaction.atomic(), open_door():
        Application.objects.select_for_update().get(pk=application.pk)
        now = timezone.now()
        Ballot.objects.filter(application=application, closed_at=None).update(
            opened_at=now - timedelta(days=14), closes_at=now
        )


def lapsed(applicant: User, coordinator: User, **fields) -> Application:
    """An application on which nobody voted in time."""
    opened = voting(applicant, coordinator, **fields)
    past_deadline(opened)
    return balloting.close_voting(opened, None)


def in_status(status: str, applicant: User, coordinator: User, founders: list[Any]) -> Application:
    """An application in `status`, reached as people reach it; a rejection is not told yet."""
    if status == Status.DRAFT:
        return application(applicant)
    if status == Status.SUBMITTED:
        return submitted(applicant)
    if status == Status.INFORMATION_REQUESTED:
        return joining.request_information(submitted(applicant), coordinator, "Kiek turite darbuotojų?")
    if status == Status.VOTING:
        return voting(applicant, coordinator)
    if status == Status.APPROVED:
        return approved(applicant, coordinator, founders)
    if status == Status.REJECTED:
        return rejected(applicant, coordinator, founders)
    if status == Status.LAPSED:
        return lapsed(applicant, coordinator)
    if status == Status.ADMITTED:
        return admission.admit(approved(applicant, coordinator, founders), coordinator)
    assert status == Status.WITHDRAWN
    return joining.withdraw(submitted(applicant), applicant)
