"""A member's people edit its page: the coordinator is told, nobody overwrites another, the record remembers."""

import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Area, Member, Representative, RepresentativeEvent, User
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/mano-organizacija/alfa/"


@pytest.fixture
def member(db):
    return factories.member("Alfa", summary_lt="Sena santrauka", website="https://alfa.example.org/")


@pytest.fixture
def people(member):
    """The member's owner and its editor."""
    found = [factories.person("ona@example.org", first_name="Ona"), factories.person("petras@example.org")]
    for user, role in zip(found, ["owner", "editor"], strict=True):
        Representative.objects.create(member=member, user=user, role=role)
    return found


def opened(client, user, page=PAGE) -> dict:
    """What the browser would send back from the page as `user` has it open."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get(page).context["form"]
    return {
        name: ", ".join(value) if name in ("offers", "seeks") else value
        for name in form.fields
        if name != "logo" and (value := form[name].value()) not in (None, "")
    } | {"seen": form["seen"].value()}


def picture(format="PNG") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (1000, 600), "green").save(content, format)
    return SimpleUploadedFile("logo.png", content.getvalue())


def test_the_coordinators_staff_are_told_what_was_changed_each_in_their_language(client, member, people, coordinator):
    factories.person("colleague@example.org", is_staff=True, language="en")
    area = known(Area.objects.first())
    data = opened(client, people[0]) | {"summary_lt": "Nauja santrauka", "areas": [area.pk], "offers": "lazeriai"}
    assert client.post(PAGE, data).url == PAGE
    mails = {mail.to: mail for mail in OutgoingMail.objects.all()}
    assert set(mails) == {"coordinator@example.org", "colleague@example.org"}
    lithuanian, english = mails["coordinator@example.org"], mails["colleague@example.org"]
    assert (lithuanian.subject, english.subject) == (
        "Pakeistas nario puslapis: „Alfa“",
        "The page of “Alfa” was changed",
    )
    for mail, was, now, name in (
        (lithuanian, "buvo:", "dabar:", area.name_lt),
        (english, "was:", "is now:", area.name_en),
    ):
        assert f"> {was} Sena santrauka\n> {now} Nauja santrauka" in mail.text
        assert f"> {was} –\n> {now} {name}" in mail.text
        assert "lazeriai" in mail.html
        assert "Ona" in mail.text
        assert reverse("admin:members_member_change", args=[member.pk]) in mail.text
        assert "alfa.example.org" not in mail.text  # the website was not changed


def test_saving_without_a_change_emails_nobody(client, member, people, coordinator):
    data = opened(client, people[0])
    client.post(PAGE, data)
    client.post(PAGE, data)
    assert OutgoingMail.objects.count() == 0


def test_who_edits_as_staff_is_not_told_of_it(client, member, coordinator):
    Representative.objects.create(member=member, user=coordinator, role="owner")
    client.post(PAGE, opened(client, coordinator) | {"summary_lt": "Kita"})
    assert (Member.objects.get().summary_lt, OutgoingMail.objects.count()) == ("Kita", 0)


def test_of_two_who_edit_at_once_the_second_is_told_and_loses_nothing(client, member, people):
    onas, petrass = opened(client, people[0]), opened(client, people[1])
    client.force_login(people[0], backend="django.contrib.auth.backends.ModelBackend")
    client.post(PAGE, onas | {"summary_lt": "Onos santrauka"})
    client.force_login(people[1], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(PAGE, petrass | {"summary_lt": "Petro santrauka"})
    page = answer.content.decode()
    assert Member.objects.get().summary_lt == "Onos santrauka"
    assert "Kol rašėte, šį puslapį pakeitė Ona" in page
    assert "„Onos santrauka“" in page
    assert "Petro santrauka</textarea>" in page
    again = petrass | {"summary_lt": "Petro santrauka", "seen": answer.context["form"]["seen"].value()}
    assert client.post(PAGE, again).status_code == 302
    assert Member.objects.get().summary_lt == "Petro santrauka"


def test_a_double_click_is_saved_once_without_a_complaint(client, member, people, coordinator):
    data = opened(client, people[0]) | {"summary_lt": "Nauja"}
    assert [client.post(PAGE, data).status_code for _click in range(2)] == [302, 302]
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"summary_lt": 1}', "{}"])
def test_a_page_state_that_is_no_state_does_no_harm(client, member, people, seen):
    answer = client.post(PAGE, opened(client, people[0]) | {"summary_lt": "Nauja", "seen": seen})
    assert answer.status_code == (200 if seen.startswith('{"') else 302)


def test_a_suspension_meanwhile_is_not_undone_by_a_members_edit(client, member, people):
    data = opened(client, people[0]) | {"summary_lt": "Nauja"}
    Member.objects.update(status="suspended")
    assert client.post(PAGE, data).status_code == 302
    assert list(Member.objects.values_list("status", "summary_lt")) == [("suspended", "Nauja")]


def test_a_logo_is_put_replaced_and_removed_with_its_file(
    client, member, people, settings, tmp_path, django_capture_on_commit_callbacks
):
    def files():
        return list((tmp_path / "media" / "logos").glob("*"))

    for change in ({"logo": picture()}, {"logo": picture("JPEG")}):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(PAGE, opened(client, people[0]) | change)
        assert [Image.open(io.BytesIO(file.read_bytes())).size for file in files()] == [(480, 288)]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE, opened(client, people[0]) | {"logo-clear": "on"})
    assert (Member.objects.get().logo.name, files()) == ("", [])


def test_what_was_typed_while_the_session_had_ended_is_in_the_form_after_the_log_in(client, member, people):
    data = opened(client, people[0]) | {"summary_lt": "Nauja santrauka", "person": people[0].pk}
    for person, shown in ((people[1], False), (people[0], True)):
        client.logout()
        assert client.post(PAGE, data).url.startswith("/paskyra/login/")
        client.post("/paskyra/login/", {"login": person.email, "password": factories.PASSWORD, "next": PAGE})
        page = client.get(PAGE)
        assert (page.context["form"]["summary_lt"].value() == "Nauja santrauka") is shown
        assert ("bet dar neišsaugota" in page.content.decode()) is shown
    member.refresh_from_db()
    assert member.summary_lt == "Sena santrauka"
    assert client.post(PAGE, data).status_code == 302
    member.refresh_from_db()
    assert member.summary_lt == "Nauja santrauka"


def test_svg_is_refused_with_a_clear_word_and_the_text_is_kept(client, member, people):
    svg = SimpleUploadedFile("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml")
    page = client.post(PAGE, opened(client, people[0]) | {"logo": svg, "summary_lt": "Nauja"}).content.decode()
    assert "SVG piešinių priimti negalime" in page
    assert "Nauja</textarea>" in page


def test_a_chosen_picture_that_the_browser_drops_is_asked_for_again(client, member, people):
    data = opened(client, people[0]) | {"logo": picture(), "website": "ne adresas"}
    assert "Pasirinkite paveikslėlį dar kartą" in client.post(PAGE, data).content.decode()


def test_the_members_record_shows_who_changed_what_and_when(client, member, people, coordinator):
    client.post(PAGE, opened(client, people[0]) | {"summary_lt": "Nauja santrauka"})
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    history = re.sub(r"\s+", " ", page.split('id="history"')[1])
    assert "(Ona)</small> <ul><li>Santrauka (lietuviškai): Sena santrauka → Nauja santrauka</li></ul>" in history
    assert "Įrašas sukurtas" in history
    answer = client.get(reverse("admin:members_member_history", args=[member.pk]))
    assert answer.url.endswith(f"/{member.pk}/change/#history")


@pytest.mark.django_db(transaction=True)
def test_areas_alone_changed_are_in_the_record_and_told_to_who_edits_next(client, member, people, coordinator):
    first, second = Area.objects.all()[:2]
    member.areas.set([first])
    stale = opened(client, people[1])
    data = opened(client, people[0]) | {"areas": [second.pk]}
    assert client.post(PAGE, data).status_code == 302
    client.force_login(people[1], backend="django.contrib.auth.backends.ModelBackend")
    assert "Ona" in client.post(PAGE, stale | {"offers": "lazeriai"}).content.decode()
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    history = re.sub(r"\s+", " ", page.split('id="history"')[1])
    assert f"(Ona)</small> <ul><li>Veiklos sritys: {first.name_lt} → {second.name_lt}</li></ul>" in history
    assert f"Veiklos sritys: – → {first.name_lt}" in history


def test_every_change_of_rights_is_recorded_by_the_database(member, people):
    role = Representative.objects.get(user=people[1])
    Representative.objects.filter(pk=role.pk).update(role="owner")
    role.delete()
    rows = RepresentativeEvent.objects.filter(user=people[1]).order_by("pgh_id")
    assert list(rows.values_list("pgh_label", "member", "role")) == [
        ("insert", member.pk, "editor"), ("update", member.pk, "owner"), ("delete", member.pk, "owner"),
    ]  # fmt: skip
    User.objects.filter(pk=people[0].pk).update(first_name="Onutė", last_login=timezone.now())
    User.objects.filter(pk=people[0].pk).update(is_staff=True)
    rights = list(people[0].events.order_by("pgh_id").values_list("is_active", "is_staff", "is_superuser"))
    assert rights == [(True, False, False), (True, True, False)]


def test_a_person_keeps_their_own_name_and_language(client, applicant):
    page = reverse("my-details")
    assert page == "/paskyra/mano-duomenys/"
    data = opened(client, applicant, page) | {"first_name": "Asta", "last_name": "Naujė", "language": "en"}
    assert client.post(page, data).url == page
    applicant.refresh_from_db()
    assert (str(applicant), applicant.language) == ("Asta Naujė", "en")
    client.logout()
    client.post("/paskyra/password/reset/", {"email": applicant.email})
    assert OutgoingMail.objects.get().language == "en"


@pytest.mark.parametrize("change", [{"first_name": ""}, {"language": "de"}])
def test_details_that_are_no_details_are_refused(client, applicant, change):
    page = reverse("my-details")
    data = {"first_name": "Asta", "last_name": "Naujė", "language": "en", "is_staff": "on", "email": "x@y.lt"}
    assert client.post(page, data).status_code == 302  # to the log-in
    opened(client, applicant, page)
    assert client.post(page, data | change).status_code == 200
    client.post(page, data)
    applicant.refresh_from_db()
    assert (applicant.is_staff, applicant.email) == (False, "applicant@example.org")


def test_the_page_state_names_its_fields(client, member, people):
    assert set(json.loads(opened(client, people[0])["seen"])) >= {"summary_lt", "areas", "logo", "phone"}


def test_who_acts_for_two_members_edits_each_of_them(client, member, people):
    other = factories.member("Beta", summary_lt="Betos santrauka")
    Representative.objects.create(member=other, user=people[0], role="editor")
    left = factories.member("Buvusi", status="former")
    Representative.objects.create(member=left, user=people[0], role="owner")
    client.force_login(people[0], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/mano-organizacija/").url == PAGE
    page = client.get(PAGE)
    assert [one.slug for one in page.context["organisations"]] == ["alfa", "beta"]
    assert 'href="/mano-organizacija/beta/"' in page.content.decode()
    client.post(
        "/mano-organizacija/beta/", opened(client, people[0], "/mano-organizacija/beta/") | {"summary_lt": "Nauja"}
    )
    assert dict(Member.objects.values_list("slug", "summary_lt")) == {
        "alfa": "Sena santrauka",
        "beta": "Nauja",
        "buvusi": "",
    }
    assert client.get("/mano-organizacija/buvusi/").status_code == 403


def test_who_acts_for_one_member_sees_no_list_of_them(client, member, people):
    client.force_login(people[0], backend="django.contrib.auth.backends.ModelBackend")
    assert 'id="organisations"' not in client.get(PAGE).content.decode()
    client.force_login(people[1], backend="django.contrib.auth.backends.ModelBackend")
    factories.member("Beta")
    assert client.get("/mano-organizacija/beta/").status_code == 403
    assert client.post("/mano-organizacija/beta/", {"summary_lt": "Svetima"}).status_code == 403
