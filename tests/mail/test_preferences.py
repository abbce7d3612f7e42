"""Who gets which announcement: one's own choice, and leaving with one click."""

import re
from email import message_from_bytes, policy

import pytest

from cluster_portal.base.known import known
from cluster_portal.mail.models import BadAddress, OutgoingMail, Subscription
from cluster_portal.mail.outbox import Recipient, queue_mails
from cluster_portal.mail.wire import message_bytes
from news.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def announce(applicant):
    """Announces a new member to the addresses given, and returns the emails."""
    from applications.emails import ApplicationLinks
    from tests import factories

    member = factories.member("Alfa")
    application = factories.submitted(applicant)
    application.member = member
    post = Post.objects.create(slug="alfa", title_lt="Alfa tapo nare", title_en="Alfa joins", body_lt="x")

    def queue(*recipients, key="a"):
        queue_mails(
            key=key,
            recipients=[Recipient(*recipient) for recipient in recipients],
            template="applications/emails/member_announcement",
            context={
                "application": application,
                "post": post,
                "member": member,
                "links": ApplicationLinks(application, member, post),
            },
        )
        return list(OutgoingMail.objects.filter(announcement="members").order_by("pk"))

    return queue


def link(mail):
    return known(re.search(r"http://[^/]+(/mail/leave/\S+)", mail.text))[1]


def test_an_announcement_is_left_in_one_click_without_cookie_or_log_in(announce, client):
    first, second = announce(("A@example.org", "lt"), ("b@example.org", "en"))
    message = message_from_bytes(message_bytes(first), policy=policy.default)
    assert message["List-Unsubscribe"].strip() == f"<{first.leave_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link(first) != link(second)
    assert first.leave_url in known(message.get_body(["html"])).get_content()
    answer = client.post(link(first), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert [mail.to for mail in announce(("a@EXAMPLE.org", "lt"), ("b@example.org", "en"), key="b")] == [
        "A@example.org", "b@example.org", "b@example.org",
    ]  # fmt: skip


def test_the_address_to_leave_by_is_the_same_whenever_it_is_written(announce, client, monkeypatch):
    [mail] = announce(("a@example.org", "lt"))
    now = mail.leave_url
    monkeypatch.setattr("django.core.signing.time.time", lambda: 2_000_000_000.0)
    assert mail.leave_url == now
    assert client.post(f"{link(mail).rstrip('/')[:-1]}/").status_code == 404
    assert client.post(link(mail), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Subscription.objects.refused("members") == {"a@example.org"}


def test_looking_at_the_link_changes_nothing_and_the_page_speaks_the_emails_language(announce, client):
    lithuanian, english = announce(("a@example.org", "lt"), ("b@example.org", "en"))
    assert '<html lang="lt"' in client.get(link(lithuanian)).content.decode()
    page = client.get(link(english))
    assert '<html lang="en"' in page.content.decode()
    assert page.headers["Content-Language"] == "en"
    assert Subscription.objects.count() == 0
    assert client.post(link(english)).status_code == 303
    assert "Subscribe again after all" in client.get(link(english)).content.decode()
    client.post(link(english), {"again": "1"})
    assert Subscription.objects.get().wanted is True


def test_who_leaves_gets_none_of_what_still_waits(announce, client):
    mine, others = announce(("A@example.org", "lt"), ("b@example.org", "lt"))
    queue_mails(
        key="c",
        recipients=[Recipient("a@example.org", "lt")],
        template="account/email/login_code",
        context={"code": "1"},
    )
    client.post(link(mine), {"List-Unsubscribe": "One-Click"})
    statuses = dict(OutgoingMail.objects.filter(topic="").values_list("key", "status"))
    assert statuses == {mine.key: "discarded", others.key: "queued", "c:a@example.org": "queued"}


def test_a_forged_link_is_not_found(announce, client):
    [mail] = announce(("a@example.org", "lt"))
    assert client.post(link(mail).replace(":", "x", 1)).status_code == 404
    assert Subscription.objects.count() == 0


def test_decisions_always_come_and_carry_no_way_to_leave(client, applicant):
    Subscription.objects.choose(applicant.email, "members", False, "lt")
    queue_mails(
        key="c",
        recipients=[Recipient(applicant.email, "lt")],
        template="account/email/login_code",
        context={"code": "1"},
    )
    mail = OutgoingMail.objects.get()
    assert b"List-Unsubscribe" not in message_bytes(mail)
    assert "/mail/leave/" not in mail.text + mail.html


def test_a_person_chooses_announcements(client, applicant):
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/paskyra/pranesimai/")
    assert page.context["form"]["announcements"].initial == ["members"]
    client.post("/paskyra/pranesimai/", {"announcements": ["news"]})
    assert Subscription.objects.refused("members") == {applicant.email}
    assert list(Subscription.objects.wanting("news").values_list("address", flat=True)) == [applicant.email]


def test_choices_move_along_to_a_new_address():
    Subscription.objects.choose("old@example.org", "members", False, "lt")
    Subscription.objects.choose("old@example.org", "news", True, "lt")
    Subscription.objects.choose("new@example.org", "news", False, "en")
    Subscription.objects.move("Old@example.org", "New@example.org")
    rows = Subscription.objects.order_by("announcement").values_list("address", "announcement", "wanted")
    assert list(rows) == [("new@example.org", "members", False), ("new@example.org", "news", False)]


def test_a_person_is_told_that_email_does_not_reach_them(client, applicant):
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    assert "alert-warning" not in client.get("/paskyra/pranesimai/").content.decode()
    BadAddress.objects.create(address=applicant.email, answer="550 no such person")
    assert "550 no such person" in client.get("/paskyra/pranesimai/").content.decode()


@pytest.mark.parametrize("length", [1, 3000])
def test_one_letter_for_all_is_each_ones_own_however_long_its_lines(announce, length):
    first, second = announce(("a@example.org", "lt"), ("b@example.org", "lt"))
    content = first.content
    content.html = content.html.replace("</h1>", f"</h1><p>{'ą ' * length}</p>")
    content.save()
    for mail in (first, second):
        mail.refresh_from_db()
        message = message_from_bytes(message_bytes(mail), policy=policy.default)
        assert (message["To"], message["Message-ID"]) == (mail.to, mail.message_id)
        assert message["List-Unsubscribe"].strip() == f"<{mail.leave_url}>"
        for kind, words in (("plain", mail.text), ("html", mail.html)):
            assert mail.leave_url in words
            assert known(message.get_body([kind])).get_content().split() == words.split()
        assert b"leave.invalid" not in message_bytes(mail)
