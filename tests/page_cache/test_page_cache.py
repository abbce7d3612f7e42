"""A kept page is the page: byte for byte what would be made now, for everyone it is meant for and for nobody else."""

import gzip
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import brotli
import psycopg2
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from applications.models import DecisionRule
from applications.workflow import admission
from cluster_portal import wsgi
from cluster_portal.identity.models import Identity
from cluster_portal.page_cache import generation, pages
from members.models import Area, Member, Municipality, Tag
from news.models import Post
from tests import factories
from tests.processes import database_url, eventually, free_port
from tests.test_permissions import addresses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keeping")]

PAGES = [
    "/", "/en/", "/apie/", "/en/about/", "/kaip-prisijungti/", "/en/how-to-join/", "/nariai/", "/en/members/",
    "/nariai/?sort=joined", "/nariai/?kind=company&kind=other", "/nariai/?offers=LED&q=", "/nariai/?view=map",
    "/en/members/?view=matches", "/nariai/?page=7", "/nariai/alfa/", "/en/members/alfa/", "/naujienos/", "/en/news/",
    "/naujienos/pirma/", "/en/news/pirma/", "/naujienos/atom.xml", "/en/news/atom.xml", "/sitemap.xml",
    "/api/v1/members", "/api/v1/members?lang=en&kind=company", "/api/v1/members/alfa", "/api/v1/news",
    "/api/v1/openapi.json", "/atviri-duomenys/", "/en/open-data/", "/itraukti/", "/en/embed/", "/itraukti/siena/",
    "/en/embed/wall/?founders=1", "/asmens-duomenys/", "/en/personal-data/",
]  # fmt: skip


@pytest.fixture
def alfa():
    """A member with something to say on each page, and its post."""
    tags = {"offers": ["LED"], "seeks": ["plienas"]}
    alfa = factories.member("Alfa", municipality_id="LT-25", summary_lt="Pirma santrauka", **tags)
    alfa.areas.set(Area.objects.all()[:2])
    factories.member("Beta", offers=["plienas"], municipality_id="LT-15")
    Post.objects.create(slug="pirma", title_lt="Pirma", body_lt="Tekstas", status="published", member=alfa)
    return alfa


def text(path: str, **headers: str) -> str:
    """What a stranger sees there."""
    response = Client(headers=headers).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def is_kept(path: str, client: Client | None = None) -> bool:
    """Whether a visit, a stranger's unless told otherwise, asks the database nothing but the generation."""
    with CaptureQueriesContext(connection) as queries:
        assert (client or Client()).get(path).status_code == 200
    return all("public_mark" in query["sql"] for query in queries)


def wait_for_it() -> None:
    """The time after which a change must be seen everywhere."""
    time.sleep(generation.TRUSTED + 0.05)


def kept() -> int:
    """How many pages this process keeps."""
    return sum(isinstance(value, tuple) for value, _size in generation.latest.made.values())


def test_a_kept_page_is_the_page_as_it_would_be_made_now(alfa, settings):
    kept = [[text(path) for path in PAGES] for _round in range(3)]
    settings.PAGE_CACHE = False
    fresh = [text(path) for path in PAGES]
    assert kept == [fresh] * 3
    settings.PAGE_CACHE = True
    assert [path for path in PAGES if not is_kept(path)] == []


