"""After the log-out, Back shows nothing of what was private: with the browser's back/forward cache on."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(playwright, browser_type_launch_args, browser_context_args, live_server):
    """A page of a browser as people have it: playwright's own keeps no page for Back."""
    browser = playwright.chromium.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    context = browser.new_context(**browser_context_args, base_url=live_server.url)
    # Marks each page with whether Back has taken it out of the cache.
    context.add_init_script("addEventListener('pageshow', event => { window.kept = event.persisted })")
    yield context.new_page()
    browser.close()


def log_in(page, email: str) -> None:
    page.goto("/paskyra/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", factories.PASSWORD)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def test_this_browser_keeps_public_pages_for_back(page):
    page.goto("/apie/")
    page.goto("/kaip-prisijungti/")
    page.go_back(wait_until="commit")  # what comes out of the cache loads nothing
    expect(page).to_have_url(re.compile("/apie/$"))
    assert page.evaluate("window.kept") is True


@pytest.mark.parametrize("path", ["/paskyra/mano-duomenys/", "/apie/", "/nera-tokio/", "/paskyra/email/"])
def test_back_after_the_log_out_shows_nothing_of_the_person(path, page, applicant):
    log_in(page, applicant.email)
    page.goto(path)
    private = page.locator("body", has_text=re.compile(applicant.email)).or_(page.locator("form[action$='/logout/']"))
    expect(private.first).to_be_attached()
    page.locator("form[action$='/logout/'] button").first.evaluate("button => button.click()")
    expect(page.locator("form[action$='/logout/']")).to_have_count(0)
    page.go_back(wait_until="commit")  # what comes out of the cache loads nothing
    expect(page.locator("main")).to_be_visible()
    expect(private).to_have_count(0)
    assert page.evaluate("window.kept") is False
    assert applicant.email not in page.content()


def test_back_after_the_log_out_shows_nothing_of_the_desk(page, coordinator):
    factories.submitted(factories.person(), name="Slapta įmonė")
    log_in(page, coordinator.email)
    expect(page.locator("body")).to_contain_text("Slapta įmonė")
    page.goto("/admin/applications/application/")
    page.locator("#user-tools form button").click()
    expect(page.locator("#user-tools")).to_have_count(0)
    for _page in range(2):
        page.go_back(wait_until="commit")
        expect(page).to_have_url(re.compile("/paskyra/login/"))
        assert "Slapta įmonė" not in page.content()
