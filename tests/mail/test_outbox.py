"""Queueing: who is mailed, once, in which language, and with what reserve towards the broker."""

import os
import signal
import time

import pytest
from django.db import transaction

from cluster_portal.mail import outbox
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.outbox import Recipient, discard_unsent, queue_mails
from tests import factories
from tests.processes import broker_at


@pytest.fixture
def application(applicant):
    return factories.application(applicant, name="Alfa & Ko")


def welcome(application, *recipients, key="test"):
    from applications.emails import ApplicationLinks
    from applications.models import DecisionRule

    queue_mails(
        key=key,
        recipients=recipients,
        template="applications/emails/application_submitted",
        context={
            "application": application,
            "links": ApplicationLinks(application, None, None),
            "rule": DecisionRule(voting_days=14),
        },
    )


def test_each_recipient_gets_one_email_in_their_language(application):
    welcome(
        application,
        Recipient("a@example.org", "lt"),
        Recipient("b@example.org", "en"),
        Recipient("A@example.org", "en"),
    )
    mails = list(OutgoingMail.objects.order_by("to").values_list("to", "language", "subject"))
    assert mails == [
        ("a@example.org", "lt", "Gavome Jūsų prašymą: „Alfa & Ko“"),
        ("b@example.org", "en", "We have received the application of “Alfa & Ko”"),
    ]
    lithuanian, english = OutgoingMail.objects.order_by("to")
    assert f"/prasymai/{application.pk}/" in lithuanian.text
    assert f"/en/applications/{application.pk}/" in english.text
    assert "Alfa &amp; Ko" in english.html
    assert "Alfa & Ko" in english.text


def test_the_same_occasion_is_mailed_once(application):
    for _turn in range(2):
        welcome(application, Recipient("a@example.org", "lt"))
    welcome(application, Recipient("a@example.org", "lt"), key="another")
    assert OutgoingMail.objects.count() == 2


def test_an_address_is_the_same_however_its_letters_are_written(application):
    welcome(application, Recipient("Ona@example.org", "lt"))
    welcome(application, Recipient("ona@EXAMPLE.org", "lt"))
    assert OutgoingMail.objects.get().to == "Ona@example.org"


def test_what_no_longer_holds_is_discarded(application):
    welcome(application, Recipient("a@example.org", "lt"), key="test")
    welcome(application, Recipient("a@example.org", "lt"), key="test2")
    assert discard_unsent("test") == 1
    assert sorted(OutgoingMail.objects.values_list("status", flat=True)) == ["discarded", "queued"]


def test_many_recipients_cost_few_queries(application, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        welcome(application, *[Recipient(f"p{n}@example.org", "lt") for n in range(200)])
    assert OutgoingMail.objects.count() == 200


def test_one_transaction_wakes_a_worker_once(application, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        for number in range(3):
            welcome(application, Recipient("a@example.org", "lt"), key=str(number))
    assert [callback for callback in callbacks if callback is outbox.wake_up] == [outbox.wake_up]


def quickest_wake_up() -> float:
    """The seconds of the quickest of three: a busy machine may hold up one by itself."""
    seconds = []
    for _time in range(3):
        begun = time.monotonic()
        outbox.wake_up()
        seconds.append(time.monotonic() - begun)
    return min(seconds)


def test_a_broker_that_is_down_or_hangs_holds_nobody_up(settings, tmp_path):
    from cluster_portal.celery import app
    from tests.mail.broker import Broker

    with Broker(tmp_path) as broker, broker_at(broker.url):
        outbox.wake_up()
        assert broker.waiting() == 1
        os.kill(broker.process.pid, signal.SIGSTOP)
        hung = quickest_wake_up()
        os.kill(broker.process.pid, signal.SIGCONT)
        broker.stop()
        dead = quickest_wake_up()
        for _more_than_the_pool_holds in range(2 * app.conf.broker_pool_limit):
            outbox.wake_up()
        broker.start()
        outbox.wake_up()
        assert broker.waiting() == 1
    assert (hung < 2.5, dead < 2.5) == (True, True), (hung, dead)


def test_a_forgotten_address_leaves_only_the_line(application, applicant):
    from cluster_portal.mail.models import BadAddress, Content, Subscription

    welcome(application, Recipient("A@example.org", "lt"))
    Subscription.objects.choose("a@example.org", "news", True, "lt")
    BadAddress.objects.create(address="a@example.org", answer="550")
    outbox.forget("a@example.org", "person-1@anonymised.invalid")
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.status, mail.text) == ("person-1@anonymised.invalid", "discarded", "")
    assert [model.objects.count() for model in (Content, Subscription, BadAddress)] == [0, 0, 0]
