"""Whose turn it is: what a person waits for goes first, whatever the rate."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone

from cluster_portal.mail import delivery
from cluster_portal.mail.kinds import KINDS
from cluster_portal.mail.models import OutgoingMail, Pace
from cluster_portal.mail.outbox import Recipient, queue_mails
from cluster_portal.mail.words import default_words
from tests.mail.sink import queued, state

pytestmark = pytest.mark.django_db


def log_in_code(to="laukia@example.org"):
    queue_mails(
        key=f"code:{to}",
        recipients=[Recipient(to, "lt")],
        template="account/email/login_code",
        context={"code": "ABC-DEF", "email": to},
    )
    return OutgoingMail.objects.get(to=to)


def test_what_a_person_asks_for_and_waits_for_is_urgent():
    urgent = {template for template, kind in KINDS.items() if kind.urgent}
    assert urgent == {
        "account/email/account_already_exists",
        "account/email/email_confirmation",
        "account/email/email_confirmation_signup",
        "account/email/login_code",
        "account/email/password_reset_key",
        "account/email/unknown_account",
        "news/emails/confirm_subscription",
    }


def test_a_code_leaves_before_the_announcements_that_were_queued_before_it(sink):
    for number in range(20):
        queued(f"g{number}@example.org", due_at=timezone.now() - timedelta(hours=1))
    log_in_code()
    log_in_code("kita@example.org")
    assert delivery.deliver_due() == 22
    assert sink.recipients[:3] == ["laukia@example.org", "kita@example.org", "g0@example.org"]


def test_a_code_does_not_wait_for_the_rate_but_the_others_wait_for_it(sink, settings):
    settings.MAIL_RATE = 1
    Pace.objects.create(pk=1, next_at=timezone.now() + timedelta(seconds=50))
    announcement, code = queued(), log_in_code()
    assert delivery.deliver_due() == 1
    assert (state(announcement)[0], state(code)[0]) == ("queued", "sent")
    assert Pace.objects.get().next_at > timezone.now() + timedelta(seconds=100)  # the next moment but one


def test_a_code_that_is_asked_for_while_a_worker_waits_for_its_moment_has_that_moment_at_once(
    sink, settings, monkeypatch
):
    settings.MAIL_RATE = 60
    Pace.objects.create(pk=1, next_at=timezone.now() + timedelta(seconds=3))
    pauses: list[Any] = []
    announcement = queued()

    def meanwhile(seconds):
        if not pauses:
            log_in_code()
        pauses.append(seconds)

    monkeypatch.setattr(delivery.time, "sleep", meanwhile)
    monkeypatch.setattr(delivery, "TURN", 3.5)
    delivery.deliver_due()
    assert sink.recipients[0] == "laukia@example.org"
    assert max(pauses) <= delivery.LOOK
    assert state(announcement)[1] <= 1


def test_a_code_lives_as_long_as_its_mail_says_longer_than_the_slowest_queue():
    assert project.ACCOUNT_LOGIN_BY_CODE_TIMEOUT == 15 * 60
    for language, words in (("lt", r"galioja 15 minučių"), ("en", r"valid for 15 minutes")):
        assert re.search(words, default_words(KINDS["account/email/login_code"], language).text)
