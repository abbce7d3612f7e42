"""A bare portal in a real browser: what a stranger finds, and the superuser who opens it."""

import pytest
from playwright.sync_api import expect

from cluster_portal.identity.models import Identity
from tests.identity.test_set_up import TYPED
from tests.journeys.axe import faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_the_page_of_a_bare_portal_is_accessible_and_fits_a_phone(bare, browser, live_server):
    context = browser.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}, bypass_csp=True)
    page = context.new_page()
    assert faults_of(page, ["/", "/en/", "/paskyra/login/"], statuses=(200, 503)) == []
    page.goto("/en/members/")
    expect(page.get_by_role("heading", name="The portal is being set up")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_superuser_opens_the_portal_after_a_mistake(width, bare, superuser, browser, live_server):
    context = browser.new_context(
        base_url=live_server.url, locale="lt-LT", viewport={"width": width, "height": 800}, bypass_csp=True
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Koordinatoriaus darbastalis").click()
    page.fill("[name=login]", superuser.email)
    page.fill("[name=password]", "klasteris-2020")
    page.locator("main form[method=post] button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Parengti portalą")).to_be_visible()
    address = page.url
    assert faults_of(page, [address]) == []

    for name, value in {**TYPED, "coordinator": "Uosis"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Atverti portalą").click()
    expect(page.get_by_text("Portalas dar neatvertas")).to_be_visible()
    expect(page.get_by_text("Tokio steigėjo")).to_be_visible()
    for name, value in {**TYPED, "coordinator": "Uosis"}.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")

    page.locator("[name=coordinator]").fill(TYPED["coordinator"])
    page.get_by_role("button", name="Atverti portalą").click()
    expect(page.get_by_text("Portalas atvertas.")).to_be_visible()
    expect(page.locator("[name=name_lt]")).to_have_value(TYPED["name_lt"])
    page.get_by_role("link", name="Į portalą").click()
    expect(page.locator("h1")).to_have_text(TYPED["name_lt"])
    assert Identity.objects.get().primary_colour == TYPED["primary_colour"]
    context.close()
