"""Who is a founder and who coordinates, changed at the desk: what it says, what it does to votes, what it leaves behind."""

import re
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from applications.exceptions import NotEntitled
from applications.models import Status
from applications.workflow import voting
from members.desk.founders import PART_CHANGES, PartRefused, change_part
from members.models import Member, Representative
from members.permissions import founder_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, coordinator) -> Client:
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def step(member: Member, name: str) -> str:
    return reverse("admin:members_member_part", args=[member.pk, name])


def record(member: Member) -> str:
    return reverse("admin:members_member_change", args=[member.pk])


def history(desk: Client, member: Member) -> str:
    return desk.get(record(member)).content.decode().split('id="history"')[1]


def test_a_new_founder_votes_on_what_is_put_to_the_vote_later(desk, coordinator, founders):
    member = factories.member("Naujoji")
    opened = factories.voting(factories.person(), coordinator)
    address = step(member, "found")
    assert address in desk.get(record(member)).content.decode()
    question = desk.get(address).content.decode()
    assert "pateiktas balsuoti nuo šiol" in question
    assert "Jau vykstantys balsavimai nesikeičia" in question
    assert Member.objects.get(pk=member.pk).is_founder is False  # a look changes nothing

    assert "Narys tapo steigėju." in desk.post(address, follow=True).content.decode()
    voter = factories.person()
    Representative.objects.create(member=member, user=voter, role=Representative.Role.VOTER)
    with pytest.raises(NotEntitled):
        voting.cast_vote(opened, voter, "for")
    assert opened.ballot.tally().founders == 5
    later = factories.voting(factories.person(), coordinator)
    voting.cast_vote(later, voter, "for")
    assert later.ballot.tally().founders == 6
    assert "steigėjas: ne → taip" in history(desk, member).lower()
    assert "coordinator@example.org" in history(desk, member)
    assert "narys jau yra steigėjas" in desk.post(address, follow=True).content.decode()


def test_who_is_no_founder_any_more_has_no_vote_and_what_it_cast_stays(desk, coordinator, founders):
    leaving = founders[0]
    opened = factories.voting(factories.person(), coordinator)
    voted = factories.voting(factories.person(), coordinator)
    voting.cast_vote(voted, leaving.voter, "for")
    address = step(leaving, "end-founding")
    question = desk.get(address).content.decode()
    assert "skaičiuojamas tarp turinčių balso teisę" in question
    assert "Balsuotojo vaidmens neteks 1 asmuo." in question

    desk.post(address)
    assert founder_of(leaving.voter) is None
    assert not leaving.representatives.exists()
    with pytest.raises(NotEntitled):
        voting.cast_vote(opened, leaving.voter, "for")
    assert (opened.ballot.tally().founders, voted.ballot.tally().for_) == (5, 1)
    assert leaving not in factories.voting(factories.person(), coordinator).ballot.entitled.all()
    for founder in founders[1:4]:
        voting.cast_vote(opened, founder.voter, "for")
    opened.refresh_from_db()
    assert opened.status == Status.APPROVED
    assert "steigėjas: taip → ne" in history(desk, leaving).lower()
    assert "narys nėra steigėjas" in desk.post(address, follow=True).content.decode()


def test_the_coordinator_is_always_a_founder_and_always_one(desk, founders):
    coordinator, other, member = founders[2], founders[0], factories.member()
    for name, who in (("end-founding", coordinator), ("coordinate", coordinator), ("coordinate", member)):
        assert step(who, name) not in desk.get(record(who)).content.decode()
        assert "Dabar to padaryti negalima" in desk.get(step(who, name)).content.decode()
        desk.post(step(who, name))
    assert Member.objects.get(is_coordinator=True) == coordinator
    assert Member.objects.get(pk=coordinator.pk).is_founder is True

    address = step(other, "coordinate")
    question = desk.get(address).content.decode()
    assert "„Pažangios inovacijos“ klasterio nebekoordinuos" in question
    assert "Nei vykstantys, nei būsimi balsavimai nesikeičia" in question
    desk.post(address)
    assert Member.objects.get(is_coordinator=True) == other
    assert list(Member.objects.filter(is_founder=True).order_by("pk")) == founders
    assert "koordinatorius: taip → ne" in history(desk, coordinator).lower()
    assert "koordinatorius: ne → taip" in history(desk, other).lower()
    desk.post(step(coordinator, "end-founding"))
    assert Member.objects.get(pk=coordinator.pk).is_founder is False


