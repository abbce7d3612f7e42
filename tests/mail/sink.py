"""An SMTP server that answers as it is told, and emails that wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from cluster_portal.mail.models import Content, OutgoingMail
from tests.processes import MailServer


class Sink:
    """An SMTP server's handler: answers what it was told to, and keeps what it took."""

    def __init__(self) -> None:
        self.at_sender = self.at_recipient = self.at_data = "250 OK"
        self.refused_contents: set[bytes] = set()
        self.received: list[tuple[list[str], bytes]] = []
        self.connections = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_sender.startswith("250"):
            envelope.mail_from = address
        return self.at_sender

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if any(words in content for words in self.refused_contents):
            return "554 5.7.1 it looks like spam"
        if self.at_data.startswith("250"):
            self.received.append((envelope.rcpt_tos, content))
        return self.at_data

    @property
    def recipients(self) -> list[str]:
        """Whom it has taken emails for, in that order."""
        return [recipient for recipients, _content in self.received for recipient in recipients]


@contextmanager
def mail_server(settings: Any) -> Iterator[Sink]:
    """A server with such a handler while the block runs; the settings name it."""
    handler = Sink()
    controller = MailServer(handler)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{controller.port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_TIMEOUT = 60
    yield handler
    controller.stop(no_assert=True)


def queued(to: str = "gavejas@example.org", **fields: Any) -> OutgoingMail:
    """An email that waits, or whatever the fields say."""
    number = OutgoingMail.objects.count()
    values = {
        "key": f"test:{number}",
        "to": to,
        "language": "lt",
        "subject": "Žinia klasteriui",
        "content": Content.objects.create(text="Laba diena,\n.taškas eilutės pradžioje\n", html="<p>Laba diena</p>"),
        "message_id": f"<{number}@example.org>",
        "due_at": timezone.now(),
    }
    return OutgoingMail.objects.create(**{**values, **fields})


def state(mail: OutgoingMail) -> tuple[str, int]:
    """Its status and how often it was tried."""
    mail.refresh_from_db()
    return mail.status, mail.attempts
