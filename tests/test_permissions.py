"""Every address of the project as each role, against an explicit table. An address that is not in the table fails."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from applications.ballot.links import VoteLink
from applications.models import Application, Attachment
from cluster_portal.base.known import known
from cluster_portal.identity.colours import VERSION
from cluster_portal.mail.models import LEAVE_SALT, OutgoingMail
from members.models import Member, Representative, User
from news.emails import SALT
from news.models import Post
from tests import factories

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "applicant", "other", "member", "voter", "coordinator", "superuser")


def table_row(default: int, **exceptions: int) -> dict[str, int]:
    """What a GET answers to each role: `default`, but for the roles named."""
    return {**dict.fromkeys(ROLES, default), **exceptions}


ALL = table_row(200)
SIGNED_IN = table_row(200, anonymous=302)
OWN = table_row(404, anonymous=302, applicant=200)
VOTERS = table_row(403, anonymous=302, voter=200)
REPRESENTATIVES = table_row(403, anonymous=302, member=200)
STAFF = table_row(403, anonymous=302, coordinator=200, superuser=200)

TABLE = {
    "home": ALL,
    "about": ALL,
    "how-to-join": ALL,
    "open-data": ALL,
    "personal-data": ALL,
    "embed": ALL,
    "embed-wall": ALL,
    "healthz": ALL,
    "colours": ALL,
    "mark": ALL,
    "robots": ALL,
    "sitemap": ALL,
    "media": ALL,
    "demo-mail": ALL,
    "members:list": ALL,
    "members:detail": ALL,
    "members:picture": ALL,
    "members:csv": ALL,
    "members:json": ALL,
    "search": ALL,
    "news:list": ALL,
    "news:detail": ALL,
    "news:feed": ALL,
    "my-organisation": {**REPRESENTATIVES, "member": 302},
    "edit-organisation": REPRESENTATIVES,
    "news:subscribe": ALL,
    "news:confirm": ALL,
    "mail-leave": ALL,
    "announcements": SIGNED_IN,
    "my-details": SIGNED_IN,
    "applications:list": SIGNED_IN,
    "applications:new": table_row(200, anonymous=302, applicant=302),
    "applications:detail": OWN,
    "applications:section": OWN,
    "applications:review": OWN,
    "applications:attachments": OWN,
    "applications:withdraw": OWN,
    "applications:answer": {**OWN, "applicant": 302},
    "applications:attachment-remove": {**OWN, "applicant": 302},
    "applications:attachment": OWN,
    "ballots:list": VOTERS,
    "ballots:detail": VOTERS,
    "ballots:recuse": {**VOTERS, "voter": 302},
    "ballots:object": {**VOTERS, "voter": 302},
    # The link in a voter's mail is its own key, whoever opens it; only a POST does anything.
    "ballots:link": ALL,
    "ballots:link-attachment": ALL,
    "ballots:link-recuse": table_row(302),
    "ballots:link-object": table_row(302),
    "ballots:minutes": table_row(404, anonymous=302, voter=200, coordinator=200, superuser=200),
}


def addresses(resolver: URLResolver, namespaces: tuple[str, ...] = ()):
    """(name with its namespaces, pattern) of every address below `resolver`."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, (*namespaces, entry.namespace) if entry.namespace else namespaces)
        elif isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or ""]), entry


OUTSIDE_THE_TABLE = ("admin:", "api-", "account_", "mfa_", "socialaccount_", "usersessions_")


def test_every_address_is_in_the_table():
    names = {name for name, _pattern in addresses(get_resolver())}
    ours = {name for name in names if not name.startswith(OUTSIDE_THE_TABLE)}
    assert ours == set(TABLE)


@dataclass
class World:
    """People of every role, and what the addresses name."""

    people: dict[str, User | None]
    arguments: dict[str, list[Any]]
    draft: Application
    on_ballot: Application


@pytest.fixture(scope="module")
def shared(module_rows):
    with module_rows():
        return lay_out()


@pytest.fixture
def world(db, shared):
    return deepcopy(shared)