def test_the_pages_and_the_open_data_name_founders_and_coordinator_as_they_are_now(desk, founders):
    member, present = factories.member("Naujoji"), founders[2]

    def founders_named() -> tuple[bool, bool, bool]:
        """Whether home, the directory's filter and the API have the member among the founders."""
        home = desk.get("/").content.decode().split('id="founders"')[1].split("</section>")[0]
        chosen = desk.get("/api/v1/members", {"role": "founder"}).json()["results"]
        return (
            "Naujoji" in home,
            "Naujoji" in desk.get("/nariai/", {"role": "founder"}).content.decode(),
            {"Naujoji": True}.items() <= {one["name"]: one["is_founder"] for one in chosen}.items(),
        )

    def coordinating() -> list[bool]:
        """Whether the pages that name the coordinator name the member."""
        named = f'<dt>Koordinatorius</dt><dd><a href="/nariai/{member.slug}/">'
        return [named in desk.get(path).content.decode() for path in ("/apie/", "/asmens-duomenys/")]

    assert (founders_named(), coordinating()) == ((False, False, False), [False, False])
    desk.post(step(member, "found"))
    assert (founders_named(), coordinating()) == ((True, True, True), [False, False])
    desk.post(step(member, "coordinate"))
    assert coordinating() == [True, True]
    assert "Klasterio steigėjas ir koordinatorius" in desk.get(f"/nariai/{member.slug}/").content.decode()
    desk.post(step(present, "coordinate"))
    desk.post(step(member, "end-founding"))
    assert (founders_named(), coordinating()) == ((False, False, False), [False, False])


@pytest.mark.parametrize("language", ["lt", "en"])
def test_each_step_is_told_before_it_is_taken_and_one_that_cannot_be_has_no_button(
    language, desk, coordinator, founders
):
    coordinator.language = language
    coordinator.save()
    member, present = factories.member("Naujoji"), founders[2]
    headings = {
        "lt": ("Kas įvyks", "Dabar to padaryti negalima"),
        "en": ("What will happen", "This cannot be done now"),
    }
    for who, name, may in (
        (member, "found", True), (founders[0], "end-founding", True), (founders[0], "coordinate", True),
        (founders[0], "found", False), (member, "end-founding", False), (present, "end-founding", False),
        (member, "coordinate", False), (present, "coordinate", False),
    ):  # fmt: skip
        page = desk.get(step(who, name)).content.decode()
        main = page.split('id="content"')[1]
        assert headings[language][not may] in main
        assert headings[language][may] not in main
        assert main.count('class="button default"') == may
        assert f'<a href="{record(who)}">' in main  # the way back
        assert who.name in main
        with translation.override("en"):
            title = str(PART_CHANGES[name].title)
        assert (f"<h1>{title}</h1>" in page) == (language == "en")


@pytest.mark.parametrize("status", ["suspended", "former"])
def test_only_an_active_member_becomes_a_founder(desk, status):
    member = factories.member(status=status)
    assert "Steigėju gali tapti tik aktyvus narys." in desk.post(step(member, "found"), follow=True).content.decode()
    assert Member.objects.get(pk=member.pk).is_founder is False


def test_there_is_no_other_change_and_it_is_the_desks(desk, client, founders):
    assert desk.get(step(founders[0], "crown")).status_code == 404
    client.force_login(founders[2].voter, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(step(founders[0], "coordinate")).status_code == 403
    assert Member.objects.get(is_coordinator=True) == founders[2]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_appoint_at_once_one_comes_after_the_other(founders):
    together, refused = Barrier(2), []

    def appoint(member: Member) -> None:
        together.wait()
        try:
            change_part(member, PART_CHANGES["coordinate"])
        except PartRefused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=appoint, args=[member]) for member in founders[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert Member.objects.get(is_coordinator=True) in founders[:2]


def test_the_steps_name_the_member_in_lithuanian(desk, founders):
    """A sentence of the list stands alone: „jis“ would have no noun before it."""
    member = factories.member("Naujoji")
    for one, name in ((member, "found"), (founders[0], "end-founding"), (founders[0], "coordinate")):
        page = desk.get(step(one, name)).content.decode()
        assert not re.search(r"\b[Jj](?:is|o|ame)\b", page.split("<h2>Kas įvyks</h2>")[1].split("</ul>")[0]), name
    page = desk.get(step(member, "found")).content.decode()
    assert "narys turės vieną balsą ir bus skaičiuojamas nustatant kvorumą." in page
