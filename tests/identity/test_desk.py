"""The cluster's data at the desk: one form that overwrites nobody, refuses what cannot be read, and shows it before it is saved."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cluster_portal.identity.current import identity, read_once
from cluster_portal.identity.models import PLAIN_MARK, Identity
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
ADDRESS = "/admin/identity/identity/1/change/"
CIRCLE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>'
KEPT_CIRCLE = CIRCLE.replace('10 10">', '10 10" fill="currentColor">')


@pytest.fixture
def desk(client, coordinator) -> Client:
    client.force_login(coordinator, backend=BACKEND)
    return client


def filled_in(response: Any) -> dict[str, Any]:
    """What the page's form would send, as it stands there; an upload is nothing that a page can hold."""
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields if name != "drawing"}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def opened(desk: Client, **changed: Any) -> dict[str, Any]:
    """The form of the page as it is now, with something changed in it."""
    return {**filled_in(desk.get(ADDRESS)), **changed}


def svg(text: str | bytes, name: str = "zenklas.svg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text, "image/svg+xml")


def faults(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def stored(*names: str) -> tuple:
    return Identity.objects.values_list(*names).get()


def test_what_is_saved_is_on_every_page_at_once_and_in_the_history(desk):
    typed = opened(
        desk, name_lt="Upės klasteris", name_genitive_lt="Upės klasterio", name_en="River cluster", headline_lt="Prie upės",
        primary_colour="#7A1F5C", contact_email="labas@upe.example",
    )  # fmt: skip
    assert desk.post(ADDRESS, typed).status_code == 302
    stranger = Client()
    home = stranger.get("/").content.decode()
    for words in ("<title>Pradžia · Upės klasteris</title>", "Prie upės", "/7a1f5c-", "mailto:labas@upe.example"):
        assert words in home
    assert "<title>Home · River cluster</title>" in stranger.get("/en/").content.decode()
    assert "Upės klasterio nariai" in stranger.get("/itraukti/siena/").content.decode()
    assert "Upės klasteris" in stranger.get("/naujienos/atom.xml").content.decode()
    assert stranger.get("/api/v1/openapi.json").json()["info"]["title"] == "Upės klasteris"
    history = desk.get("/admin/identity/identity/1/history/", follow=True).content.decode().partition('id="history"')[2]
    for words in ("coordinator@example.org", "Pavadinimas (lietuviškai)", "Pagrindinė spalva"):
        assert words in history
    assert "Pavadinimo kilmininkas" in history
    assert "Įstatai" not in history


def test_the_list_of_the_one_row_is_its_form_and_it_is_neither_added_nor_deleted(desk):
    assert desk.get("/admin/identity/identity/").url == ADDRESS
    assert desk.get("/admin/identity/identity/add/").status_code == 403
    assert desk.get("/admin/identity/identity/1/delete/").status_code == 403
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("data", [{}, {"_preview": "1"}])
def test_the_form_is_the_coordinators_alone(data, client, desk, founders):
    typed = {**opened(desk, name_lt="Kitas"), **data}
    for person, status in ((None, 302), (factories.person(), 403), (founders[0].voter, 403)):
        client.logout()
        if person:
            client.force_login(person, backend=BACKEND)
        assert client.get(ADDRESS).status_code == status
        assert client.post(ADDRESS, typed).status_code == status
    assert stored("name_lt") == ("Gamybos inovacijų slėnio klasteris",)


# ---------- two at once ----------


def test_a_stale_page_is_refused_once_and_nothing_of_either_is_lost(desk, coordinator):
    mine = opened(desk, headline_lt="Mano antraštė", fee_lt="100 eurų", drawing=svg(CIRCLE))
    colleague = factories.person("kolega@example.org", is_staff=True, first_name="Ona", last_name="Onaitė")
    other = Client()
    other.force_login(colleague, backend=BACKEND)
    assert other.post(ADDRESS, opened(other, headline_lt="Jos antraštė", duties_lt="dalytis")).status_code == 302

    refused = desk.post(ADDRESS, mine)
    assert refused.status_code == 200
    [sentence] = faults(refused)["__all__"]
    assert "puslapį pakeitė Ona Onaitė" in sentence
    assert "„Jos antraštė“" in sentence
    assert "„dalytis“" in sentence
    assert stored("headline_lt", "fee_lt", "duties_lt", "mark")[:3] == ("Jos antraštė", "", "dalytis")
    again = filled_in(refused)
    assert (again["headline_lt"], again["fee_lt"], again["mark"]) == ("Mano antraštė", "100 eurų", KEPT_CIRCLE)

    assert desk.post(ADDRESS, {**again, "duties_lt": "dalytis"}).status_code == 302
    assert stored("headline_lt", "fee_lt", "duties_lt", "mark") == (
        "Mano antraštė", "100 eurų", "dalytis", KEPT_CIRCLE,
    )  # fmt: skip


# ---------- the mark ----------


@pytest.mark.parametrize("field", ["drawing", "mark"])
def test_a_mark_is_cleaned_and_shown_in_the_colours_of_its_place(field, desk):
    dirty = "\ufeff" + CIRCLE.replace("<circle", '<script>alert(1)</script><circle onclick="alert(1)"')
    assert desk.post(ADDRESS, opened(desk, **{field: svg(dirty) if field == "drawing" else dirty})).status_code == 302
    assert stored("mark") == (KEPT_CIRCLE,)
    stranger = Client()
    for page in ("/", "/en/members/", "/paskyra/login/", "/nera/"):
        shown = stranger.get(page).content.decode()
        assert shown.count('<circle cx="5" cy="5" r="4"/>') == 2  # in the head and at the foot
        assert "alert(1)" not in shown
    light, dark = (stranger.get(f"/mark/{mode}.svg").content.decode() for mode in ("light", "dark"))
    assert 'fill="#14532d"' in light
    assert "currentColor" not in light + dark
    assert light != dark
    assert stranger.get("/mark/noon.svg").status_code == 404


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (svg(b"\x89PNG\r\n\x1a\n\xff\xfe", "a.svg"), "Tai ne SVG piešinys."),
        (svg("Sveiki"), "nuo 1 eilutės jo perskaityti nepavyksta"),
        (svg(CIRCLE.replace("<circle", "<style>@import 'https://evil.example/a.css'</style><circle")), "yra &lt;style&gt;"),
        (svg('<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + CIRCLE), "apibrėžiami objektai (ENTITY)"),
        (svg(CIRCLE.replace("<circle", '<use href="https://evil.example/#a"/><circle')), "yra &lt;use&gt;"),
        (svg(CIRCLE + " " * 21_000), "leidžiama ne daugiau kaip"),
        (svg(CIRCLE + " " * 200_000), "Failas ženklui per didelis"),
        (svg(CIRCLE.replace("<circle", "<g>" * 400 + "<circle").replace("/></svg>", "/>" + "</g>" * 400 + "</svg>")), "daugiau kaip 30 grupių"),
        (svg(""), "tuščias"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_mark_is_refused_at_its_field_and_the_rest_is_kept(file, words, desk):
    before = stored("mark", "fee_lt")
    refused = desk.post(ADDRESS, opened(desk, fee_lt="100 eurų", drawing=file))
    assert refused.status_code == 200
    assert list(faults(refused)) == ["drawing"]
    assert words in refused.content.decode()
    assert stored("mark", "fee_lt") == before
    kept = filled_in(refused)
    assert (kept["fee_lt"], kept["mark"]) == ("100 eurų", before[0])


def test_a_new_mark_outlives_a_mistake_elsewhere_in_the_form(desk):
    refused = desk.post(ADDRESS, opened(desk, name_lt="", contact_email="be-eta", drawing=svg(CIRCLE)))
    assert list(faults(refused)) == ["name_lt", "contact_email"]
    again = {**filled_in(refused), "name_lt": "Upės klasteris", "contact_email": ""}
    assert again["mark"] == KEPT_CIRCLE
    assert desk.post(ADDRESS, again).status_code == 302
    assert stored("name_lt", "mark") == ("Upės klasteris", KEPT_CIRCLE)


@pytest.mark.parametrize("typed", ["", "<svg", "x" * 21_000])
def test_a_drawing_takes_the_place_of_whatever_stands_in_the_field_of_the_mark(typed, desk):
    assert list(faults(desk.post(ADDRESS, opened(desk, mark=typed)))) == ["mark"]
    assert desk.post(ADDRESS, opened(desk, mark=typed, drawing=svg(CIRCLE))).status_code == 302
    assert stored("mark") == (KEPT_CIRCLE,)


# ---------- colours ----------


@pytest.mark.parametrize(
    ("colours", "field", "lithuanian", "english"),
    [
        ({"primary_colour": "#b0c4b8"}, "primary_colour", "tik 1,5:1; turi būti bent 4,5:1", "only 1.5:1; it must be at least 4.5:1"),
        ({"primary_colour": "#3c7278"}, "primary_colour", "tik 4,4:1", "only 4.4:1"),  # it is 4.4996
        ({"signal_colour": "#222222"}, "signal_colour", "tik 1,0:1", "only 1.0:1"),
        ({"primary_colour": "red"}, "primary_colour", "pavyzdžiui, #1d3f72", "such as #1d3f72"),
    ],
)  # fmt: skip
def test_a_pair_of_colours_that_cannot_be_read_is_refused_with_the_figure(
    colours, field, lithuanian, english, desk, coordinator
):
    before = stored("primary_colour", "signal_colour")
    for language, words in (("lt", lithuanian), ("en", english)):
        coordinator.language = language
        coordinator.save()
        refused = desk.post(ADDRESS, opened(desk, **colours, fee_en="100 euros"))
        assert words in " ".join(faults(refused)[field])
        assert {**filled_in(refused), **colours, "fee_en": "100 euros"} == filled_in(refused)
    assert stored("primary_colour", "signal_colour") == before


# ---------- the preview ----------


def test_the_preview_is_the_home_page_as_it_would_be_and_saves_nothing(desk):
    before = Identity.objects.values().get()
    typed = opened(
        desk, name_lt="Upės klasteris", headline_lt="Prie upės", primary_colour="#7a1f5c", formed_on="2024-02-29",
        drawing=svg(CIRCLE), _preview="1",
    )  # fmt: skip
    shown = desk.post(ADDRESS, typed)
    page = shown.content.decode()
    assert shown.status_code == 200
    for words in ("<title>Pradžia · Upės klasteris</title>", "Prie upės", "/7a1f5c-", '<circle cx="5"', ">2024-02-29<"):
        assert words in page
    assert "Tai peržiūra: dar nieko neišsaugota." in page
    assert "no-store" in shown["Cache-Control"]
    assert Identity.objects.values().get() == before
    assert "Upės klasteris" not in Client().get("/").content.decode()
    assert "Tai peržiūra" not in desk.get("/").content.decode()


def test_what_cannot_be_saved_cannot_be_previewed_either(desk):
    refused = desk.post(ADDRESS, opened(desk, name_en="", _preview="1"))
    assert list(faults(refused)) == ["name_en"]
    assert "Klasterio duomenys" in refused.content.decode()


def test_a_cluster_that_has_chosen_nothing_has_a_plain_look(desk):
    assert desk.post(ADDRESS, opened(desk, mark=PLAIN_MARK)).status_code == 302
    assert desk.get(reverse("mark", args=["light"])).content.decode().count("<circle") == 2


def test_whoever_saves_it_sees_it_within_the_same_request():
    with read_once():
        assert identity().name_lt == "Gamybos inovacijų slėnio klasteris"
        record = Identity.objects.get()
        record.name_lt = "Upės klasteris"
        record.save()
        assert identity().name_lt == "Upės klasteris"
