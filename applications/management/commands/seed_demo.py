"""Demo accounts, and one example application at each stage, made through the workflow as people would."""

from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from applications.models import Application, Ballot, Status
from applications.workflow import balloting, joining, voting
from applications.workflow.door import open_door
from cluster_portal.base.known import known
from cluster_portal.base.numbering import next_number
from cluster_portal.country.lt.codes import company_code_is_valid
from cluster_portal.identity.layout import OWN_FILE, File, read_file, record_of
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Member, Municipality, Representative, Tag, User

PASSWORD = "klasteris-2020"
ENGLISH = 4  # the number of the founder whose voter reads English
# Stage → the example's name and a company code from a range that the register does not give out (first digit 9).
EXAMPLES = {
    "draft": ("Šilo baldai (pavyzdys)", "900000011"),
    "submitted": ("Tikslieji įrankiai (pavyzdys)", "900000022"),
    "information_requested": ("Nemuno plastikas (pavyzdys)", "900000033"),
    "voting": ("Gintaro robotika (pavyzdys)", "900000044"),
    "approved": ("Žaliosios dangos (pavyzdys)", "900000055"),
    "rejected": ("Pramonės prekyba (pavyzdys)", "900000066"),
    "withdrawn": ("Miško technologijos (pavyzdys)", "900000077"),
    "lapsed": ("Pieno laboratorija (pavyzdys)", "900000088"),
}


ENGLISH_TAGS = {
    "metalo konstrukcijos": "metal structures",
    "lazerinis pjovimas": "laser cutting",
    "gamybos pajėgumai": "production capacity",
    "paviršių dengimas": "surface coating",
    "partneriai eksportui": "export partners",
}


class Command(BaseCommand):
    help = "Makes the demo accounts and example applications; only with DEMO=1; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=OWN_FILE, help="the cluster's file; ours by default")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts exist only where DEMO=1 is set.")
        # What is asked for here are the log-ins.
        call_command("load_cluster", file, stdout=self.stderr, stderr=self.stderr)
        with transaction.atomic():
            lay_out(read_file(file))
        self.stdout.write(log_ins())


def lay_out(file: File) -> None:
    """Everything of the demo; what is there already stays as it is."""
    hashed = make_password(PASSWORD)  # hashing is slow on purpose; one is enough here
    coordinator = person("coordinator", hashed, "Koordinatorė", is_staff=True)
    person("applicant", hashed, "Pareiškėja")
    voters = []
    accounts = {key: founder["demo_account"] for key, founder in file["founders"].items() if "demo_account" in founder}
    for number, (key, local) in enumerate(accounts.items(), 1):
        member = Member.objects.get(pk=known(record_of("founders", key)))
        # One of them is written to in English, so that the emails can be read in both languages.
        voter = person(local, hashed, member.name, language="en" if number == ENGLISH else "lt")
        Representative.objects.get_or_create(member=member, user=voter, role=Representative.Role.VOTER)
        voters.append(voter)
    Tag.introduce(ENGLISH_TAGS)
    example_member(person("member", hashed, "Narys"))
    for number, (stage, (name, code)) in enumerate(EXAMPLES.items(), 1):
        applicant = person(f"example{number}", hashed, "Pavyzdys")
        if not Application.objects.filter(applicant=applicant).exists():
            bring_to(stage, example(applicant, name, code), coordinator, voters)


def log_ins() -> str:
    """Who may log in and as what, a line each; the applicants of the examples have nothing to do and are left out."""
    accounts = User.objects.filter(is_demo=True, is_active=True).exclude(email__startswith="example").order_by("pk")
    lines = [f"  {account.email:26} {position(account)}" for account in accounts]
    return "\n".join([f"Demo log-ins, all with the password {PASSWORD}:", *lines])


def position(account: User) -> str:
    """What a demo account is there for."""
    if account.is_staff:
        return "coordinator, works in /admin/"
    roles = [f"{each.role} of {each.member.name}" for each in account.representations.select_related("member")]
    return "; ".join(roles) or "applicant"


def person(local: str, hashed: str, first_name: str, **fields: Any) -> User:
    """The account local@example.org with a verified address."""
    email = f"{local}@example.org"
    user, made = User.objects.update_or_create(
        email=email,
        defaults={"is_demo": True},
        create_defaults={
            "password": hashed,
            "first_name": first_name,
            "last_name": "(pavyzdys)",
            "is_demo": True,
            **fields,
        },
    )
    if made:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def example_member(owner: User) -> None:
    member, made = Member.objects.get_or_create(
        slug="pavyzdine-gamykla",
        defaults={
            "name": "Pavyzdinė gamykla (pavyzdys)",
            "legal_name": "UAB „Pavyzdinė gamykla“",
            "number": next_number(Member),
            "municipality_id": "LT-25",
            "summary_lt": "Pavyzdinė organizacija: rodo, kaip atrodo nario puslapis.",
            "summary_en": "An example organisation that shows what a member’s page looks like.",
            "description_lt": (
                "Čia narys pasakoja, ką ir kam gamina ir kuo didžiuojasi.\n\n"
                "Tai pavyzdys: organizacija išgalvota, o puslapį keičia jos atstovas (member@example.org)."
            ),
            "description_en": (
                "Here a member tells what it makes, for whom, and what it is proud of.\n\n"
                "This is an example: the organisation is made up; its representative (member@example.org) edits the page."
            ),
            # The example applicants offer what it seeks: once one is admitted, each finds the other.
            "offers": ["metalo konstrukcijos", "lazerinis pjovimas"],
            "seeks": ["gamybos pajėgumai", "paviršių dengimas"],
            "website": "https://example.org",
            "email": "info@example.org",
            "founded": 1998,
            "employees": 45,
            "joined_on": date(2022, 4, 27),
            "is_example": True,
        },
    )
    if made:
        member.areas.set(Area.objects.all()[:2])
    Representative.objects.get_or_create(member=member, user=owner, role=Representative.Role.OWNER)


