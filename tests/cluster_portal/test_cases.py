"""The inputs of tests/cases by every way in: forms, the desk, the API's and the directory's parameters, accounts, emails.

Cells of CSV files are in tests/members/test_import.py, names of uploaded files in tests/applications/test_form_attachments.py,
pictures in test_pictures.py; here is the same text wherever else people may put it.
"""

import csv
import unicodedata
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from applications.models import Application
from cluster_portal.base.known import known
from cluster_portal.base.text import clean_line
from cluster_portal.mail import delivery
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, Representative, User
from tests import factories
from tests.processes import Inbox, smtp_server

pytestmark = pytest.mark.django_db
TESTS = Path(__file__).parents[1]
CASES = TESTS / "cases"


def text(name: str) -> str:
    return (CASES / name).read_text(encoding="utf-8-sig")


def column(name: str, heading: str) -> list[str]:
    """One column of a case's file, as it stands there."""
    return [row[heading] for row in csv.DictReader(text(name).splitlines(), delimiter=";")]


ADDRESSES = text("signup-addresses-invisible.txt").splitlines()
CODES = text("company-codes-invisible-refused.txt").splitlines()
NAMES = column("import-nfd-sorts-wrong.csv", "name")
[TOWN] = column("import-nfd-municipality-refused.csv", "municipality")
[DOUBLE_BLANK] = column("import-whitespace-3-two-spaces-doubles.csv", "name")
[NO_WEBSITE] = column("import-website-is-email-accepted.csv", "website")
DAYS = column("import-joined-in-2062-newest-on-home.csv", "joined_on")
NO_ROWS = {
    f"{prefix}-{count}_FORMS": "0"
    for prefix in ("representatives", "representations")
    for count in ("TOTAL", "INITIAL")
}


def test_every_case_is_read_by_a_test():
    sources = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    named = {path for path in CASES.iterdir() if path.name in sources}
    by_pattern = set(CASES.glob("import-excel-*-refused.csv"))  # in test_import.py
    assert set(CASES.iterdir()) - named - by_pattern - {CASES / "README.md"} == set()


@pytest.fixture
def desk(coordinator) -> Client:
    return logged_in(coordinator)


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at_the_desk(desk: Client, member: Member, **typed: str):
    """What the desk answers to the member's form, sent as it was opened but for `typed`."""
    path = reverse("admin:members_member_change", args=[member.pk])
    form = desk.get(path).context["adminform"].form
    opened = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}
    return desk.post(path, opened | NO_ROWS | typed)


def section(applicant: User, part: str, **typed: str):
    """The applicant's draft after a section was left, and what was answered."""
    draft = applicant.applications.first() or factories.application(applicant)
    path = reverse("applications:section", args=[draft.pk, part])
    answer = logged_in(applicant).post(path, {"name": draft.name, "kind": "company", "later": "1", **typed})
    return Application.objects.get(pk=draft.pk), answer


# A pasted email address is the mailbox of its visible letters