# What changes, where it shows, and how it reads there then.
CHANGES = {
    "a member's summary": (
        lambda: Member.objects.filter(slug="alfa").update(summary_lt="Antra santrauka"),
        ["/nariai/", "/en/members/", "/nariai/alfa/", "/en/members/alfa/", "/api/v1/members", "/api/v1/members/alfa"],
        "Antra santrauka",
    ),
    "a member's name": (
        lambda: Member.objects.filter(slug="beta").update(name="Omega"),
        ["/", "/nariai/", "/en/members/?view=matches", "/nariai/alfa/", "/api/v1/members?lang=en", "/itraukti/siena/"],
        "Omega",
    ),
    "an area": (
        lambda: Area.objects.update(name_lt="Kita sritis", name_en="Another area"),
        ["/", "/apie/", "/nariai/", "/nariai/alfa/"],
        "Kita sritis",
    ),
    "a municipality": (
        lambda: Municipality.objects.filter(pk="LT-25").update(name_lt="Kitur", name_en="Elsewhere"),
        ["/nariai/", "/nariai/?view=map", "/nariai/alfa/", "/api/v1/members"],
        "Kitur",
    ),
    "a tag": (
        lambda: Tag.objects.get(name_lt="LED").rename("lempos", "lights"),
        ["/nariai/", "/nariai/?view=matches", "/nariai/alfa/", "/api/v1/members"],
        "lempos",
    ),
    "a post": (
        lambda: Post.objects.update(title_lt="Antras pavadinimas"),
        ["/", "/en/", "/nariai/alfa/", "/naujienos/", "/en/news/", "/naujienos/pirma/", "/naujienos/atom.xml",
         "/en/news/atom.xml", "/api/v1/news"],
        "Antras pavadinimas",
    ),
    "the decision rule": (
        lambda: DecisionRule.objects.create(voting_days=23),
        ["/apie/", "/kaip-prisijungti/"],
        "23 dienos",
    ),
    "the licence": (
        lambda: Identity.objects.update(licence="zero"),
        ["/atviri-duomenys/", "/en/open-data/", "/api/v1/openapi.json"],
        "CC0 1.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "paths", "words"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen_within_a_second_wherever_it_shows(change, paths, words, alfa):
    for _round in range(2):
        assert [path for path in paths if words in text(path)] == []
    change()
    wait_for_it()
    for _round in range(2):
        assert [path for path in paths if words not in text(path)] == []


def test_an_admission_is_seen_in_both_languages_in_lists_feeds_api_and_counters(alfa, founders, coordinator, applicant):
    approved = factories.approved(applicant, coordinator, founders, name="Naujoka")
    listing = ["/", "/en/", "/nariai/", "/en/members/", "/naujienos/", "/en/news/", "/naujienos/atom.xml",
            "/en/news/atom.xml", "/api/v1/members", "/api/v1/news"]  # fmt: skip
    counted = {"/": "<dd>7</dd>", "/en/": "<dd>7</dd>", "/nariai/": "7 nariai", "/api/v1/members": '"count": 7'}
    for _round in range(2):
        assert [path for path in listing if "Naujoka" in text(path)] == []
        assert [path for path, words in counted.items() if words not in text(path)] == []
        assert "/nariai/naujoka/" not in text("/sitemap.xml")
    admission.admit(approved, coordinator)
    wait_for_it()
    assert [path for path in listing if "Naujoka" not in text(path)] == []
    assert [path for path, words in counted.items() if words.replace("7", "8") not in text(path)] == []
    assert "/nariai/naujoka/" in text("/sitemap.xml")


def test_a_member_that_leaves_is_gone_from_its_page_and_from_the_list(alfa):
    assert "Alfa" in text("/nariai/alfa/") + text("/nariai/")
    Member.objects.filter(slug="alfa").update(status="suspended")
    wait_for_it()
    assert [Client().get(path).status_code for path in ("/nariai/alfa/", "/api/v1/members/alfa")] == [410, 404]
    assert "Alfa" not in text("/nariai/")


def test_a_planned_post_appears_by_itself(alfa, monkeypatch):
    # The portal's clock is moved: in real time, a busy machine may show the pages only when the post is due already.
    due = timezone.now() + timedelta(hours=1)
    Post.objects.create(slug="planas", title_lt="Planas", body_lt="Planas", status="published", published_at=due)
    monkeypatch.setattr("django.utils.timezone.now", lambda: due - timedelta(milliseconds=1))
    wait_for_it()
    paths = ["/", "/naujienos/", "/en/news/", "/naujienos/atom.xml", "/api/v1/news", "/sitemap.xml"]
    for _round in range(2):
        assert [path for path in paths if "planas" in text(path)] == []
    monkeypatch.setattr("django.utils.timezone.now", lambda: due)
    wait_for_it()
    assert [path for path in paths if "planas" not in text(path)] == []


@pytest.mark.parametrize("when", ["before the page is made", "after the page is made"])
def test_a_page_made_before_a_commit_is_not_given_after_it(when, alfa, rf):
    """Another connection commits in the middle of the making of a page, which is then kept."""
    other = psycopg2.connect(database_url())

    def commit() -> None:
        with other, other.cursor() as cursor:
            cursor.execute("UPDATE members_member SET summary_lt = 'Kitaip' WHERE slug = 'alfa'")

    def site(request):
        if when.startswith("before"):
            commit()
        response = HttpResponse(Member.objects.get(slug="alfa").summary_lt)
        if when.startswith("after"):
            commit()
        request.resolver_match = get_resolver().resolve("/nariai/alfa/")
        return response

    pages.PageCacheMiddleware(site)(rf.get("/nariai/alfa/"))
    other.close()
    wait_for_it()
    given: Any = pages.PageCacheMiddleware(lambda request: HttpResponse("made again"))(rf.get("/nariai/alfa/"))
    assert given.content in (b"Kitaip", b"made again")


@contextmanager
def portal(log: Path):
    """The portal on the test's database as in production, with two worker processes; gives a function that visits."""
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url(), "DEMO": "0", "DEBUG": "0",
                   "ALLOWED_HOSTS": "127.0.0.1", "PAGE_CACHE": "1",
                   "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "cluster_portal.wsgi", "--no-control-socket", "--workers", "2"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"], env=environment, stdout=output, stderr=output
        )

    def visit(path: str, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()

    def answers() -> bool:
        try:
            return bool(visit("/robots.txt"))
        except OSError:
            assert server.poll() is None, log.read_text()
            return False

    try:
        eventually(answers)
        yield visit
    finally:
        server.terminate()
        server.wait(60)


def test_every_process_shows_a_change_within_a_second(alfa, tmp_path):
    with portal(tmp_path / "web.log") as visit:
        for summary in ("Antra santrauka", "Trečia santrauka"):
            before = {visit("/nariai/alfa/")[1] for _visit in range(20)}
            assert len(before) == 1
            assert summary.encode() not in before.pop()
            Member.objects.filter(slug="alfa").update(summary_lt=summary)
            time.sleep(1)
            answers = [visit("/nariai/alfa/") for _visit in range(20)]
            assert {status for status, _page in answers} == {200}
            assert [page for _status, page in answers if summary.encode() not in page] == []


def test_without_redis_every_page_is_there_and_every_change_seen(alfa, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{free_port()}/0"},
    }
    assert "Pirma santrauka" in text("/nariai/alfa/")
    assert "Pirma santrauka" in text("/nariai/?kind=company")
    Member.objects.filter(slug="alfa").update(summary_lt="Antra santrauka")
    wait_for_it()
    assert "Antra santrauka" in text("/nariai/alfa/")
    assert "Antra santrauka" in text("/nariai/?kind=company")


def test_where_the_generation_is_not_known_the_page_is_made(alfa, caplog):
    assert text("/nariai/alfa/") == text("/nariai/alfa/")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE public_mark RENAME TO public_mark_away")
    try:
        generation.latest.doubt()
        Member.objects.filter(pk=0).first()
        assert not is_kept("/nariai/alfa/")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE public_mark_away RENAME TO public_mark")
    assert "nothing is kept" in caplog.text


def test_who_is_logged_in_neither_gets_nor_fills_the_kept_pages(alfa, client):
    person = factories.person(first_name="Vardenė", last_name="Pavardenė")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/nariai/", "/nariai/alfa/", "/"):
        assert "Vardenė" in client.get(path).content.decode()
    assert kept() == 0
    for path in ("/nariai/", "/nariai/alfa/", "/"):
        assert "Vardenė" not in text(path)
        assert "Vardenė" in client.get(path).content.decode()


def test_who_has_changed_something_sees_it_at_once(alfa, client):
    client.force_login(factories.person(), backend="django.contrib.auth.backends.ModelBackend")
    for summary in ("Antra", "Trečia", "Ketvirta"):
        Member.objects.filter(slug="alfa").update(summary_lt=summary)
        assert summary in client.get("/nariai/alfa/").content.decode()


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "messages", "django_language"])
def test_a_cookie_of_ours_keeps_the_visitor_out(cookie, alfa):
    text("/nariai/")
    client = Client()
    client.cookies[cookie] = "x"
    assert "ETag" not in client.get("/nariai/")
    assert kept() == 1
    assert not is_kept("/nariai/", client)


