"""What goes over the wire, against an SMTP server that refuses a line of more than 998 octets."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from cluster_portal.identity.models import Identity
from cluster_portal.mail import delivery
from cluster_portal.mail.models import Content, OutgoingMail
from cluster_portal.mail.outbox import Recipient, queue_mails
from cluster_portal.mail.words import Words
from tests.processes import Inbox, smtp_server

pytestmark = pytest.mark.django_db
QUESTIONS = [
    f"Prašome patikslinti, kokius gaminius gaminate, kiek žmonių dirba ir kokius sertifikatus turite ({n} klausimas)."
    for n in range(1, 21)
]
LINE_ENDS = {
    "LF": "\n", "CRLF": "\r\n", "CR": "\r", "VT": "\v", "FF": "\f", "FS": "\x1c", "GS": "\x1d", "RS": "\x1e", "NEL": "\x85",
    "LS": "\u2028", "PS": "\u2029",
}  # fmt: skip
ENDLESS = "ąžuolynas" * 300  # 3,300 octets and no place to break
LONGEST_ADDRESS = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.lt"  # 254 characters


@pytest.fixture
def inbox(settings):
    """What a real server took; aiosmtpd refuses what is longer than a line may be."""
    inbox = Inbox()
    with smtp_server(inbox) as url:
        settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = url, "127.0.0.1", int(url.rpartition(":")[2])
        yield inbox


def ask(question, words=None, name="Alfa", to="gavejas@example.org"):
    queue_mails(
        key="test",
        recipients=[Recipient(to, "lt")],
        template="applications/emails/information_requested",
        context={
            "application": SimpleNamespace(name=name, information_request=question),
            "links": SimpleNamespace(status_page="https://example.org/"),
        },
        words={"lt": words} if words else None,
    )


def delivered(inbox):
    """The text and the HTML of the one email, as the server took them, and its subject."""
    assert (delivery.deliver_due(), OutgoingMail.objects.get().error) == (1, "")
    [(_recipient, message)] = inbox.mails
    text, html = (message.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    return text, html, message["Subject"].strip()


@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_every_line_end_that_people_type_is_a_line_that_the_reader_sees(inbox, end):
    ask(end.join(QUESTIONS))
    text, html, _subject = delivered(inbox)
    assert [line[2:] for line in text.split("\n") if line.startswith("> ")] == QUESTIONS
    assert "<br>".join(QUESTIONS) in html


@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_the_coordinators_own_words_have_line_ends_of_every_kind(inbox, end):
    ask("Kiek?", Words("Tema", end.join([*QUESTIONS, "{question}"])))
    text, html, _subject = delivered(inbox)
    assert "\n".join([*QUESTIONS, "Kiek?"]) in text
    assert "<br>".join([*QUESTIONS, "Kiek?"]) in html


def test_a_line_without_an_end_arrives_whole(inbox):
    ask(ENDLESS, name=ENDLESS)
    text, html, subject = delivered(inbox)
    assert (ENDLESS in text, ENDLESS in html) == (True, True)
    assert "ąžuolynas" * 20 in subject


@pytest.mark.parametrize("subject", ["x" * 250, "ž" * 250, "🏭" * 250], ids=["ASCII", "Lithuanian", "emoji"])
def test_a_long_subject_is_folded(inbox, subject):
    ask("Kiek?", Words(subject, "{question}"))
    assert delivered(inbox)[2] == subject


def test_the_server_is_told_domains_in_ascii(inbox):
    Identity.objects.update(sender_address="portalas@žalgiris.lt")
    ask("Kiek?", to="rasa@žalgiris.lt")
    assert delivery.deliver_due() == 1
    OutgoingMail.objects.all().delete()
    announce("Naujiena", "ona@žalgiris.lt")
    assert delivery.deliver_due() == 1
    domain = "xn--algiris-cxb.lt"
    assert [recipient for recipient, _message in inbox.mails] == [f"rasa@{domain}", f"ona@{domain}"]
    for recipient, message in inbox.mails:
        assert (message["To"], message["From"].addresses[0].addr_spec) == (recipient, f"portalas@{domain}")
    assert inbox.mails[0][1]["Message-ID"].endswith(f"@{domain}>")


def test_what_was_queued_before_line_ends_were_fixed_leaves_too(inbox):
    OutgoingMail.objects.create(
        key="old", to="gavejas@example.org", language="lt", subject="Tema", message_id="<1@example.org>",
        content=Content.objects.create(text="\u2028".join(QUESTIONS), html="\x85".join(QUESTIONS)),
        due_at=timezone.now(),
    )  # fmt: skip
    assert delivered(inbox)[0].strip() == "\u2028".join(QUESTIONS)


def announce(body, to):
    Content.objects.all().delete()
    OutgoingMail.objects.create(
        key="news", to=to, language="lt", subject="Naujiena", message_id="<1@example.org>", announcement="news",
        content=Content.objects.create(text=body, html=f"<p>{body}</p>"), due_at=timezone.now(),
    )  # fmt: skip
    return OutgoingMail.objects.get().leave_url


def test_the_longest_link_to_leave_makes_no_line_too_long(inbox):
    link = announce(f"{'x' * 600} https://leave.invalid/", LONGEST_ADDRESS)
    text, html, _subject = delivered(inbox)
    [(_recipient, message)] = inbox.mails
    assert (link in text, link in html, message["List-Unsubscribe"].strip()) == (True, True, f"<{link}>")
