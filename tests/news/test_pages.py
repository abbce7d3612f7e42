"""What visitors and feed readers see of the news."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cluster_portal.base.known import known
from news.models import Post
from tests import factories

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def make_post(slug: str, days_ago: int = 1, **fields) -> Post:
    return Post.objects.create(
        **{
            "slug": slug,
            "title_lt": f"Naujiena {slug}",
            "body_lt": "**Tekstas**",
            "status": "published",
            "published_at": timezone.now() - timedelta(days=days_ago),
            **fields,
        }
    )


@pytest.fixture
def hidden(db) -> list[Post]:
    """A draft and a post of tomorrow."""
    return [make_post("juodrastis", status="draft"), make_post("rytojus", days_ago=-1)]


def test_the_list_shows_published_posts_newest_first_and_no_other(client, hidden):
    make_post("sena", 9), make_post("nauja", 1)
    response = client.get("/naujienos/")
    assert [post.slug for post in response.context["page_obj"]] == ["nauja", "sena"]
    assert dict(response.cookies) == {}


def test_an_empty_list_points_to_the_members(client, db):
    assert 'href="/nariai/"' in client.get("/naujienos/").content.decode().split("<main")[1]


def test_the_list_has_twelve_posts_a_page_and_as_many_queries_for_many(client, db, django_assert_num_queries):
    make_post("viena")
    with django_assert_num_queries(3):
        client.get("/naujienos/")
    for number in range(20):
        make_post(f"n{number}")
    with django_assert_num_queries(3):
        response = client.get("/naujienos/")
    assert len(response.context["page_obj"].object_list) == 12
    assert len(client.get("/naujienos/?page=2").context["page_obj"].object_list) == 9


def test_drafts_and_future_posts_answer_404(client, hidden):
    assert [client.get(f"/naujienos/{post.slug}/").status_code for post in hidden] == [404, 404]


def test_a_post_shows_clean_markdown_its_member_and_its_neighbours(client, db):
    member = factories.member("Aedilis")
    older, newer = make_post("sena", 9), make_post("nauja", 1)
    make_post("vidurine", 5, body_lt="**Svarbu** <script>alert(1)</script>", member=member)
    response = client.get("/naujienos/vidurine/")
    page = response.content.decode()
    assert "<strong>Svarbu</strong>" in page
    assert "alert(1)" not in page
    assert member.get_absolute_url() in page
    assert (response.context["older"], response.context["newer"]) == (older, newer)


def test_a_former_member_is_not_linked(client, db):
    make_post("a", member=factories.member("Buvęs", status="former"))
    assert client.get("/naujienos/a/").context["member"] is None


def test_text_that_falls_back_to_lithuanian_is_marked_on_the_english_page(client, db):
    make_post("a")
    page = client.get("/en/news/a/").content.decode()
    assert '<h1 lang="lt">Naujiena a</h1>' in page
    assert '<div class="prose" lang="lt">' in page


@pytest.mark.parametrize(("language", "path"), [("lt", "/naujienos/atom.xml"), ("en", "/en/news/atom.xml")])
def test_the_feed_is_valid_atom_of_published_posts_with_absolute_addresses(client, hidden, settings, language, path):
    settings.SITE_URL = "https://klasteris.example"
    post = make_post("a", title_en="Post a", body_lt="[nariai](/nariai/)", body_en="[members](/en/members/)")
    response = client.get(path)
    assert response["Content-Type"].startswith("application/atom+xml")
    assert dict(response.cookies) == {}
    feed = ElementTree.fromstring(response.content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    (entry,) = feed.findall("a:entry", ATOM)
    with translation.override(language):
        assert entry.findtext("a:title", namespaces=ATOM) == post.title
        address = "https://klasteris.example" + reverse("news:detail", args=["a"])
    assert known(entry.find("a:link", ATOM)).get("href") == address
    assert entry.findtext("a:id", namespaces=ATOM) == f"tag:klasteris.example,2026:news/{language}/{post.pk}"
    assert 'href="https://klasteris.example/' in known(entry.findtext("a:summary", namespaces=ATOM))
    assert entry.findtext("a:updated", namespaces=ATOM) == post.updated_at.isoformat()
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", ATOM)}
    assert links["self"] == f"https://klasteris.example{path}"


def test_the_api_lists_news_in_the_language_asked(client, hidden, settings):
    settings.SITE_URL = "https://klasteris.example"
    make_post("a", title_en="Post a")
    answer = client.get("/api/v1/news?lang=en").json()
    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)
    assert answer["results"][0]["title"] == "Post a"
    assert answer["results"][0]["url"] == "https://klasteris.example/en/news/a/"
    assert client.get("/api/v1/news", headers={"accept-language": "en"}).json() == answer
    assert client.get("/api/v1/news").json()["results"][0]["title"] == "Naujiena a"
    assert client.get("/api/v1/news?lang=xx").status_code == 422


def test_the_api_gives_pages(client, db):
    for number in range(13):
        make_post(f"n{number}")
    first = client.get("/api/v1/news").json()
    second = client.get(first["next"].removeprefix("http://127.0.0.1:8000")).json()
    assert (first["count"], len(first["results"]), len(second["results"]), second["next"]) == (13, 12, 1, None)


def test_a_control_character_in_a_post_does_not_break_the_feed(client, db):
    """XML may hold none, and a text pasted from a word processor may have some."""
    Post.objects.create(slug="a", title_lt="A\x0bB", body_lt="vienas\x0b du\x1f\ufffe", status="published")
    Post.objects.create(
        slug="b", title_lt="B", body_lt="trys&#12; &#1;keturi&#xFFFE; &#x202E;penki", status="published"
    )
    root = ElementTree.fromstring(client.get("/naujienos/atom.xml").content)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    entries = {
        entry.findtext("a:title", "", atom): entry.findtext("a:summary", "", atom)
        for entry in root.findall("a:entry", atom)
    }
    assert entries == {"B": "<p>trys\n keturi penki</p>", "A B": "<p>vienas\n du</p>"}
