"""The strict policy in a real browser: on no page does it stop anything, and no page's script fails."""

import pytest
from django.core.management import call_command

from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, User
from tests import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PUBLIC = [
    "/", "/nariai/", "/nariai/aedilis/", "/naujienos/", "/apie/", "/atviri-duomenys/", "/asmens-duomenys/", "/itraukti/", "/itraukti/siena/", "/kaip-prisijungti/", "/paskyra/login/",
    "/paskyra/signup/", "/paskyra/login/code/", "/paskyra/password/reset/", "/demo/mail/",
]  # fmt: skip
ADMIN = ["/admin/", "/admin/members/member/", "/admin/members/user/",
         "/admin/news/post/", "/admin/news/post/add/", "/admin/applications/application/",
         "/admin/applications/decisionrule/add/", "/admin/mail/outgoingmail/", "/admin/password_change/"]  # fmt: skip


def faults(context, paths: list[str]) -> list[tuple[str, str]]:
    """What the browser complains of on each page: (path, message)."""
    page, found = context.new_page(), []
    page.on("console", lambda message: found.extend([(page.url, message.text)] if message.type == "error" else []))
    page.on("pageerror", lambda error: found.append((page.url, str(error))))
    for path in paths:
        page.goto(path)
    return found


@pytest.fixture
def context(browser, browser_context_args, live_server):
    with browser.new_context(**{**browser_context_args, "base_url": live_server.url}) as opened:
        yield opened


def log_in(context, live_server, client, user: User) -> None:
    """The browser continues the session of this person."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_public_pages_keep_to_the_policy(context, live_server):
    call_command("seed_cluster", verbosity=0)
    english = ["/en/", "/en/members/", "/en/members/aedilis/", "/en/news/", "/en/account/login/", "/en/account/signup/"]
    assert faults(context, [*PUBLIC, *english]) == []


def test_an_applicants_pages_keep_to_the_policy(context, live_server, client):
    applicant = factories.person()
    draft = factories.application(applicant)
    log_in(context, live_server, client, applicant)
    pages = ["", "review/", "attachments/", "withdraw/", "organisation/", "activity/", "contact/"]
    accounts = ["/paskyra/email/", "/paskyra/password/change/", "/paskyra/2fa/", "/paskyra/logout/"]
    assert faults(context, ["/prasymai/", *(f"/prasymai/{draft.pk}/{page}" for page in pages), *accounts]) == []


def test_a_voters_pages_keep_to_the_policy(context, live_server, client, founders):
    on_ballot = factories.voting(factories.person(), factories.person(is_staff=True))
    log_in(context, live_server, client, founders[0].voter)
    assert faults(context, ["/balsavimai/", f"/balsavimai/{on_ballot.pk}/", "/en/ballots/"]) == []


@pytest.mark.parametrize("language", ["lt", "en"])
def test_the_coordinators_pages_keep_to_the_policy(language, context, live_server, client, founders):
    boss = factories.person(is_staff=True, is_superuser=True, language=language)
    on_ballot = factories.voting(factories.person(), boss)
    log_in(context, live_server, client, boss)
    single = [
        f"/admin/members/member/{known(Member.objects.first()).pk}/change/",
        f"/admin/applications/application/{on_ballot.pk}/change/",
        f"/admin/applications/application/{on_ballot.pk}/extend_voting/",
        f"/admin/mail/outgoingmail/{known(OutgoingMail.objects.first()).pk}/change/",
    ]
    assert faults(context, [*ADMIN, *single]) == []