def example(applicant: User, name: str, code: str) -> Application:
    """A complete draft."""
    draft = Application.objects.create(
        applicant=applicant,
        name=name,
        legal_name=f"UAB „{name.removesuffix(' (pavyzdys)')}“ (pavyzdys)",
        company_code=code,
        company_code_confirmed=not company_code_is_valid(code),
        municipality=Municipality.objects.get(code="LT-25"),
        summary_lt="Pavyzdinis prašymas, skirtas portalui išbandyti.",
        description_lt="Tai pavyzdys, o ne tikra organizacija.",
        motivation="Norime bendrų projektų su kitomis gamybos įmonėmis.",
        contact_name=str(applicant),
        contact_email=applicant.email,
        offers=["gamybos pajėgumai"],
        seeks=["partneriai eksportui"],
        consented_at=timezone.now(),
        is_example=True,
    )
    draft.areas.set(Area.objects.all()[:3])
    return draft


def bring_to(stage: str, application: Application, coordinator: User, voters: list[User]) -> None:
    """Move a complete draft on to `stage` by the workflow's verbs."""
    if stage == "draft":
        return
    joining.submit(application, application.applicant)
    if stage == "submitted":
        return
    if stage == "information_requested":
        joining.request_information(application, coordinator, "Patikslinkite, kokius gaminius eksportuojate.")
        return
    balloting.open_voting(application, coordinator)
    mails_leave(application)
    EXAMPLE_BALLOTS[stage](application, coordinator, list(reversed(voters)))


# The last founders act first, so that the demo's first log-ins find a ballot waiting. Between them the examples take every
# step that a ballot knows, and so show every email.


def two_votes(application: Application, coordinator: User, voters: list[User]) -> None:
    vote(application, voters, ["for", "against"])


def approved(application: Application, coordinator: User, voters: list[User]) -> None:
    """A founder recuses itself, one objects to a vote recorded for it, those missing are reminded, the time is extended."""
    recused, objecting, *others = voters
    voting.recuse(application, recused, "affiliate", "Pavyzdinė priežastis: tas pats akcininkas.")
    founder = Member.objects.get(representatives__user=objecting, representatives__role=Representative.Role.VOTER)
    voting.record_vote(
        application, coordinator, founder, "against", timezone.localdate(), "Pavyzdinis protokolas Nr. 1"
    )
    voting.object_to_vote(application, objecting, "Pavyzdys: posėdyje nedalyvavome.")
    balloting.remind_voters(application, coordinator)
    mails_leave(application)
    balloting.extend_voting(application, coordinator, 3, "Pavyzdinė priežastis: laukiame vieno steigėjo balso.")
    mails_leave(application)
    vote(application, [objecting, *others], ["for"] * 3)


def rejected(application: Application, coordinator: User, voters: list[User]) -> None:
    """Lost, reopened, and lost again."""
    vote(application, voters, ["against"] * 3)
    balloting.reopen_voting(application, coordinator, 14, "Pavyzdinė priežastis: pareiškėjas pateikė naujų duomenų.")
    mails_leave(application)
    vote(application, voters, ["against"] * 3)


def withdrawn(application: Application, coordinator: User, voters: list[User]) -> None:
    vote(application, voters, ["for"])
    joining.withdraw(application, application.applicant)


def lapsed(application: Application, coordinator: User, voters: list[User]) -> None:
    """Too few vote in time, the time is extended, and then all founders recuse themselves."""
    vote(application, voters, ["for"])
    now = timezone.now()
    with open_door():  # the one thing here that people wait for
        Ballot.objects.filter(application=application).update(opened_at=now - timedelta(days=14), closes_at=now)
    balloting.close_voting(application, None)
    mails_leave(application)
    balloting.extend_voting(application, coordinator, 3, "Pavyzdinė priežastis: balsavo per mažai steigėjų.")
    mails_leave(application)
    for voter in voters:
        voting.recuse(application, voter, "competitor", "Pavyzdinė priežastis: gaminame tą patį.")


def mails_leave(application: Application) -> None:
    """What was queued counts as sent, as it would be by now: the next step would discard it, and the demo shows every email."""
    OutgoingMail.objects.filter(topic=application.topic, status=OutgoingMail.Status.QUEUED).update(
        status=OutgoingMail.Status.SENT, sent_at=timezone.now()
    )


EXAMPLE_BALLOTS = {
    "voting": two_votes,
    "approved": approved,
    "rejected": rejected,
    "withdrawn": withdrawn,
    "lapsed": lapsed,
}


def vote(application: Application, voters: list[User], choices: list[str]) -> None:
    """Cast the votes until they decide: where a cluster has few founders, that is sooner."""
    for voter, choice in zip(voters, choices, strict=False):
        if Application.objects.get(pk=application.pk).status == Status.VOTING:
            voting.cast_vote(application, voter, choice, "Pavyzdinis balsas.")