def test_a_foreign_cookie_changes_nothing(alfa):
    text("/nariai/")
    client = Client()
    client.cookies["_pk_id"] = "x"
    assert is_kept("/nariai/", client)


@pytest.mark.parametrize(
    "path",
    ["/nariai/?utm_source=x", "/nariai/?kind=company&x=1", "/nariai/?q=alfa", "/nariai/?offers=" + "a" * 600,
     "/paieska/?q=alfa", "/naujienos/?page=1&q=%00", "/paskyra/login/", "/naujienos/prenumerata/", "/healthz"],
)  # fmt: skip
def test_what_is_not_named_is_not_kept(path, alfa):
    for _round in range(2):
        Client().get(path)
    assert kept() == 0


def test_parameters_of_one_visitor_are_not_in_another_ones_page(alfa):
    assert "utm_source=pikta" in text("/nariai/?utm_source=pikta")
    assert "pikta" not in text("/nariai/")


def test_what_was_not_asked_for_the_longest_makes_room(alfa, monkeypatch):
    for number in range(1, 4):
        text(f"/nariai/?page={number}")
    room = generation.latest.bytes  # of three pages, and of the answers of the database that they share
    generation.latest.become(None)
    generation.latest.doubt()
    monkeypatch.setattr(generation, "BYTES_MAX", room + 100)
    for number in (1, 2, 3, 1, 4):
        text(f"/nariai/?page={number}")
    assert [is_kept(f"/nariai/?page={number}") for number in (1, 3, 4, 2)] == [True, True, True, False]


