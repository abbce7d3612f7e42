"""Another cluster's portal: laid out from its own file, played from application to announcement, and nothing of ours in it."""

import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from applications.models import Application
from applications.workflow import admission
from cluster_portal.base.known import known
from cluster_portal.identity import layout
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.wire import message_bytes
from members.directory import picture
from members.models import Member, User
from tests import factories

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("baltijos-mediena.toml")
FORBIDDEN = re.compile(
    "Gamybos inovacij|Production Innovation|Pažangios inovacijos|Prezicika|BaltLed|Proftools|Aedilis|Inovatyvios gamybos"
    "|Innovative Manufacturing|Marijampolės LEZ|slėni|[Vv]alley|2020-04-27|14532d|e6a117|10.5H7.6L16|klasteris@example",
    re.IGNORECASE,
)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="module")
def second(module_rows):
    """The second cluster's demo, with one organisation admitted after its founders' votes; nothing here changes it."""
    with module_rows():
        return lay_out()


def lay_out() -> Member:
    factories.bare_portal()
    call_command("seed_demo", FILE, stdout=io.StringIO(), stderr=io.StringIO())
    founders: list[Any] = list(Member.objects.founders().order_by("number"))
    for organisation in founders:
        organisation.voter = organisation.representatives.get().user
    coordinator = User.objects.get(email="coordinator@example.org")
    applicant = factories.person("nauja@example.org", language="en")
    approved = factories.approved(applicant, coordinator, founders[:2], name="Uosio laiptai")
    return known(admission.admit(approved, coordinator).member)


def shown(client, path: str) -> str:
    """What a path answers, whole; a picture or a PDF is taken for its name only."""
    response = client.get(path, follow=True)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="ignore")


def crawl(client, starts: list[str]) -> dict[str, str]:
    """Every page of the portal that links lead to, from the pages to start at; by GET alone, so nothing is changed.

    Of those that differ in their query, or in a record's number, some stand for all.
    """
    found: dict[str, str] = {}
    alike: Counter[str] = Counter()
    waiting = list(starts)
    while waiting:
        path = waiting.pop().split("#")[0]
        page = path.split("?")[0]
        kind = re.sub(r"\d+", "0", page)
        if path in found or alike[page] == 4 or alike[kind] == 20:
            continue
        alike.update({page, kind})
        found[path] = shown(client, path)
        if "<html" in found[path]:
            links = re.findall(r'(?:href|src)="(?:http://127\.0\.0\.1:8000)?(/[^"/][^"]*|/)"', found[path])
            waiting += [link.replace("&amp;", "&") for link in links if not link.startswith(("/static/", "/media/"))]
    return found


def ours(texts: dict[str, str]) -> dict[str, str]:
    """Where something of the first cluster is found, and what."""
    return {place: hit[0] for place, text in texts.items() if (hit := FORBIDDEN.search(text))}


STARTS = ["/", "/en/", "/sitemap.xml", "/robots.txt", "/nera/", "/en/none/", "/api/v1/openapi.json", "/api/v1/members",
          "/api/v1/members?lang=en", "/api/v1/news", "/naujienos/atom.xml", "/en/news/atom.xml", "/itraukti/siena/",
          "/en/embed/wall/", "/mark/light.svg", "/mark/dark.svg", "/nariai/export.csv", "/nariai/export.json",
          "/paskyra/login/", "/en/account/login/", "/demo/mail/"]  # fmt: skip


def test_no_public_page_feed_or_answer_of_the_api_holds_anything_of_the_first_cluster(client, second):
    pages = crawl(client, STARTS)
    assert len(pages) > 60
    assert ours(pages) == {}
    assert "Baltijos medienos klasteris" in pages["/"]
    assert "Baltic Wood cluster" in pages["/en/"]
    assert "„Uosio laiptai“ tapo Baltijos medienos klasterio nare" in pages["/naujienos/"]
    assert '"title": "Baltijos medienos klasteris"' in pages["/api/v1/openapi.json"]
    assert "nemokama" in pages["/kaip-prisijungti/"]


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize("who", ["coordinator", "azuolas", "klevas", "member", "example1", "example4"])
def test_no_page_under_a_log_in_does(client, second, who, language):
    User.objects.filter(email=f"{who}@example.org").update(language=language)  # the desk's
    client.force_login(User.objects.get(email=f"{who}@example.org"), backend=BACKEND)
    with translation.override(language):
        names = ("admin:index", "applications:list", "ballots:list", "my-organisation", "my-details")
        starts = [reverse(name) for name in names]
    assert ours(crawl(client, starts)) == {}


def test_no_mail_does(second):
    mails = list(OutgoingMail.objects.select_related("content"))
    texts = {
        f"{mail.key} {mail.language}": "\n".join(
            [mail.subject, *((mail.content.text, mail.content.html) if mail.content else ())]
        )
        for mail in mails
    }
    assert ours(texts) == {}
    assert {mail.language for mail in mails} == {"lt", "en"}
    wire = message_bytes(known(OutgoingMail.objects.filter(content__isnull=False).first())).decode()
    assert "From: Mediena <siuntejas@mediena.example>" in wire
    assert any("Medžio g. 1" in text for text in texts.values())


def test_no_minutes_do(second):
    texts = {}
    for application in Application.objects.all():
        for minutes in application.minutes.all():
            for language in ("lt", "en"):
                document = PdfReader(io.BytesIO(bytes(getattr(minutes, f"pdf_{language}"))))
                texts[f"{minutes} {language}"] = "\n".join(
                    [str(document.metadata), *(page.extract_text() for page in document.pages)]
                )
    assert texts
    assert ours(texts) == {}
    assert all("Baltijos medienos klasteris" in text or "Baltic Wood cluster" in text for text in texts.values())


def test_no_share_picture_does(second, monkeypatch):
    written = {}
    draw = picture.ImageDraw.ImageDraw.text

    def noted(self: Any, at: Any, text: str, fill: str, font: Any) -> None:
        written[text] = f"{text} {fill}"
        draw(self, at, text, fill, font)

    monkeypatch.setattr(picture.ImageDraw.ImageDraw, "text", noted)
    for language in ("lt", "en"):
        with translation.override(language):
            picture.share_picture(second)
    assert ours(written) == {}
    assert {"Baltijos medienos klasteris #7a1f5c", "Baltic Wood cluster #7a1f5c"} <= set(written.values())


def test_the_colours_come_from_the_second_cluster(client, second):
    with translation.override("lt"):
        page = shown(client, reverse("home"))
    sheet = known(re.search(r'href="(/colours/[^"]+)"', page))[1]
    response = client.get(sheet)
    assert "--primary:#7a1f5c;" in response.content.decode()
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert layout.record_of("founders", "azuolo-namai")


def test_the_home_pages_drawing_has_a_line_for_each_of_its_founders(client, second):
    page = shown(client, reverse("home"))
    drawing = known(re.search(r'<svg class="hero-drawing".*?</svg>', page, re.DOTALL))[0]
    assert drawing.count("<circle") == 3
    assert drawing.count("H3000") == 3
    assert ">3×</text>" in drawing
    assert ">2019-09-01</text>" in drawing
