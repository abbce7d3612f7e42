"""The coordinator's view of the mail."""

from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.utils import timezone

from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Subscription, Wording

pytestmark = pytest.mark.django_db
LIST = "/admin/mail/outgoingmail/"
EDIT = "/admin/mail/wording/edit/lt/applications/emails/please_vote/"
PREVIEW = EDIT.replace("/edit/", "/preview/")


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def mail(status="failed", **fields):
    number = OutgoingMail.objects.count()
    return OutgoingMail.objects.create(
        **{
            "key": f"k{number}", "to": f"a{number}@example.org", "language": "en", "subject": f"Mail {number}",
            "content": Content.objects.create(text="Text", html="<p>HTML</p>"), "message_id": f"<{number}@example.org>",
            "due_at": timezone.now(), "status": status, "attempts": 3, "error": "550 no",
            "sent_at": timezone.now() if status == "sent" else None, **fields,
        }
    )  # fmt: skip


def test_sending_again_asks_first_and_names_who_and_what_may_arrive_twice(desk):
    failed, uncertain, sent = mail(), mail("uncertain", claim=uuid4()), mail("sent")
    chosen = [failed.pk, uncertain.pk, sent.pk]
    page = desk.post(LIST, {"action": "resend", "_selected_action": chosen}).content.decode()
    assert (failed.to in page, uncertain.to in page, sent.to in page) == (True, True, False)
    assert OutgoingMail.objects.filter(status="queued").count() == 0
    desk.post(f"{LIST}resend/", {"mails": ",".join(map(str, chosen)), "confirmed": "1"})
    for item in (failed, uncertain, sent):
        item.refresh_from_db()
    assert [failed.status, uncertain.status, sent.status] == ["queued", "queued", "sent"]
    assert (failed.attempts, failed.message_id) == (0, "<0@example.org>")
    assert uncertain.claim is None  # its first worker has no say any more
    assert LogEntry.objects.count() == 2


def test_discarding_spares_what_is_sent_or_on_its_way(desk):
    mails = [mail("queued"), mail("failed"), mail("uncertain"), mail("sending"), mail("sent")]
    desk.post(f"{LIST}discard/", {"mails": ",".join(str(item.pk) for item in mails), "confirmed": "1"})
    found = list(OutgoingMail.objects.order_by("pk").values_list("status", flat=True))
    assert found == ["discarded", "discarded", "discarded", "sending", "sent"]


def test_an_email_whose_words_are_no_longer_kept_is_not_sent_again(desk):
    old = mail(content=None)
    desk.post(f"{LIST}resend/", {"mails": old.pk, "confirmed": "1"})
    old.refresh_from_db()
    assert old.status == "failed"


def test_an_emails_page_shows_it_as_its_recipient_sees_it(desk):
    item = mail()
    page = desk.get(f"{LIST}{item.pk}/change/").content.decode()
    assert f"{LIST}{item.pk}/html/" in page
    assert f"{LIST}resend/" in page
    assert desk.get(f"{LIST}{item.pk}/html/").content == b"<p>HTML</p>"
    OutgoingMail.objects.update(confidential=True)
    assert desk.get(f"{LIST}{item.pk}/html/").content == b""


def test_the_desk_says_what_about_the_mail_needs_a_look(desk):
    assert "status__exact=failed" not in desk.get("/admin/").content.decode()
    mail()
    BadAddress.objects.create(address="a@example.org", answer="550")
    page = desk.get("/admin/").content.decode()
    assert ("status__exact=failed" in page, "/admin/mail/badaddress/" in page) == (True, True)


def test_the_desk_says_that_no_mail_server_is_named(desk, settings):
    settings.EMAIL_URL, settings.DEMO = "", False
    assert "EMAIL_URL" in desk.get("/admin/").content.decode()
    settings.EMAIL_URL = "smtp://x"
    assert "EMAIL_URL" not in desk.get("/admin/").content.decode()


