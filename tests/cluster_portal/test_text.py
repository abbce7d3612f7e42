"""Text on the way in has one form, whatever it came by."""

import re
import unicodedata
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from applications.models import Application
from cluster_portal.base.known import known
from cluster_portal.base.text import CleanTextMiddleware, clean_address, clean_line, clean_text, clean_website
from cluster_portal.identity.models import Identity
from cluster_portal.mail.models import OutgoingMail, Subscription
from members.models import Area, Member, Representative, User
from tests import factories

CASES = Path(__file__).parents[1] / "cases"
PASSWORD = "slenio-kalnai-7"
FAMILY, FLAG, KEYCAP, HEART = "👨‍👩‍👧", "🇱🇹", "1️⃣", "❤️‍🔥"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("S\u030ciauliai", "Šiauliai"),  # as a Mac types it
        ("S\u200b\u030ciauliai", "Šiauliai"),
        ("\ufeffAlfa\u00a0\u00a0Beta \t\u2003", "Alfa Beta"),
        ("Al\u00adfa\u200b\u200e", "Alfa"),
        ("\u202eafla\u202c", "afla"),
        ("Alfa\u2028Beta", "Alfa Beta"),
        ("Alfa \u200b Beta", "Alfa Beta"),
        ("Al\0fa\x1b", "Alfa"),
        ("\u200b\u2060\ufeff", ""),
        ("\u3164\u2800", ""),
        *((hidden, "") for hidden in ("\U0001d159", "\ufffc", "\U00016fe4", "\U00013441", "\U00013442")),
        *((f"Al{chr(control)}fa", "Alfa") for control in (0x16FE4, *range(0x13430, 0x13440))),
        ("\u0301", ""),
        ("…", "…"),
        (f"{FAMILY} {FLAG} {KEYCAP} {HEART}", f"{FAMILY} {FLAG} {KEYCAP} {HEART}"),
        ("a\u200db\ufe0f", "ab"),
        ("„Alfa“ – 2020", "„Alfa“ – 2020"),
    ],
)
def test_a_line(typed, kept):
    assert clean_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Pirma\r\n  antra\u2028\u2028tre\u030cia\r", "Pirma\n  antra\n\ntrěia\n"),
        ("2020\u00a0m.\n- a\u200b", "2020\u00a0m.\n- a"),
        ("vienas  du", "vienas du"),
        (" 2020\u00a0m. \u00a0balandžio\u00a027\u00a0d. ", "2020\u00a0m. balandžio\u00a027\u00a0d."),
        ("\u200b\n\u200b", ""),
    ],
)
def test_a_text_keeps_its_lines_and_no_break_spaces(typed, kept):
    assert clean_text(typed) == unicodedata.normalize("NFC", kept)


def test_line_ends_of_another_kind_are_lines():
    question = (CASES / "question-line-separators-u2028.txt").read_text()
    lines = clean_text(question).split("\n")
    assert [f"({number} klausimas)." in line for number, line in enumerate(lines, 1)] == [True] * 10


@given(st.text())
@example("\u200d🔥\ufe0f\u200d\u200d❤")
@example(" \u200b ")
@example("\r\u200b\n")
def test_what_is_clean_stays_as_it_is(text):
    for clean in (clean_line, clean_text, clean_address, clean_website):
        assert clean(clean(text)) == clean(text) == unicodedata.normalize("NFC", clean(text))
    assert "\n" not in clean_line(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Rasa@Žalgiris.LT", "Rasa@žalgiris.lt"),
        ("rasa@XN--ALGIRIS-CXB.lt", "rasa@žalgiris.lt"),
        ("rasa@z\u030calgiris。lt", "rasa@žalgiris.lt"),
        ("rasa@xn--a.lt", "rasa@xn--a.lt"),
        (" rasa@pavyz\u200bdys.lt\ufeff", "rasa@pavyzdys.lt"),
        ("rasa", "rasa"),
        ("a@" + "ž" * 70 + ".lt", "a@" + "ž" * 70 + ".lt"),
    ],
)
def test_an_address_has_one_form(typed, kept):
    assert clean_address(typed) == kept


