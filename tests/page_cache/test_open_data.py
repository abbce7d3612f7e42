"""The licence, the wall of logos that other sites frame, and what machines read of the news."""

import json
import re

import pytest

from cluster_portal.base.known import known
from cluster_portal.identity.models import Identity, Licence
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db


def linked(client, path: str) -> dict[str, dict]:
    """The page's JSON-LD, by type."""
    text = known(re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get(path).content.decode()))[1]
    return {each["@type"]: each for each in json.loads(text)["@graph"]}


@pytest.mark.parametrize("licence", Licence)
@pytest.mark.parametrize("path", ["/atviri-duomenys/", "/en/open-data/"])
def test_the_licence_stands_wherever_the_data_are_given(licence, path, client):
    Identity.objects.update(licence=licence)
    page = client.get(path).content.decode()
    assert f'href="{licence.url}" rel="license">{licence.label}</a>' in page
    assert linked(client, path)["Dataset"]["license"] == licence.url
    assert f"<rights>{licence.label}, {licence.url}</rights>" in client.get("/naujienos/atom.xml").content.decode()
    described = client.get("/api/v1/openapi.json").json()["info"]["license"]
    assert described == {"name": licence.label, "url": licence.url}


def test_until_something_is_chosen_it_is_cc_by(client):
    assert "https://creativecommons.org/licenses/by/4.0/" in client.get("/atviri-duomenys/").content.decode()


@pytest.mark.parametrize(("path", "language"), [("/naujienos/a/", "lt"), ("/en/news/a/", "en")])
def test_a_post_tells_machines_what_it_is_and_cannot_break_out(path, language, client, settings):
    settings.SITE_URL = "https://klasteris.example"
    member = factories.member("Alfa")
    texts = {"title_lt": "A</script><b>", "title_en": "B", "summary_lt": "S", "summary_en": "S", "body_lt": "T"}
    Post.objects.create(slug="a", status="published", member=member, **texts)
    found = linked(client, path)
    article = found["NewsArticle"]
    title = texts[f"title_{language}"]
    assert (article["headline"], article["inLanguage"], article["about"]["name"]) == (title, language, "Alfa")
    assert article["@id"] == f"https://klasteris.example{path}"
    assert {"datePublished", "dateModified", "publisher", "author"} <= set(article)
    assert [crumb["name"] for crumb in found["BreadcrumbList"]["itemListElement"]][-1] == title


def test_the_wall_shows_the_founders_then_the_newest_and_no_one_who_left(client, founders):
    factories.member("Sena", joined_on="2021-01-01")
    factories.member("Nauja", joined_on="2026-01-01")
    factories.member("Buvusi", status="former")
    names = re.findall(r"<span>([^<]+)</span></a>", client.get("/itraukti/siena/").content.decode())
    assert (names[:5], names[5:]) == (sorted(founder.name for founder in founders), ["Nauja", "Sena"])
    only = re.findall(r"<span>([^<]+)</span></a>", client.get("/en/embed/wall/?founders=1").content.decode())
    assert only == names[:5]
    assert "Narių katalogas: 7 nariai" in client.get("/itraukti/siena/?founders=1").content.decode()
    assert client.get("/itraukti/siena/?founders=0").content == client.get("/itraukti/siena/").content


def test_an_empty_wall_says_so(client):
    assert "Pirmieji nariai" in client.get("/itraukti/siena/").content.decode()


def test_only_the_wall_may_be_framed(client):
    for path in ("/itraukti/siena/", "/en/embed/wall/"):
        response = client.get(path)
        assert "frame-ancestors *" in response["Content-Security-Policy"]
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "X-Frame-Options" not in response
    for path in ("/", "/itraukti/", "/nariai/", "/paskyra/login/", "/atviri-duomenys/"):
        response = client.get(path)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
