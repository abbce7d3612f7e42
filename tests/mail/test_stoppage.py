"""A server that takes nothing from us: the emails wait, the desk is told, and none fails for what is not its fault."""

from collections import Counter

import pytest
from django.utils import timezone

from cluster_portal.mail import delivery, stoppage
from cluster_portal.mail.conversation import About, meant
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Stoppage
from tests.mail.sink import queued, state

pytestmark = pytest.mark.django_db


def statuses():
    return Counter(OutgoingMail.objects.values_list("status", flat=True))


def wait():
    """The pause is over."""
    OutgoingMail.objects.filter(status="queued").update(due_at=timezone.now())


REFUSALS = {
    "the sender": {"at_sender": "550 5.7.1 sender not allowed"},
    "the sender, for now": {"at_sender": "450 4.7.1 too many mails today"},
    "the log-in, at the sender": {"at_sender": "530 5.7.0 Authentication required"},
    "the log-in, at the recipient": {"at_recipient": "530 Authentication required"},
    "the sender, at the recipient": {"at_recipient": "550 5.1.8 sender's domain not found"},
    "us, at the recipient": {"at_recipient": "554 5.7.1 Client host rejected"},
    "us, after the content": {"at_data": "554 5.7.1 Your network is on a list"},
    "too many, after the content": {"at_data": "550 5.4.5 Daily sending limit exceeded"},
}


@pytest.mark.parametrize("answers", REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_to_us_fails_no_mail_and_leaves_when_it_is_over(sink, answers):
    for number in range(20):
        queued(f"g{number}@example.org")
    vars(sink).update(answers)
    for _turn in range(6):
        delivery.deliver_due()
        assert delivery.due().count() == 0  # no second one is tried before the pause is over
        wait()
    assert (statuses(), BadAddress.objects.count(), sink.received) == ({"queued": 20}, 0, [])
    assert Stoppage.objects.get().answer in answers.values()
    vars(sink).update(at_sender="250 OK", at_recipient="250 OK", at_data="250 OK")
    assert delivery.deliver_due() == 20
    assert (statuses(), Stoppage.objects.count()) == ({"sent": 20}, 0)


def test_a_refused_sender_costs_no_attempt_and_one_try_at_a_time(sink):
    sink.at_sender = "550 no"
    mails = [queued(), queued("kita@example.org")]
    for tries in range(1, 4):
        wait()
        assert delivery.deliver_due() == 0
        assert Stoppage.objects.get().tries == tries
    assert [state(mail) for mail in mails] == [("queued", 0), ("queued", 0)]
    assert [mail.error for mail in mails] == ["550 no", "550 no"]
    assert all(mail.due_at > timezone.now() for mail in mails)


def test_pauses_grow_to_two_minutes():
    pauses = [stoppage.growing_pause(tries, stoppage.LONGEST_STOP).total_seconds() for tries in (1, 2, 9999)]
    assert [11 < pauses[0] < 19, 23 < pauses[1] < 37, 95 < pauses[2] < 145] == [True, True, True]


def test_a_log_in_that_the_server_refuses_is_told_in_its_words(sink, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong"  # the sink offers no log-in
    mail = queued()
    assert delivery.deliver_due() == 0
    assert state(mail) == ("queued", 0)
    assert Stoppage.objects.get().answer == mail.error != ""


def test_one_refused_mail_among_others_fails_alone(sink):
    spam = Content.objects.create(text="Spam", html="")
    mails = [queued(), queued(content=spam), queued(), queued(content=spam), queued()]
    sink.refused_contents = {b"Spam"}
    assert delivery.deliver_due() == 3
    assert [state(mail)[0] for mail in mails] == ["sent", "failed", "sent", "failed", "sent"]
    assert (Stoppage.objects.count(), mails[1].error) == (0, "554 5.7.1 it looks like spam")


def test_a_confidential_mail_that_is_doubted_keeps_its_words_until_it_has_failed(sink, settings):
    settings.DEMO = False
    mails = [queued(f"g{number}@example.org", confidential=True) for number in range(delivery.DOUBTS)]
    sink.at_data = "554 no"
    delivery.deliver_due()
    for mail in mails:
        mail.refresh_from_db()
    assert [bool(mail.text) for mail in mails] == [True] * delivery.DOUBTS
    sink.at_data = "250 OK"
    wait()
    assert delivery.deliver_due() == delivery.DOUBTS


def test_an_email_that_is_refused_while_all_is_stopped_lets_the_others_try_before_it(sink):
    Stoppage.objects.create(pk=1, answer="554 no", tries=9)
    bad, good = queued(content=Content.objects.create(text="Spam", html="")), queued("kita@example.org")
    sink.refused_contents = {b"Spam"}
    delivery.deliver_due()
    assert (state(bad), state(good)) == (("queued", 1), ("queued", 0))
    assert bad.due_at > good.due_at
    OutgoingMail.objects.filter(pk=good.pk).update(due_at=timezone.now())
    assert delivery.deliver_due() == 1
    assert Stoppage.objects.count() == 0
    wait()
    delivery.deliver_due()
    assert (state(bad), state(good)) == (("failed", 2), ("sent", 1))


def test_an_address_that_is_refused_stops_nothing(sink):
    sink.at_recipient = "550 5.1.1 no such person"
    for number in range(5):
        queued(f"g{number}@example.org")
    delivery.deliver_due()
    assert (statuses(), BadAddress.objects.count(), Stoppage.objects.count()) == ({"failed": 5}, 5, 0)


@pytest.mark.parametrize(
    ("moment", "code", "answer", "about"),
    [
        (About.SESSION, 550, b"5.1.1 no", About.SESSION),
        (About.ADDRESS, 550, b"no such person", About.ADDRESS),
        (About.ADDRESS, 550, b"5.4.1 Recipient address rejected", About.ADDRESS),
        (About.ADDRESS, 554, b"5.1.1 no such person", About.ADDRESS),
        (About.ADDRESS, 554, b"transaction failed", About.MAIL),
        (About.ADDRESS, 550, b"5.7.1 not allowed", About.MAIL),
        (About.ADDRESS, 550, b"5.1.7 bad sender", About.SESSION),
        (About.MAIL, 535, b"log in", About.SESSION),
        (About.MAIL, 500, b"line too long", About.MAIL),
        (About.MAIL, 552, b"5.3.4 too big", About.MAIL),
    ],
)
def test_what_a_refusal_is_about(moment, code, answer, about):
    assert meant(moment, code, answer) is about


def test_the_desk_says_that_the_server_takes_nothing_and_why(client, coordinator, sink):
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    sink.at_sender = "550 5.7.1 klasteris@example.org is not allowed to send"
    queued()
    delivery.deliver_due()
    assert "550 5.7.1 klasteris@example.org is not allowed to send" in client.get("/admin/").content.decode()
    sink.at_sender = "250 OK"
    wait()
    delivery.deliver_due()
    assert "is not allowed to send" not in client.get("/admin/").content.decode()
