"""The desk's site takes the portal's own pages, of whichever app, and no others; their records show their history."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.desk.site import CoordinatorSite
from cluster_portal.identity.models import Identity
from members.models import Area, User
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_is_a_page_of_the_desk_is_taken_and_what_packages_bring_is_not():
    site = CoordinatorSite()
    site.register(User, admin.ModelAdmin)
    site.register([User])
    assert not site.is_registered(User)
    site.register(Group, DeskAdmin)
    assert site.is_registered(Group)


def test_nothing_else_is_on_the_site():
    assert {type(page) for page in admin.site._registry.values() if not isinstance(page, DeskAdmin)} == set()


@pytest.mark.django_db(transaction=True)  # whoever did it is kept for each transaction
def test_the_clusters_data_show_their_history(client, coordinator):
    client.force_login(coordinator)
    page = reverse("admin:identity_identity_change", args=[1])
    form = client.get(page).context["adminform"].form
    typed = {field.html_name: field.value() or "" for field in form if field.name != "drawing"}
    assert client.post(page, {**typed, "fee_lt": "120 eurų per metus"}).status_code == 302
    Identity.objects.update(fee_lt="130 eurų per metus")  # as a command does, or psql
    assert client.get(reverse("admin:identity_identity_history", args=[1])).url == f"{page}#history"
    history = re.sub(r"\s+", " ", client.get(page).content.decode().split('id="history"')[1])
    assert "<small>(coordinator@example.org)</small> <ul><li>Mokestis (lietuviškai): – → 120 eurų per metus" in history
    assert "(ne per portalo puslapius)</small> <ul><li>Mokestis (lietuviškai): 120 eurų per metus → 130" in history
    assert history.count("→") == 2  # neither the moment of saving nor line ends are changes


@pytest.mark.parametrize("name", ["area", "representative", "user"])
def test_whatever_the_database_keeps_the_history_of_shows_it(client, name, founders):
    boss = factories.person(is_staff=True, is_superuser=True)
    client.force_login(boss)
    role = founders[0].voter.representations.get()
    edits: dict[str, tuple[Any, dict[str, Any]]] = {
        "area": (Area.objects.first(), {"name_lt": "Kita sritis"}),
        "representative": (role, {"role": "owner"}),
        "user": (role.user, {"is_staff": True}),
    }
    record, change = edits[name]
    type(record)._base_manager.filter(pk=record.pk).update(**change)
    page = client.get(reverse(f"admin:members_{name}_change", args=[record.pk]))
    (changed,) = page.context["editions"][0].changes
    assert changed.field.name in change
    assert changed.new in page.content.decode().split('id="history"')[1]