def test_a_request_is_cleaned_but_for_its_passwords():
    post = {"name": "S\u030c\u200b", "password1": "S\u030c\u200b ", "contact_email": "a@ž.lt", "many": ["a  b", "c"]}
    request = RequestFactory().post("/?q=S%CC%8C%E2%80%8B", post)
    CleanTextMiddleware(lambda _request: HttpResponse())(request)
    assert request.GET.dict() == {"q": "Š"}
    assert dict(request.POST.lists()) == {
        "name": ["Š"], "password1": ["S\u030c\u200b "], "contact_email": ["a@ž.lt"], "many": ["a b", "c"],
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("address", (CASES / "signup-addresses-invisible.txt").read_text().splitlines())
def test_who_signs_up_with_a_pasted_address_gets_the_mailbox_of_its_visible_letters(client, address):
    new = {"first_name": "Rasa", "last_name": "Rasaitė", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/paskyra/signup/", {**new, "email": address}).status_code == 302
    seen = clean_line(address)
    assert seen.isascii()
    assert User.objects.get().email == OutgoingMail.objects.get().to == EmailAddress.objects.get().email == seen
    # The same mailbox typed plainly is the same account.
    assert Client().post("/paskyra/signup/", {**new, "email": seen}).status_code == 302
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_both_forms_of_an_address_are_one_account(client):
    new = {"first_name": "Rasa", "last_name": "Rasaitė", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/paskyra/signup/", {**new, "email": "Rasa@Žalgiris.lt"})
    ascii_form = "rasa@xn--algiris-cxb.lt"
    assert User.objects.get().email == "rasa@žalgiris.lt"
    Client().post("/paskyra/signup/", {**new, "email": ascii_form})
    assert User.objects.count() == 1
    EmailAddress.objects.update(verified=True)
    for typed in ("rasa@žalgiris.lt", ascii_form):
        answer = Client().post("/paskyra/login/", {"login": typed, "password": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/prasymai/")
    for typed in ("rasa@žalgiris.lt", ascii_form):
        client.post("/naujienos/prenumerata/", {"email": typed})
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {"rasa@žalgiris.lt"}
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://Žalgiris.lt/Apie?a=xn--algiris-cxb.lt", "https://žalgiris.lt/Apie?a=xn--algiris-cxb.lt"),
        ("https://xn--algiris-cxb.lt:8443", "https://žalgiris.lt:8443"),
        ("alfa.lt/Apie", "alfa.lt/Apie"),
        ("https://[x", "https://[x"),
    ],
)
def test_a_website_has_one_form(typed, kept):
    assert clean_website(typed) == kept == clean_website(kept)


@pytest.mark.django_db
def test_people_read_a_domain_in_its_own_letters(client, coordinator, applicant):
    name, domain = "info@xn--algiris-cxb.lt", "https://xn--algiris-cxb.lt"
    member = factories.member("Alfa", email=name, website=domain)
    Identity.objects.update(contact_email="Klasteris@XN--ALGIRIS-CXB.lt")
    person = factories.person("rasa@xn--algiris-cxb.lt")
    draft = factories.submitted(applicant, contact_email=name, website=domain)
    OutgoingMail.objects.create(
        key="a", to=name, language="lt", subject="A", message_id="<a@b.lt>", due_at=timezone.now()
    )
    shown = {
        "/nariai/alfa/": ["info@žalgiris.lt", "https://žalgiris.lt", "klasteris@žalgiris.lt".replace("k", "K")],
        "/nariai/export.csv": ["info@žalgiris.lt", "https://žalgiris.lt"],
        f"/admin/members/member/{member.pk}/change/": ['value="info@žalgiris.lt"', 'value="https://žalgiris.lt"'],
        "/admin/members/user/": ["rasa@žalgiris.lt"],
        f"/admin/members/user/{person.pk}/change/": ["rasa@žalgiris.lt"],
        f"/admin/applications/application/{draft.pk}/change/": ["info@žalgiris.lt"],
        "/admin/mail/outgoingmail/": ["info@žalgiris.lt"],
        "/admin/identity/identity/1/change/": ['value="Klasteris@žalgiris.lt"'],
    }
    client.force_login(coordinator)
    for path, words in shown.items():
        answer = client.get(path)
        page = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert ([word for word in words if word not in page], "xn--" in page) == ([], False), path
    client.force_login(person)
    assert "rasa@žalgiris.lt" in client.get("/paskyra/email/").content.decode()
    for query in ("žalgiris.lt", "zalgiris", "https://žalgiris.lt"):
        assert [found.name for found in Member.objects.search(query)] == ["Alfa"]


@pytest.mark.django_db
def test_a_mac_finds_what_others_wrote_and_others_what_a_mac_wrote(client):
    factories.member("Šiaulių žara", municipality_id="LT-43", offers=["šlifavimas"])
    decomposed = {"q": unicodedata.normalize("NFD", "Šiaulių žara")}
    assert "Šiaulių žara" in client.get("/nariai/", decomposed).content.decode()
    assert "Šiaulių žara" in client.get("/paieska/", decomposed).content.decode()
    place = {"municipality": unicodedata.normalize("NFD", "Šiaulių m. sav.")}
    for address in ("/api/v1/members", "/nariai/export.json"):
        assert client.get(address, decomposed).json()["count"] == 1
        assert client.get(address, place).json()["count"] == 1
    offered = {"offers": unicodedata.normalize("NFD", "šlifavimas") + "\u200b"}
    assert client.get("/api/v1/members", offered).json()["count"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("code", (CASES / "company-codes-invisible-refused.txt").read_text().splitlines())
def test_a_pasted_company_code_is_read(client, applicant, code):
    client.force_login(applicant)
    form = {"name": "Alfa\u202e", "company_code": code, "kind": "company", "later": "1"}
    client.post("/prasymai/naujas/", form)
    application = Application.objects.get()
    assert (application.company_code, application.name) == ("110053842", "Alfa")


@pytest.mark.django_db
def test_the_desk_takes_the_same_care(client, coordinator):
    client.force_login(coordinator)
    member = factories.member("Alfa")
    area = known(Area.objects.first())
    page = f"/admin/members/area/{area.pk}/change/"
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    client.post(page, {**data, "name_lt": "S\u030clifavimas\u202e  ir kita"})
    area.refresh_from_db()
    assert area.name_lt == "Šlifavimas ir kita"
    data["seen"] = client.get(page).context["adminform"].form["seen"].value()
    answer = client.post(page, {**data, "name_lt": "\u200b\u2060"})
    assert answer.context["adminform"].form.errors.keys() == {"name_lt"}
    found = client.get("/admin/members/member/", {"q": "\u200bAl\u00adfa"})
    assert list(found.context["cl"].queryset) == [member]


@pytest.mark.django_db
def test_what_is_kept_is_clean_whoever_writes_it():
    name = "S\u030caltinis\u00a0 \u202e"
    member = factories.member(name, email="a@ž.lt", offers=["gre\u030cz\u030cimas"], description_lt="a\r\nb")
    assert (member.name, member.email, member.description_lt) == ("Šaltinis", "a@ž.lt", "a\nb")
    Member.objects.filter(name=name).update(legal_name="UAB\u00a0\u00a0„S\u030caltinis“")
    member.refresh_from_db()
    assert (member.legal_name, member.offers) == ("UAB „Šaltinis“", ["grěžimas"])
    assert User.objects.create_user("Ona@ž.lt", first_name=" Ona\u200b ").first_name == "Ona"
    assert User.objects.get_by_natural_key("ona@ž.lt").email == "ona@ž.lt"


@pytest.mark.django_db
def test_a_text_that_is_too_long_is_not_cut_and_says_by_how_much(client, applicant):
    member = factories.member("Alfa")
    Representative.objects.create(member=member, user=applicant, role="owner")
    client.force_login(applicant)
    page = client.get("/mano-organizacija/alfa/").content.decode()
    assert re.findall(r'name="(\w+)"[^>]* maxlength', page.partition("<main")[2]) == []
    typed = "ž" * 245
    answer = client.post("/mano-organizacija/alfa/", {"summary_lt": typed})
    assert answer.context["form"].errors["summary_lt"] == ["Tekstas 45 ženklais per ilgas: telpa ne daugiau kaip 200."]
    assert typed in answer.content.decode()
    answer = client.post("/en/my-organisation/alfa/", {"summary_lt": "x" * 201})
    assert answer.context["form"].errors["summary_lt"] == ["The text is 1 character too long: at most 200 fit."]


@pytest.mark.django_db
def test_a_search_that_is_too_long_says_by_how_much(client):
    factories.member("Alfa", offers=["lazerinis pjovimas"])
    typed = "lazerinis\n" + "pjovimas " * 20
    for path in ("/nariai/", "/paieska/", "/"):
        assert " maxlength=" not in client.get(path).content.decode()
    for path in ("/nariai/", "/paieska/"):
        page = client.get(path, {"q": typed}).content.decode()
        assert "Paieškos tekstas 89 ženklais per ilgas: ieškoma tik pagal pirmuosius 100." in page
        assert "/nariai/alfa/" in page
    answer = client.get("/api/v1/members", {"q": "a" * 101, "lang": "en"})
    refusal = "The search is 1 character too long: only the first 100 are looked for."
    assert (answer.status_code, answer.json()["detail"]) == (422, refusal)
    assert client.get("/api/v1/members", {"q": " ".join(["lazerinis"] * 10) + " \u200b"}).json()["count"] == 1