def test_the_public_pages_are_these_and_no_others():
    named = {
        name: set(pattern.callback.public_parameters)
        for name, pattern in addresses(get_resolver())
        if hasattr(pattern.callback, "public_parameters") and not name.startswith("api-")
    }
    filters = {"q", "sort", "view", "page", "area", "kind", "role", "county", "municipality", "offers", "seeks"}
    assert named == {
        "home": set(), "about": set(), "how-to-join": set(), "sitemap": set(), "open-data": set(), "embed": set(),
        "personal-data": set(), "mark": set(),
        "embed-wall": {"founders"}, "members:list": filters, "members:detail": set(), "news:list": {"page"},
        "news:detail": set(), "news:feed": set(),
    }  # fmt: skip


def test_the_languages_do_not_mix(alfa):
    Municipality.objects.filter(pk="LT-25").update(name_lt="Tenai", name_en="Here")
    wait_for_it()
    for _round in range(2):
        assert '"municipality": "Tenai"' in text("/api/v1/members/alfa", accept_language="lt")
        assert '"municipality": "Here"' in text("/api/v1/members/alfa", accept_language="en-GB,en;q=0.8")
        assert 'lang="lt"' in text("/nariai/", accept_language="en")


def test_another_host_gets_its_own_page(alfa, settings):
    settings.ALLOWED_HOSTS = ["vienas.lt", "kitas.lt"]
    for host in ("vienas.lt", "kitas.lt") * 2:
        assert f"http://{host}/nariai/alfa/" in text("/api/v1/members/alfa", host=host)
    assert Client(headers={"host": "svetimas.lt"}).get("/nariai/").status_code == 400


def test_a_browser_is_told_that_nothing_is_new_until_something_is(alfa):
    first = Client().get("/nariai/alfa/")
    tag = first["ETag"]
    assert (first["Cache-Control"], set(first["Vary"].split(", ")) >= {"Cookie", "Accept-Encoding"}) == (
        "no-cache",
        True,
    )
    for _round in range(2):
        again = Client(headers={"if-none-match": tag}).get("/nariai/alfa/")
        assert (again.status_code, again.content, again["ETag"], again["Vary"]) == (304, b"", tag, first["Vary"])
    Member.objects.filter(slug="alfa").update(summary_lt="Antra santrauka")
    wait_for_it()
    assert Client(headers={"if-none-match": tag}).get("/nariai/alfa/").status_code == 200


