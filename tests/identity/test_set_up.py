"""The page on which the first superuser says whose portal this is, and what everyone meets before that."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from cluster_portal.identity.models import Identity, LaidOut
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Member
from tests import factories
from tests.processes import after

BACKEND = "django.contrib.auth.backends.ModelBackend"
ADDRESS = "/admin/identity/identity/set-up/"
TYPED = {
    "name_lt": "Baltijos medienos klasteris",
    "name_genitive_lt": "Baltijos medienos klasterio",
    "name_en": "Baltic Wood cluster",
    "founders": "Ąžuolo namai\n\n  Beržo   baldai \nUAB „Klevas & Ko“",
    "coordinator": "Beržo baldai",
    "areas": "Pjovimas | Sawing\nĄžuolo džiovinimas|Oak drying",
    "primary_colour": "#7a1f5c",
    "signal_colour": "#f0b429",
}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]


@pytest.fixture
def desk(client, superuser):
    client.force_login(superuser, backend=BACKEND)
    return client


def nothing_is_laid_out() -> bool:
    return not any(model._base_manager.exists() for model in (Identity, LaidOut, Area, Member))


def test_whoever_has_the_server_gets_in_before_there_is_a_mail_server(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", factories.PASSWORD)
    call_command("createsuperuser", "--noinput", email="Pirma@example.org", verbosity=0)
    answer = client.post("/paskyra/login/", {"login": "pirma@example.org", "password": factories.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1] == (ADDRESS, 302)
    assert not OutgoingMail.objects.exists()


def test_the_superuser_is_led_to_the_page_and_what_it_says_opens_the_portal(desk, client):
    for path in ("/admin/", "/admin/members/member/", "/admin/identity/identity/1/change/"):
        assert desk.get(path).url == ADDRESS
    page = desk.get(ADDRESS)
    assert page.status_code == 200
    assert list(page.context["form"].fields) == list(TYPED)

    answer = desk.post(ADDRESS, TYPED)
    assert answer.url == reverse("admin:identity_identity_change", args=[1])
    assert "Portalas atvertas." in desk.get(answer.url).content.decode()
    founders = Member.objects.filter(is_founder=True).order_by("number").values_list("name", "number", "is_coordinator")
    assert list(founders) == [("Ąžuolo namai", 1, False), ("Beržo baldai", 2, True), ("UAB „Klevas & Ko“", 3, False)]
    areas = Area.objects.order_by("position").values_list("slug", "name_lt", "name_en")
    assert list(areas) == [
        ("pjovimas", "Pjovimas", "Sawing"),
        ("azuolo-dziovinimas", "Ąžuolo džiovinimas", "Oak drying"),
    ]
    client.logout()
    home = client.get("/")
    assert home.status_code == 200
    for words in ("Baltijos medienos klasteris", "Beržo baldai", "UAB „Klevas &amp; Ko“", "/7a1f5c-f0b429.css"):
        assert words in home.content.decode()
    assert "Members of the Baltic Wood cluster" in client.get("/en/embed/wall/").content.decode()
    assert "Baltijos medienos klasterio nariai" in client.get("/itraukti/siena/").content.decode()
    assert client.get("/api/v1/members").json()["count"] == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name_lt": ""}, "Užpildykite lauką „Pavadinimas (lietuviškai)“."),
        ({"name_genitive_lt": "\u200b"}, "Užpildykite lauką „Pavadinimo kilmininkas (lietuviškai)“."),
        ({"name_en": "x" * 130}, "10 ženklų per ilgas"),
        ({"founders": " \n\n "}, "Užpildykite lauką „Steigėjai“."),
        ({"founders": "Beržo baldai\nberžo  BALDAI"}, "Steigėjas įrašytas du kartus."),
        ({"founders": f"Beržo baldai\n{'a' * 300}"}, f"„{'a' * 59}…“: Sutrumpinkite"),
        ({"coordinator": ""}, "Užpildykite lauką „Koordinatorius“."),
        ({"coordinator": "Uosis"}, "Tokio steigėjo"),
        ({"areas": ""}, "Užpildykite lauką „Veiklos sritys“."),
        ({"areas": "Pjovimas | Sawing\nStatyba"}, "Eilutėje „Statyba“ turi būti du pavadinimai"),
        ({"areas": "Pjovimas | Sawing | Sägen"}, "Eilutėje „Pjovimas | Sawing | Sägen“"),
        ({"areas": "Pjovimas | "}, "turi būti du pavadinimai"),
        ({"areas": "Pjovimas | Sawing\npjovimas | Cutting"}, "Sritis įrašyta du kartus."),
        ({"primary_colour": "green"}, "Spalva rašoma ženklu #"),
        ({"primary_colour": "#ffff00"}, "jos kontrastas yra tik 1,0:1; turi būti bent 4,5:1"),
        ({"primary_colour": "#3c7278"}, "jos kontrastas yra tik 4,4:1"),  # it is 4.4996
        ({"signal_colour": "#7a5c00"}, "kontrastas šiame fone yra tik 2,6:1"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_all_that_was_typed_is_kept(wrong, words, desk):
    typed = {**TYPED, **wrong}
    answer = desk.post(ADDRESS, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    [name] = wrong
    assert words in " ".join(answer.context["form"].errors[name])
    assert escape(words.replace("„", "").split()[0]) in page
    assert "Portalas dar neatvertas" in page
    kept = {field: answer.context["form"][field].value().strip() for field in typed}
    # As text comes in everywhere: without blanks at its ends and characters that nobody sees.
    assert kept == {field: value.replace("\u200b", "").strip() for field, value in typed.items()}
    assert nothing_is_laid_out()
    assert desk.get("/").status_code == 503


def test_mistakes_in_several_fields_are_told_at_once(desk):
    answer = desk.post(ADDRESS, {**TYPED, "name_en": "", "areas": "Pjovimas", "primary_colour": "#ffff00"})
    assert {"name_en", "areas"} <= set(answer.context["form"].errors)
    assert nothing_is_laid_out()


def test_nobody_but_a_superuser_sets_the_portal_up(client, coordinator):
    people: dict[str, Any] = {"nobody": None, "somebody": factories.person(), "the coordinator's staff": coordinator}
    for person in people.values():
        client.logout()
        if person:
            client.force_login(person, backend=BACKEND)
        for answer in (client.get(ADDRESS), client.post(ADDRESS, TYPED)):
            assert answer.status_code in (302, 403)
            assert answer.status_code == 403 or "/login/" in answer.url
    assert nothing_is_laid_out()


def test_staff_who_are_no_superusers_read_that_the_portal_is_being_set_up(client, coordinator):
    client.force_login(coordinator, backend=BACKEND)
    for path in ("/admin/", "/admin/members/member/"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Portalas kuriamas" in answer.content.decode()


def test_once_the_portal_is_set_up_the_page_is_gone(desk):
    desk.post(ADDRESS, TYPED)
    for answer in (
        desk.get(ADDRESS),
        desk.post(ADDRESS, {**TYPED, "name_lt": "Kitas klasteris", "founders": "Beržo baldai"}),
    ):
        assert answer.url == reverse("admin:identity_identity_change", args=[1])
    assert (Identity.objects.get().name_lt, Member.objects.count()) == (TYPED["name_lt"], 3)
    assert desk.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_the_portal_up_at_once_the_second_is_told_that_it_is_set_up(client, superuser):
    """The second has read that there is no cluster yet, and waits for the first's commit."""
    clients = [client, Client()]
    for browser in clients:
        browser.force_login(superuser, backend=BACKEND)
    other = {
        **TYPED,
        "name_lt": "Kitas klasteris",
        "founders": "Uosis",
        "coordinator": "Uosis",
        "areas": "Kita | Other",
    }
    answer = after(lambda: clients[0].post(ADDRESS, TYPED), lambda: clients[1].post(ADDRESS, other))
    assert answer.url == reverse("admin:identity_identity_change", args=[1])
    page = clients[1].get(answer.url).content.decode()
    assert "Nieko neįrašyta: portalas tuo metu jau atvertas kaip „Baltijos medienos klasteris“." in page
    assert (Identity.objects.get().name_lt, Member.objects.count(), Area.objects.count()) == (TYPED["name_lt"], 3, 2)


