"""The face in a real browser: nothing jumps while a page loads, and the keyboard reaches and shows everything."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from cluster_portal.identity.models import Identity
from news.models import Post
from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const shift of list.getEntries()) sum += shift.value; })
    .observe({ type: "layout-shift", buffered: true });
  scrollTo(0, document.body.scrollHeight);
  setTimeout(() => done(sum), 400);
})"""
WIDER = "document.documentElement.scrollWidth > innerWidth"
# The focused element's own outline, or that of the pseudo-element that spans its card.
OUTLINE = """() => ["", "::after"].some((part) => {
  const style = getComputedStyle(document.activeElement, part);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
})"""


@pytest.fixture
def page_at(browser, browser_context_args, live_server):
    """Opens a page of the given width."""
    contexts = []

    def open_page(width: int):
        viewport = {"width": width, "height": 800}
        contexts.append(
            browser.new_context(**{**browser_context_args, "base_url": live_server.url, "viewport": viewport})
        )
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_jumps_while_a_page_loads(width, page_at):
    call_command("seed_cluster", verbosity=0)
    page, shifts = page_at(width), {}
    for path in ("/", "/nariai/", "/nariai/aedilis/", "/kaip-prisijungti/"):
        page.goto(path)
        shifts[path] = page.evaluate(SHIFT)
    assert {path: shift for path, shift in shifts.items() if shift >= 0.02} == {}


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page_at):
    page = page_at(1440)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/nariai/", "/naujienos/", "/kaip-prisijungti/", "/paskyra/login/"])
def test_every_stop_of_the_keyboard_is_seen(path, page_at):
    call_command("seed_cluster", verbosity=0)
    page, unseen, stops = page_at(1440), [], 0
    page.goto(path)
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body") or stops > 80:
            break
        stops += 1
        if not page.evaluate(OUTLINE):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert unseen == []
    assert stops > 12


def test_the_menu_of_a_phone_opens_and_closes_by_the_keyboard(page_at):
    page = page_at(360)
    page.goto("/")
    menu = page.locator(".site-menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Kaip tapti nariu")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu.get_by_text("Kaip tapti nariu")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


@pytest.mark.parametrize("width", [320, 1024])
def test_a_long_word_widens_no_public_page(width, page_at):
    member = factories.member("Alfa", summary_lt="s" * 150, description_lt="d" * 150, offers=["o" * 60])
    Post.objects.create(
        slug="a", title_lt="t" * 100, summary_lt="u" * 150, body_lt="v" * 150, member=member,
        status=Post.Status.PUBLISHED, published_at=timezone.now(),
    )  # fmt: skip
    page = page_at(width)
    wider = []
    for path in ("/", "/nariai/", f"/nariai/{member.slug}/", "/naujienos/", "/naujienos/a/", "/paieska/?q=alfa"):
        page.goto(path)
        if page.evaluate(WIDER):
            wider.append(path)
    assert wider == []


def test_a_long_word_widens_no_list_of_ballots(person, applicant, coordinator, founders):
    application = factories.in_status("voting", applicant, coordinator, founders)
    application.summary_lt = "s" * 200
    application.save()
    page = person(founders[0].voter.email, 360)
    page.goto("/balsavimai/")
    assert page.locator(".ballot-card").count() == 1
    assert not page.evaluate(WIDER)


@pytest.mark.parametrize("width", [992, 1100, 1440])
def test_a_long_name_of_an_account_leaves_the_head_its_room(width, person):
    user = factories.person(first_name="Aleksandra Konstancija", last_name="Vaitkevičiūtė-Paulauskienė")
    user.set_password("klasteris-2020")
    user.save()
    for path in ("/", "/en/"):
        page = person(user.email, width)
        page.goto(path)
        assert not page.evaluate(WIDER)
        assert page.locator(".site-head .brand").bounding_box()["height"] <= 56


@pytest.mark.parametrize("width", [320, 992, 1280])
def test_a_long_name_of_the_cluster_takes_three_lines_of_the_head(width, page_at):
    name = f"Nebeprisikiškiakopūsteliaujantiesiems skirtas {'labai ilgo pavadinimo ' * 2}klasteris"
    Identity.objects.update(name_lt=name)
    page = page_at(width)
    page.goto("/")
    assert not page.evaluate(WIDER)
    assert page.locator(".site-head .brand").bounding_box()["height"] <= 56


@pytest.mark.parametrize("width", [320, 360])
def test_no_choice_of_a_ballot_breaks_its_word(width, person, applicant, coordinator, founders):
    application = factories.in_status("voting", applicant, coordinator, founders)
    page = person(founders[0].voter.email, width)
    for path in ("/balsavimai/", "/en/ballots/"):
        page.goto(f"{path}{application.pk}/")
        words = page.locator(".choice-option label span")
        assert words.evaluate_all("all => all.map((word) => word.getClientRects().length)") == [1, 1, 1]
        heights = page.locator(".choice-option label").evaluate_all("all => all.map((one) => one.offsetHeight)")
        assert len(set(heights)) == 1
        assert not page.evaluate(WIDER)
