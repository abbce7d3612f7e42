"""Areas of activity at the desk: added, renamed, put in order, and removed when nothing uses them."""

import pytest
from django.urls import reverse

from cluster_portal.base.changes import in_words
from cluster_portal.base.known import known
from members.desk import areas
from members.models import Area, AreaEvent, Member
from tests import factories
from tests.processes import after

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/members/area/", "/admin/members/area/add/"
NEW = {"name_lt": "Žaliasis vandenilis", "name_en": "Green hydrogen", "description_lt": "", "description_en": ""}


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def change(area: Area) -> str:
    return reverse("admin:members_area_change", args=[area.pk])


def delete(area: Area) -> str:
    return reverse("admin:members_area_delete", args=[area.pk])


def record(desk, area: Area, **changes) -> dict:
    """The page's form as it is, with changes."""
    form = desk.get(change(area)).context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields} | changes


def test_a_new_area_gets_an_address_comes_last_and_is_a_choice_at_once(desk, coordinator, applicant):
    assert desk.post(ADD, NEW).status_code == 302
    area = known(Area.objects.last())
    assert (area.slug, area.name_en) == ("zaliasis-vandenilis", "Green hydrogen")
    event = AreaEvent.objects.get(pgh_obj=area)
    assert (event.pgh_label, event.pgh_context.metadata["user"]) == ("insert", coordinator.pk)
    assert "Žaliasis vandenilis" in desk.get("/").content.decode()
    assert 'value="zaliasis-vandenilis"' in desk.get("/en/members/").content.decode()
    draft = factories.application(applicant)
    desk.force_login(applicant)
    page = desk.get(reverse("applications:section", args=[draft.pk, "activity"])).content.decode()
    assert f'value="{area.pk}"' in page


def test_an_area_has_a_name_in_both_languages_that_no_other_has(desk):
    used = known(Area.objects.first())
    for typed, refusal in (
        ({"name_en": ""}, "Įrašykite anglišką pavadinimą."),
        ({"name_lt": " "}, "Įrašykite lietuvišką pavadinimą."),
        ({"name_lt": used.name_lt.upper()}, "Taip jau vadinasi kita sritis."),
        ({"name_en": used.name_en.lower()}, "Taip jau vadinasi kita sritis."),
    ):
        assert refusal in desk.post(ADD, NEW | typed).content.decode(), typed
    assert not Area.objects.filter(slug="zaliasis-vandenilis").exists()


def test_an_area_keeps_its_address_when_it_is_renamed_and_another_gets_another(desk):
    desk.post(ADD, NEW)
    area = known(Area.objects.last())
    renamed = record(desk, area, name_lt="Vandenilis", name_en="Hydrogen")
    assert desk.post(change(area), renamed).status_code == 302
    area.refresh_from_db()
    assert (area.name_lt, area.slug) == ("Vandenilis", "zaliasis-vandenilis")
    assert list(area.events.order_by("pgh_id").values_list("pgh_label", "name_en")) == [
        ("insert", "Green hydrogen"), ("update", "Hydrogen"),
    ]  # fmt: skip
    desk.post(ADD, NEW)
    assert known(Area.objects.last()).slug == "zaliasis-vandenilis-2"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_one_name_at_once_the_second_is_told(coordinator, client):
    client.force_login(coordinator)
    first = Area(slug="kita", name_lt=NEW["name_lt"], name_en="Other", position=9)
    answer = after(first.save, lambda: client.post(ADD, NEW))
    assert "Taip jau vadinasi kita sritis." in answer.content.decode()


def test_the_order_is_changed_on_the_list(desk):
    before = list(Area.objects.all())
    rows = {
        "_save": "", "form-TOTAL_FORMS": len(before), "form-INITIAL_FORMS": len(before),
        **{f"form-{row}-id": area.pk for row, area in enumerate(before)},
        **{f"form-{row}-position": len(before) - row for row in range(len(before))},
    }  # fmt: skip
    assert f'aria-label="Eilės vieta: {before[0]}"' in desk.get(LIST).content.decode()
    refused = desk.post(LIST, rows | {"form-0-position": "x"}).content.decode()
    assert "Įrašykite eilės vietą skaitmenimis." in refused
    desk.post(LIST, rows)
    assert list(Area.objects.all()) == before[::-1]
    page = desk.get("/").content.decode()
    assert page.index(before[-1].name_lt) < page.index(before[0].name_lt)


def test_an_area_in_use_is_not_removed_and_the_page_says_by_what(desk, applicant):
    area = known(Area.objects.first())
    factories.member("Alfa").areas.add(area)
    factories.application(applicant).areas.add(area)
    for answer in (desk.get(delete(area)), desk.post(delete(area), follow=True)):
        assert "Ši sritis naudojama (prašymai – 1; nariai – 1)." in answer.content.decode()
    assert desk.post(LIST, {"action": "delete_selected", "_selected_action": [area.pk]}).status_code == 200
    assert Area.objects.filter(pk=area.pk).exists()
    Member.objects.get().areas.clear()
    assert "Ši sritis naudojama (prašymai – 1)." in desk.get(delete(area)).content.decode()


def test_an_area_that_nothing_uses_is_removed_and_its_history_stays(desk, coordinator):
    area, other = Area.objects.all()[:2]
    assert "Šios srities niekas nenaudoja." in desk.get(delete(area)).content.decode()
    done = desk.post(delete(area), follow=True)
    assert f"Sritis „{area.name_lt}“ pašalinta." in done.content.decode()
    assert not Area.objects.filter(slug=area.slug).exists()
    event = AreaEvent.objects.get(id=area.pk, pgh_label="delete")
    assert (event.name_lt, event.pgh_context.metadata["user"]) == (area.name_lt, coordinator.pk)
    assert f'value="{area.slug}"' not in desk.get("/nariai/").content.decode()
    of_a_member = Member._meta.get_field("areas")
    assert (
        in_words(of_a_member, [area.pk, other.pk]) == f"(pašalinta); {other.name_lt}"
    )  # in the history of its members


@pytest.mark.django_db(transaction=True)
def test_an_area_that_is_being_chosen_in_this_moment_is_not_removed():
    area, member = known(Area.objects.first()), factories.member("Alfa")

    def remove() -> str:
        try:
            areas.remove(area)
        except areas.AreaInUse:
            return "refused"
        return "removed"

    assert after(lambda: member.areas.add(area), remove) == "refused"
    assert list(member.areas.all()) == [area]


def test_areas_are_the_coordinators(client, applicant):
    client.force_login(applicant)
    area = known(Area.objects.first())
    assert [client.get(path).status_code for path in (LIST, ADD, change(area), delete(area))] == [403] * 4