LONG = "Labai ilgas veiklos srities pavadinimas apie medieną ir baldus"


@pytest.mark.parametrize(
    "names",
    [
        ["UAB X 3", "UAB X", "UAB X!"],
        ["UAB X", "UAB X!", "UAB X 2", "UAB X?"],
        ["UAB A _ B", "UAB A_B", "_"],
        ["Ω", "Founder", "Area 2", "Φ"],
        [f"{LONG} {number}" for number in range(12)],
    ],
)
def test_no_founder_and_no_area_is_lost_whatever_their_names_have_in_common(names, desk):
    typed = {**TYPED, "founders": "\n".join(names), "areas": "\n".join(f"{name} | {name}" for name in names)}
    for number, coordinator in enumerate(names):
        with transaction.atomic():
            assert desk.post(ADDRESS, {**typed, "coordinator": coordinator}).status_code == 302
            assert list(Member.objects.order_by("number").values_list("name", flat=True)) == names
            assert list(Area.objects.order_by("position").values_list("name_lt", flat=True)) == names
            assert Member.objects.get(is_coordinator=True).number == number + 1
            transaction.set_rollback(True)


# ---------- before that, for everyone ----------

CLOSED = [
    "/", "/en/", "/apie/", "/en/how-to-join/", "/nariai/", "/en/members/?q=lez", "/nariai/aedilis/", "/naujienos/",
    "/en/news/", "/paieska/?q=a", "/asmens-duomenys/", "/atviri-duomenys/", "/itraukti/", "/itraukti/siena/",
    "/en/embed/wall/", "/naujienos/atom.xml", "/en/news/atom.xml", "/sitemap.xml", "/nariai/export.csv",
    "/nariai/export.json", "/naujienos/prenumerata/", "/prasymai/", "/prasymai/naujas/", "/balsavimai/",
    "/mano-organizacija/", "/demo/mail/",
]  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_a_stranger_reads_in_both_languages_that_the_portal_is_being_set_up(path, client):
    answer = client.get(path)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")
    assert "no-store" in answer["Cache-Control"]
    assert dict(answer.cookies) == {}
    assert "<h1>Portalas kuriamas</h1>" in page
    assert '<div class="other-language" lang="en">\n  <h2>The portal is being set up</h2>' in page
    assert "noindex" in page


