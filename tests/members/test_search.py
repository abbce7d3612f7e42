"""What the directory's search finds, and in which order the Lithuanian alphabet puts names."""

import pytest

from members.directory.highlight import highlight
from members.models import Member, Municipality, Tag
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisations():
    factories.member("Marijampolės LEZ", legal_name="UAB „Marijampolės laisvosios ekonominės zonos valdymo bendrovė“")
    factories.member("BaltLed", offers=["LED šviestuvai"], company_code="301844044")
    factories.member("Prezicika Metrology", summary_lt="Tikslūs matavimai ir kalibravimas.")
    factories.member("Pažangios inovacijos", summary_en="Digital transformation of factories.")
    factories.member("Aedilis", description_lt="Įmonė gamina metalines konstrukcijas.")
    factories.member("Proftools", seeks=["frezavimo įrankiai"])
    factories.member("Šiaulių stiklas", description_en="Glass for buildings.")
    factories.member("Žąsų ūkis „Žalia pieva“")
    factories.member("Kauno technologijos universitetas", kind="institution")
    factories.member("Alfa-Techno 3D")


LEZ, LED, KTU = "Marijampolės LEZ", "BaltLed", "Kauno technologijos universitetas"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("marijampoles", LEZ),
        ("Marijampolės", LEZ),
        ("MARIJAMPOLĖ", LEZ),
        ("marijampole lez", LEZ),
        ("marijampolei", LEZ),
        ("marijanpole", LEZ),
        ("laisvoji ekonomine zona", LEZ),
        ("UAB Marijampolės LEZ", LEZ),
        ("lez", LEZ),
        ("baltled", LED),
        ("UAB „BaltLed“", LED),
        ("baltlet", LED),
        ("301844044", LED),
        ("šviestuvas", LED),
        ("sviestuvai", LED),
        ("sviestuvu", LED),
        ("prezicika", "Prezicika Metrology"),
        ("precizika", "Prezicika Metrology"),
        ("kalibravimo", "Prezicika Metrology"),
        ("matavimas", "Prezicika Metrology"),
        ("pazangios inovacijos", "Pažangios inovacijos"),
        ("pažangi inovacija", "Pažangios inovacijos"),
        ("factory transformation", "Pažangios inovacijos"),
        ("aedilys", "Aedilis"),
        ("metalinė konstrukcija", "Aedilis"),
        ("konstrukciju", "Aedilis"),
        ("frezavimas", "Proftools"),
        ("irankiai", "Proftools"),
        ("siauliu stiklas", "Šiaulių stiklas"),
        ("stiklo", "Šiaulių stiklas"),
        ("glass", "Šiaulių stiklas"),
        ("zalia pieva", "Žąsų ūkis „Žalia pieva“"),
        ("zasu ukis", "Žąsų ūkis „Žalia pieva“"),
        ("universitetai", KTU),
        ("technologiju universitetas", KTU),
        ("techno", "Alfa-Techno 3D"),
        ("alfa-techno", "Alfa-Techno 3D"),
        ("3d", "Alfa-Techno 3D"),
    ],
)
def test_the_first_found_is_the_one_meant(organisations, query, first):
    assert [member.name for member in Member.objects.search(query)][:1] == [first]


@pytest.mark.parametrize(("typed", "as_written"), [("Marijampoleje", "Marijampolėje"), ("imonese", "įmonėse")])
def test_a_case_without_diacritics_finds_what_it_does_with_them(typed, as_written):
    factories.member("Alfa", municipality_id="LT-25", summary_lt="Dirbame su įmonėmis.")
    factories.member("Beta")
    assert [member.name for member in Member.objects.search(typed)] == ["Alfa"]
    assert list(Member.objects.search(typed)) == list(Member.objects.search(as_written))
    assert "<mark>" in highlight("Marijampolė, įmonės", [typed.lower()])


@pytest.mark.parametrize("query", ["lazeriu", "lazerių", "lazeris", "lazeriniu", "laser cutting"])
def test_what_is_made_with_a_thing_is_found_by_it(query):
    factories.member("Alfa", offers=["lazerinis pjovimas"])
    factories.member("Beta", offers=["frezavimas"])
    Tag.objects.get(name_lt="lazerinis pjovimas").rename("lazerinis pjovimas", "laser cutting")
    assert [member.name for member in Member.objects.search(query)] == ["Alfa"]


@pytest.mark.parametrize("query", ["", "  ", "\0", "\0 \0"])
def test_an_empty_query_finds_everyone(organisations, query):
    assert Member.objects.search(query).count() == 10


@pytest.mark.parametrize(
    "query",
    ["qwxkjh", "!!!", "' OR 1=1 --", "%_%", "a\0b" * 50, "½ ⅓", "\\", "':*", "& | !", "🙂", "ž" * 9999, "<->", "a:b:*"],
)
def test_odd_queries_find_without_failing(organisations, query):
    assert Member.objects.search(query).count() <= 10


def test_nothing_like_it_finds_nobody(organisations):
    assert list(Member.objects.search("qwxkjhvv zzqqxx")) == []


def test_a_name_comes_before_a_description():
    factories.member("Kita", description_lt="Dirbame su Granitu.")
    factories.member("Granitas")
    assert [member.name for member in Member.objects.search("granitas")] == ["Granitas", "Kita"]


def test_names_sort_by_the_lithuanian_alphabet():
    names = ["Zala", "Čiurlys", "Cukrus", "„Ąžuolas“", "Azija", "Yla", "Ilga", "Jonas", "Įla", "Ėja", "Eglė", "Šalna",
             "Suvalkai", "Žala", "Ūla", "Una", "abc", "Dainava"]  # fmt: skip
    for name in names:
        factories.member(name)
    assert [member.name for member in Member.objects.order_by("sort_key")] == [
        "abc", "Azija", "„Ąžuolas“", "Cukrus", "Čiurlys", "Dainava", "Eglė", "Ėja", "Yla", "Įla", "Ilga", "Jonas",
        "Suvalkai", "Šalna", "Ūla", "Una", "Zala", "Žala",
    ]  # fmt: skip


def test_diacritics_only_break_ties():
    for name in ("Ąla B", "Ala C", "Ąla", "Ala"):
        factories.member(name)
    assert [member.name for member in Member.objects.order_by("sort_key")] == ["Ala", "Ąla", "Ąla B", "Ala C"]


def test_sixty_municipalities_in_ten_counties():
    assert Municipality.objects.count() == 60
    assert Municipality.objects.values("county").distinct().count() == 10
    assert Municipality.objects.get(code="LT-25").name_lt == "Marijampolė"
    assert Municipality.objects.get(code="LT-60").name_lt == "Zarasų rajonas"