def test_head_says_what_get_would(alfa):
    for _round in range(2):
        get, head = Client().get("/nariai/"), Client().head("/nariai/")
        assert (head.status_code, head.content, dict(head.items())) == (200, b"", dict(get.items()))
    assert (Client().head("/api/v1/news").status_code, Client().head("/api/v1/news").content) == (200, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("br, gzip", "br"), ("gzip, deflate, br;q=1.0", "br"), ("gzip;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"),
     ("br;q=0.0,gzip;q=0", ""), ("identity", ""), ("", ""), ("*", ""), ("deflate", "")],
)  # fmt: skip
def test_pages_are_compressed_as_the_client_wants(accepted, encoding, alfa):
    plain = text("/nariai/")
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding]
    tags = set()
    for _round in range(2):
        response = Client(headers={"accept-encoding": accepted}).get("/nariai/")
        assert response.get("Content-Encoding", "") == encoding
        assert unpack(response.content).decode() == plain
        assert int(response["Content-Length"]) == len(response.content)
        tags.add(response["ETag"])
    assert len(tags) == 1
    assert (len(response.content) < len(plain) / 4) == bool(encoding)


def test_a_kept_page_holds_no_cookie_no_token_and_the_policies_of_every_page(alfa):
    made, kept = Client().get("/nariai/"), Client().get("/nariai/")
    assert dict(made.items()) == dict(kept.items())
    assert (dict(made.cookies), dict(kept.cookies)) == ({}, {})
    assert "csrfmiddlewaretoken" not in kept.content.decode()
    assert "default-src 'self'" in kept["Content-Security-Policy"]
    assert "nonce" not in kept["Content-Security-Policy"]
    assert kept["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda request, response: response.set_cookie("a", "b"),
        lambda request, response: request.META.update(CSRF_COOKIE_NEEDS_UPDATE=True),
        lambda request, response: setattr(request, "_csp_nonce", "abc"),
        lambda request, response: response.headers.__setitem__("Cache-Control", "private"),
        lambda request, response: setattr(response, "status_code", 404),
        lambda request, response: setattr(request, "resolver_match", None),
        lambda request, response: setattr(request, "resolver_match", get_resolver().resolve("/paskyra/login/")),
        lambda request, response: setattr(response, "content", b"x" * 600_000),
    ],
)
def test_an_answer_that_is_somebodys_own_is_not_kept(spoil, rf):
    def site(request):
        response = HttpResponse("page")
        request.resolver_match = get_resolver().resolve("/nariai/")
        spoil(request, response)
        return response

    pages.PageCacheMiddleware(site)(rf.get("/nariai/"))
    assert kept() == 0


def through_the_server(path: str, query: str = "", **said: str) -> bytes:
    """What gunicorn is given for a stranger who says such things of the request."""
    environ = RequestFactory().get(path).environ
    environ.update(QUERY_STRING=query, HTTP_HOST="testserver", **said)
    return b"".join(wsgi.application(environ, lambda status, headers, error=None: None))


def test_nobody_puts_another_page_in_the_place_of_a_kept_one(alfa):
    """A visitor's header SCRIPT_NAME, which gunicorn believes, cuts the page's path and would stand in all addresses."""
    for _ in range(2):
        through_the_server("/", SCRIPT_NAME="/kaip-prisijungti", PATH_INFO="/")
        through_the_server("/nariai/", SCRIPT_NAME="//evil.example", PATH_INFO="/nariai/")
    assert "<h1>Kaip prisijungti" in text("/kaip-prisijungti/")
    assert "evil.example" not in text("/nariai/") + text("/")


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "rot13", "hex"])
def test_no_charset_changes_what_an_address_means(alfa, charset):
    alfa.offers = ["paviršių dengimas"]
    alfa.save()
    query = "offers=pavir%C5%A1i%C5%B3%20dengimas"
    for said in ("charset", 'Charset ="', "charset*=utf-8''"):
        through_the_server("/nariai/", query, CONTENT_TYPE=f"text/plain; {said}={charset}")
    assert "Alfa" in text(f"/nariai/?{query}")
