"""Offers and needs are controlled: one thing has one name in each language, however people type it."""

import re

import pytest
from django.urls import reverse

from cluster_portal.base.known import known
from members.models import Member, MemberEvent, Tag, TagName
from tests import factories

pytestmark = pytest.mark.django_db


def tags(name: str) -> tuple[list[str], list[str]]:
    member = Member.objects.get(name=name)
    return member.offers, member.seeks


def test_words_typed_another_way_become_the_tags_name():
    factories.member("A", offers=["Šviestuvai", "LED"])
    factories.member("B", offers=[" sviestuvai ", "ŠVIESTUVAI", "led"], seeks=["Šviestuvai  LED"])
    assert tags("B") == (["Šviestuvai", "LED"], ["Šviestuvai LED"])
    assert sorted(Tag.objects.values_list("name_lt", flat=True)) == ["LED", "Šviestuvai", "Šviestuvai LED"]


def test_marks_make_a_difference():
    factories.member("A", offers=["C++ programavimas", "C# programavimas"])
    assert Tag.objects.count() == 2


def test_renaming_reaches_every_member_and_the_old_name_still_means_it():
    factories.member("A", offers=["lempos"], seeks=["plienas"])
    factories.member("B", seeks=["lempos"])
    Tag.objects.get(name_lt="lempos").rename("šviestuvai", "luminaires")
    assert (tags("A"), tags("B")) == ((["šviestuvai"], ["plienas"]), ([], ["šviestuvai"]))
    factories.member("C", offers=["Lempos", "LUMINAIRES", "sviestuvai"])
    assert tags("C") == (["šviestuvai"], [])
    assert [member.name for member in Member.objects.search("luminaire")] == ["A", "C", "B"]


def test_merging_leaves_one_tag_without_doubles_and_a_history():
    factories.member("A", offers=["lempos", "šviestuvai"])
    factories.member("B", seeks=["lempos"])
    Tag.objects.get(name_lt="šviestuvai").absorb(Tag.objects.all())
    assert (tags("A"), tags("B")) == ((["šviestuvai"], []), ([], ["šviestuvai"]))
    assert (Tag.objects.count(), TagName.objects.count()) == (1, 2)
    assert MemberEvent.objects.filter(pgh_obj__name="B", pgh_label="update").count() == 1
    factories.member("C", offers=["Lempos"])
    assert tags("C") == (["šviestuvai"], [])


def test_laying_out_the_search_leaves_no_history():
    member = factories.member("A")
    from members.models import Area

    member.areas.set(Area.objects.all()[:2])
    member.areas.clear()
    assert MemberEvent.objects.filter(pgh_label="update").count() == 0


def test_an_areas_words_find_its_members_while_they_are_in_it():
    from members.models import Area

    area = known(Area.objects.first())
    member = factories.member("A")
    member.areas.add(area)
    assert list(Member.objects.search("komunikacija")) == [member]
    Area.objects.filter(pk=area.pk).update(name_lt="Ryšiai", name_en="Links", slug="rysiai")
    assert (list(Member.objects.search("komunikacija")), list(Member.objects.search("rysys"))) == ([], [member])
    member.areas.clear()
    assert list(Member.objects.search("rysiai")) == []


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    factories.member("A", offers=["lempos"])
    factories.member("B", offers=["šviestuvai"])
    return client


def test_the_coordinator_renames(desk):
    tag = Tag.objects.get(name_lt="lempos")
    address = reverse("admin:members_tag_change", args=[tag.pk])
    assert desk.post(address, {"name_lt": "žibintai", "name_en": "lanterns"}).status_code == 302
    assert tags("A") == (["žibintai"], [])
    refused = desk.post(address, {"name_lt": "Šviestuvai", "name_en": ""})
    assert "Taip jau vadinasi kita žyma" in refused.content.decode()
    assert tags("A") == (["žibintai"], [])


def test_english_names_are_filled_in_on_the_list_of_those_without(desk):
    Tag.objects.get(name_lt="lempos").rename("lempos", "lamps")
    factories.member("C", offers=["optika", "plienas"])
    address = reverse("admin:members_tag_changelist") + "?name_en__isempty=1"
    page = desk.get(address).content.decode()
    assert ('aria-label="Pavadinimas (angliškai): optika"' in page, "lempos" in page) == (True, False)
    keys = list(Tag.objects.filter(name_en="").values_list("pk", flat=True))
    rows = {f"form-{row}-id": key for row, key in enumerate(keys)}
    form = {"_save": "", "form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 3, **rows}

    def save(*names: str) -> str:
        named = {f"form-{row}-name_en": name for row, name in enumerate(names)}
        return desk.post(address, {**form, **named}, follow=True).content.decode()

    assert "Dvi žymos negali vadintis vienodai" in save("optics", "Optics", "")
    assert "Taip jau vadinasi kita žyma" in save("Lamps", "", "")
    assert Tag.objects.filter(name_en="").count() == 3
    assert "Išsaugota (žymos): 2 įrašai." in save("optics", "steel", "")
    assert [member.name for member in Member.objects.search("optics")] == ["C"]
    factories.member("D", seeks=["Steel"])
    assert tags("D") == ([], ["plienas"])
    assert desk.get("/en/members/?q=steel").content.decode().count("steel") > 1


def test_the_coordinator_merges_after_seeing_what_happens(desk):
    address = reverse("admin:members_tag_changelist")
    chosen = {"action": "merge", "_selected_action": list(Tag.objects.values_list("pk", flat=True))}
    asked = desk.post(address, chosen)
    assert (asked.status_code, Tag.objects.count()) == (200, 2)
    assert "Pasirinkite, kurį pavadinimą palikti." in asked.content.decode()
    mistake = "Pasirinkite, kuris pavadinimas lieka."
    assert mistake not in asked.content.decode()
    sent = dict(re.findall('type="hidden" name="(asked|action)" value="([^"]*)"', asked.content.decode()))
    refused = desk.post(address, {**chosen, **sent})
    assert (refused.status_code, Tag.objects.count()) == (200, 2)
    assert f'<ul class="errorlist" id="kept-error"><li>{mistake}</li></ul>' in refused.content.decode()
    kept = Tag.objects.get(name_lt="šviestuvai")
    done = desk.post(address, {**chosen, "kept": kept.pk}, follow=True)
    assert "Pasirinktos žymos dabar vadinasi „šviestuvai“." in done.content.decode()
    assert (tags("A"), Tag.objects.count()) == ((["šviestuvai"], []), 1)


def test_one_tag_cannot_be_merged(desk):
    chosen = {"action": "merge", "_selected_action": [known(Tag.objects.first()).pk]}
    done = desk.post(reverse("admin:members_tag_changelist"), chosen, follow=True)
    assert "Pasirinkite bent dvi žymas" in done.content.decode()
    assert Tag.objects.count() == 2
