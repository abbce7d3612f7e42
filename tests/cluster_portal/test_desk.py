"""The desk's site takes the portal's own pages, of whichever app, and no others; their records show their history."""

import json
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.desk.site import CoordinatorSite
from cluster_portal.identity.models import Identity
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Tag, User
from news.models import Post
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
    assert (
        "Pakeista. <small>(coordinator@example.org)</small> <ul><li>Mokestis (lietuviškai): – → 120 eurų per metus"
        in history
    )
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


def button_of_history(page: Any) -> list[str]:
    """Where the page's button “History” leads."""
    return re.findall('<a href="([^"]*)" class="historylink">', page.content.decode())


def test_a_page_leads_to_a_history_only_where_there_is_one(client, coordinator):
    client.force_login(coordinator)
    post = Post.objects.create(slug="a", title_lt="A", body_lt="a")
    mail = OutgoingMail.objects.create(to="ona@example.org", subject="A", key="a", due_at=timezone.now())
    member, person, tag = factories.member(), factories.person(), Tag.objects.create(name_lt="lazeriai")
    bare = [("news_post", post), ("mail_outgoingmail", mail), ("members_user", person), ("members_tag", tag)]
    for name, record in bare:
        page = client.get(reverse(f"admin:{name}_change", args=[record.pk]))
        found = button_of_history(page)
        assert found == (["#history"] if 'id="history"' in page.content.decode() else []), name
    page = client.get(reverse("admin:members_member_change", args=[member.pk]))
    assert button_of_history(page) == ["#history"]
    nothing = client.get(reverse("admin:news_post_history", args=[post.pk])).content.decode()
    assert "Apie šio įrašo pakeitimus duomenų nėra." in nothing


def test_the_log_of_a_record_reads_as_sentences(client, coordinator):
    client.force_login(coordinator)
    post = Post.objects.create(slug="a", title_lt="A", body_lt="a")
    page = reverse("admin:news_post_change", args=[post.pk])
    form = client.get(page).context["adminform"].form
    typed = {field.html_name: field.value() or "" for field in form}
    assert client.post(page, {**typed, "status": "published", "title_lt": "B"}).status_code == 302
    log = reverse("admin:news_post_history", args=[post.pk])
    assert button_of_history(client.get(page)) == [log]
    assert "<td>Pakeista: būsena ir antraštė (lietuviškai).</td>" in client.get(log).content.decode()
    User.objects.filter(pk=coordinator.pk).update(language="en")
    assert "<td>Changed status and title (Lithuanian).</td>" in client.get(log).content.decode()


def test_no_list_offers_to_delete_many_at_once(client):
    client.force_login(factories.person(is_staff=True, is_superuser=True))
    factories.founder()
    for page in admin.site._registry.values():
        answer = client.get(reverse(f"admin:{page.opts.label_lower.replace('.', '_')}_changelist"))
        assert 'value="delete_selected"' not in answer.content.decode()
        assert "delete_selected" not in page.get_actions(answer.wsgi_request)


@pytest.mark.parametrize("language", ["lt", "en"])
def test_a_person_and_a_member_name_what_their_roles_are_and_what_adds_one(client, coordinator, founders, language):
    User.objects.filter(pk=coordinator.pk).update(language=language)
    client.force_login(coordinator)
    words = {
        "lt": (("Kam atstovauja", "Pridėti narį"), ("Atstovai", "Pridėti atstovą")),
        "en": (("Acts for", "Add a member"), ("Representatives", "Add a representative")),
    }[language]
    pages = (
        reverse("admin:members_user_change", args=[founders[0].voter.pk]),
        reverse("admin:members_member_change", args=[founders[0].pk]),
    )
    for path, (heading, button) in zip(pages, words, strict=True):
        page = client.get(path)
        assert f'class="inline-heading">{heading}</h2>' in page.content.decode()
        (inline,) = page.context["inline_admin_formsets"]
        assert json.loads(inline.inline_formset_data())["options"]["addText"] == button


