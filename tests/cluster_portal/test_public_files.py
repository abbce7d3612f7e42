"""The sitemap and the public pictures."""

from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cluster_portal.base.known import known
from news.models import Post
from tests import factories

MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def test_the_sitemap_has_every_public_page_in_both_languages(client, db, settings):
    settings.SITE_URL = "https://klasteris.example"
    factories.member("Aedilis")
    factories.member("Buvęs", status="former")
    Post.objects.create(slug="a", title_lt="A", body_lt="A", status="published")
    Post.objects.create(slug="b", title_lt="B", body_lt="B")
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {}
    for url in root.findall("m:url", MAP):
        address = known(url.findtext("m:loc", namespaces=MAP)).removeprefix("https://klasteris.example")
        found[address] = {link.get("hreflang") for link in url.findall("x:link", MAP)}
    lithuanian = [
        "/", "/apie/", "/kaip-prisijungti/", "/nariai/", "/naujienos/", "/atviri-duomenys/", "/itraukti/",
        "/nariai/aedilis/", "/naujienos/a/", "/asmens-duomenys/",
    ]  # fmt: skip
    english = [
        "", "about/", "how-to-join/", "members/", "news/", "open-data/", "embed/", "members/aedilis/", "news/a/",
        "personal-data/",
    ]  # fmt: skip
    everything = [*lithuanian, *(f"/en/{path}" for path in english)]
    assert found == {address: {"lt", "en"} for address in everything}


def test_a_logo_is_sent_with_long_cache_headers_and_no_cookie(client):
    default_storage.save("logos/a.png", ContentFile(b"picture"))
    response = client.get("/media/logos/a.png")
    assert b"".join(response.streaming_content) == b"picture"
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert response["Cache-Control"] == "public, max-age=31536000"
    assert dict(response.cookies) == {}


@pytest.mark.parametrize(
    "name",
    ["logos/none.png", "logos/../secret.png", "logos/%2e%2e/secret.png", "secret.png", "logos/.png", "logos/",
     "/etc/passwd", "logos//a.png", "logos/a.svg", "logos/a.png%00", "logos/..%5csecret.png", "logos/a.png%0a"],
)  # fmt: skip
def test_nothing_but_pictures_under_logos_is_sent(client, name):
    default_storage.save("secret.png", ContentFile(b"secret"))
    default_storage.save("logos/a.svg", ContentFile(b"<svg/>"))
    assert client.get(f"/media/{name}").status_code == 404
