"""Accounts: signing up with a verified address, logging in by password and by code, telling strangers nothing."""

import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import allauth
import polib
import pytest
from allauth.account import forms as account
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cluster_portal.base.known import known
from cluster_portal.mail.kinds import KINDS
from cluster_portal.mail.models import OutgoingMail, Subscription
from members.mail_kinds import NOTICE
from members.models import Representative, User
from members.people.account_forms import SignupForm
from members.people.accounts import AccountAdapter
from tests import factories

pytestmark = pytest.mark.django_db

NEW = {
    "email": "Nauja@Example.org",
    "first_name": "Nauja",
    "last_name": "Narė",
    "password1": "slenio-kalnai-7",
    "password2": "slenio-kalnai-7",
}


def link(mail):
    """The path of the first link to the account pages in the email."""
    return known(re.search(r"https?://[^/\s]+(/\S*(?:paskyra|account)/\S+)", mail.text))[1]


def test_signing_up_confirming_and_logging_in(client):
    answer = client.post("/paskyra/signup/", NEW)
    assert answer.url == "/paskyra/confirm-email/"
    user = User.objects.get()
    assert (user.email, user.language, str(user)) == ("nauja@example.org", "lt", "Nauja Narė")
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.language, mail.confidential) == ("nauja@example.org", "lt", True)
    assert mail.subject == "Patvirtinkite savo el. pašto adresą"
    client.logout()
    assert client.post("/paskyra/login/", {"login": NEW["email"], "password": NEW["password1"]}).url == (
        "/paskyra/confirm-email/"
    )
    confirm = link(mail)
    assert client.get(confirm).status_code == 200
    client.post(confirm)
    assert EmailAddress.objects.get().verified is True
    client.logout()
    answer = client.post("/paskyra/login/", {"login": NEW["email"], "password": NEW["password1"]})
    assert answer.url == reverse("applications:list")


@pytest.mark.parametrize("language", ["lt", "en"])
def test_who_comes_to_apply_is_told_why_an_account_is_needed(client, language):
    words = {"lt": "Prašymui pateikti reikia paskyros", "en": "You need an account to apply"}[language]
    with override(language):
        apply, login, signup = reverse("applications:new"), reverse("account_login"), reverse("account_signup")
    shown = client.get(apply, follow=True).content.decode()
    assert words in shown
    assert words in client.get(signup, {"next": apply}).content.decode()
    assert words not in client.get(login).content.decode()


def test_who_signs_up_on_an_english_page_is_written_to_in_english(client):
    client.post("/en/account/signup/", NEW)
    assert User.objects.get().language == "en"
    mail = OutgoingMail.objects.get()
    assert (mail.language, mail.subject) == ("en", "Confirm your email address")
    assert link(mail).startswith("/en/account/confirm-email/")


def test_logging_in_by_code(client, applicant):
    client.post("/paskyra/login/code/", {"email": applicant.email})
    mail = OutgoingMail.objects.get()
    assert mail.subject == "Jūsų prisijungimo kodas"
    code = known(re.search(r"^[A-Z0-9]{3,}-?[A-Z0-9]+$", mail.text, re.M))[0]
    answer = client.post("/paskyra/login/code/confirm/", {"code": code})
    assert answer.url == reverse("applications:list")
    assert client.get(reverse("account_email")).status_code == 200


def test_an_email_is_in_the_language_of_its_account(client):
    user = factories.person("english@example.org", language="en")
    client.post("/paskyra/password/reset/", {"email": user.email})
    mail = OutgoingMail.objects.get()
    assert (mail.language, mail.subject) == ("en", "Choose a new password")
    assert link(mail).startswith("/en/account/password/reset/key/")
    answer = client.get(link(mail), follow=True)
    assert answer.status_code == 200
    client.post(answer.redirect_chain[-1][0], {"password1": "kitas-slenis-77", "password2": "kitas-slenis-77"})
    user.refresh_from_db()
    assert user.check_password("kitas-slenis-77") is True


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("/paskyra/password/reset/", {}),
        ("/paskyra/login/code/", {}),
        ("/paskyra/signup/", NEW),
        ("/paskyra/login/", {"password": "wrong"}),
    ],
)
def test_a_stranger_learns_not_whether_an_address_has_an_account(client, form, data):
    factories.person("yra@example.org")
    answers = []
    for address in ("yra@example.org", "nera@example.org"):
        answer = client.post(form, {**data, "email": address, "login": address})
        body = re.sub(r'value="[^"]*"', "", answer.content.decode()).replace(address, "")
        answers.append((answer.status_code, answer.headers.get("Location"), body))
        client.logout()
    assert answers[0] == answers[1]
    counts = {mail.to for mail in OutgoingMail.objects.all()}
    assert counts in ({"yra@example.org", "nera@example.org"}, set())


