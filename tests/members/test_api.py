"""The API of the directory."""

import pytest

from members.models import Tag
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_list_has_the_contracts_fields(client):
    factories.member("Marijampolės LEZ", municipality_id="LT-25", summary_lt="Zona", summary_en="Zone")
    answer = client.get("/api/v1/members?q=marijampoles&lang=en").json()
    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)
    [result] = answer["results"]
    assert result["slug"] == "marijampoles-lez"
    assert result["summary"] == "Zone"
    assert result["url"].endswith("/en/members/marijampoles-lez/")
    expected = {"slug", "name", "legal_name", "kind", "is_founder", "company_code", "municipality", "areas", "summary",
                "website", "joined_on", "url"}  # fmt: skip
    assert expected - set(result) == set()


@pytest.mark.parametrize(
    ("header", "summary"), [("en", "Zone"), ("lt", "Zona"), ("de", "Zona"), ("en-GB,lt;q=0.5", "Zone")]
)
def test_accept_language_chooses_the_language(client, header, summary):
    factories.member("LEZ", summary_lt="Zona", summary_en="Zone")
    response = client.get("/api/v1/members", headers={"accept-language": header})
    assert response.json()["results"][0]["summary"] == summary
    assert "Accept-Language" in response["Vary"]


def test_pages_link_to_each_other(client):
    for number in range(25):
        factories.member(f"Narys {number}")
    first = client.get("/api/v1/members?kind=company").json()
    second = client.get(first["next"]).json()
    assert (first["count"], len(first["results"]), len(second["results"]), second["next"]) == (25, 24, 1, None)
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize(
    "query", ["kind=x", "sort=x", "page=0", "page=x", "page=99999999999", "area=x", "municipality=x", "lang=de"]
)
def test_what_the_directory_does_not_know_is_refused_in_json(client, query):
    response = client.get(f"/api/v1/members?{query}")
    assert (response.status_code, response["Content-Type"].split(";")[0]) == (422, "application/json")


def test_one_member(client):
    factories.member("Alfa", phone="+37060000000")
    factories.member("Buvusi", status="former")
    assert client.get("/api/v1/members/alfa").json()["phone"] == "+37060000000"
    assert client.get("/api/v1/members/buvusi").status_code == 404
    assert client.get("/api/v1/members/%00").status_code == 404


def test_the_schema_names_the_addresses(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) == {"/api/v1/members", "/api/v1/members/{slug}", "/api/v1/news"}


def test_offers_and_seeks_are_named_in_the_language_of_the_answer(client):
    factories.member("Alfa", offers=["šviestuvai", "kita"], seeks=["plienas"])
    Tag.objects.get(name_lt="šviestuvai").rename("šviestuvai", "luminaires")
    for path in ("/api/v1/members?lang={}", "/api/v1/members/alfa?lang={}"):
        answers = [client.get(path.format(language)).json() for language in ("lt", "en")]
        found = [answer["results"][0] if "results" in answer else answer for answer in answers]
        assert [each["offers"] for each in found] == [["šviestuvai", "kita"], ["luminaires", "kita"]]
        assert found[1]["seeks"] == ["plienas"]
    [exported] = client.get("/en/members/export.json?offers=Luminaires").json()["results"]
    assert exported["offers"] == ["luminaires", "kita"]


@pytest.mark.parametrize("path", ["members", "members/alfa", "members?kind=other", "news", "openapi.json"])
def test_head_says_what_get_would(client, path):
    factories.member("Alfa")
    get, head = client.get(f"/api/v1/{path}"), client.head(f"/api/v1/{path}")
    assert (head.status_code, head.content, dict(head.items())) == (200, b"", dict(get.items()))
    assert client.head("/api/v1/members/nera").status_code == 404
