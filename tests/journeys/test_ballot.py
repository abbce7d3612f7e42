"""The founders' ballot in a real browser, with the emails that lead to it and the worker that closes it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from applications import tasks
from applications.models import Application, Minutes, Status, Vote
from cluster_portal.base.known import known
from tests import factories
from tests.processes import eventually

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE = (360, 740)


@pytest.fixture
def application(applicant, coordinator, founders, inbox, settings, live_server):
    """An application whose ballot is open; the calls to vote are in the inbox."""
    settings.SITE_URL = live_server.url
    opened = factories.voting(applicant, coordinator, name="Baltijos zona", motivation="Norime kurti drauge. " * 40)
    eventually(lambda: all(inbox.to(founder.voter.email) for founder in founders))
    return opened


def link_to(person, inbox, subject: str = "") -> str:
    """The voting link in the newest mail to this person whose subject has `subject` in it."""
    mail = eventually(lambda: [mail for mail in inbox.to(person.email) if subject in mail["Subject"]])[-1]
    return known(re.search(r"https?://\S+/balsavimai/nuoroda/\S+", mail.get_body(("plain",)).get_content()))[0]


def vote(page, path: str, choice: str) -> None:
    page.goto(path)
    page.locator(f".choice-option.is-{choice}").click()
    page.locator(".btn-vote").click()
    page.wait_for_load_state()


def status(application) -> str:
    return Application.objects.get(pk=application.pk).status


def test_a_director_votes_on_a_phone_by_the_link_in_the_mail(person, application, founders, inbox):
    link = link_to(founders[0].voter, inbox)
    phone = person(width=PHONE[0])
    phone.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    phone.goto(link)
    assert "Baltijos zona" in phone.locator("main").inner_text()
    # One screen, two taps: the choice and the button are in sight without scrolling.
    for target in (".choice-option.is-for", "[name=comment]", ".btn-vote"):
        box = phone.locator(target).bounding_box()
        assert box["y"] + box["height"] <= PHONE[1]
        assert box["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.fill("[name=comment]", "Stiprus dalyvis.")  # without opening anything first
    phone.locator(".choice-option.is-for").click()
    phone.locator(".btn-vote").click()
    expect(phone.locator("main")).to_contain_text("Jūsų balsas įrašytas")
    recorded = Vote.objects.get()
    assert (recorded.founder, recorded.choice, recorded.manner) == (founders[0], "for", Vote.Manner.MAIL_LINK)
    assert recorded.comment == "Stiprus dalyvis."
    # The same link, forwarded to somebody else, opens nothing.
    other = person()
    other.goto(link)
    assert other.locator("[name=choice]").count() == 0
    assert "Baltijos zona" in other.locator("main").inner_text()


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("", ".desk-scroll"),
        ("applications/application/", ".results"),
        ("mail/outgoingmail/", ".results"),
        ("members/member/", ".results"),
    ],
)
def test_the_desks_tables_are_shown_whole_on_a_laptop(path, table, person, application, coordinator):
    desk = person(coordinator.email, 1280)
    desk.goto(f"/admin/{path}")
    assert desk.locator("#content").bounding_box()["width"] == 1280
    assert desk.locator(table).evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_members_history_stands_under_its_form(person, founders, coordinator):
    desk = person(coordinator.email, 1440)
    desk.goto(f"/admin/members/member/{founders[0].pk}/change/")
    form, history = desk.locator("#content-main").bounding_box(), desk.locator("#history").bounding_box()
    assert history["y"] >= form["y"] + form["height"]


def test_a_tie_rejects(person, application, founders, coordinator):
    for founder, choice in zip(founders, ("for", "against", "for", "against", "abstain"), strict=True):
        vote(person(founder.voter.email), f"/balsavimai/{application.pk}/", choice)
    assert status(application) == Status.REJECTED
    desk = person(coordinator.email)
    desk.goto(f"/admin/applications/application/{application.pk}/change/")
    shown = desk.locator("#tally").inner_text()
    assert "atmesta" in shown
    assert Minutes.objects.get().number in shown


def test_a_recusal_changes_the_outcome(person, application, founders):
    # Two of five are no quorum; once one has stepped aside, two of four are.
    for founder in founders[:2]:
        vote(person(founder.voter.email), f"/balsavimai/{application.pk}/", "for")
    page = person(founders[2].voter.email, 360)
    page.goto(f"/balsavimai/{application.pk}/")
    page.locator("#recuse summary").click()
    page.locator("#recuse [name=interest][value=competitor]").check()
    page.fill("#recuse [name=word]", "Gaminame tą patį.")
    page.locator("#recuse button[type=submit]").click()
    page.wait_for_load_state()
    expect(page.locator("[name=choice]")).to_have_count(0)
    factories.past_deadline(application)
    tasks.close_due_ballots.delay()
    eventually(lambda: status(application) == Status.APPROVED)


def test_a_lapse_and_an_extension(person, application, founders, coordinator, inbox):
    for founder in founders[:2]:
        vote(person(founder.voter.email), f"/balsavimai/{application.pk}/", "for")
    factories.past_deadline(application)
    tasks.close_due_ballots.delay()
    eventually(lambda: status(application) == Status.LAPSED)
    desk = person(coordinator.email)
    desk.goto(f"/admin/applications/application/{application.pk}/extend_voting/")
    desk.fill("[name=days]", "5")
    desk.fill("[name=reason]", "Laukiame trečio balso.")
    desk.locator("#content form button.default").click()
    desk.wait_for_url(re.compile(r"/change/$"))
    assert status(application) == Status.VOTING
    link = link_to(founders[2].voter, inbox, "pratęstas")
    page = person(width=360)
    page.goto(link)
    assert "Laukiame trečio balso." in page.locator("main").inner_text()
    vote(page, link, "for")
    assert status(application) == Status.APPROVED
    assert Minutes.objects.filter(edition=1).count() == 2  # one for the lapse, one for the decision


def test_a_vote_on_paper_is_told_and_may_be_objected_to(person, application, founders, coordinator, inbox):
    desk = person(coordinator.email)
    desk.goto(f"/admin/applications/application/{application.pk}/record_vote/")
    desk.select_option("[name=founder]", label=founders[0].name)
    desk.locator("[name=choice][value=against]").check()
    desk.fill("[name=decided_on]", (timezone.localdate() - timedelta(days=1)).isoformat())
    desk.fill("[name=reference]", "Posėdžio protokolas Nr. 3")
    desk.locator("#content form button.default").click()
    expect(desk.locator("#tally")).to_contain_text("Posėdžio protokolas Nr. 3")

    link = link_to(founders[0].voter, inbox, "Įrašytas")
    page = person(width=360)
    page.goto(link)
    page.locator("#object summary").click()
    page.fill("[name=objection]", "Posėdyje nedalyvavome.")
    page.locator("#object button[type=submit]").click()
    eventually(lambda: [mail for mail in inbox.to(coordinator.email) if "nesutinka" in mail["Subject"]])
    # The page on the coordinator's desk asks for the votes by itself, every 15 s.
    desk.locator("#tally", has_text="Posėdyje nedalyvavome.").wait_for(timeout=90_000)
    vote(page, link, "for")
    assert Vote.objects.get().choice == "for"
