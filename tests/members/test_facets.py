"""Counts beside the filters, the table of offers and needs, the map."""

import random
import re
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.directory import facets
from members.directory.query import DirectoryQuery
from members.models import Area, Member, Tag
from tests import factories

pytestmark = pytest.mark.django_db

CHOICES = {
    "area": ["informacija-ir-komunikacija", "bendradarbiavimas"],
    "kind": ["company", "other"],
    "role": ["founder", "member"],
    "county": ["LT-MR", "LT-KU"],
    "municipality": ["LT-25", "LT-15", "LT-16"],
    "offers": ["LED", "optika"],
    "seeks": ["plienas", "LED"],
    "q": ["gamyba"],
}


@pytest.fixture
def mixed():
    """Forty members of all sorts, the same every time."""
    chance = random.Random(5)
    areas = list(Area.objects.all()[:3])
    for number in range(40):
        member = factories.member(
            f"Narys {number:02}",
            kind=chance.choice(["company", "institution", "other"]),
            is_founder=chance.random() < 0.2,
            municipality_id=chance.choice([None, "LT-25", "LT-15", "LT-16", "LT-57"]),
            offers=chance.sample(["LED", "optika", "plienas"], chance.randint(0, 2)),
            seeks=chance.sample(["LED", "optika", "plienas"], chance.randint(0, 2)),
            summary_lt=chance.choice(["Gamyba.", "Prekyba."]),
        )
        member.areas.set(chance.sample(areas, chance.randint(0, 3)))
    factories.member("Buvęs", status="former", offers=["LED"])


def state(pairs) -> DirectoryQuery:
    params = QueryDict(mutable=True)
    for name, value in pairs:
        params.appendlist(name, value)
    return DirectoryQuery.read(params)


def test_each_count_is_what_choosing_it_alone_would_show(mixed):
    """Every pair of filters: the figure beside a choice is the list's length with that choice in its facet's place."""
    pairs = [(name, value) for name, values in CHOICES.items() for value in values]
    faults: list[tuple[Any, ...]] = []
    for chosen in [(), *combinations(pairs, 2)]:
        wanted = state(chosen)
        counts = facets.count(wanted)
        if counts.total != wanted.members().count():
            faults.append((chosen, "total"))
        for name, values in CHOICES.items():
            if name == "q":
                continue
            related = ("county", "municipality") if name in ("county", "municipality") else (name,)
            for value in values:
                alone = state([pair for pair in chosen if pair[0] not in related] + [(name, value)])
                if counts.of(name).get(value, 0) != alone.members().count():
                    faults.append((chosen, name, value))
    assert faults == []


COUNTY = {"LT-25": "LT-MR", "LT-15": "LT-KU", "LT-16": "LT-KU", "LT-57": "LT-VL"}


def traits(member: Member) -> dict[str, set]:
    """What the filters may ask of a member, by facet."""
    return {
        "area": {area.slug for area in member.areas.all()},
        "kind": {member.kind},
        "role": {"founder" if member.is_founder else "member"},
        "place": {member.municipality_id, COUNTY.get(member.municipality_id or "")} - {None},
        "offers": set(member.offers),
        "seeks": set(member.seeks),
    }


def test_the_counts_are_those_of_a_plain_count(mixed):
    """Any state of the filters, several values each, against a count in Python that knows nothing of the SQL."""
    everyone = [traits(member) for member in Member.objects.public()]
    facet_of = {name: "place" if name in ("county", "municipality") else name for name in CHOICES if name != "q"}
    values = st.fixed_dictionaries({name: st.sets(st.sampled_from(CHOICES[name]), max_size=2) for name in facet_of})

    @given(chosen=values)
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def holds(chosen):
        counts = facets.count(state([(name, value) for name, some in chosen.items() for value in some]))
        asked: dict[str, set] = {}
        for name, some in chosen.items():
            asked[facet_of[name]] = asked.get(facet_of[name], set()) | some

        def fitting(without: str) -> list[dict[str, set]]:
            return [
                each
                for each in everyone
                if all(each[facet] & some for facet, some in asked.items() if some and facet != without)
            ]

        assert counts.total == len(fitting(""))
        for name, facet in facet_of.items():
            for value in CHOICES[name]:
                expected = sum(value in each[facet] for each in fitting(facet))
                assert (name, value, counts.of(name).get(value, 0)) == (name, value, expected)

    holds()


