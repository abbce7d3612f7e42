"""The directory's pages and the member's own form."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cluster_portal.page_cache import generation
from members.directory.query import PAGE_SIZE, DirectoryQuery
from members.models import Area, Member, Representative
from tests import factories

pytestmark = pytest.mark.django_db


def names(client, query: str, **extra) -> list[str]:
    return [card.name for card in client.get(f"/nariai/{query}", **extra).context["page_obj"]]


@pytest.fixture
def three(db):
    areas = list(Area.objects.all())
    one = factories.member("Alfa", municipality_id="LT-25", offers=["LED"], seeks=["plienas"], joined_on="2020-05-01")
    two = factories.member("Beta", kind="institution", municipality_id="LT-15", joined_on="2024-05-01")
    three = factories.member("Gama", kind="other", offers=["LED", "optika"])
    one.areas.set(areas[:2])
    two.areas.set(areas[1:3])
    factories.member("Buvusi", status="former")
    factories.member("Sustabdyta", status="suspended")
    return one, two, three


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Alfa", "Beta", "Gama"]),
        ("?sort=joined", ["Beta", "Alfa", "Gama"]),
        ("?kind=company", ["Alfa"]),
        ("?kind=company&kind=other", ["Alfa", "Gama"]),
        ("?municipality=LT-25", ["Alfa"]),
        ("?municipality=Marijampolė&municipality=lt-15", ["Alfa", "Beta"]),
        ("?area=informacija-ir-komunikacija", ["Alfa"]),
        ("?area=bendradarbiavimas", ["Alfa", "Beta"]),
        ("?offers=LED", ["Alfa", "Gama"]),
        ("?offers=LED&seeks=plienas", ["Alfa"]),
        ("?offers=optika&offers=", ["Gama"]),
        ("?q=beta&kind=company", []),
    ],
)
def test_filters_and_sorting(client, three, query, expected):
    assert names(client, query) == expected


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=x", "?page=" + "9" * 5000, "?q=%00", "?q=%ff%fe", "?area=%00", "?kind=x", "?sort=x",
     "?municipality=nowhere", "?offers=%00", "?seeks=" + "x" * 4000, "?" + "area=a&" * 500, "?q=" + "a+" * 4000],
)  # fmt: skip
def test_garbage_in_the_address_is_answered_readably(client, three, query):
    assert client.get(f"/nariai/{query}").status_code == 200


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("area", "Veiklos sritis"), ("kind", "Organizacijos rūšis"), ("role", "Vaidmuo klasteryje"), ("county", "Vieta"),
        ("municipality", "Savivaldybė"), ("sort", "Rikiuoti"), ("view", "Peržiūros būdai"),
    ],
)  # fmt: skip
def test_unknown_value_is_told_with_the_filters_name(client, three, name, title):
    assert f"Reikšmės „niekur“ nėra ({title})." in client.get(f"/nariai/?{name}=niekur").content.decode()


def test_pages_hold_24(client):
    for number in range(25):
        factories.member(f"Narys {number:02}")
    assert (len(names(client, "")), names(client, "?page=2")) == (24, ["Narys 24"])


@pytest.mark.parametrize("query", ["", "?q=narys", "?municipality=LT-25"])
def test_queries_do_not_grow_with_members(client, query):
    counts = []
    client.get("/nariai/")  # prepares statements, once for each connection
    for total in (1, 60):
        while Member.objects.count() < total:
            factories.member(municipality_id="LT-25").areas.set(Area.objects.all()[:2])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/nariai/{query}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_anonymous_pages_set_no_cookie(client, three):
    assert not client.get("/nariai/").cookies
    assert not client.get("/nariai/alfa/").cookies


@pytest.mark.parametrize(("slug", "status"), [("alfa", 200), ("buvusi", 410), ("sustabdyta", 410), ("nera", 404)])
def test_only_active_members_have_a_page(client, three, slug, status):
    assert client.get(f"/nariai/{slug}/").status_code == status


def test_the_state_is_an_address():
    wanted = DirectoryQuery(q=" led  x ", kind=["company", "other"], sort="name")
    assert wanted.query_string() == "?q=led+x&kind=company&kind=other&sort=name"
    assert wanted.query_string(without=("kind", "other"), sort="") == "?q=led+x&kind=company"
    assert Paginator(wanted.members(), PAGE_SIZE).count == 0


def png(side: int = 900) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (side, side), "green").save(content, "PNG")
    return SimpleUploadedFile("l.png", content.getvalue())


@pytest.fixture
def owner(client, three):
    person = factories.person()
    Representative.objects.create(member=three[0], user=person, role="owner")
    client.force_login(person)
    return person


def test_the_owner_edits_the_page(client, owner):
    response = client.post(
        "/mano-organizacija/alfa/",
        {"summary_lt": "Nauja santrauka.", "offers": "LED,  led\nstiklo  pjovimas", "seeks": "", "logo": png()},
    )
    assert response.status_code == 302
    member = Member.objects.get(slug="alfa")
    assert (member.summary_lt, member.offers, member.seeks) == ("Nauja santrauka.", ["LED", "stiklo pjovimas"], [])
    with member.logo.open() as file, Image.open(file) as logo:
        assert (logo.format, logo.size) == ("PNG", (480, 480))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("logo", SimpleUploadedFile("l.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
        ("logo", SimpleUploadedFile("l.png", b"MZ not a picture")),
        ("logo", SimpleUploadedFile("l.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)),
        ("offers", ",".join(f"t{number}" for number in range(13))),
        ("seeks", "x" * 61),
        ("website", "javascript:alert(1)"),
        ("email", "nobody"),
        ("summary_lt", "x" * 201),
    ],
)
def test_wrong_input_is_told_beside_its_field(client, owner, field, value):
    response = client.post("/mano-organizacija/alfa/", {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])


def test_others_may_not_edit(client, three):
    client.force_login(factories.person())
    assert [client.get(page).status_code for page in ("/mano-organizacija/", "/mano-organizacija/alfa/")] == [403, 403]


def test_what_common_words_find_is_kept_in_its_order_until_something_changes(client, monkeypatch, db):
    monkeypatch.setattr("members.directory.facets.MANY", 3)
    monkeypatch.setattr("members.directory.cards.MANY", 3)
    monkeypatch.setattr("cluster_portal.page_cache.generation.latest", kept := generation.Generation())
    monkeypatch.setattr(kept, "current", lambda: kept.value)
    monkeypatch.setattr("cluster_portal.page_cache.generation.current", kept.current)
    kept.value = "first"
    for name in ("Gama", "Beta gamykla", "Alfa gamykla"):
        factories.member(name, summary_lt="gamykla")

    def shown() -> tuple[list[str], int]:
        page = client.get("/nariai/?q=gamykla").context
        return [card.name for card in page["page_obj"]], page["count"]

    assert shown() == (["Alfa gamykla", "Beta gamykla", "Gama"], 3)
    assert "Beta gamykla" in client.get("/nariai/").content.decode()
    Member.objects.get(name="Beta gamykla").delete()
    factories.member("Delta gamykla")
    assert client.get("/en/members/").status_code == 200
    assert shown() == (["Alfa gamykla", "Gama"], 3)  # of the same generation: kept, without what is gone
    kept.become("second")
    assert shown() == (["Alfa gamykla", "Delta gamykla", "Gama"], 3)
