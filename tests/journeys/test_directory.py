"""The directory in a browser: quick filters, a true back button, the map by keyboard, all of it without scripts too."""

import re

import pytest
from playwright.sync_api import expect

from cluster_portal.base.known import known
from members.models import Area
from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def members(transactional_db):
    area = known(Area.objects.first())
    for number in range(4):
        factories.member(f"Alfa {number}", offers=["LED"], municipality_id="LT-25").areas.add(area)
    factories.member("Beta", kind="institution", seeks=["LED"], municipality_id="LT-15")


def test_filters_answer_at_once_and_the_back_button_is_true(page, live_server, members):
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/nariai/")
    count = page.locator(".results-head p")
    expect(count).to_have_text("5 nariai")
    page.evaluate("window.stayed = true; window.announced = document.querySelector('[role=status]')")
    box = page.get_by_label("Mokslo ir studijų institucija")
    box.check()
    expect(count).to_have_text("1 narys")
    # Told to a screen reader, which hears only of changes in a region that stays.
    page.wait_for_function("window.announced.isConnected && window.announced.textContent === '1 narys'")
    expect(page.get_by_label("Mokslo ir studijų institucija")).to_be_focused()
    expect(page.locator("#filters label", has_text="LED").first).to_contain_text("1")
    expect(page).to_have_url(re.compile("kind=institution"))
    assert page.evaluate("window.stayed") is True
    english = page.get_by_role("link", name="English").first
    expect(english).to_have_attribute("href", re.compile("kind=institution"))
    english.click()
    expect(page).to_have_url(re.compile(r"/en/members/\?(.*&)?kind=institution"))
    page.go_back()
    expect(count).to_have_text("1 narys")
    page.go_back()
    expect(count).to_have_text("5 nariai")
    expect(page.get_by_label("Mokslo ir studijų institucija")).not_to_be_checked()
    assert faults == []


def test_filters_by_keyboard_keep_their_place_and_the_focus(page, live_server, transactional_db):
    """Twelve offers of different weight, so that some stand behind "more choices"."""
    for number in range(12):
        factories.member(offers=[f"žyma {each:02}" for each in range(number, 12)])
    page.goto(f"{live_server.url}/nariai/")
    offers = page.locator("#filters fieldset", has=page.locator("legend", has_text="Siūlo"))
    labels = offers.locator("label")
    order = labels.evaluate_all("labels => labels.map(label => label.htmlFor)")
    assert len(order) == 12
    offers.locator("summary").focus()
    page.keyboard.press("Enter")
    for value in ("žyma 01", "žyma 02"):
        box = page.locator(f"input[name=offers][value='{value}']")
        box.focus()
        page.keyboard.press("Space")
        expect(page).to_have_url(re.compile(f"offers=%C5%BEyma(%20|\\+){value[-2:]}"))
        expect(box).to_be_checked()
        expect(box).to_be_focused()
        expect(box).to_be_visible()
        assert labels.evaluate_all("labels => labels.map(label => label.htmlFor)") == order
    for _value in range(2):  # unticked again, the last one leaves them unfolded as well
        focused = page.locator("input[name=offers]:checked").last
        focused.focus()
        held = focused.get_attribute("value")
        page.keyboard.press("Space")
        box = page.locator(f"input[name=offers][value='{held}']")
        expect(box).not_to_be_checked()
        expect(box).to_be_focused()
        expect(box).to_be_visible()


def test_typing_finds(page, live_server, members):
    page.goto(f"{live_server.url}/nariai/")
    page.locator("#q").press_sequentially("alfa 2", delay=30)
    expect(page.locator(".results-head p")).to_have_text("1 narys")
    expect(page.locator("#q")).to_have_value("alfa 2")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("mark").first).to_have_text("Alfa")


def test_the_map_by_keyboard(page, live_server, members):
    page.goto(f"{live_server.url}/nariai/?view=map")
    page.get_by_role("link", name="Marijampolė: 4 nariai").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".results-head p")).to_have_text("4 nariai")
    expect(page).to_have_url(re.compile("municipality=LT-25"))


def test_without_scripts(browser, live_server, members):
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto("/nariai/")
    page.locator(".filter-panel summary").click()
    page.get_by_label("LED").first.check()
    page.get_by_role("button", name="Rodyti narius").click()
    expect(page.locator(".results-head p")).to_have_text("4 nariai")
    # On a phone the members stand before the filters again, which are told above them.
    expect(page.locator(".results-head p")).to_be_in_viewport()
    expect(page.get_by_role("list", name="Pasirinkti filtrai")).to_contain_text("LED")
    context.close()