def offers(client, query: str) -> list[tuple[str, bool]]:
    """The choices of offers as the page shows them: (value, whether it is ticked)."""
    found = next(each for each in client.get(f"/nariai/{query}").context["filters"] if each.name == "offers")
    return [(choice.value, choice.chosen) for choice in found.choices]


def test_a_chosen_tag_stays_among_the_choices_past_the_most_frequent(client):
    for number in range(40):
        factories.member(offers=[f"žyma {number:02}"])
    assert offers(client, "?offers=žyma+39") == [
        *((f"žyma {number:02}", False) for number in range(30)), ("žyma 39", True)
    ]  # fmt: skip
    assert offers(client, "?offers=žyma+39&offers=nieko&kind=other") == [("žyma 39", True), ("nieko", True)]


@pytest.mark.django_db(transaction=True)
def test_the_choices_come_in_the_order_of_their_numbers_whatever_the_planner_does(client):
    """With statistics PostgreSQL joins the counted tags with their names by a hash, which keeps no order."""
    for number in range(60):
        factories.member(offers=[f"žyma {each:02}" for each in range(number % 20, 20)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    expected = [f"žyma {each:02}" for each in range(19, -1, -1)]
    assert [value for value, _chosen in offers(client, "")] == expected
    # A choice stays where it is when it is ticked.
    assert offers(client, "?offers=žyma+03") == [(value, value == "žyma 03") for value in expected]


def test_the_counts_say_their_order_of_the_whole():
    """Whether a plan keeps the order of a part, no test can say for all plans."""
    for wanted in (DirectoryQuery(), DirectoryQuery(q="narys"), DirectoryQuery(kind=["company"])):
        assert facets.counting(wanted)[0].rstrip().endswith("ORDER BY facet, place, value")


@pytest.mark.parametrize(
    "query",
    ["", "?q=narys", "?q=nayrs", "?view=map", "?view=matches", "?page=2",
     "?q=narys&area=bendradarbiavimas&kind=company&role=member&county=LT-MR&municipality=LT-25&offers=led&seeks=led"],
)  # fmt: skip
def test_at_most_seven_queries_however_many_members(client, query):
    factories.member("Narys", municipality_id="LT-25", offers=["LED"], seeks=["LED"]).areas.set(Area.objects.all()[:2])
    counts = []
    client.get("/nariai/")  # prepares statements, once for each connection
    for language in ("/nariai/", "/en/members/"):
        for total in (1, 60):
            while Member.objects.count() < total:
                factories.member(municipality_id="LT-25", offers=["LED"], seeks=["LED"]).areas.set(
                    Area.objects.all()[:2]
                )
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{language}{query}").status_code == 200
            counts.append(len(queries))
    assert (counts[0] - counts[1], counts[2] - counts[3], max(counts) <= 7) == (0, 0, True)


def test_the_table_puts_offers_that_somebody_seeks_first(client):
    factories.member("A", offers=["medis", "LED"])
    factories.member("B", offers=["LED"], seeks=["plienas"])
    for number in range(8):
        factories.member(f"C{number}", seeks=["LED"])
    rows = client.get("/nariai/?view=matches").context["page_obj"].object_list
    assert [(row.tag.value, row.offers.count, row.seeks.count) for row in rows] == [
        ("LED", 2, 8), ("medis", 1, 0), ("plienas", 0, 1)
    ]  # fmt: skip
    assert ([name for name, _slug in rows[0].offers.members], rows[0].seeks.more) == (["A", "B"], "ir dar 2")
    for page in ("9", "0", "x", "-1", "9" * 30, "٣"):
        assert len(client.get(f"/nariai/?view=matches&page={page}").context["page_obj"].object_list) == 3


def test_the_map_counts_members_and_leads_to_them(client):
    for place in ("LT-25", "LT-25", "LT-15"):
        factories.member(municipality_id=place, kind="other")
    factories.member(municipality_id="LT-57")
    response = client.get("/nariai/?view=map&kind=other&county=LT-MR")
    country = response.context["map"]
    assert len(country["places"]) == 60
    assert [(place.name, place.count, place.url) for place in country["peopled"]] == [
        ("Marijampolė", 2, "/nariai/?kind=other&municipality=LT-25"),
        ("Kauno miestas", 1, "/nariai/?kind=other&municipality=LT-15"),
    ]
    page = response.content.decode()
    assert "savivaldybės, tad" not in page
    assert 'aria-label="Marijampolė: 2 nariai"' in page
    assert page.count('<path class="level-') == 60


def test_tags_are_shown_in_the_language_of_the_page(client):
    factories.member("A", offers=["šviestuvai"])
    Tag.objects.get().rename("šviestuvai", "luminaires")
    assert "luminaires" in client.get("/en/members/").content.decode()
    found = client.get("/en/members/?offers=Luminaires").context
    assert ([card.name for card in found["page_obj"]], found["chips"][0][0]) == (["A"], "offers: luminaires")


def test_the_map_says_that_some_members_have_no_place(client):
    factories.member(municipality_id="LT-25")
    factories.member()
    factories.member()
    assert "2 nariai nenurodė savivaldybės, tad žemėlapyje jų nėra." in client.get("/nariai/?view=map").content.decode()
    assert "2 members have not named their municipality" in client.get("/en/members/?view=map").content.decode()


def test_what_has_no_english_name_is_marked_as_lithuanian(client):
    factories.member("Alfa", offers=["žyma", "LED"], seeks=["kita"])
    factories.member("Beta", seeks=["žyma"], offers=["kita"])
    Tag.objects.get(name_lt="LED").rename("LED", "LED lights")
    pages = {
        path: client.get(path).content.decode()
        for path in ("/en/members/", "/en/members/?q=zyma", "/en/members/?view=matches", "/en/members/?offers=zyma",
                     "/en/members/alfa/", "/nariai/?q=zyma", "/nariai/alfa/")
    }  # fmt: skip
    unmarked = re.compile(r"(?<!lang=\"lt\")(?<!<mark)>(?:<mark>)?žyma")
    assert [path for path, page in pages.items() if path.startswith("/en/") and unmarked.search(page)] == []
    assert all('lang="lt"' in page for path, page in pages.items() if path.startswith("/en/"))
    assert [path for path, page in pages.items() if path.startswith("/nariai/") and 'lang="lt">žyma' in page] == []
    assert "LED lights" in pages["/en/members/"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/nariai/?q=luminaire", "Siūlo: šviestuvai"), ("/nariai/?q=sviestuvas", "Siūlo: <mark>šviestuvai</mark>"),
     ("/en/members/?q=luminaire", "Offers: <mark>luminaires</mark>"), ("/en/members/?q=sviestuvai", "Offers: luminaires"),
     ("/en/members/?q=steel", "Looks for: <mark>steel</mark>"), ("/en/members/?q=alfa", "Alfa</mark>")],
)  # fmt: skip
def test_a_card_tells_by_which_tag_it_was_found_in_the_language_of_the_page(client, path, shown):
    factories.member("Alfa", offers=["šviestuvai", "kita"], seeks=["plienas"])
    for name_lt, name_en in (("šviestuvai", "luminaires"), ("plienas", "steel")):
        Tag.objects.get(name_lt=name_lt).rename(name_lt, name_en)
    page = client.get(path).content.decode()
    assert shown in page
    assert ("luminaires" in page, "steel" in page) == ("/en/" in path,) * 2
