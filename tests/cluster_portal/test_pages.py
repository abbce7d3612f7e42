"""The pages that belong to no single app, and what every public page keeps to."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.csrf import csrf_failure
from django.views.defaults import permission_denied

from applications.models import DecisionRule
from cluster_portal.identity.models import Identity
from cluster_portal.pages.drawing import founders_drawing
from cluster_portal.pages.errors import server_error
from members.models import Area, Member, Municipality
from news.models import Post
from tests import factories

PAGES = {
    "/": "/en/",
    "/apie/": "/en/about/",
    "/kaip-prisijungti/": "/en/how-to-join/",
    "/nariai/": "/en/members/",
    "/naujienos/": "/en/news/",
    "/asmens-duomenys/": "/en/personal-data/",
}
BOTH = [*PAGES, *PAGES.values()]


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://klasteris.example"


@pytest.fixture
def lived_in(founders, areas_in_use):
    """A cluster with founders, members in two counties and news."""
    for name, code in (("Alfa", "LT-25"), ("Beta", "LT-25"), ("Gama", "LT-15")):
        factories.member(name, municipality=Municipality.objects.get(code=code), summary_lt=f"{name} gamina.")
    for number in range(4):
        Post.objects.create(slug=f"n{number}", title_lt=f"Naujiena {number}", body_lt="Tekstas", status="published")


@pytest.fixture
def areas_in_use(db):
    return list(Area.objects.all())


def words(response) -> str:
    """The page's text, tags dropped, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("path", BOTH)
def test_a_public_page_opens_on_an_empty_database_in_its_language(client, db, path):
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{"en" if path.startswith("/en/") else "lt"}">' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("path", BOTH)
def test_a_public_page_sets_no_cookie_and_is_held_by_a_strict_policy(client, lived_in, path):
    response = client.get(path)
    assert dict(response.cookies) == {}
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", BOTH)
def test_a_public_page_has_nothing_inline_and_nothing_from_another_host(client, lived_in, path):
    page = client.get(path).content.decode()
    assert re.findall(r"\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)", page) == []
    loaded = re.findall(r'(?:src|<link rel="(?:icon|stylesheet)"[^>]*href)="([^"]+)"', page)
    assert [address for address in loaded if not address.startswith("/")] == []


@pytest.mark.parametrize(("lithuanian", "english"), PAGES.items())
def test_both_languages_of_a_page_name_each_other_and_lithuanian_is_the_default(client, db, lithuanian, english):
    for path in (lithuanian, english):
        page = client.get(path).content.decode()
        found = dict(
            re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="https://klasteris.example([^"]*)"', page)
        )
        assert found == {"lt": lithuanian, "en": english, "x-default": lithuanian}
        assert f'<link rel="canonical" href="https://klasteris.example{path}">' in page


def test_the_language_switch_keeps_the_page_and_its_query(client, db):
    page = client.get("/nariai/", {"q": "metalas"}).content.decode()
    switch = page[page.index('class="languages"') :]
    assert re.findall(r'href="([^"]+)" lang="(\w\w)"', switch)[:2] == [
        ("/nariai/?q=metalas", "lt"),
        ("/en/members/?q=metalas", "en"),
    ]


def test_the_home_page_shows_the_founders_the_newest_members_and_the_news(client, lived_in):
    page = words(client.get("/"))
    shown = ["Aedilis", "BaltLed", "Pažangios inovacijos", "Prezicika Metrology", "Proftools"]
    shown += ["Beta gamina.", "Gama gamina.", "Naujiena 3", "Naujiena 1"]
    assert [text for text in shown if text not in page] == []
    assert "Naujiena 0" not in page


def test_a_member_of_unknown_day_is_not_the_newest(client, db):
    for name, day in (("Be dienos", None), ("Senas", "2021-03-01"), ("Naujas", "2026-11-24")):
        factories.member(name, joined_on=day)
    newest = client.get("/").content.decode().split('id="newest"')[1].split("</section>")[0]
    assert re.findall(r"<h3><a[^>]+>([^<]+)", newest) == ["Naujas", "Senas"]


def test_the_home_page_counts_the_public_members_only(client, lived_in):
    factories.member("Buvęs", status="former")
    factories.member("Sustabdytas", status="suspended", municipality=Municipality.objects.get(code="LT-57"))
    stats = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", client.get("/").content.decode())
    assert stats == [("nariai", "8"), ("steigėjai", "5"), ("savivaldybės", "2"), ("veiklos sritys", "7")]


