"""axe finds nothing on any page, in both languages, light and dark, and none is wider than a phone."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import expect

from applications.models import Application, Status
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, Representative, User
from news.models import Post
from tests import factories
from tests.journeys.axe import faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/", "/nariai/", "/nariai/?q=niekaip", "/nariai/?q=marijanpole&kind=company", "/nariai/?view=map", "/nariai/?view=matches",
    "/paieska/?q=lez", "/nariai/aedilis/", "/naujienos/", "/apie/", "/kaip-prisijungti/",
    "/atviri-duomenys/", "/itraukti/", "/itraukti/siena/", "/asmens-duomenys/",
    "/paskyra/login/", "/paskyra/signup/", "/paskyra/password/reset/", "/nera-tokio/",
]  # fmt: skip
ENGLISH = [
    "/en/", "/en/members/", "/en/members/?q=nothing", "/en/members/?view=map", "/en/members/?view=matches", "/en/search/?q=zone",
    "/en/members/aedilis/", "/en/news/", "/en/about/", "/en/open-data/", "/en/embed/", "/en/embed/wall/?founders=1",
    "/en/personal-data/", "/en/how-to-join/", "/en/account/login/", "/en/account/signup/", "/en/account/password/reset/", "/en/none/",
]  # fmt: skip


@pytest.mark.parametrize("paths", [PAGES, ENGLISH], ids=["lt", "en"])
def test_public_pages_are_accessible_and_fit_a_phone(paths, browser, live_server):
    call_command("seed_cluster", verbosity=0)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}, bypass_csp=True)
    found = faults_of(context.new_page(), paths)
    context.close()
    assert found == []


def rooms() -> dict[str, list[str]]:
    """Whose log-in opens which pages, of the demo's own records, in the current language."""
    by_status = {application.status: application.pk for application in Application.objects.all()}
    admin = [
        "/admin/",
        *(
            reverse(f"admin:{name}")
            for name in (
                "applications_application_changelist", "applications_decisionrule_changelist",
                "applications_decisionrule_add", "members_member_changelist", "members_user_changelist",
                "news_post_changelist", "news_post_add", "mail_outgoingmail_changelist",
            )
        ),
        reverse("admin:identity_identity_change", args=[1]),
        reverse("admin:members_member_changelist") + "?q=niekaip",
        reverse("admin:members_member_change", args=[Member.objects.founders()[0].pk]),
        reverse("admin:members_user_change", args=[User.objects.get(email="member@example.org").pk]),
        reverse("admin:news_post_change", args=[known(Post.objects.first()).pk]),
        reverse("admin:mail_outgoingmail_change", args=[known(OutgoingMail.objects.first()).pk]),
        *(reverse("admin:applications_application_change", args=[pk]) for status, pk in by_status.items() if status != Status.DRAFT),
        *(
            reverse(f"admin:applications_application_{verb}", args=[by_status[status]])
            for verb, status in (
                ("request_information", Status.SUBMITTED), ("open_voting", Status.SUBMITTED),
                ("admit", Status.APPROVED), ("reject", Status.REJECTED),
            )
        ),
    ]  # fmt: skip
    account = [reverse(name) for name in ("account_email", "account_change_password", "mfa_index", "account_logout")]
    return {
        "applicant@example.org": [
            reverse("applications:list"),
            reverse("applications:new"),
            *account,
            reverse("demo-mail"),
        ],
        "member@example.org": [reverse("my-organisation")],
        "aedilis@example.org": [reverse("ballots:list"), reverse("ballots:detail", args=[by_status[Status.VOTING]])],
        "coordinator@example.org": admin,
    }


@pytest.mark.parametrize("language", ["lt", "en"])
def test_pages_behind_a_log_in_are_accessible_and_fit_a_phone(language, browser, live_server, client):
    call_command("seed_demo", stdout=StringIO())
    found = []
    with translation.override(language):
        pages = rooms()
    for email, paths in pages.items():
        user = User.objects.get(email=email)
        User.objects.filter(pk=user.pk).update(language=language)
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 700}, bypass_csp=True)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        found += faults_of(context.new_page(), paths)
        context.close()
    assert found == []


def test_whoever_acts_for_several_members_chooses_on_a_phone_and_a_wide_screen_without_scripts(
    browser, live_server, client
):
    person = factories.person()
    for name in ("Alfa", "Marijampolės laisvosios ekonominės zonos valdymo bendrovė"):
        Representative.objects.create(member=factories.member(name), user=person, role="owner")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    for width in (360, 1280):
        for scripts in (True, False):
            context = browser.new_context(
                base_url=live_server.url,
                viewport={"width": width, "height": 700},
                java_script_enabled=scripts,
                bypass_csp=True,
            )
            context.add_cookies([cookie])
            page = context.new_page()
            if scripts:
                assert faults_of(page, [reverse("my-organisation")]) == []
            page.goto(reverse("my-organisation"))
            page.get_by_role("navigation", name="Atstovaujate šioms organizacijoms:").get_by_text(
                "Marijampolės"
            ).click()
            expect(page.locator("h1")).to_have_text("Marijampolės laisvosios ekonominės zonos valdymo bendrovė")
            context.close()