@pytest.mark.parametrize("address", ADDRESSES)
class TestAPastedAddress:
    """Signing up with one is in test_text.py."""

    def test_logs_in(self, client, address):
        factories.person(clean_line(address))
        answer = client.post("/paskyra/login/", {"login": address, "password": factories.PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/prasymai/")

    @pytest.mark.parametrize("page", ["login/code", "password/reset"])
    def test_gets_what_it_asks_for(self, client, address, page):
        factories.person(clean_line(address))
        client.post(f"/paskyra/{page}/", {"email": address})
        assert list(OutgoingMail.objects.values_list("to", flat=True)) == [clean_line(address)]

    def test_becomes_another_address_of_its_person(self, client, applicant, address):
        client.post("/paskyra/login/", {"login": applicant.email, "password": factories.PASSWORD})
        client.post("/paskyra/email/", {"action_add": "", "email": address})
        assert OutgoingMail.objects.filter(to=clean_line(address)).count() == 1
        EmailAddress.objects.update(verified=True)
        client.post("/paskyra/email/", {"action_primary": "", "email": address})
        applicant.refresh_from_db()
        assert applicant.email == clean_line(address)

    def test_subscribes(self, client, address):
        client.post("/naujienos/prenumerata/", {"email": address})
        assert OutgoingMail.objects.get().to == clean_line(address)

    def test_is_a_person_at_the_desk(self, desk, address):
        path = "/admin/members/user/add/"
        assert desk.post(path, {"email": address, "language": "lt", **NO_ROWS}).status_code == 302
        assert User.objects.filter(email=clean_line(address)).count() == 1
        assert desk.post(path, {"email": clean_line(address), "language": "lt", **NO_ROWS}).status_code == 200

    def test_is_found_at_the_desk(self, desk, address):
        factories.person(clean_line(address))
        assert desk.get("/admin/members/user/", {"q": address}).context["cl"].result_count == 1

    def test_is_kept_of_a_member_and_of_an_application(self, desk, applicant, address):
        member = factories.member("Alfa")
        assert at_the_desk(desk, member, email=address).status_code == 302
        draft, _answer = section(applicant, "contact", contact_email=address)
        member.refresh_from_db()
        assert (member.email, draft.contact_email) == (clean_line(address), clean_line(address))


# What is pasted is found


@pytest.mark.parametrize("code", CODES)
def test_a_pasted_company_code_finds_its_member(client, desk, code):
    factories.member("Alfa", company_code=clean_line(code))
    factories.member("Beta")
    assert [member["name"] for member in client.get("/api/v1/members", {"q": code}).json()["results"]] == ["Alfa"]
    for path in ("/nariai/", "/paieska/"):
        page = client.get(path, {"q": code}).content.decode()
        assert ("/nariai/alfa/" in page, "/nariai/beta/" in page) == (True, False)
    assert [member.name for member in desk.get("/admin/members/member/", {"q": code}).context["cl"].queryset] == [
        "Alfa"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_mac_is_kept_and_found_as_any_other(client, desk, applicant, name):
    typed, composed = unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)
    member = factories.member("Alfa")
    assert at_the_desk(desk, member, name=typed).status_code == 302
    draft, _answer = section(applicant, "organisation", name=typed)
    member.refresh_from_db()
    assert (member.name, draft.name) == (composed, composed)
    for written in (typed, composed):
        assert client.get("/api/v1/members", {"q": written}).json()["count"] == 1
        for path in ("/nariai/", "/paieska/"):
            assert member.get_absolute_url() in client.get(path, {"q": written}).content.decode()
        assert desk.get("/admin/members/member/", {"q": written}).context["cl"].result_count == 1


def test_a_municipality_of_a_mac_is_a_filter(client):
    factories.member("Alfa", municipality_id="LT-43")
    typed = {"municipality": unicodedata.normalize("NFD", TOWN)}
    for path in ("/api/v1/members", "/nariai/export.json"):
        assert client.get(path, typed).json()["count"] == 1
    assert "/nariai/alfa/" in client.get("/nariai/", typed).content.decode()
    assert "Alfa" in b"".join(client.get("/nariai/export.csv", typed)).decode()


def test_a_name_with_two_blanks_is_kept_with_one(client, desk, applicant):
    member = factories.member("Alfa")
    assert at_the_desk(desk, member, name=DOUBLE_BLANK).status_code == 302
    draft, _answer = section(applicant, "organisation", name=DOUBLE_BLANK)
    member.refresh_from_db()
    [once] = column("import-whitespace-1-first-run-this.csv", "name")
    assert (member.name, draft.name) == (once, once)
    assert client.get("/api/v1/members", {"q": DOUBLE_BLANK}).json()["count"] == 1


# What cannot be is refused in words


def test_an_email_address_is_no_website(desk, applicant):
    member = factories.member("Alfa")
    Representative.objects.create(member=member, user=applicant, role="owner")
    refusal = {"website": ["Tai el. pašto adresas. Įrašykite svetainės adresą."]}
    assert at_the_desk(desk, member, website=NO_WEBSITE).context["adminform"].form.errors == refusal
    _draft, answer = section(applicant, "organisation", website=NO_WEBSITE)
    assert answer.context["form"].errors["website"] == refusal["website"]
    answer = logged_in(applicant).post("/mano-organizacija/alfa/", {"website": NO_WEBSITE})
    assert answer.context["form"].errors["website"] == refusal["website"]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_that_cannot_be_is_refused_at_the_desk(desk, day):
    answer = at_the_desk(desk, factories.member("Alfa"), joined_on=day)
    assert answer.context["adminform"].form.errors.keys() == {"joined_on"}


def test_a_question_with_line_breaks_of_another_kind_reaches_the_applicant_line_by_line(desk, applicant, settings):
    application = factories.submitted(applicant)
    path = reverse("admin:applications_application_request_information", args=[application.pk])
    OutgoingMail.objects.all().delete()
    inbox = Inbox()
    with smtp_server(inbox) as url:  # it refuses a line of more than 998 octets
        settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = url, "127.0.0.1", int(url.rpartition(":")[2])
        assert desk.post(path, {"question": text("question-line-separators-u2028.txt")}).status_code == 302
        delivery.deliver_due()
    [message] = inbox.to(applicant.email)
    body = known(message.get_body(("plain",))).get_content().splitlines()
    page = logged_in(applicant).get(application.get_absolute_url()).content.decode()
    for number in range(1, 11):
        assert [line.count("klausimas)") for line in body if f"({number} klausimas)" in line] == [1]
        assert [line.count("klausimas)") for line in page.split("<br>") if f"({number} klausimas)" in line] == [1]