def test_a_county_on_the_home_page_leads_to_its_members(client, lived_in):
    page = client.get("/").content.decode()
    counties = re.findall(r'<a href="([^"]+)"><span>([^<]+)</span><strong>(\d+)</strong>', page)
    assert counties == [
        ("/nariai/?municipality=LT-25", "Marijampolės apskritis", "2"),
        ("/nariai/?municipality=LT-15", "Kauno apskritis", "1"),
    ]
    assert re.findall(r"<h2>\s*<a[^>]+>([^<]+)", client.get(counties[0][0]).content.decode()) == ["Alfa", "Beta"]


def test_every_area_on_the_home_page_leads_to_its_members(client, lived_in, areas_in_use):
    page = client.get("/").content.decode()
    assert re.findall(r"/nariai/\?area=([\w-]+)", page) == [area.slug for area in areas_in_use]


def test_the_home_page_asks_the_database_six_things_however_many_members(client, lived_in, django_assert_num_queries):
    with django_assert_num_queries(6):
        client.get("/")
    for number in range(20):
        factories.member(f"Narys {number}", municipality=Municipality.objects.all()[number])
    with django_assert_num_queries(6):
        client.get("/")


def test_the_decision_is_explained_by_the_rule_in_force(client, founders):
    DecisionRule.objects.create(quorum_numerator=2, quorum_denominator=3, threshold="two_thirds", voting_days=21)
    for path in ("/kaip-prisijungti/", "/apie/"):
        page = words(client.get(path))
        assert "turi balsuoti bent 4 iš 5 steigėjų" in page
        assert "21 diena" in page


def test_the_decision_is_explained_before_there_is_a_founder_or_a_rule(client, db):
    page = words(client.get("/kaip-prisijungti/"))
    assert "14 dienų" in page
    assert " iš 0 " not in page


def test_a_person_finds_their_own_pages_in_the_menu(client, founders, coordinator):
    def menu() -> set[str]:
        page = client.get("/").content.decode()
        found = re.search(r'<div class="account-links">(.*?)</div>', page, re.DOTALL)
        return set(re.findall(r'href="([^"]+)"', found[1])) if found else set()

    assert menu() == set()
    client.force_login(founders[0].voter)
    assert menu() == {"/prasymai/", "/balsavimai/", "/paskyra/email/"}
    client.force_login(coordinator)
    assert menu() == {"/prasymai/", "/admin/", "/paskyra/email/"}


@pytest.mark.parametrize(("founders", "lines", "note"), [(0, 1, None), (1, 1, None), (5, 5, "5×"), (12, 7, "12×")])
def test_the_home_pages_drawing_has_room_for_any_number_of_founders(founders, lines, note):
    drawing = founders_drawing(founders)
    svg = render_to_string("includes/hero_drawing.html", {"drawing": drawing, "formed_on": None})
    assert svg.count("<circle") == lines
    found = re.search(r">([0-9]+×)</text>", svg)
    assert (found and found[1]) == note
    assert drawing["tip"] < drawing["height"] < 500


def test_initials_stand_in_for_a_logo(db):
    names = {"„Ąžuolo“ Baldai": "ĄB", "Proftools": "P", "Kauno m. LEZ ir parkas": "KM", "–": ""}
    assert {name: factories.member(name).initials for name in names} == names