def test_after_logging_in_each_role_is_at_its_work(client, coordinator, founders, applicant):
    owner = factories.person("owner@example.org")
    Representative.objects.create(member=factories.member(), user=owner, role=Representative.Role.OWNER)
    places = {
        coordinator: reverse("admin:index"),
        founders[0].voter: reverse("ballots:list"),
        owner: reverse("my-organisation"),
        applicant: reverse("applications:list"),
    }
    for user, place in places.items():
        answer = client.post("/paskyra/login/", {"login": user.email, "password": factories.PASSWORD})
        assert answer.url == place
        client.logout()


ANONYMOUS_PAGES = [
    "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
    "account_request_login_code", "account_email_verification_sent", "account_inactive",
    "account_reset_password_from_key_done",
]  # fmt: skip
OWN_PAGES = [
    "account_email", "account_change_password", "account_logout", "account_reauthenticate", "mfa_index",
]  # fmt: skip


@pytest.mark.parametrize("language", ["lt", "en"])
def test_every_account_page_is_shown_in_its_language(client, applicant, language):
    from django.utils import translation

    def texts(names):
        with translation.override(language):
            addresses = [reverse(name) for name in names]
        return [client.get(address, follow=True).content.decode() for address in addresses]

    pages = texts(ANONYMOUS_PAGES)
    client.force_login(applicant)
    pages += texts(OWN_PAGES)
    assert [page.count(f'<html lang="{language}">') for page in pages] == [1] * len(pages)
    assert [page.count("<h1") for page in pages] == [1] * len(pages)


BROWSER = {"User-Agent": "Mozilla/5.0 <b>&", "Accept-Language": "lt"}


def notice(to):
    """The one security notice that went to this address."""
    (mail,) = [mail for mail in OutgoingMail.objects.filter(to=to) if mail.key.split(":")[0] not in ASKED_FOR]
    assert mail.confidential is True
    for part in (mail.subject, mail.text, mail.html):
        assert "{{" not in part
    return mail


ASKED_FOR = ("account/email/email_confirmation", "account/email/password_reset_key")


def test_the_packages_speak_the_portals_english(client):
    english = polib.pofile("cluster_portal/locale/en/LC_MESSAGES/django.po")
    lithuanian = {entry.msgid for entry in polib.pofile("cluster_portal/locale/lt/LC_MESSAGES/django.po")}
    assert [entry.msgid for entry in english if entry.msgid not in lithuanian] == []  # so it is a text that people meet
    for path in ("/en/account/login/", "/en/account/signup/", "/en/account/password/reset/", "/en/account/login/code/"):
        page = client.get(path).content.decode()
        assert re.findall(r"(?i)sign[- ]?(?:in|up|out)\b|\be-mail\b", re.sub(r"<[^>]*>", "", page)) == []


def test_a_changed_password_is_told_to_its_owner_with_where_it_came_from(client, applicant):
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    new = {"oldpassword": factories.PASSWORD, "password1": "kitas-slenis-77", "password2": "kitas-slenis-77"}
    client.post("/paskyra/password/change/", new, headers=BROWSER)
    mail = notice(applicant.email)
    assert mail.subject == "Jūsų paskyros slaptažodis pakeistas"
    assert "IP adresas: 127.0.0.1\nNaršyklė: Mozilla/5.0 <b>&" in mail.text
    assert "/paskyra/password/reset/" in mail.text
    assert "Mozilla/5.0 &lt;b&gt;&amp;" in mail.html


def test_a_password_chosen_again_is_told_to_its_owner(client):
    user = factories.person("english@example.org", language="en")
    client.post("/paskyra/password/reset/", {"email": user.email})
    answer = client.get(link(OutgoingMail.objects.get()), follow=True)
    client.post(answer.redirect_chain[-1][0], {"password1": "kitas-slenis-77", "password2": "kitas-slenis-77"})
    mail = notice(user.email)
    assert (mail.language, mail.subject) == ("en", "You have a new password")
    assert "http://127.0.0.1:8000/en/account/password/reset/" in mail.text


def test_a_changed_address_is_told_at_the_old_one_in_its_owners_language(client):
    user = factories.person("sena@example.org", language="en")
    EmailAddress.objects.create(user=user, email="nauja@example.org", verified=True)
    Subscription.objects.choose("sena@example.org", "members", False, "en")
    client.post("/paskyra/login/", {"login": user.email, "password": factories.PASSWORD})
    client.post("/paskyra/email/", {"email": "nauja@example.org", "action_primary": ""})
    assert Subscription.objects.get().address == "nauja@example.org"
    mail = notice("sena@example.org")
    assert (mail.language, mail.subject) == ("en", "The email address of your account was changed")
    assert "from sena@example.org to nauja@example.org" in mail.text
    client.post("/paskyra/email/", {"email": "sena@example.org", "action_remove": ""})
    assert notice("nauja@example.org").subject == "An email address was removed from your account"


