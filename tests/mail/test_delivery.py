"""Every way in which a mail server can answer, played by a real SMTP server."""

import socket
import threading
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from cluster_portal.base.known import known
from cluster_portal.mail import claims, delivery, outbox, pace
from cluster_portal.mail.conversation import About, Refusal, Unknown
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Pace
from tests.mail.sink import queued, state
from tests.processes import free_port

pytestmark = pytest.mark.django_db


def test_an_email_is_sent_once_with_text_and_html(sink):
    mail = queued()
    assert delivery.deliver_due() == 1
    assert delivery.deliver_due() == 0
    assert state(mail) == ("sent", 1)
    [(recipients, content)] = sink.received
    assert recipients == ["gavejas@example.org"]
    assert b"multipart/alternative" in content
    assert b"\r\n.ta" in content
    assert f"Message-ID: {mail.message_id}".encode() in content


def test_a_temporary_refusal_is_tried_again_later(sink):
    sink.at_recipient = "450 busy"
    mail, before = queued(), timezone.now()
    assert delivery.deliver_due() == 0
    assert state(mail) == ("queued", 1)
    assert mail.error == "450 busy"
    assert mail.due_at > before + timedelta(seconds=10)
    sink.at_recipient = "250 OK"
    OutgoingMail.objects.update(due_at=timezone.now())
    assert delivery.deliver_due() == 1
    assert state(mail) == ("sent", 2)


def test_a_final_refusal_fails_and_the_next_email_goes_on(sink):
    sink.at_recipient = "550 no such person"
    first = queued()
    delivery.deliver_due()
    assert state(first) == ("failed", 1)
    assert first.error == "550 no such person"
    sink.at_recipient = "250 OK"
    second = queued("kita@example.org")
    delivery.deliver_due()
    assert state(second) == ("sent", 1)


def test_two_emails_share_one_connection_after_a_refusal(sink):
    sink.at_data = "552 too big"
    mails = [queued(), queued("kita@example.org")]
    delivery.deliver_due()
    assert [state(mail) for mail in mails] == [("failed", 1), ("failed", 1)]


def test_a_server_that_takes_its_leave_is_asked_again_for_the_next_email(sink):
    sink.at_recipient = "421 closing"
    mails = [queued(), queued("kita@example.org")]
    delivery.deliver_due()
    assert [state(mail) for mail in mails] == [("queued", 1), ("queued", 1)]
    assert sink.connections == 2


def test_giving_up_after_the_last_attempt(sink):
    sink.at_data = "451 later"
    mail = queued(attempts=delivery.MAX_ATTEMPTS - 1)
    delivery.deliver_due()
    assert state(mail) == ("failed", delivery.MAX_ATTEMPTS)


def test_a_server_that_is_down_costs_no_attempt(settings):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://x", "127.0.0.1", free_port()
    mail = queued()
    assert delivery.deliver_due() == 0
    assert state(mail) == ("queued", 0)
    assert mail.due_at > timezone.now()