def lay_out() -> World:
    """An applicant's draft with an attachment, a ballot, a decision, a member, a post, a picture."""
    founders, applicant = factories.founders(), factories.person()
    member = factories.member("Narys", company_code="121215434")
    owner = factories.person()
    Representative.objects.create(member=member, user=owner, role=Representative.Role.OWNER)
    draft = factories.application(applicant)
    attachment = Attachment(application=draft, name="a.pdf", content_type="application/pdf", size=4)
    attachment.file.save("a.pdf", ContentFile(b"%PDF"))
    coordinator = factories.person("coordinator@example.org", is_staff=True)
    on_ballot = factories.voting(factories.person(), coordinator)
    shown = Attachment(application=on_ballot, name="b.pdf", content_type="application/pdf", size=4)
    shown.file.save("b.pdf", ContentFile(b"%PDF"))
    token = VoteLink.make(on_ballot.ballot, founders[0], founders[0].voter).token
    decided = factories.approved(factories.person(), coordinator, founders)
    Post.objects.create(slug="naujiena", title_lt="Naujiena", body_lt="Tekstas", status="published")
    default_storage.save("logos/narys.png", ContentFile(b"\x89PNG\r\n\x1a\n"))
    arguments: dict[str, list[Any]] = {
        "media": ["logos/narys.png"],
        "colours": [VERSION, "14532d", "e6a117"],
        "mark": ["light"],
        "members:detail": [member.slug],
        "members:picture": [member.slug],
        "edit-organisation": [member.slug],
        "news:detail": ["naujiena"],
        "news:confirm": [signing.dumps(["a@example.org", "lt"], salt=SALT)],
        "mail-leave": [signing.Signer(salt=LEAVE_SALT).sign_object(["a@example.org", "news", "lt"])],
        **{f"ballots:{name}": [on_ballot.pk] for name in ("detail", "recuse", "object")},
        **{f"ballots:{name}": [token] for name in ("link", "link-recuse", "link-object")},
        "ballots:link-attachment": [token, shown.pk],
        "ballots:minutes": [decided.pk, decided.minutes.get().file_name("lt")],
        "applications:section": [draft.pk, "organisation"],
        "applications:attachment": [draft.pk, attachment.pk],
        "applications:attachment-remove": [draft.pk, attachment.pk],
        **{f"applications:{name}": [draft.pk] for name in ("detail", "review", "attachments", "withdraw", "answer")},
    }
    people: dict[str, User | None] = {
        "anonymous": None,
        "applicant": applicant,
        "other": factories.person(),
        "member": owner,
        "voter": founders[0].voter,
        "coordinator": coordinator,
        "superuser": factories.person(is_staff=True, is_superuser=True),
    }
    return World(people, arguments, draft, on_ballot)


class Answer(NamedTuple):
    """What a GET answers; `stored`: a browser or a proxy may keep it."""

    status: int
    stored: bool
    cookies: int


def answers(client, paths: dict[str, str]) -> dict[str, Answer]:
    """What GET answers at each named path."""
    found = {}
    for name, path in paths.items():
        response = client.get(path)
        if response.streaming:
            list(response.streaming_content)  # read to its end, the file is closed
        stored = "no-store" not in response.get("Cache-Control", "")
        found[name] = Answer(response.status_code, stored, len(response.cookies))
    return found


def log_in(client, person: User | None) -> None:
    if person:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def stored(found: dict[str, Answer]) -> set[str]:
    return {name for name, answer in found.items() if answer.stored}


# Pictures that are the same for everybody and say so.
PUBLIC_FILES = {"colours", "media", "members:picture"}
ELSEWHERE = {
    "admin": "/admin/",
    "admin list": "/admin/members/member/",
    "admin without": "/admin/nera/",
    "address": "/paskyra/email/",
    "two steps": "/paskyra/2fa/",
    "log out": "/paskyra/logout/",
    "no page": "/nera-tokio/",
    "no member": "/nariai/nera-tokio/",
}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "anonymous"])
def test_what_each_role_may_see_and_that_nothing_of_it_is_stored(role, client, world):
    paths = {name: reverse(name, args=world.arguments.get(name, [])) for name in TABLE}
    log_in(client, world.people[role])
    found = answers(client, {**paths, **ELSEWHERE})
    assert {name: found[name].status for name in TABLE} == {name: row[role] for name, row in TABLE.items()}
    assert stored(found) == PUBLIC_FILES


