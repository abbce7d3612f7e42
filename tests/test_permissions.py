"""Every address of the project as each role, against an explicit table. An address that is not in the table fails."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from applications.ballot.links import VoteLink
from applications.models import Attachment
from cluster_portal.base.known import known
from cluster_portal.identity.colours import VERSION
from cluster_portal.mail.models import LEAVE_SALT, OutgoingMail
from members.models import Member, Representative
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


@pytest.fixture
def world(founders, applicant, settings):
    """People of every role, an applicant's draft with an attachment, a post, a picture."""
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
    logo = Path(settings.STORAGES["default"]["OPTIONS"]["location"], "logos", "narys.png")
    logo.parent.mkdir(parents=True)
    logo.write_bytes(b"\x89PNG\r\n\x1a\n")
    arguments = {
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
    people = {
        "anonymous": None,
        "applicant": applicant,
        "other": factories.person(),
        "member": owner,
        "voter": founders[0].voter,
        "coordinator": coordinator,
        "superuser": factories.person(is_staff=True, is_superuser=True),
    }
    return people, arguments, on_ballot


def statuses(client, person, paths: dict[str, str]) -> dict[str, int]:
    """What GET answers to this person at each named path."""
    client.logout()
    if person:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return answers(client, paths)


def answers(client, paths: dict[str, str]) -> dict[str, int]:
    """What GET answers at each named path."""
    found = {}
    for name, path in paths.items():
        response = client.get(path)
        found[name] = response.status_code
        if response.streaming:
            list(response.streaming_content)  # read to its end, the file is closed
    return found


@pytest.mark.parametrize("role", ROLES)
def test_what_each_role_may_see(role, client, world):
    people, arguments, _on_ballot = world
    paths = {name: reverse(name, args=arguments.get(name, [])) for name in TABLE}
    assert statuses(client, people[role], paths) == {name: row[role] for name, row in TABLE.items()}


def test_no_page_that_a_stranger_reads_sets_a_cookie_or_opens_a_session(client, world):
    _people, arguments, _on_ballot = world
    # A mailed ballot paper is no page for strangers: its form needs the cookie against forged requests.
    public = [name for name, row in TABLE.items() if row["anonymous"] == 200 and not name.startswith("ballots:")]
    marked = {}
    for name in public:
        response = client.get(reverse(name, args=arguments.get(name, [])))
        if response.streaming:
            list(response.streaming_content)
        marked[name] = len(response.cookies)
    assert marked == dict.fromkeys(public, 0)
    assert Session.objects.count() == 0


def test_no_page_that_a_stranger_reads_writes_or_locks_anything(client, world):
    """Held by the database, which refuses functions and triggers that write as well."""
    _people, arguments, _on_ballot = world
    public = [name for name, row in TABLE.items() if row["anonymous"] == 200]
    public += ["account_login", "account_signup", "account_reset_password"]
    paths = []
    for language in ("lt", "en"):
        with translation.override(language):
            paths += [reverse(name, args=arguments.get(name, [])) for name in public]
    paths += ["/nariai/?q=narys", "/nariai/?q=narrys&view=matches", "/paieska/?q=naujiena", "/sitemap.xml"]
    paths += ["/api/v1/members", "/api/v1/members?q=x", "/api/v1/members/narys", "/api/v1/news", "/api/v1/openapi.json"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        found = answers(client, {path: path for path in paths})
        transaction.set_rollback(True)
    assert found == dict.fromkeys(paths, 200)


def stored(client, paths: dict[str, str]) -> set[str]:
    """The names of those answers that a browser or a proxy may keep."""
    found = set()
    for name, path in paths.items():
        response = client.get(path)
        if response.streaming:
            list(response.streaming_content)
        if "no-store" not in response.get("Cache-Control", ""):
            found.add(name)
    return found


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
def test_nothing_that_is_shown_under_a_log_in_is_stored(role, client, world):
    people, arguments, _on_ballot = world
    client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
    paths = {name: reverse(name, args=arguments.get(name, [])) for name in TABLE}
    assert stored(client, {**paths, **ELSEWHERE}) == PUBLIC_FILES


def test_what_a_stranger_reads_may_be_stored_unless_it_is_private(client, world):
    _people, arguments, _on_ballot = world
    paths = {name: reverse(name, args=arguments.get(name, [])) for name in TABLE}
    entrance = {"log in": "/paskyra/login/", "sign up": "/paskyra/signup/", "reset": "/paskyra/password/reset/"}
    public = {name for name, row in TABLE.items() if row["anonymous"] == 200}
    # What one person's own link opens, from an email.
    private = {"healthz", "ballots:link", "ballots:link-attachment", "mail-leave", "news:confirm"}
    passing = {"no page", "no member", "log out"}  # "log out" leads a stranger home
    assert stored(client, {**paths, **ELSEWHERE, **entrance}) == (public - private) | passing


def test_a_failure_under_a_log_in_is_not_stored(client, applicant, monkeypatch):
    client.raise_request_exception = False
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("members.people.forms.DetailsForm.__init__", None)
    response = client.get(reverse("my-details"))
    assert response.status_code == 500
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_the_coordinators(role, client, world):
    people, _arguments, on_ballot = world
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
    assert statuses(client, people[role], paths) == dict.fromkeys(paths, STAFF[role])


def test_a_draft_is_not_shown_to_the_coordinator(client, world):
    people, arguments, _on_ballot = world
    client.force_login(people["coordinator"], backend="django.contrib.auth.backends.ModelBackend")
    draft = arguments["applications:detail"][0]
    response = client.get(reverse("admin:applications_application_change", args=[draft]))
    assert response.status_code in (302, 404)
    assert "Pareiškėjas" not in response.content.decode()