def test_emails_are_called_by_whom_they_were_sent_to(client, coordinator, founders):
    client.force_login(coordinator)
    voter = founders[0].voter
    role = voter.representations.get()
    for name, record in (("user", voter), ("representative", role)):
        page = client.get(reverse(f"admin:members_{name}_change", args=[record.pk])).content.decode()
        assert ">Šiuo adresu siųsti laiškai</a>" in page
    page = client.get(reverse("admin:members_member_change", args=[founders[0].pk])).content.decode()
    assert ">Nario atstovams siųsti laiškai</a>" in page


NO_KEYS = ["x", "", "9" * 30, "\0", "²"]


def actions() -> list[tuple[str, str]]:
    """(model, action) of every list of the desk that has actions."""
    return [(page.opts.label_lower, str(name)) for page in admin.site._registry.values() for name in page.actions or []]


@pytest.mark.parametrize(("model", "action"), actions())
def test_an_action_on_what_is_no_record_changes_nothing_and_warns(model, action, client, coordinator):
    client.force_login(coordinator)
    page = reverse(f"admin:{model.replace('.', '_')}_changelist")
    for keys in ([key] for key in NO_KEYS):
        answer = client.post(page, {"action": action, "_selected_action": keys}, follow=True)
        assert answer.status_code == 200
        assert [message.level_tag for message in answer.context["messages"]] == ["warning"], keys


@pytest.mark.parametrize("step", ["resend", "discard"])
def test_a_step_for_emails_that_are_none_changes_nothing(step, client, coordinator):
    client.force_login(coordinator)
    for keys in NO_KEYS:
        answer = client.post(reverse(f"admin:mail_outgoingmail_{step}"), {"mails": keys, "confirmed": "1"}, follow=True)
        assert answer.status_code == 200


def test_the_way_from_a_record_to_its_page_leads_to_no_other_table(client, coordinator):
    client.force_login(coordinator)
    member = factories.member("Uosis")
    assert client.get("/admin/r/1/1/").status_code == 404
    page = client.get(reverse("admin:members_member_change", args=[member.pk]))
    assert page.context["absolute_url"] == member.get_absolute_url()


def test_yes_and_no_are_read_aloud_in_the_persons_language(client, coordinator, founders):
    client.force_login(coordinator)
    factories.member("Uosis")
    record = reverse("admin:members_member_change", args=[founders[0].pk])
    for path in (reverse("admin:members_member_changelist"), record):
        page = client.get(path).content.decode()
        assert {*re.findall(r'<img class="yes-or-no" [^>]*alt="(\w+)"', page)} == {"taip", "ne"}
        assert not re.search('alt="(True|False)"', page)


def test_a_list_that_finds_nothing_asks_for_another_word_or_for_less(client, coordinator):
    client.force_login(coordinator)
    members = reverse("admin:members_member_changelist")
    for query, words in (
        ("?q=zzzzqqq", "Įrašykite kitą žodį."),
        ("?q=zzzzqqq+wwwwxxx", "Įrašykite mažiau žodžių arba pašalinkite filtrų."),
        ("?q=zzzzqqq&status__exact=former", "Įrašykite mažiau žodžių arba pašalinkite filtrų."),
    ):
        assert words in client.get(members + query).content.decode()


def test_a_choice_not_made_is_named_in_words(client, coordinator, founders, applicant):
    client.force_login(coordinator)
    application = factories.voting(applicant, coordinator)
    pages = {
        reverse("admin:applications_application_record_vote", args=[application.pk]): "Pasirinkite steigėją",
        reverse("admin:members_representative_add"): "Pasirinkite vaidmenį",
        reverse("admin:members_member_change", args=[founders[0].pk]): "Pasirinkite savivaldybę",
        reverse("admin:news_post_changelist"): "Pasirinkite veiksmą",
    }
    Post.objects.create(slug="a", title_lt="A", body_lt="a")
    for path, words in pages.items():
        page = client.get(path).content.decode()
        assert re.search(f'<option value=""[^>]*>{words}</option>', page), path
        assert "---------" not in page, path
    members = client.get(reverse("admin:members_member_changelist")).content.decode()
    assert {"Be srities", "Be savivaldybės"} <= {*re.findall(r"isnull=True[^>]*>([^<]*)</a>", members)}
