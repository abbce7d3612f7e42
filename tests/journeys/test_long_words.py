"""Names and addresses without a blank on the narrowest screen: nothing has to be scrolled sideways."""

from pathlib import Path

import pytest
from django.core.management import call_command

from applications.workflow import joining
from members.models import Member, Representative
from news.announcement import announce
from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

CASE = Path(__file__).parents[1] / "cases" / "import-long-words-overflow-card.csv"
WORD = "Nebeprisikiškiakopūsteliaujantiesiems"
ADDRESS = "info@labai-ilgas-imones-pavadinimas-kuris-netelpa-i-ekrana.lt"
# What sticks out to the right of the page, but for what scrolls in a box of its own
STICKS_OUT = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const boxed = (e) => e && e !== document.body && (getComputedStyle(e).overflowX !== "visible" || boxed(e.parentElement));
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().right > innerWidth + 1)
    .filter((e) => !boxed(e.parentElement))
    .map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`).slice(-4);
}"""


@pytest.fixture
def members():
    """The members of the case; each has what the others have, and news of its admission."""
    call_command("import_members", CASE, verbosity=0)
    first = Member.objects.get(name=WORD)
    Member.objects.update(
        offers=first.offers, seeks=first.offers, website=first.website, email=first.email, summary_lt=WORD * 3,
        description_lt=WORD * 4, address=WORD * 2, legal_name=f"UAB „{WORD}“", municipality="LT-25", status="active",
    )  # fmt: skip
    for member in Member.objects.all():
        announce(member)
    return list(Member.objects.all())


def sticking_out(page, paths) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        assert page.goto(path).status == 200, path
        wide = page.evaluate(STICKS_OUT)
        if "view=matches" in path:  # its rows stand one below the other, with no box to scroll in
            wide += page.evaluate(
                "[...document.querySelectorAll('main td a')].map((e) => e.getBoundingClientRect().right)"
                ".filter((right) => right > innerWidth)"
            )
        if wide:
            found[path] = wide
    return found


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_public_pages(person, members, prefix):
    directory = "/nariai/" if not prefix else "/en/members/"
    news = "/naujienos/" if not prefix else "/en/news/"
    word = members[0].offers[0]
    paths = [
        f"{prefix}/", directory, f"{directory}?view=map", f"{directory}?view=matches", f"{directory}?q={WORD}{WORD}",
        f"{directory}?offers={word}&seeks={word}", news, f"{prefix}/paieska/?q={WORD}" if not prefix else f"/en/search/?q={WORD}",
        "/itraukti/siena/",
        *(f"{directory}{member.slug}/" for member in members),
        *(f"{news}{member.posts.get().slug}/" for member in members),
    ]  # fmt: skip
    assert sticking_out(person(width=320), paths) == {}


def test_pages_of_the_applicant_the_founders_and_the_desk(person, members, applicant, coordinator, founders):
    long = {
        "name": WORD * 3, "legal_name": WORD * 5, "website": members[0].website, "contact_name": WORD * 3,
        "contact_email": ADDRESS, "motivation": WORD * 4, "summary_lt": WORD * 4, "description_lt": WORD * 8,
        "address": WORD * 5, "offers": members[0].offers, "seeks": members[0].offers,
    }  # fmt: skip
    application = factories.application(applicant, **long)
    application.attachments.create(name=f"{WORD * 3}.pdf", content_type="application/pdf", size=1, file="a.pdf")
    address = f"/prasymai/{application.pk}/"
    steps = ["organisation", "activity", "contact", "attachments", "review"]
    page = person(applicant.email, width=320)
    assert sticking_out(page, ["/prasymai/", *(f"{address}{step}/" for step in steps)]) == {}
    joining.submit(application, applicant)
    joining.request_information(application, coordinator, WORD * 5)
    assert sticking_out(page, ["/prasymai/", address]) == {}
    joining.resubmit(application, applicant, WORD * 5)
    Representative.objects.create(member=members[0], user=coordinator, role="owner")
    desk = person(coordinator.email, width=320)
    ballot = factories.voting(applicant, coordinator, **long | {"name": WORD * 2})
    paths = [
        "/admin/", "/admin/applications/application/", "/admin/members/member/", "/admin/members/tag/",
        f"/admin/applications/application/{application.pk}/change/", f"/admin/members/member/{members[0].pk}/change/",
        f"/mano-organizacija/{members[0].slug}/",
    ]  # fmt: skip
    assert sticking_out(desk, paths) == {}
    voter = person(founders[0].voter.email, width=320)
    assert sticking_out(voter, ["/balsavimai/", f"/balsavimai/{ballot.pk}/"]) == {}