def test_the_time_of_a_change_is_the_readers():
    when = next(placeholder for placeholder in NOTICE if placeholder.name == "when")
    assert when.value({"timestamp": datetime(2026, 11, 25, 22, 32, 39, tzinfo=UTC)}) == "2026-11-26 00:32"


def offered(client) -> dict[str, list[str]]:
    """Which steps the page of addresses offers, by address."""
    page = client.get("/paskyra/email/").content.decode()
    forms = re.findall(r'<form [^>]*class="toolbar">.*?</form>', page, re.S)
    return {
        re.findall(r'name="email" value="([^"]+)"', form)[0]: re.findall(r'name="action_(\w+)"', form) for form in forms
    }


def test_only_steps_that_do_something_are_offered_for_an_address(client):
    user = factories.person("sena@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert offered(client) == {}
    EmailAddress.objects.create(user=user, email="nauja@example.org", verified=True)
    EmailAddress.objects.create(user=user, email="dar@example.org")
    assert offered(client) == {"dar@example.org": ["send", "remove"], "nauja@example.org": ["primary", "remove"]}


def test_an_address_made_primary_twice_is_told_once(client):
    user = factories.person("sena@example.org")
    EmailAddress.objects.create(user=user, email="nauja@example.org", verified=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for _press in range(2):
        client.post("/paskyra/email/", {"email": "nauja@example.org", "action_primary": ""})
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["sena@example.org"]


@pytest.mark.parametrize("language", ["lt", "en"])
@pytest.mark.parametrize(
    "template",
    ["account/email/password_set", "mfa/email/totp_activated", "mfa/email/totp_deactivated",
     "mfa/email/recovery_codes_generated"],
)  # fmt: skip
def test_every_other_change_to_how_one_logs_in_is_told(rf, language, template):
    user = factories.person("as@example.org", language=language)
    with context.request_context(rf.get("/", headers=BROWSER)):
        AccountAdapter(context.request).send_notification_mail(template, user)
    mail = notice(user.email)
    assert mail.language == language
    assert ("klasterio portale" if language == "lt" else "cluster’s portal") in mail.text


def test_no_notice_that_allauth_can_send_lacks_a_template_of_ours():
    folder = Path(allauth.__file__).parent
    prefixes = set()
    for source in [*folder.glob("account/**/*.py"), *folder.glob("mfa/totp/**/*.py"), *folder.glob("mfa/rec*/**/*.py")]:
        prefixes |= set(re.findall(r'send_notification_mail\(\s*"([^"]+)"', source.read_text()))
    assert "account/email/password_changed" in prefixes
    assert prefixes - set(KINDS) == set()


BOTH = pytest.mark.parametrize(("language", "start"), [("lt", "/paskyra"), ("en", "/en/account")])


def follow(client, mail) -> str:
    """Open the email's link and confirm; the address asked for in the end."""
    address = link(mail)
    assert client.get(address).status_code == 200
    return client.post(address).url


@BOTH
def test_an_address_is_changed_once_the_new_one_is_confirmed(client, language, start):
    user = factories.person("sena@example.org", language=language)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"{start}/login/", {"login": user.email, "password": factories.PASSWORD})
    client.post(f"{start}/email/", {"action_add": "", "email": "Nauja@example.org"})
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.language) == ("nauja@example.org", language)
    assert mail.subject == {"lt": "Patvirtinkite savo paskyros el. pašto adresą",
                            "en": "Confirm the email address of your account"}[language]  # fmt: skip
    client.post(f"{start}/email/", {"action_primary": "", "email": "nauja@example.org"})
    user.refresh_from_db()
    assert user.email == "sena@example.org"  # not before it is confirmed
    follow(client, mail)
    client.post(f"{start}/email/", {"action_primary": "", "email": "nauja@example.org"})
    user.refresh_from_db()
    assert user.email == "nauja@example.org"


@BOTH
def test_a_password_is_changed_only_with_the_old_one(client, language, start):
    user = factories.person(language=language)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    new = {"password1": "kitas-slenis-77", "password2": "kitas-slenis-77"}
    client.post(f"{start}/password/change/", {"oldpassword": "ne tas", **new})
    user.refresh_from_db()
    assert user.check_password(factories.PASSWORD) is True
    client.post(f"{start}/password/change/", {"oldpassword": factories.PASSWORD, **new})
    user.refresh_from_db()
    assert user.check_password("kitas-slenis-77") is True