def talk(settings, *answers, hang_up, last=b""):
    """A server of a few lines: answers each command in turn, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_URL, settings.EMAIL_HOST = "smtp://x", "127.0.0.1"
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = listener.getsockname()[1], 60

    def serve():
        connection, _address = listener.accept()
        with listener, connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hello\r\n")
            for answer in answers:
                lines.readline()
                connection.sendall(answer + b"\r\n")
            if hang_up == "after the content":
                while lines.readline() != b".\r\n":
                    pass
                connection.sendall(last)

    threading.Thread(target=serve, daemon=True).start()


def test_a_conversation_broken_before_the_content_is_tried_again(settings):
    talk(settings, b"250 hello", b"250 sender", hang_up="before the content")
    mail = queued()
    delivery.deliver_due()
    assert state(mail) == ("queued", 1)


def test_a_conversation_broken_after_the_content_leaves_the_mail_uncertain(settings):
    talk(settings, b"250 hello", b"250 sender", b"250 recipient", b"354 go", hang_up="after the content")
    mail = queued()
    delivery.deliver_due()
    assert state(mail) == ("uncertain", 1)
    assert delivery.deliver_due() == 0


def test_an_answer_that_is_none_leaves_the_mail_uncertain(settings):
    answers = [b"250 hello", b"250 sender", b"250 recipient", b"354 go"]
    talk(settings, *answers, hang_up="after the content", last=b"what?\r\n")
    mail = queued()
    delivery.deliver_due()
    assert (state(mail), mail.error[:2]) == (("uncertain", 1), "-1")


def test_an_address_that_cannot_be_written_holds_up_no_other(sink):
    bad, good = queued(f"a@{'ž' * 60}.lt"), queued()
    assert delivery.deliver_due() == 1
    assert (state(bad)[0], state(good)[0]) == ("failed", "sent")
    assert BadAddress.objects.get().address == bad.to


def test_an_email_whose_worker_died_becomes_uncertain_after_the_lease(sink):
    fresh = queued(status="sending", claimed_at=timezone.now())
    old = queued(status="sending", claimed_at=timezone.now() - claims.LEASE * 2)
    delivery.deliver_due()
    assert (state(fresh)[0], state(old)[0]) == ("sending", "uncertain")
    assert sink.received == []


def test_a_confidential_mail_is_wiped_once_sent(sink, settings):
    settings.DEMO = False
    mail = queued(confidential=True)
    delivery.deliver_due()
    assert state(mail)[0] == "sent"
    assert (mail.text, mail.html) == ("", "")


def test_without_a_mail_server_only_a_demo_counts_mail_as_sent(settings):
    settings.EMAIL_URL = ""
    mail = queued()
    settings.DEMO = False
    delivery.deliver_due()
    assert state(mail)[0] == "queued"
    settings.DEMO = True
    delivery.deliver_due()
    assert state(mail)[0] == "sent"


def test_pauses_grow_up_to_four_hours():
    pauses = [delivery.pause_before_retry(n).total_seconds() for n in (1, 2, 12)]
    days = sum(delivery.pause_before_retry(n).total_seconds() for n in range(1, delivery.MAX_ATTEMPTS)) / 86400
    assert 11 < pauses[0] < 19
    assert 23 < pauses[1] < 37
    assert 3 * 3600 < pauses[2] < 5 * 3600
    assert 3 < days < 6


def test_a_turn_ends_in_time(sink, settings, monkeypatch):
    monkeypatch.setattr(delivery, "TURN", 0.0)
    queued()
    begun = time.monotonic()
    assert delivery.deliver_due() == 0
    assert time.monotonic() - begun < 5  # of a turn as it is elsewhere


def test_an_address_refused_for_good_is_flagged_until_it_takes_mail_again(sink):
    sink.at_recipient = "550 no such person"
    queued("Nera@example.org")
    delivery.deliver_due()
    [bad] = BadAddress.objects.all()
    assert (bad.address, bad.answer) == ("nera@example.org", "550 no such person")
    sink.at_recipient = "250 OK"
    queued("nera@example.org")
    delivery.deliver_due()
    assert BadAddress.objects.count() == 0


@pytest.mark.parametrize("trouble", [{"at_recipient": "450 busy"}, {"at_data": "554 it looks like spam"}])
def test_what_is_not_the_addresss_fault_flags_none(sink, trouble):
    vars(sink).update(trouble)
    queued()
    delivery.deliver_due()
    assert BadAddress.objects.count() == 0


def test_many_emails_share_one_connection_and_one_content(sink, django_assert_max_num_queries):
    content = Content.objects.create(text="Laba diena\n", html="<p>Laba diena</p>")
    for number in range(60):
        queued(f"g{number}@example.org", content=content)
    with django_assert_max_num_queries(60 * 5 + 12):
        assert delivery.deliver_due() == 60
    assert sink.connections == 1


def test_the_operators_rate_holds_for_all_workers_together(sink, settings):
    settings.MAIL_RATE = 600  # ten a second
    for number in range(6):
        queued(f"g{number}@example.org")
    begun = time.monotonic()
    assert [delivery.deliver_due(), delivery.deliver_due()] == [6, 0]
    assert 0.45 < time.monotonic() - begun < 5
    assert Pace.objects.count() == 1


def test_a_rate_too_slow_for_this_turn_leaves_the_rest_for_later(sink, settings):
    settings.MAIL_RATE = 1
    mails = [queued(), queued("kita@example.org")]
    assert delivery.deliver_due() == 1
    assert [state(mail) for mail in mails] == [("sent", 1), ("queued", 0)]


def test_a_clock_put_back_stops_neither_mail_nor_rate(sink, settings):
    settings.MAIL_RATE = 6000
    Pace.objects.create(pk=1, next_at=timezone.now() + timedelta(hours=2))
    assert known(pace.reserve_moment(60)) < 10
    Pace.objects.update(next_at=timezone.now())
    mail = queued(due_at=timezone.now() + timedelta(hours=2))
    OutgoingMail.objects.update(created_at=timezone.now() + timedelta(hours=2))
    assert delivery.deliver_due() == 1
    assert state(mail) == ("sent", 1)


def test_old_contents_are_pruned_and_the_log_stays(sink):
    old = {status: queued(f"{status}@example.org", status=status) for status in ("failed", "uncertain", "discarded")}
    old["sent"] = queued(status="sent", sent_at=timezone.now())
    old["queued"] = queued("laukia@example.org")
    Content.objects.update(created_at=timezone.now() - timedelta(days=200))
    fresh = queued("nauja@example.org", status="sent", sent_at=timezone.now())
    assert outbox.prune(timedelta(days=180)) == 2
    for mail in (*old.values(), fresh):
        mail.refresh_from_db()
    kept = {status for status, mail in old.items() if mail.content}
    assert kept == {"failed", "uncertain", "queued"}
    assert (old["sent"].text, old["sent"].subject, bool(fresh.content)) == ("", "Žinia klasteriui", True)


@pytest.mark.parametrize("answer", ["451 later", "250 OK", "550 no"])
def test_what_is_taken_back_while_it_is_on_its_way_is_not_tried_again(sink, monkeypatch, answer):
    mail = queued()
    converse = delivery.converse

    def meanwhile(smtp, one):
        assert OutgoingMail.objects.all().take_back() == 1
        assert state(mail)[0] == "sending"
        converse(smtp, one)

    monkeypatch.setattr(delivery, "converse", meanwhile)
    sink.at_data = answer
    delivery.deliver_due()
    assert state(mail)[0] == {"451 later": "discarded", "250 OK": "sent", "550 no": "discarded"}[answer]


@pytest.mark.parametrize("late", [None, Refusal(About.ADDRESS, 550, b"no"), Unknown("gone")])
def test_a_late_outcome_does_not_touch_what_another_worker_has_claimed_since(sink, monkeypatch, late):
    mail = queued()

    def meanwhile(smtp, one):
        OutgoingMail.objects.update(claim=uuid4())  # given up, sent again by hand, and claimed by another worker
        if late:
            raise late

    monkeypatch.setattr(delivery, "converse", meanwhile)
    delivery.deliver_due()
    assert state(mail) == ("sending", 1)


@pytest.mark.parametrize(("late", "status"), [(None, "sent"), (Refusal(About.ADDRESS, 550, b"no"), "failed")])
def test_whoever_sent_it_knows_best_even_after_the_lease(sink, monkeypatch, late, status):
    mail = queued()

    def meanwhile(smtp, one):
        OutgoingMail.objects.update(status="uncertain")
        if late:
            raise late

    monkeypatch.setattr(delivery, "converse", meanwhile)
    delivery.deliver_due()
    assert state(mail) == (status, 1)


def test_a_claim_whose_answer_the_database_could_not_give_is_taken_up(sink, monkeypatch):
    cuts: list[Any] = []
    mail, raw = queued(), OutgoingMail.objects.raw

    def cut_after_the_first(statement, values):
        rows = list(raw(statement, values))
        if not cuts:
            cuts.append(statement)
            raise OperationalError("gone")
        return rows

    monkeypatch.setattr(OutgoingMail.objects, "raw", cut_after_the_first)
    monkeypatch.setattr(claims, "connection", SimpleNamespace(close=lambda: None))  # the test's transaction stays
    assert delivery.deliver_due() == 1
    assert state(mail) == ("sent", 1)


@pytest.fixture
def woken(monkeypatch):
    """The seconds after which another turn was asked for, one number each."""
    from cluster_portal.mail import tasks

    seconds = []
    monkeypatch.setattr(tasks.outbox, "wake_up", lambda after=timedelta(): seconds.append(after.total_seconds()))
    return seconds


def test_each_turn_of_a_backlog_wakes_one_more_worker(sink, woken, monkeypatch):
    from cluster_portal.mail import tasks

    monkeypatch.setattr(claims, "MANY", 3)
    for number in range(3):
        queued(f"g{number}@example.org")
    assert (tasks.deliver(), woken) == (3, [])
    queued("siunciama@example.org", status="sending", claimed_at=timezone.now())
    for sweep, expected in ((True, []), (False, [0])):
        for number in range(4):
            queued(f"g{number}@example.org")
        assert (tasks.deliver(sweep=sweep), woken) == (4, expected)


@pytest.mark.parametrize(
    "claimed", [-claims.AT_WORK, timedelta(hours=2)], ids=["some time ago", "before the clock went back"]
)
def test_what_a_dead_worker_left_behind_keeps_no_others_from_work(sink, woken, monkeypatch, claimed):
    from cluster_portal.mail import tasks

    monkeypatch.setattr(claims, "MANY", 3)
    left = queued("siunciama@example.org", status="sending", claim=uuid4(), claimed_at=timezone.now() + claimed)
    for number in range(4):
        queued(f"g{number}@example.org")
    assert (tasks.deliver(sweep=True), woken) == (4, [0])
    assert state(left)[0] == "sending"


def test_an_email_whose_worker_died_before_the_clock_was_put_back_becomes_uncertain_after_the_lease(sink):
    left = queued(status="sending", claim=uuid4(), claimed_at=timezone.now() + timedelta(days=400))
    delivery.deliver_due()
    assert state(left)[0] == "sending"
    OutgoingMail.objects.update(claimed_at=F("claimed_at") - claims.LEASE)  # as time passes
    delivery.deliver_due()
    assert state(left)[0] == "uncertain"


def test_a_retry_that_was_set_before_the_clock_was_put_back_does_not_wait_for_the_old_time(sink):
    mail = queued(attempts=3, due_at=timezone.now() + timedelta(days=400))
    assert delivery.deliver_due() == 1
    assert state(mail) == ("sent", 4)


@pytest.mark.parametrize("sweep", [True, False])
def test_a_backlog_that_cannot_leave_wakes_nobody(settings, woken, sweep):
    from cluster_portal.mail import tasks

    settings.EMAIL_URL, settings.DEMO = "", False
    for number in range(claims.MANY + 1):
        queued(f"g{number}@example.org")
    assert (tasks.deliver(sweep=sweep), woken) == (0, [])


def test_at_a_set_rate_one_turn_follows_the_other_and_none_spins(sink, settings, woken, monkeypatch):
    from cluster_portal.mail import tasks

    settings.MAIL_RATE = 6
    monkeypatch.setattr(claims, "MANY", 3)
    for number in range(5):
        queued(f"g{number}@example.org")
    assert (tasks.deliver(sweep=True), woken) == (1, [10])
    assert (tasks.deliver(), tasks.deliver(sweep=True), woken) == (0, 0, [10])  # too early
    Pace.objects.update(next_at=timezone.now())
    assert (tasks.deliver(), woken) == (1, [10, 10])
