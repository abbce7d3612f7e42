"""Addresses and numbers that are given out: each once, and none that leads to another page."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from applications.models import Minutes
from cluster_portal.base.numbering import next_number
from cluster_portal.base.slugs import is_of_another_page
from members.models import Member
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("model", "slug", "other"),
    [
        (Post, "prenumerata", True),
        (Post, "subscribe", True),
        (Post, "naujiena", False),
        (Member, "alfa", False),
        (Member, "share", False),
    ],
)
def test_an_address_of_another_page_is_known(model, slug, other):
    assert is_of_another_page(model, slug) is other


@pytest.mark.parametrize("slug", ["prenumerata", "subscribe"])
def test_no_record_may_have_an_address_of_another_page(slug):
    post = Post(slug=slug, title_lt="Alfa", body_lt="Tekstas")
    with pytest.raises(ValidationError) as refused:
        post.full_clean()
    assert {name: [error.code for error in errors] for name, errors in refused.value.error_dict.items()} == {
        "slug": ["taken"]
    }


def test_a_slug_is_free_and_leads_to_its_own_page():
    factories.member("Alfa")
    assert [Member.free_slug(name) for name in ("Alfa", "Beta", "漢字")] == ["alfa-2", "beta", "narys"]
    assert [Post.free_slug(title) for title in ("Prenumerata!", "subscribe", "…")] == [
        "prenumerata-2", "subscribe-2", "naujiena",
    ]  # fmt: skip
    long = Member.free_slug("ž" * 200)
    assert (len(long), set(long)) == (70, {"z"})


def test_the_desk_refuses_an_address_of_another_page(client, coordinator):
    client.force_login(coordinator)
    data = {"status": "draft", "title_lt": "Naujiena", "body_lt": "x", "published_at": "2026-01-01T10:00"}
    for slug in ("prenumerata", "subscribe", "atom.xml"):
        answer = client.post("/admin/news/post/add/", {**data, "slug": slug})
        assert answer.context["adminform"].form.errors.keys() == {"slug"}, slug
    assert client.post("/admin/news/post/add/", {**data, "slug": "naujas"}).status_code == 302
    assert client.post("/admin/news/post/add/", {**data, "title_lt": "Prenumerata"}).status_code == 302
    assert set(Post.objects.values_list("slug", flat=True)) == {"naujas", "prenumerata-2"}
    member = factories.member("Alfa")
    page = f"/admin/members/member/{member.pk}/change/"
    form = client.get(page).context["adminform"].form
    answer = client.post(page, {**{name: form[name].value() or "" for name in form.fields}, "slug": "export.csv"})
    assert "slug" in answer.context["adminform"].form.errors


def test_numbers_go_on_from_the_highest_under_a_lock(django_assert_num_queries):
    assert next_number(Member) == 1
    factories.member("Alfa", number=41)
    assert next_number(Member) == 42
    assert next_number(Minutes, "sequence", year=2026) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relation::regclass::text FROM pg_locks WHERE mode = 'ShareRowExclusiveLock' AND pid = pg_backend_pid()"
        )
        assert {name for (name,) in cursor} == {"members_member", "applications_minutes"}
