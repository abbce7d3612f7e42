"""The conversation with the mail server about one email: how far it came, and what a refusal is about."""

import logging
import re
import smtplib
from enum import Enum

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from cluster_portal.identity.current import identity
from cluster_portal.mail.models import OutgoingMail
from cluster_portal.mail.wire import message_bytes

logger = logging.getLogger(__name__)


class About(Enum):
    """What a server refuses."""

    SESSION = "all that we send: the sender, or us"
    ADDRESS = "this recipient's address"
    MAIL = "this mail, unless it refuses one mail after another"


class Refusal(Exception):
    """The server answered no: `code` 5xx for good, 4xx for now."""

    def __init__(self, about: About, code: int, answer: bytes) -> None:
        self.about, self.code = about, code
        super().__init__(said(code, answer))


class NotTaken(Exception):
    """The conversation broke before the mail's content began: the server cannot have it."""


class Unknown(Exception):
    """The conversation broke after the content began: the server may have it or not."""


def said(code: int, answer: bytes | str) -> str:
    """A server's answer as people read it."""
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def reason(error: Exception) -> str:
    """Why the server could not be spoken to, as people read it."""
    if isinstance(error, smtplib.SMTPResponseException):
        return said(error.smtp_code, error.smtp_error)
    return str(error)


def converse(smtp: EmailBackend, mail: OutgoingMail) -> None:
    """Hand one email to the server. Raises Refusal, NotTaken or Unknown.

    The commands are given one by one, not by `sendmail`, because only so is it known how far a broken one
    came.
    """
    server = smtp.connection
    if server is None:
        raise NotTaken("not connected")
    sender = written(identity().sender_email, About.SESSION)
    recipient = written(mail.to, About.ADDRESS)
    content = re.sub(rb"(?m)^\.", b"..", message_bytes(mail))  # RFC 5321, 4.5.2: a leading full stop is doubled
    try:
        greet(server)
        expect(250, About.SESSION, *server.mail(sender))
        expect(250, About.ADDRESS, *server.rcpt(recipient))
        expect(354, About.MAIL, *server.docmd("DATA"))
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
        raise Unknown(said(code, answer))
    expect(250, About.MAIL, code, answer)


def written(address: str, about: About) -> str:
    """The address as SMTP writes it. Raises Refusal where it cannot, as a server would."""
    try:
        return sanitize_address(address, "utf-8")
    except ValueError as error:
        raise Refusal(about, 553, str(error).encode()) from error


def greet(server: smtplib.SMTP) -> None:
    """Say hello once a connection. Raises Refusal where the server wants nothing to do with us."""
    try:
        server.ehlo_or_helo_if_needed()
    except smtplib.SMTPHeloError as error:
        expect(250, About.SESSION, error.smtp_code, error.smtp_error)


def expect(wanted: int, about: About, code: int, answer: bytes | str) -> None:
    """Raises Refusal unless the server's answer is of the wanted hundred, NotTaken where it takes its leave
    (421).
    """
    if code == 421:
        raise NotTaken(said(code, answer))
    if code // 100 != wanted // 100:
        answer = answer.encode() if isinstance(answer, str) else answer
        raise Refusal(meant(about, code, answer), code, answer)


# Not of this email, whenever they come: the server takes no mail (RFC 7504), or wants another log-in (RFC 4954) or
# other commands than we gave (RFC 5321).
OF_THE_SESSION = {502, 503, 504, 521, 530, 534, 535, 538}


def meant(about: About, code: int, answer: bytes) -> About:
    """What a refusal is about by its codes, where they say more than the moment: many servers tell only at the
    recipient, or after the content, that they dislike the sender or us.

    The second code is that of RFC 3463: x.1.7 and x.1.8 speak of the sender's address, x.7 of what is allowed.
    """
    found = re.match(rb"[45]\.(\d{1,3}\.\d{1,3})\b", answer)
    reason = found[1].decode() if found else ""
    if code in OF_THE_SESSION or reason in ("1.7", "1.8"):
        return About.SESSION
    if about is About.ADDRESS and (reason.startswith("7.") or (code == 554 and not reason.startswith(("1.", "2.")))):
        return About.MAIL
    return about


def quietly_reset(server: smtplib.SMTP) -> None:
    """End a refused conversation so that the next email can begin; a server that hangs up is found out by that
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