def test_robots_keep_out_of_the_desk_and_the_accounts(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /paskyra/", "Disallow: /en/account/"} <= set(lines)
    assert lines[-1] == "Sitemap: https://klasteris.example/sitemap.xml"


# Error pages. None of these tests may touch the database: pytest-django refuses it without the `db` fixture.


@pytest.fixture(autouse=True)
def seen_before(monkeypatch):
    """The process has seen the identity, as any has that answered one page."""
    monkeypatch.setattr("cluster_portal.identity.current._last", [Identity.unnamed()])


@pytest.fixture
def anonymous(rf):
    """A stranger's request in Lithuanian that has met no view yet."""
    request = rf.get("/")
    request.user = AnonymousUser()
    with translation.override("lt"):
        yield request


def test_an_unknown_address_is_answered_without_the_database(client):
    response = client.get("/nera-tokio/")
    page = response.content.decode()
    assert (response.status_code, dict(response.cookies)) == (404, {})
    assert "Tokio puslapio nėra" in page
    assert '<p class="other-language" lang="en">There is no page at this address.' in page
    assert "hreflang" not in page[: page.index("</head>")]
    assert "Page not found" in client.get("/en/none/").content.decode()


@pytest.mark.django_db
def test_whoever_is_logged_in_is_not_told_to_log_in_for_an_unknown_address(client, applicant):
    advice = "tik prisijungus"
    assert advice in client.get("/nera-tokio/").content.decode()
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    assert advice not in client.get("/nera-tokio/").content.decode()


@pytest.mark.parametrize(("language", "title"), [("lt", "Šio veiksmo atlikti negalite"), ("en", "You may not do this")])
def test_a_forbidden_page_is_told_without_the_database(anonymous, language, title):
    with translation.override(language):
        response = permission_denied(anonymous, PermissionDenied())
    assert response.status_code == 403
    assert f"<h1>{title}</h1>" in response.content.decode()


def test_an_expired_form_is_told_in_plain_words(anonymous):
    response = csrf_failure(anonymous)
    assert response.status_code == 403
    assert "Nieko neišsaugota" in response.content.decode()


def test_too_many_attempts_are_told_in_plain_words(anonymous):
    assert "Palaukite kelias minutes" in render(anonymous, "429.html").content.decode()


def test_a_failure_is_told_in_both_languages_without_database_or_context(anonymous):
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        response = server_error(anonymous)
    page = response.content.decode()
    assert response.status_code == 500
    assert "<h1>Įvyko klaida</h1>" in page
    assert '<div class="other-language" lang="en">' in page


def test_a_database_that_is_away_is_told_as_such(anonymous):
    try:
        raise OperationalError
    except OperationalError:
        response = server_error(anonymous)
    assert response.status_code == 503
    assert "<h1>Portalas trumpam neveikia</h1>" in response.content.decode()


def test_every_page_has_the_search_box(client, db):
    for path in BOTH:
        target = "/en/search/" if path.startswith("/en/") else "/paieska/"
        assert client.get(path).content.decode().count(f'<form class="site-search" method="get" action="{target}"') == 1


def test_the_demos_banner_does_not_say_that_email_stays_where_it_leaves(client, db, settings):
    settings.DEMO, settings.EMAIL_URL = True, ""
    assert "laiškai iš šio kompiuterio neišsiunčiami" in client.get("/apie/").content.decode()
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    page = client.get("/apie/").content.decode()
    assert "Tai demonstracija: pavyzdžiai išgalvoti." in page
    assert "neišsiunčiami" not in page


def test_the_page_on_personal_data_names_the_controller_and_the_time_emails_are_kept(client, lived_in, settings):
    settings.MAIL_KEEP_DAYS = 21
    Member.objects.filter(is_coordinator=True).update(
        legal_name="UAB „Pažangios inovacijos“", email="duomenys@example.org", address="Vilnius, Gedimino pr. 1"
    )
    page = client.get("/asmens-duomenys/").content.decode()
    for words in ("UAB „Pažangios inovacijos“", "Vilnius, Gedimino pr. 1", "21 dieną", "/paskyra/mano-duomenys/"):
        assert words in page
    assert '<a href="mailto:duomenys@example.org">' in page
    assert "21 days" in client.get("/en/personal-data/").content.decode()


def test_the_frame_to_copy_is_sound_whatever_the_cluster_is_called(client, db):
    Identity.objects.update(name_en='A "B" <script>', name_lt='A "B" <script>', name_genitive_lt='A "B" <script>')
    page = unescape(client.get("/en/embed/").content.decode())
    assert 'title="Members of the A &quot;B&quot; &lt;script&gt;"' in page
    assert '?founders=1" title="Founders of the A &quot;B&quot; &lt;script&gt;"' in page


def test_a_search_for_one_word_that_finds_nothing_asks_for_another(client, db):
    one, several = (client.get("/paieska/", {"q": q}).content.decode() for q in ("zzzzqqq", "zzzzqqq wwwwxxx"))
    assert "Įrašykite kitą žodį;" in one
    assert "Įrašykite mažiau žodžių" not in one
    assert "Įrašykite mažiau žodžių;" in several
