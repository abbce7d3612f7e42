"""Writing news at the coordinator's desk: drafts, planned and published posts, the preview, clean text."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from news.models import Post
from tests import factories
from tests.processes import after

pytestmark = pytest.mark.django_db
ADD = "/admin/news/post/add/"


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def data(**changes) -> dict:
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return {"status": "draft", "published_at": moment, "title_lt": "Ąžuolų šventė", "body_lt": "Tekstas", **changes}


def post(**fields) -> Post:
    return Post.objects.create(**{"slug": "a", "title_lt": "Alfa", "body_lt": "Tekstas", **fields})


def change(post: Post) -> str:
    return reverse("admin:news_post_change", args=[post.pk])


def test_a_draft_gets_its_address_from_the_lithuanian_title_and_is_not_public(desk, client):
    for _time in range(2):
        assert desk.post(ADD, data()).status_code == 302
    assert sorted(Post.objects.values_list("slug", flat=True)) == ["azuolu-svente", "azuolu-svente-2"]
    assert client.get("/naujienos/azuolu-svente/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_posts_of_one_title_written_at_once_get_an_address_each(coordinator):
    first, second = Client(), Client()
    for desk in (first, second):
        desk.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    answer = after(lambda: first.post(ADD, data()), lambda: second.post(ADD, data()))
    assert answer.status_code == 302
    assert sorted(Post.objects.values_list("slug", flat=True)) == ["azuolu-svente", "azuolu-svente-2"]


@pytest.mark.parametrize("missing", ["title_lt", "body_lt"])
def test_the_lithuanian_text_is_required_and_what_was_typed_stays(desk, missing):
    answer = desk.post(ADD, data(**{missing: "", "title_en": "Oak feast"}))
    assert (answer.status_code, Post.objects.count()) == (200, 0)
    assert missing in answer.context["adminform"].form.errors
    assert "Oak feast" in answer.content.decode()


def test_an_address_that_is_taken_is_refused(desk):
    post()
    assert "slug" in desk.post(ADD, data(slug="a")).context["adminform"].form.errors


def test_an_old_draft_is_published_with_the_time_of_publishing(desk):
    old = timezone.now() - timedelta(days=9)
    draft = post(published_at=old)
    shown = desk.get(change(draft)).context["adminform"].form["published_at"]
    same = timezone.localtime(shown.initial).strftime("%Y-%m-%dT%H:%M")
    desk.post(change(draft), data(slug="a", published_at=same))
    draft.refresh_from_db()
    assert draft.published_at == old
    desk.post(change(draft), data(slug="a", status="published", published_at=same))
    draft.refresh_from_db()
    assert timezone.now() - draft.published_at < timedelta(minutes=1)
    published = draft.published_at
    desk.post(change(draft), data(slug="a", status="published", title_lt="Beta",
                                  published_at=timezone.localtime(published).strftime("%Y-%m-%dT%H:%M")))  # fmt: skip
    draft.refresh_from_db()
    assert (draft.title_lt, draft.published_at) == ("Beta", published)


def test_a_post_of_tomorrow_is_planned_and_appears_by_itself(desk, client):
    moment = timezone.localtime(timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    desk.post(ADD, data(status="published", published_at=moment, slug="rytoj"))
    assert "suplanuota" in desk.get("/admin/news/post/").content.decode()
    assert client.get("/naujienos/rytoj/").status_code == 404
    Post.objects.update(published_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/naujienos/rytoj/").status_code == 200


def test_posts_are_published_and_taken_back_from_the_list(desk, client):
    first, second = post(), post(slug="b", status="published", published_at=timezone.now() - timedelta(days=9))
    chosen = {"_selected_action": [first.pk, second.pk]}
    done = desk.post("/admin/news/post/", {"action": "publish", **chosen}, follow=True).content.decode()
    assert "Paskelbta 1 naujiena." in done
    assert client.get("/naujienos/a/").status_code == 200
    second.refresh_from_db()
    assert timezone.now() - second.published_at > timedelta(days=8)  # it was public already
    done = desk.post("/admin/news/post/", {"action": "unpublish", **chosen}, follow=True).content.decode()
    assert "2 naujienos vėl yra juodraščiai." in done
    assert client.get("/naujienos/a/").status_code == 404


def test_the_preview_shows_a_draft_to_the_staff_alone(desk, applicant):
    draft = post(title_en="Alpha", body_en="Text")
    address = reverse("admin:news_post_preview", args=[draft.pk])
    assert address in desk.get(change(draft)).content.decode()
    page, english = (desk.get(address + query).content.decode() for query in ("", "?lang=en"))
    assert ("Tai peržiūra" in page, '<h1 lang="lt">Alfa</h1>' in page) == (True, True)
    assert ("This is a preview" in english, '<h1 lang="en">Alpha</h1>' in english) == (True, True)
    desk.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    assert desk.get(address).status_code == 403


def test_two_who_edit_one_post_do_not_overwrite_each_other(desk):
    draft = post()
    seen = desk.get(change(draft)).context["adminform"].form["seen"].value()
    desk.post(change(draft), data(slug="a", title_lt="Pirmas", seen=seen))
    answer = desk.post(change(draft), data(slug="a", title_lt="Antras", seen=seen))
    page = answer.content.decode()
    assert ("Kol rašėte, šį puslapį pakeitė coordinator@example.org" in page, 'value="Antras"' in page) == (True, True)
    assert Post.objects.get().title_lt == "Pirmas"
    again = data(slug="a", title_lt="Antras", seen=answer.context["adminform"].form["seen"].value())
    desk.post(change(draft), again)
    assert Post.objects.get().title_lt == "Antras"


@pytest.mark.parametrize(
    ("body", "forbidden"),
    [
        ("<script>alert(1)</script>", "alert"),
        ("<img src=x onerror=alert(1)>", "onerror"),
        ("[a](javascript:alert(1))", "javascript:"),
        ("[a](data:text/html;base64,xx)", "data:"),
        ("<a href='JaVaScRiPt:alert(1)'>a</a>", "alert"),
        ("<svg/onload=alert(1)>", "onload"),
        ("<iframe src='https://e.example'></iframe>", "iframe"),
        ("<form action='https://e.example'><input></form>", "form"),
        ("<p style='position:fixed'>a</p>", "style"),
        ("![a](https://e.example/a.png)", "e.example"),
        ("![a](//e.example/a.png)", "e.example"),
        ("![a](/\\e.example/a.png)", "e.example"),
        ("<math><mtext><style><img src onerror=alert(1)>", "onerror"),
    ],
)
def test_the_text_of_a_post_is_cleaned_on_the_page_and_in_the_feed(client, body, forbidden):
    post(status="published", body_lt=f"Tekstas {body}")
    main = client.get("/naujienos/a/").content.decode().split('<div class="prose"')[1].split("</div>")[0]
    feed = client.get("/naujienos/atom.xml").content.decode().split("<entry")[1]
    assert "Tekstas" in main
    assert (forbidden in main, forbidden in feed) == (False, False)


def test_own_pictures_stay_and_a_main_heading_becomes_a_section(client):
    with translation.override("lt"):
        html = post(body_lt="# Antraštė\n\n![a](/media/logos/a.png)").html
    assert ("<h2>Antraštė</h2>" in html, 'src="/media/logos/a.png"' in html) == (True, True)


def test_the_feed_asks_as_many_queries_for_many_posts_as_for_one(client, django_assert_num_queries):
    for number in range(20):
        post(slug=f"p{number}", status="published", member=factories.member())
        if number in (0, 19):
            with django_assert_num_queries(2):  # the posts and the identity
                client.get("/naujienos/atom.xml")
            with django_assert_num_queries(3):
                client.get("/api/v1/news")


def test_who_saves_and_stays_is_told_that_they_may_edit_on(desk):
    sentence = "Galite redaguoti toliau."
    answer = desk.post(ADD, data(_continue="1"), follow=True)
    assert [str(message)[-len(sentence) :] for message in answer.context["messages"]] == [sentence]
    answer = desk.post(answer.request["PATH_INFO"], data(slug="azuolu-svente", _continue="1"), follow=True)
    assert [str(message)[-len(sentence) :] for message in answer.context["messages"]] == [sentence]
