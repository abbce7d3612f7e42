"""A member's own page, its picture, what programs read of it, the list as data, and the search over everything."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from applications.workflow import admission, balloting, voting
from cluster_portal.base.known import known
from cluster_portal.identity.models import Identity
from members.directory.highlight import highlight
from members.models import Area, Member, Tag
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db


def test_partners_are_named_with_the_reason(client):
    factories.member("Alfa", offers=["LED", "optika"], seeks=["plienas"])
    factories.member("Beta", seeks=["optika", "LED", "medis"])
    factories.member("Gama", offers=["plienas"])
    factories.member("Buvusi", offers=["plienas"], status="former")
    sides = client.get("/nariai/alfa/").context["sides"]
    assert [(side.name, [(partner.name, reasons) for partner, reasons in side.partners]) for side in sides] == [
        ("offers", [("Beta", "LED, optika")]),
        ("seeks", [("Gama", "plienas")]),
    ]
    Tag.objects.get(name_lt="plienas").rename("plienas", "steel")
    assert "offers: steel" in client.get("/en/members/alfa/").content.decode()


def test_a_post_has_one_day_on_every_page(client):
    member = factories.member("Alfa")
    at_night = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # half past midnight in Vilnius
    Post.objects.create(slug="alfa", title_lt="Alfa", member=member, status="published", published_at=at_night)
    for path in ("/nariai/alfa/", "/naujienos/", "/naujienos/alfa/"):
        assert re.findall(r'<time datetime="(2026-11-2\d)', client.get(path).content.decode()) == ["2026-11-26"], path


def test_areas_come_in_their_order(client):
    member = factories.member("Alfa")
    areas = list(Area.objects.order_by("-position"))
    for position, area in enumerate(areas, 1):
        Area.objects.filter(pk=area.pk).update(position=position)
        member.areas.add(areas[-position])
    shown = re.findall(r'href="/nariai/\?area=([\w-]+)"', client.get("/nariai/alfa/").content.decode())
    assert shown == [area.slug for area in areas]


def test_related_members_offer_the_same_or_are_neighbours_of_the_kind(client):
    factories.member("Alfa", offers=["LED"], municipality_id="LT-25")
    factories.member("Beta", municipality_id="LT-25")
    factories.member("Gama", municipality_id="LT-25", kind="other")
    factories.member("Ziema", offers=["LED"])
    assert [member.name for member in client.get("/nariai/alfa/").context["related"]] == ["Ziema", "Beta"]


def test_the_decision_of_admission_is_named(client, founders, coordinator, applicant):
    approved = factories.approved(applicant, coordinator, founders, name="Naujas")
    admission.admit(approved, coordinator)
    member = Member.objects.get(name="Naujas")
    minutes = known(approved.minutes.first())
    page = client.get(member.get_absolute_url()).content.decode()
    assert f"protokolas Nr.\xa0{minutes.number}" in page
    assert "Įsteigė klasterį kartu su kitais steigėjais" in client.get("/nariai/aedilis/").content.decode()


def test_the_decision_named_is_the_last(client, founders, coordinator, applicant):
    application = factories.rejected(applicant, coordinator, founders, name="Naujas")
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    admission.admit(application, coordinator)
    first, *_others, last = application.minutes.order_by("issued_at")
    page = client.get("/nariai/naujas/").content.decode()
    assert (f"protokolas Nr.\xa0{last.number}" in page, f"protokolas Nr.\xa0{first.number}" in page) == (True, False)


def test_an_old_address_leads_to_the_new_one(client):
    member = factories.member("Alfa")
    for slug in ("beta", "gama"):
        Member.objects.filter(pk=member.pk).update(slug=slug)
    for path in ("/nariai/alfa/", "/nariai/beta/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, "/nariai/gama/")
    assert client.get("/en/members/alfa/")["Location"] == "/en/members/gama/"
    factories.member("Kita", slug="alfa")  # an address that somebody else has taken is theirs
    assert "Kita" in client.get("/nariai/alfa/").content.decode()
    Member.objects.filter(pk=member.pk).update(status="former")
    assert [client.get(f"/nariai/{slug}/").status_code for slug in ("gama", "beta", "nera")] == [410, 410, 404]


@pytest.mark.parametrize(("status", "path", "words"), [
    ("former", "/nariai/alfa/", "Ši organizacija paliko klasterį arba jos narystė sustabdyta."),
    ("suspended", "/en/members/alfa/", "has left the cluster, or its membership is suspended"),
])  # fmt: skip
def test_who_left_has_a_note_in_the_place_of_its_page(client, status, path, words):
    factories.member("Alfa", status=status)
    response = client.get(path)
    assert (response.status_code, words in response.content.decode()) == (410, True)
    assert "Alfa" not in response.content.decode()


def test_contacts_can_be_used_at_once(client):
    factories.member("Alfa", email="info@alfa.example", phone="+37060000001")
    page = client.get("/nariai/alfa/").content.decode()
    assert '<a href="mailto:info@alfa.example">info@alfa.example</a>' in page
    assert '<a href="tel:+37060000001">+370 600 00001</a>' in page


def test_linked_data_tells_whose_member_it_is_and_cannot_break_out(client):
    factories.member("Alfa </script><b>", slug="alfa", company_code="121215434", municipality_id="LT-25")
    page = client.get("/nariai/alfa/").content.decode()
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    organisation, crumbs = json.loads(block)["@graph"]
    assert (organisation["name"], organisation["identifier"]) == ("Alfa </script><b>", "121215434")
    assert organisation["memberOf"]["name"] == "Gamybos inovacijų slėnio klasteris"
    assert [item["position"] for item in crumbs["itemListElement"]] == [1, 2, 3]


@pytest.mark.parametrize("name", ["Alfa", "Ž" * 120, "Labai ilgas pavadinimas " * 5, "Ąžuolas „Ir Ko“ & Šėma"])
def test_the_picture_to_share_is_drawn_once_for_each_state(client, name):
    member = factories.member(name, slug="alfa", summary_lt="Gaminame šviestuvus. " * 9)
    first = client.get("/nariai/alfa/share.png")
    with Image.open(io.BytesIO(first.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert (first["Content-Type"], dict(first.cookies), len(first.content) < 60_000) == ("image/png", {}, True)
    assert client.get("/nariai/alfa/share.png").content == first.content
    member.name = "Kitas"
    member.save()
    renamed = client.get("/nariai/alfa/share.png")
    assert renamed.content != first.content
    cluster = Identity.objects.get()
    cluster.name_lt = "Kitas klasteris"
    cluster.save()
    assert client.get("/nariai/alfa/share.png").content != renamed.content


def test_no_line_of_the_picture_goes_through_words_or_out_of_it(client):
    Identity.objects.update(name_lt="Ilgas klasterio pavadinimas " * 4, short_name_lt="Trumpas")
    factories.member("Alfa " * 24, slug="alfa", summary_lt="Gaminame šviestuvus. " * 9)
    with Image.open(io.BytesIO(client.get("/nariai/alfa/share.png").content)) as file:
        picture = file.convert("RGB")
    paper = (250, 251, 249)
    margin = [y for y in range(630) if picture.getpixel((40, y)) != paper]
    assert 5 <= len(margin) <= 20  # the lines, which cross it, and nothing else: no text sticks out
    assert (min(margin), max(margin)) == (462, 500)  # between the summary and the place
    assert {picture.getpixel((x, 629)) for x in range(1200)} == {paper}
    assert {picture.getpixel((1160, y)) for y in range(505, 630)} == {paper}


def test_a_former_member_has_no_picture(client):
    factories.member("Alfa", status="former")
    assert client.get("/nariai/alfa/share.png").status_code == 404


@pytest.mark.parametrize("path", ["/nariai/alfa/", "/en/members/alfa/"])
def test_the_page_asks_the_database_as_often_for_many_partners(client, path):
    factories.member("Alfa", offers=["LED"], seeks=["plienas"], municipality_id="LT-25").areas.set(Area.objects.all())
    counts = []
    client.get(path)  # prepares the statement, once for each connection
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
        for _number in range(20):
            factories.member(offers=["plienas", "LED"], seeks=["LED"], municipality_id="LT-25")
    assert (counts[0] - counts[1], counts[1] <= 7) == (0, True)


def test_the_list_as_csv_can_be_imported_again(client, tmp_path):
    factories.member("Alfa", offers=["LED"], kind="other", summary_lt="=1+1").areas.set(Area.objects.all()[:2])
    factories.member("Beta")
    response = client.get("/nariai/export.csv?kind=other")
    content = b"".join(response.streaming_content).decode()
    assert response["Content-Disposition"] == 'attachment; filename="nariai.csv"'
    [row] = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";")
    assert (row["name"], row["offers"], row["summary_lt"]) == ("Alfa", "LED", "'=1+1")
    file = tmp_path / "nariai.csv"
    file.write_text(content)
    call_command("import_members", str(file), verbosity=0)
    assert Member.objects.count() == 2


def test_the_list_as_json_is_the_filtered_list(client):
    for number in range(30):
        factories.member(f"Narys {number}", kind="other")
    factories.member("Beta")
    answer = client.get("/en/members/export.json?kind=other").json()
    assert (answer["count"], len(answer["results"])) == (30, 30)
    assert answer["results"][0]["url"].startswith("http://testserver/en/members/")


def test_the_search_finds_members_and_news(client):
    factories.member("Alfa", summary_lt="Lazeriai ir optika.")
    Post.objects.create(slug="a", title_lt="Optikos paroda", body_lt="Tekstas", status="published")
    Post.objects.create(slug="b", title_lt="Optikos juodraštis", body_lt="Tekstas")
    page = client.get("/paieska/?q=optikai").content.decode()
    assert "<mark>Optikos</mark> paroda" in page
    assert "Lazeriai ir <mark>optika</mark>." in page
    assert "juodraštis" not in page
    assert 'name="q"' in client.get("/en/search/").content.decode()


def test_all_the_news_found_can_be_reached(client):
    factories.member("Optika")
    for number in range(20):
        Post.objects.create(slug=f"p{number}", title_lt=f"Optika {number:02}", body_lt="Tekstas", status="published")
    found, path = [], "/paieska/?q=optika"
    while path:
        page = client.get(path)
        found += [post.slug for post in page.context["posts"]]
        assert ("Optika</mark></a></h3>" in page.content.decode()) == (path == "/paieska/?q=optika")
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        path = "/paieska/" + unescape(following[1]) if following else ""
    assert sorted(found) == sorted(f"p{number}" for number in range(20))


def test_a_typo_is_reported(client):
    factories.member("Baltled")
    response = client.get("/paieska/?q=baltlet")
    assert (response.context["did_you_mean"], "<mark>Baltled</mark>" in response.content.decode()) == ("baltled", True)
    page = client.get("/en/members/?q=baltlet").content.decode()
    assert "Showing results for <strong>baltled</strong>" in page


def test_a_draft_cannot_be_learnt_of_by_slips(client):
    Post.objects.create(slug="b", title_lt="Susijungimas", body_lt="Tekstas")
    assert client.get("/paieska/?q=susijungymas").context["did_you_mean"] == ""


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%00", "?q=%ff", "?q=" + "a+" * 3000, "?q=<script>", "?q=':*", "?q=%F0%9F%99%82", "?q=!!!"]
)
def test_odd_searches_are_answered(client, query):
    assert client.get(f"/paieska/{query}").status_code == 200


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Tiksli & optika", ["optikos"], "Tiksli &amp; <mark>optika</mark>"),
        ("<b>LED</b>", ["led"], "&lt;b&gt;<mark>LED</mark>&lt;/b&gt;"),
        ("Šviestuvai", ["sviest"], "<mark>Šviestuvai</mark>"),
        ("factories", ["factory"], "<mark>factories</mark>"),
        ("metodas", ["metalas"], "metodas"),
        ("b", ["<b>", "amp"], "b"),
    ],
)
def test_highlighting_escapes(text, words, expected):
    assert highlight(text, words) == expected