@BOTH
def test_the_second_step_is_set_up_asked_for_and_has_recovery_codes(client, language, start, monkeypatch):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    # A code holds for half a minute, which may end between its making and its use.
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))

    def code(secret):
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    user = factories.person(language=language)
    log_in = {"login": user.email, "password": factories.PASSWORD}
    client.post(f"{start}/login/", log_in)
    page = client.get(f"{start}/2fa/totp/activate/")
    assert page.url.startswith(f"{start}/reauthenticate/")  # who sits down at an open session gets no further
    page = client.post(page.url, {"password": factories.PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert client.post(f"{start}/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post(f"{start}/2fa/totp/activate/", {"code": code(secret)}).url == f"{start}/2fa/recovery-codes/"
    recovery = Authenticator.objects.get(user=user, type="recovery_codes")
    listed = client.get(f"{start}/2fa/recovery-codes/").content.decode()
    words = {"lt": "Prisijungti", "en": "Two-factor authentication"}[language]
    client.logout()
    asked = client.post(f"{start}/login/", log_in)
    assert asked.url == f"{start}/2fa/authenticate/"
    page = client.get(asked.url).content.decode()
    assert (f'<html lang="{language}">' in page, words in page) == (True, True)
    assert client.get(reverse("my-details")).status_code == 302  # not in yet
    one = RecoveryCodes(recovery).get_unused_codes()[0]
    assert one in listed
    assert client.post(asked.url, {"code": one}).status_code == 302
    assert client.get(reverse("my-details")).status_code == 200


@BOTH
@pytest.mark.parametrize(
    ("path", "data", "times"),
    [("/login/", {"login": "x@example.org", "password": "x"}, 31), ("/signup/", {}, 21),
     ("/password/reset/", {"email": "x@example.org"}, 6), ("/login/code/", {"email": "x@example.org"}, 4)],
)  # fmt: skip
def test_who_tries_too_often_is_asked_kindly_to_wait(language, start, path, data, times):
    # Each time as a new visitor: who waits for a code is led to where it is entered.
    answers = [Client().post(start + path, data) for _time in range(times)]
    assert 429 not in [answer.status_code for answer in answers[:-1]]
    page = answers[-1].content.decode()
    refusals = {"lt": ("Per daug", "Palaukite"), "en": ("Too many", "Wait a few minutes")}[language]
    assert any(word in page for word in refusals)
    assert f'<html lang="{language}">' in page


def test_a_guessed_password_is_slowed_down_for_that_address_alone(client, applicant):
    for _time in range(6):
        answer = client.post("/paskyra/login/", {"login": applicant.email, "password": "spejimas"})
    assert "Per daug nesėkmingų" in answer.content.decode()
    right = client.post("/paskyra/login/", {"login": applicant.email, "password": factories.PASSWORD})
    assert right.status_code == 200
    other = factories.person("kita@example.org")
    assert client.post("/paskyra/login/", {"login": other.email, "password": factories.PASSWORD}).status_code == 302


def test_a_closed_account_cannot_log_in_by_password_or_code(client):
    closed = factories.person(is_active=False)
    assert client.post("/paskyra/login/", {"login": closed.email, "password": factories.PASSWORD}).url == (
        "/paskyra/inactive/"
    )
    client.post("/paskyra/login/code/", {"email": closed.email})
    assert not OutgoingMail.objects.filter(subject="Jūsų prisijungimo kodas").exists()


def test_what_else_the_database_refuses_of_a_sign_up_is_told_as_no_account_that_is_there(rf, monkeypatch):
    """Another rule than that of one account an address."""

    def refused(*arguments, **options):
        for email in ("sena@example.org", "kita@example.org"):
            User.objects.bulk_create([User(pk=7, email=email)])

    monkeypatch.setattr(account.SignupForm, "try_save", refused)
    with pytest.raises(IntegrityError, match="members_user_pkey"), transaction.atomic():
        SignupForm().try_save(rf.post("/"))


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_that_is_sent_twice_at_once_makes_one_account_and_one_answer():
    together, answers = threading.Barrier(2), []

    def sign_up():
        try:
            client = Client()
            client.get("/paskyra/signup/")
            together.wait(60)
            answer = client.post("/paskyra/signup/", NEW)
            answers.append((answer.status_code, answer["Location"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(302, "/paskyra/confirm-email/")] * 2
    assert (User.objects.count(), EmailAddress.objects.count()) == (1, 1)


def test_the_second_of_two_sign_ups_is_answered_as_for_a_known_address(client, monkeypatch):
    """The other one comes between the form's look and its writing."""
    look = SignupForm.validate_unique_email

    def then_the_other(form, address):
        found = look(form, address)
        factories.person(address)
        return found

    monkeypatch.setattr(SignupForm, "validate_unique_email", then_the_other)
    assert client.post("/paskyra/signup/", NEW).url == "/paskyra/confirm-email/"
    assert User.objects.count() == 1
    assert OutgoingMail.objects.get().subject == "Jūs jau turite paskyrą"
