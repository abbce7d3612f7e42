"""An email as it goes over the wire."""

from functools import lru_cache

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT, sanitize_address, utf8_charset_qp
from django.utils import translation

from cluster_portal.identity.current import identity
from cluster_portal.mail.models import LEAVE_MARK, Content, OutgoingMail


def message_bytes(mail: OutgoingMail) -> bytes:
    """The mail as it goes over the wire: CRLF line ends, and no line that is longer than servers take."""
    personal = (sanitize_address(mail.to, "utf-8"), mail.message_id, mail.leave_url if mail.announcement else "")
    with translation.override(mail.language):
        sender = identity().sender
    letter = (
        form_letter(mail.content, mail.subject, mail.language, sender) if mail.announcement and mail.content else None
    )
    if letter and personal[0].isprintable():
        for mark, value in zip(MARKS, personal, strict=True):
            letter = letter.replace(mark.encode(), value.encode())
        if fits(letter):  # a long address makes a long link
            return letter
    return encoded(mail.content, mail.subject, mail.language, sender, *personal)


MARKS = ("to@leave.invalid", "<id@leave.invalid>", LEAVE_MARK)


@lru_cache(maxsize=8)
def form_letter(content: Content, subject: str, language: str, sender: str) -> bytes | None:
    """An announcement encoded once for all its recipients, with `MARKS` for what is each one's own.

    None where a long line had to be encoded with breaks, for one might be within a link.
    """
    letter = encoded(content, subject, language, sender, *MARKS)
    links = content.text.count(LEAVE_MARK) + content.html.count(LEAVE_MARK) + 1  # and the one of the headers
    return letter if letter.count(LEAVE_MARK.encode()) == links else None


def encoded(
    content: Content | None, subject: str, language: str, sender: str, to: str, message_id: str, leave_url: str
) -> bytes:
    """An email encoded by Django; with `leave_url` it is an announcement."""
    headers = {"Message-ID": message_id, "Content-Language": language, "Auto-Submitted": "auto-generated"}
    if leave_url:  # RFC 2369 and RFC 8058: leaving in one click, from the mail program itself
        headers["List-Unsubscribe"] = f"<{leave_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text, html = (content.text, content.html) if content else ("", "")
    message = EmailMultiAlternatives(subject, text.replace(LEAVE_MARK, leave_url), sender, [to], headers=headers)
    message.attach_alternative(html.replace(LEAVE_MARK, leave_url), "text/html")
    letter = with_crlf(message)
    if not fits(letter):
        # Django looks for long lines with str.splitlines, to which U+2028, a form feed and others end a line; to SMTP
        # they do not. Quoted-printable breaks every line.
        message.encoding = utf8_charset_qp
        letter = with_crlf(message)
    return letter


def with_crlf(message: EmailMultiAlternatives) -> bytes:
    return b"\r\n".join(message.message().as_bytes().splitlines()) + b"\r\n"


def fits(letter: bytes) -> bool:
    """Whether no line is longer than the 998 octets of RFC 5322, 2.1.1."""
    return max(map(len, letter.split(b"\r\n"))) <= RFC5322_EMAIL_LINE_LENGTH_LIMIT