def test_what_a_stranger_may_see_sets_no_cookie_and_may_be_stored_unless_it_is_private(client, world):
    paths = {name: reverse(name, args=world.arguments.get(name, [])) for name in TABLE}
    entrance = {"log in": "/paskyra/login/", "sign up": "/paskyra/signup/", "reset": "/paskyra/password/reset/"}
    found = answers(client, {**paths, **ELSEWHERE, **entrance})
    assert {name: found[name].status for name in TABLE} == {name: row["anonymous"] for name, row in TABLE.items()}
    public = {name for name, row in TABLE.items() if row["anonymous"] == 200}
    # What one person's own link opens, from an email.
    private = {"healthz", "ballots:link", "ballots:link-attachment", "mail-leave", "news:confirm"}
    passing = {"no page", "no member", "log out"}  # "log out" leads a stranger home
    assert stored(found) == (public - private) | passing
    # A mailed ballot paper is no page for strangers: its form needs the cookie against forged requests.
    assert {name for name in public if found[name].cookies} == {"ballots:link"}


def test_no_page_that_a_stranger_reads_writes_or_locks_anything(client, world):
    """Nor opens a session. Held by the database, which refuses functions and triggers that write as well."""
    public = [name for name, row in TABLE.items() if row["anonymous"] == 200]
    public += ["account_login", "account_signup", "account_reset_password"]
    paths = []
    for language in ("lt", "en"):
        with translation.override(language):
            paths += [reverse(name, args=world.arguments.get(name, [])) for name in public]
    paths += ["/nariai/?q=narys", "/nariai/?q=narrys&view=matches", "/paieska/?q=naujiena", "/sitemap.xml"]
    paths += ["/api/v1/members", "/api/v1/members?q=x", "/api/v1/members/narys", "/api/v1/news", "/api/v1/openapi.json"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        found = answers(client, {path: path for path in paths})
        transaction.set_rollback(True)
    assert {path: answer.status for path, answer in found.items()} == dict.fromkeys(paths, 200)


def test_a_failure_under_a_log_in_is_not_stored(client, applicant, monkeypatch):
    client.raise_request_exception = False
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("members.people.forms.DetailsForm.__init__", None)
    response = client.get(reverse("my-details"))
    assert response.status_code == 500
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_the_coordinators(role, client, world):
    on_ballot = world.on_ballot
    mail = known(OutgoingMail.objects.first())
    member = Member.objects.get(name="Narys").pk
    paths = {
        name: reverse(f"admin:{name}", args=arguments)
        for name, arguments in {
            "index": [],
            "applications_application_changelist": [],
            "applications_application_change": [on_ballot.pk],
            "applications_decisionrule_changelist": [],
            "members_member_changelist": [],
            **{f"members_member_{kind}": [member, name] for kind, name in (("status", "former"), ("part", "found"))},
            "members_user_changelist": [],
            "news_post_changelist": [],
            "mail_outgoingmail_changelist": [],
            "identity_identity_change": [1],
            "mail_outgoingmail_change": [mail.pk],
            "mail_outgoingmail_html": [mail.pk],
            "mail_badaddress_changelist": [],
            "mail_subscription_changelist": [],
            "mail_wording_changelist": [],
            "mail_wording_edit": ["lt", "applications/emails/please_vote"],
            "mail_wording_preview": ["lt", "applications/emails/please_vote"],
            "mail_wording_reset": ["lt", "applications/emails/please_vote"],
        }.items()
    }
    paths["step"] = f"/admin/applications/application/{on_ballot.pk}/extend_voting/"
    paths["admission mail"] = f"/admin/applications/application/{on_ballot.pk}/admit/mail/"
    log_in(client, world.people[role])
    found = answers(client, paths)
    assert {name: answer.status for name, answer in found.items()} == dict.fromkeys(paths, STAFF[role])


def test_a_draft_is_not_shown_to_the_coordinator(client, world):
    log_in(client, world.people["coordinator"])
    response = client.get(reverse("admin:applications_application_change", args=[world.draft.pk]))
    assert response.status_code in (302, 404)
    assert "Pareiškėjas" not in response.content.decode()
