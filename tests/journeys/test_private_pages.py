"""After the log-out, Back shows nothing of what was private: with the browser's back/forward cache on."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

# Each page notes, as long as it is shown, whether Back has taken it out of the cache.
NOTES = """
addEventListener("pageshow", event => { window.kept = event.persisted })
addEventListener("pagehide", () => { window.kept = undefined })
"""
KEPT = """() => new Promise(resolve => {
  if (window.kept === undefined) addEventListener("pageshow", event => resolve(event.persisted))
  else resolve(window.kept)
})"""


@pytest.fixture
def page(playwright, browser_type_launch_args, browser_context_args, live_server):
    """A page of a browser as people have it: playwright's own keeps no page for Back."""
    browser = playwright.chromium.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    context = browser.new_context(**browser_context_args, base_url=live_server.url)
    context.add_init_script(NOTES)
    yield context.new_page()
    browser.close()


def log_in(page, email: str) -> None:
    page.goto("/paskyra/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", factories.PASSWORD)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def go_back(page) -> bool:
    """Press Back and wait until its page is shown; whether it came out of the cache."""
    page.go_back(wait_until="commit")  # what comes out of the cache loads nothing
    return page.evaluate(KEPT)


def test_this_browser_keeps_public_pages_for_back(page):
    page.goto("/apie/")
    page.goto("/kaip-prisijungti/")
    assert go_back(page)
    expect(page).to_have_url(re.compile("/apie/$"))


@pytest.mark.parametrize("path", ["/paskyra/mano-duomenys/", "/apie/", "/nera-tokio/", "/paskyra/email/"])
def test_back_after_the_log_out_shows_nothing_of_the_person(path, page, applicant):
    log_in(page, applicant.email)
    page.goto(path)
    private = page.locator("body", has_text=re.compile(applicant.email)).or_(page.locator("form[action$='/logout/']"))
    expect(private.first).to_be_attached()
    page.locator("form[action$='/logout/'] button").first.evaluate("button => button.click()")
    expect(page.locator("form[action$='/logout/']")).to_have_count(0)
    assert not go_back(page)
    expect(page.locator("main")).to_be_visible()
    expect(private).to_have_count(0)
    assert applicant.email not in page.content()


def test_back_after_the_log_out_shows_nothing_of_the_desk(page, coordinator):
    factories.submitted(factories.person(), name="Slapta įmonė")
    log_in(page, coordinator.email)
    expect(page.locator("body")).to_contain_text("Slapta įmonė")
    page.goto("/admin/applications/application/")
    page.locator("#user-tools form button").click()
    expect(page.locator("#user-tools")).to_have_count(0)
    for _page in range(2):
        assert not go_back(page)
        expect(page).to_have_url(re.compile("/paskyra/login/"))
        assert "Slapta įmonė" not in page.content()