def test_emails_are_listed_by_topic_and_by_a_members_people(desk):
    mine, other = mail(topic="application:1"), mail(topic="application:2")
    by_topic = desk.get(f"{LIST}?topic=application:1").content.decode()
    assert (mine.to in by_topic, other.to in by_topic) == (True, False)
    by_people = desk.get(f"{LIST}?to__in={other.to},x@example.org").content.decode()
    assert (mine.to in by_people, other.to in by_people) == (False, True)


def test_words_are_edited_looked_at_and_put_back(desk):
    assert "please_vote" in desk.get("/admin/mail/wording/").content.decode()
    new = {"subject": "Balsuokite: {organisation}", "text": "Balsuokite iki {deadline}.\r\n\r\n[Balsuoti]({vote})"}
    assert "Balsuokite iki" in desk.post(PREVIEW, new).content.decode()
    assert Wording.objects.count() == 0
    assert desk.post(EDIT, new).status_code == 302
    wording = Wording.objects.get()
    assert (wording.subject, wording.text) == (new["subject"], new["text"].replace("\r\n", "\n"))
    assert "Balsuokite iki" in desk.get(PREVIEW).content.decode()
    assert desk.get(f"{PREVIEW}?part=text").headers["Content-Type"] == "text/plain; charset=utf-8"
    reset = EDIT.replace("/edit/", "/reset/")
    assert "Prašome balsuoti" in desk.get(reset).content.decode()
    desk.post(reset)
    assert Wording.objects.count() == 0
    assert list(LogEntry.objects.order_by("pk").values_list("action_flag", flat=True)) == [CHANGE, DELETION]


def test_an_unknown_placeholder_is_refused_and_named_and_the_words_stay(desk):
    page = desk.post(EDIT, {"subject": "Tema", "text": "Labas, {vardas}!"}).content.decode()
    assert "{vardas}" in page.replace("Labas, {vardas}!", "")
    preview = desk.post(PREVIEW, {"subject": "", "text": "Labas, {vardas}!"}).content.decode()
    assert ("{vardas}" in preview, "Tema: " in preview, "__all__" in preview) == (True, True, False)
    assert "Labas, {vardas}!" in page
    assert Wording.objects.count() == 0


def test_words_equal_to_the_default_ones_are_not_kept(desk):
    form = desk.get(EDIT).context["form"]
    desk.post(EDIT, form.initial)
    assert Wording.objects.count() == 0


def test_addresses_and_subscriptions_are_ended_on_request(desk):
    bad = BadAddress.objects.create(address="a@example.org", answer="550 no")
    desk.post("/admin/mail/badaddress/", {"action": "forget", "_selected_action": [bad.pk]})
    assert BadAddress.objects.count() == 0
    subscription = Subscription.objects.create(address="a@example.org", announcement="news", wanted=True, language="lt")
    desk.post("/admin/mail/subscription/", {"action": "leave", "_selected_action": [subscription.pk]})
    subscription.refresh_from_db()
    assert subscription.wanted is False


def test_a_failing_address_is_flagged_on_its_persons_and_its_members_page(desk, founders):
    person, member = founders[0].voter, founders[0]
    role = member.representatives.get(user=person)
    pages = [
        f"/admin/members/{page}/change/"
        for page in (f"user/{person.pk}", f"member/{member.pk}", f"representative/{role.pk}")
    ]
    assert ["is-flagged" in desk.get(page).content.decode() for page in pages] == [False, False, False]
    BadAddress.objects.create(address=person.email, answer="550 no such person")
    for page in pages:
        found = desk.get(page).content.decode()
        assert "550 no such person" in found
        assert "/admin/mail/outgoingmail/?to__in=" in found


def test_what_an_email_concerns_is_said_in_words(desk, applicant):
    from tests import factories

    application = factories.application(applicant, name="Alfa")
    seen = {
        topic: desk.get(f"{LIST}{mail(topic=topic).pk}/change/").content.decode()
        for topic in (application.topic, "application:999999", "account", "bench:1")
    }
    assert all(topic not in page.replace(f"topic={topic}", "") for topic, page in seen.items() if ":" in topic)
    assert f"Prašymas: {application}" in seen[application.topic]
    assert "Prašymas Nr.\N{NO-BREAK SPACE}999999, ištrinta" in seen["application:999999"]
    assert "Message-ID" not in seen["account"]
