"""The applicant's pages as a new user meets them: axe, a phone, the keyboard, no scripts, both languages, faults."""

import re

import pytest
from playwright.sync_api import expect

from applications.workflow import joining
from cluster_portal.base.known import known
from tests import factories
from tests.journeys.axe import faults

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LONG = "Nepaprastailgaspavadinimasbetarpų" * 3


@pytest.fixture
def opened(browser, live_server, browser_context_args):
    """Opens pages of one logged-in person; the contexts close with the test."""
    contexts = []

    def open_page(person, **options):
        context = browser.new_context(
            **{**browser_context_args, "base_url": live_server.url, "bypass_csp": True, **options}
        )
        contexts.append(context)
        page = context.new_page()
        log_in(page, person, "/paskyra/login/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def log_in(page, person, path=""):
    if path:
        page.goto(path)
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", factories.PASSWORD)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


@pytest.mark.parametrize("language", ["lt", "en"])
def test_every_page_is_accessible_and_fits_a_phone(opened, applicant, coordinator, language):
    lt = language == "lt"
    prefix = "/prasymai" if lt else "/en/applications"
    page = opened(applicant, viewport={"width": 320, "height": 700})
    found = []

    def look(name: str, path: str = "") -> None:
        if path:
            page.goto(path)
        found.extend(faults(page, name))

    def save() -> None:
        page.locator("main form[method=post] button.btn-primary").click()
        page.wait_for_load_state()

    look("empty list", f"{prefix}/")
    new = f"{prefix}/naujas/" if lt else f"{prefix}/new/"
    look("new", new)
    page.fill("[name=name]", LONG)
    page.fill("[name=company_code]", "123456789")
    page.fill("[name=website]", "https://a b")
    page.locator("[name=later]").click()
    page.wait_for_selector(".error-summary")
    expect(page.locator(".error-summary")).to_be_focused()
    look("errors of the first step")
    pk = known(re.search(r"/(\d+)/", page.locator("main form[method=post]").get_attribute("action")))[1]
    look("list with a draft", f"{prefix}/")
    for step in ("activity", "contact", "attachments"):
        look(step, f"{prefix}/{pk}/{step}/")
        if step != "attachments":
            save()
            look(f"errors of {step}")
    page.set_input_files("[name=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"<html>"})
    save()
    look("a refused file")
    look("review", f"{prefix}/{pk}/review/")
    page.locator("[name=consent]").check()
    save()
    page.wait_for_selector(".error-summary")
    look("review refused")
    look("status of a draft", f"{prefix}/{pk}/")
    look("giving up", f"{prefix}/{pk}/withdraw/")

    application = factories.submitted(applicant, name=LONG)
    page.goto(f"{prefix}/{application.pk}/")
    look("status: submitted")
    joining.request_information(application, coordinator, "Kiek turite darbuotojų?")
    look("status: asked", f"{prefix}/{application.pk}/")
    page.locator("main form[method=post] button.btn-primary").click()
    page.wait_for_selector(".error-summary")
    look("an empty answer")
    assert found == []


def test_fields_name_their_help_and_their_fault(opened, applicant):
    page = opened(applicant)
    page.goto("/prasymai/naujas/")
    page.locator("main form[method=post] button.btn-primary").click()
    page.wait_for_selector(".error-summary")
    fields = page.locator("main form[method=post] :is(input, select, textarea).is-invalid")
    expect(fields).to_have_count(4)
    for field in fields.all():
        for name in field.get_attribute("aria-describedby").split():
            assert page.locator(f"#{name}").inner_text().strip() != ""
        assert field.get_attribute("aria-invalid") == "true"
    links = page.locator(".error-summary a")
    expect(links).to_have_count(4)
    for link in links.all():
        link.click()
        field = page.locator(link.get_attribute("href"))
        expect(field).to_be_focused()
        assert field.evaluate("field => field.matches('input, select')")


def test_the_form_goes_by_the_keyboard_alone(opened, applicant):
    page = opened(applicant)
    page.goto("/prasymai/naujas/")
    page.focus("[name=name]")
    page.keyboard.type("Alfa")
    page.keyboard.press("Tab")
    page.keyboard.type("UAB Alfa")
    for _field in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type(factories.company_code(4242))
    for _field in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("Kau")  # no blank: typed a second after the last letter, it would open the list
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/activity/$"))
    assert page.locator("h1").inner_text() == "Veikla"
    assert page.locator("[aria-current=step]").inner_text().startswith("Veikla")


def test_all_of_it_works_without_scripts_and_across_a_lost_session(opened, applicant, live_server):
    page = opened(applicant, java_script_enabled=False)
    page.goto("/prasymai/naujas/")
    page.fill("[name=name]", "Alfa")
    page.fill("[name=legal_name]", "UAB „Alfa“")
    page.fill("[name=company_code]", factories.company_code(4243))
    page.select_option("[name=municipality]", "LT-25")
    page.context.clear_cookies(name="sessionid")
    save = page.get_by_role("button", name="Išsaugoti ir tęsti")
    save.click()
    expect(page.locator("main")).to_contain_text("tai, ką įrašėte, bus formoje")
    log_in(page, applicant)
    expect(page.locator("[name=name]")).to_have_value("Alfa")
    expect(page.locator("[name=municipality]")).to_have_value("LT-25")
    save.click()
    page.wait_for_url(re.compile(r"/activity/$"))

    # A log-in in another window renews the form's token; what is typed here comes back all the same.
    page.locator("[name=areas]").first.check()
    page.fill("[name=summary_lt]", "Gaminame.")
    page.context.clear_cookies(name="sessionid")
    other = page.context.new_page()
    log_in(other, applicant, "/paskyra/login/")
    other.close()
    save.click()
    page.wait_for_load_state()
    expect(page.locator("[name=summary_lt]")).to_have_value("Gaminame.")
    expect(page.locator("[name=areas]").first).to_be_checked()
    save.click()
    page.wait_for_url(re.compile(r"/contact/$"))


def test_the_status_page_prints_without_what_paper_cannot_do(opened, applicant):
    application = factories.submitted(applicant)
    page = opened(applicant)
    page.goto(f"/prasymai/{application.pk}/")
    page.emulate_media(media="print")
    assert not page.locator(".site-tools").is_visible()
    assert not page.get_by_role("link", name="Atsiimti prašymą").is_visible()
    assert page.locator(".facts").is_visible()
    assert page.locator(".status").first.is_visible()


def test_a_text_that_is_too_long_stays_whole_and_is_counted(opened, applicant):
    draft = factories.application(applicant)
    page = opened(applicant)
    page.goto(f"/prasymai/{draft.pk}/activity/")
    field = page.locator("[name=description_lt]")
    field.fill("ž" * 5003)
    expect(field.locator("+ .counter")).to_have_text("5003 / 5000")
    page.locator("main form[method=post] button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("Tekstas 3 ženklais per ilgas: telpa ne daugiau kaip 5000.")
    expect(field).to_have_value("ž" * 5003)