@pytest.mark.parametrize("path", ["/api/v1/members", "/api/v1/members/aedilis", "/api/v1/news", "/api/v1/openapi.json"])
def test_a_program_reads_it_as_json(path, client):
    for method in (client.get, client.head):
        answer = method(path)
        assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "3600", "application/json")
    assert json.loads(client.get(path).content) == {"detail": "Portalas kuriamas."}


def test_a_form_that_is_sent_meanwhile_is_not_taken(client):
    assert client.post("/naujienos/prenumerata/", {"email": "kas@example.org"}).status_code == 503


@pytest.mark.parametrize("path", ["/paskyra/login/", "/en/account/signup/", "/nera/"])
def test_pages_that_are_open_already_lead_to_none_that_is_not(path, client):
    client.get("/")  # the process has seen that there is no cluster
    page = client.get(path).content.decode()
    assert not re.findall(r'<a [^>]*href="(?:/en)?/(?:nariai|members|naujienos|news|apie|about)/', page)
    assert 'role="search"' not in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nera/", 404),
        ("/en/none/", 404),
        ("/healthz", 200),
        ("/robots.txt", 200),
        ("/mark/light.svg", 200),
        ("/mark/dark.svg", 200),
    ],
)
def test_what_needs_no_cluster_answers_as_ever(path, status, client):
    assert client.get(path).status_code == status


def test_everyone_may_log_in_and_the_superuser_comes_to_the_page(client, superuser):
    for path in ("/paskyra/login/", "/en/account/login/", "/paskyra/signup/", "/paskyra/password/reset/"):
        assert client.get(path).status_code == 200
    log_in, _status = client.get("/admin/", follow=True).redirect_chain[-1]
    logged_in = client.post(log_in, {"login": superuser.email, "password": factories.PASSWORD}, follow=True)
    assert logged_in.redirect_chain[-1] == (ADDRESS, 302)
    assert client.post(reverse("account_logout"), follow=True).status_code == 503  # it leads to the home page
    assert "_auth_user_id" not in client.session
