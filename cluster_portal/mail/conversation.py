"""The conversation with the mail server about one mail: how far it came, and what a refusal means."""

import logging
import re
import smtplib

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from cluster_portal.identity.current import identity
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.wire import message_bytes

logger = logging.getLogger(__name__)


class Refusal(Exception):
    """The server answered no: `code` 5xx for good, 4xx for now; `of_recipient` when it was the address."""

    def __init__(self, code: int, answer: bytes) -> None:
        self.code, self.of_recipient = code, False
        super().__init__(f"{code} {answer.decode(errors='replace')}")


class NotTaken(Exception):
    """The conversation broke before the mail's content began: the server cannot have it."""


class Unknown(Exception):
    """The conversation broke after the content began: the server may have it or not."""


def converse(smtp: EmailBackend, mail: OutgoingMail) -> None:
    """Hand one mail to the server. Raises Refusal, NotTaken or Unknown.

    The commands are given one by one, not by `sendmail`, because only so is it known how far a broken one
    came.
    """
    server = smtp.connection
    if server is None:
        raise NotTaken("not connected")
    sender = sanitize_address(identity().sender_email, "utf-8")
    recipient = written(mail.to)
    content = re.sub(rb"(?m)^\.", b"..", message_bytes(mail))  # RFC 5321, 4.5.2: a leading full stop is doubled
    try:
        server.ehlo_or_helo_if_needed()
        expect(250, *server.mail(sender))
        expect_recipient(*server.rcpt(recipient))
        expect(354, *server.docmd("DATA"))
    except Refusal:
        quietly_reset(server)
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(error) from error
    try:
        server.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unknown(error) from error
    if not 200 <= code < 600:  # no answer of SMTP, so it says neither yes nor no
        raise Unknown(f"{code} {answer.decode(errors='replace')}")
    expect(250, code, answer)


def written(address: str) -> str:
    """The address as SMTP writes it. Raises Refusal where it cannot, as a server would."""
    try:
        return sanitize_address(address, "utf-8")
    except ValueError as error:
        refusal = Refusal(553, str(error).encode())
        refusal.of_recipient = True
        raise refusal from error


def expect(wanted: int, code: int, answer: bytes) -> None:
    """Raises Refusal unless the server's answer is of the wanted hundred, NotTaken where it takes its leave
    (421).
    """
    if code == 421:
        raise NotTaken(f"{code} {answer.decode(errors='replace')}")
    if code // 100 != wanted // 100:
        raise Refusal(code, answer)


def expect_recipient(code: int, answer: bytes) -> None:
    """As `expect`, of the answer to the recipient's address."""
    try:
        expect(250, code, answer)
    except Refusal as refusal:
        refusal.of_recipient = True
        raise


def quietly_reset(server: smtplib.SMTP) -> None:
    """End a refused conversation so that the next mail can begin; a server that hangs up is found out by that
    one.
    """
    try:
        server.rset()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("mail server gone after a refusal: %s", error)


def close(smtp: EmailBackend | None) -> None:
    """Say good-bye; a server that is gone already is no error."""
    try:
        if smtp:
            smtp.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("mail server gone before the good-bye: %s", error)
