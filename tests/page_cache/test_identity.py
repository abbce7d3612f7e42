"""The identity among the kept pages: whoever has saved it sees it, and so does everyone else; nothing is kept before it."""

import pytest
from django.test import Client

from cluster_portal.identity.models import Identity
from tests.identity.test_desk import ADDRESS, filled_in
from tests.identity.test_set_up import ADDRESS as SET_UP
from tests.identity.test_set_up import TYPED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keeping")]
PATHS = ("/", "/en/about/", "/itraukti/siena/", "/naujienos/atom.xml", "/en/news/atom.xml")


def seen(name: str) -> list[bool]:
    """On which of the pages a stranger reads the name."""
    return [name in Client().get(path).content.decode() for path in PATHS]


def test_a_changed_name_is_on_the_kept_pages_at_once(client, coordinator):
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    assert seen("Gamybos inovacijų slėnio klasteris") == [True, False, False, True, False]
    form = filled_in(client.get(ADDRESS))
    changed = {"name_lt": "Upės klasteris", "name_genitive_lt": "Upės klasterio", "name_en": "River cluster"}
    assert client.post(ADDRESS, {**form, **changed}).status_code == 302
    assert seen("Upės klasteri") == [True, False, True, True, False]
    assert seen("River cluster") == [False, True, False, False, True]
    assert seen("slėnio") == [False] * 5


def test_a_preview_is_seen_by_nobody_else_and_leaves_nothing_behind(client, coordinator):
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    form = filled_in(client.get(ADDRESS))
    shown = client.post(ADDRESS, {**form, "name_lt": "Upės klasteris", "_preview": "1"})
    assert "Upės klasteris" in shown.content.decode()
    assert seen("Upės klasteris") == [False] * 5
    assert client.get("/").content.decode().count("Upės klasteris") == 0


def test_the_page_of_a_portal_that_is_being_set_up_is_not_kept(bare, client, superuser):
    assert [Client().get(path).status_code for path in PATHS] == [503] * 5
    client.force_login(superuser, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(SET_UP, TYPED).status_code == 302
    assert [Client().get(path).status_code for path in PATHS] == [200] * 5
    assert seen(Identity.objects.get().name_lt)[0] is True
