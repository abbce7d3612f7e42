"""Putting mail into the outbox, and what people may do with it there."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat, Lower, Now
from django.utils import timezone

from cluster_portal.base.text import ascii_address
from cluster_portal.identity.current import identity, read_once
from cluster_portal.mail.kinds import KINDS, EmailKind
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Subscription
from cluster_portal.mail.words import Words, compose, sendable

logger = logging.getLogger(__name__)
Status = OutgoingMail.Status


class Recipient(NamedTuple):
    """Who gets an email, and in which language."""

    email: str
    language: str
    name: str = ""


def without_repeats(recipients: Iterable[Recipient]) -> list[Recipient]:
    """The recipients without those whose address (upper and lower case alike) came before."""
    first: dict[str, Recipient] = {}
    for recipient in recipients:
        first.setdefault(recipient.email.lower(), recipient)
    return list(first.values())


def closed_addresses() -> set[str]:
    """The lower-case addresses of closed accounts: they get no mail."""
    accounts = get_user_model().objects.filter(is_active=False).values_list(Lower("email"))
    others = EmailAddress.objects.filter(user__is_active=False, verified=True).values_list(Lower("email"))
    return {address for (address,) in accounts.union(others)}


def willing(announcement: str, recipients: Iterable[Recipient]) -> list[Recipient]:
    """Who of the recipients gets such an announcement, once each: not those who chose so, and no closed account. Other
    mail ("") all the rest get.
    """
    left_out = closed_addresses()
    if announcement:
        left_out |= Subscription.objects.refused(announcement)
    return [recipient for recipient in without_repeats(recipients) if recipient.email.lower() not in left_out]


def queue_mails(
    *,
    key: str,
    recipients: Iterable[Recipient],
    template: str,
    context: Mapping[str, Any] | None = None,
    topic: str = "",
    confidential: bool = False,
    words: Mapping[str, Words] | None = None,
) -> None:
    """Queue one email to each recipient in the current transaction, rendered once in each recipient's
    language.

    `template` names the kind of mail (`kinds.py`). `key` and the address are an email's identity: a second such mail is
    not queued. `topic` says what it concerns ("application:12"). A `confidential` body (a log-in code) is wiped once
    it is sent and never shown to staff. `words` by language stand in for the current ones, this time only.
    """
    kind, now = KINDS[template], timezone.now()
    addressed = willing(kind.announcement, recipients)
    if not addressed:
        return
    with read_once():
        domain = ascii_address(identity().sender_email).rpartition("@")[2] or "localhost"
        contents = kept(composed(kind, addressed, context, words))
    with connection.cursor() as cursor:
        cursor.execute(
            QUEUE,
            {
                "topic": topic,
                "announcement": kind.announcement,
                "confidential": confidential,
                "urgent": kind.urgent,
                "now": now,
                "key": key,
                "domain": domain,
                "addresses": "\n".join(recipient.email for recipient in addressed),
                "lower": "\n".join(recipient.email.lower() for recipient in addressed),
                "languages": "\n".join(recipient.language for recipient in addressed),
                "contents": json.dumps(contents),
            },
        )
    wake_up_after_commit()


def kept(letters: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Keep what an email says in each language; returns language, subject and content's number of each."""
    contents = Content.objects.bulk_create(
        Content(text=parts["text"], html=parts["html"]) for parts in letters.values()
    )
    return [
        {"language": language, "subject": parts["subject"], "content": content.pk}
        for (language, parts), content in zip(letters.items(), contents, strict=True)
    ]


def composed(
    kind: EmailKind, recipients: list[Recipient], context: Mapping[str, Any] | None, words: Mapping[str, Words] | None
) -> dict[str, dict[str, str]]:
    """The mail's `subject`, `text` and `html` in each of the recipients' languages."""
    languages = dict.fromkeys(recipient.language for recipient in recipients)
    words = {**sendable(kind, languages), **(words or {})}
    return {language: compose(kind, language, context or {}, words[language]) for language in languages}


@dataclass(frozen=True)
class Letter:
    """What some people would get, all the same."""

    language: str
    subject: str
    text: str
    html: str
    recipients: list[Recipient]


class Proof:
    """Takes emails as `queue_mails` does and queues none: `letters` are what would be sent, each address once."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.addresses: set[str] = set()

    def __call__(
        self,
        *,
        recipients: Iterable[Recipient],
        template: str,
        context: Mapping[str, Any] | None = None,
        words: Mapping[str, Words] | None = None,
        **_for_the_outbox: Any,
    ) -> None:
        kind = KINDS[template]
        addressed = [to for to in willing(kind.announcement, recipients) if to.email.lower() not in self.addresses]
        self.addresses |= {to.email.lower() for to in addressed}
        for language, parts in composed(kind, addressed, context, words).items():
            to_them = [to for to in addressed if to.language == language]
            self.letters.append(Letter(language=language, recipients=to_them, **parts))


# One statement for any number of recipients, within somebody's request: `bulk_create` takes three times as long. What
# differs from mail to mail comes as one string (no address holds a line end), for arrays of constants are slow to parse;
# the Message-ID is made here and stays the same however often the mail is tried.
QUEUE = """
    INSERT INTO mail_outgoingmail (
        topic, announcement, confidential, urgent, status, due_at, created_at, attempts, error,
        key, "to", language, subject, content_id, message_id
    )
    SELECT %(topic)s, %(announcement)s, %(confidential)s, %(urgent)s, 'queued', %(now)s, %(now)s, 0, '',
        %(key)s || ':' || mail.lower, mail.address, mail.language, words.subject, words.content,
        '<' || replace(gen_random_uuid()::text, '-', '') || '@' || %(domain)s || '>'
    FROM unnest(
        string_to_array(%(addresses)s, E'\n'), string_to_array(%(lower)s, E'\n'), string_to_array(%(languages)s, E'\n')
    ) WITH ORDINALITY AS mail(address, lower, language, number)
    LEFT JOIN json_to_recordset(%(contents)s) AS words(language text, subject text, content bigint) USING (language)
    ORDER BY mail.number
    ON CONFLICT (key) DO NOTHING
"""


def wake_up_after_commit() -> None:
    """Wake a worker once the transaction is committed; one wake-up serves all the emails of a transaction."""
    waiting = connection.run_on_commit
    if not any(function is wake_up for function in (hook[1] for hook in waiting)):
        transaction.on_commit(wake_up, robust=True)


def wake_up(after: timedelta = timedelta()) -> None:
    """Tell a worker that there is mail. A broker that is away costs only seconds: beat's sweep delivers."""
    from cluster_portal.mail.tasks import deliver

    seconds = after.total_seconds()
    try:
        deliver.apply_async(countdown=seconds, expires=60 + seconds, retry=False)
    except Exception as error:  # kombu raises what its transport raises; none of it may reach the request
        logger.warning("broker not reached, the sweep will deliver: %s", error)


def discard_unsent(key: str) -> int:
    """Take back the emails whose key begins with `key`, because they no longer hold; returns how many."""
    return OutgoingMail.objects.filter(key__startswith=f"{key}:").take_back()


def resendable(mails: QuerySet[OutgoingMail]) -> QuerySet[OutgoingMail]:
    """Those that a person may send again: failed, uncertain, or waiting for their next try; with their words still here."""
    return mails.filter(status__in=[Status.FAILED, Status.UNCERTAIN, Status.QUEUED], content__isnull=False)


def discardable(mails: QuerySet[OutgoingMail]) -> QuerySet[OutgoingMail]:
    """Those that a person may discard: none that is on its way or was sent."""
    return mails.filter(status__in=[Status.FAILED, Status.UNCERTAIN, Status.QUEUED])


def resend(mails: QuerySet[OutgoingMail]) -> int:
    """Queue emails again, to be tried now, under the same Message-ID; returns how many."""
    with transaction.atomic():
        count = resendable(mails).update(
            status=Status.QUEUED, due_at=timezone.now(), attempts=0, claim=None, claimed_at=None, recalled=False
        )
        if count:
            wake_up_after_commit()
    return count


def discard(mails: QuerySet[OutgoingMail]) -> int:
    """Discard emails: they are never sent; returns how many."""
    return discardable(mails).update(status=Status.DISCARDED, claim=None)


def forget(address: str, stand_in: str) -> None:
    """Wipe an address and what was said to it alone; the lines of the log stay, with `stand_in` as their recipient.

    What waits is not sent, and what the address had chosen is forgotten too.
    """
    mails = OutgoingMail.objects.filter(to__iexact=address)
    with transaction.atomic():
        contents = list(mails.exclude(content=None).values_list("content", flat=True))
        mails.take_back()
        mails.update(key=Concat(Value("forgotten:"), Cast("pk", CharField())), to=stand_in, content=None, error="")
        Content.objects.filter(pk__in=contents, mails=None).delete()
        Subscription.objects.filter(address=address.lower()).delete()
        BadAddress.objects.filter(address=address.lower()).delete()


def prune(keep: timedelta) -> int:
    """Delete the contents that were written longer ago than `keep` and that no mail needs any more; returns how many.

    The line of each email stays: to whom, when, about what. What failed or is uncertain keeps its content, for it
    may be sent again.
    """
    needed = [Status.QUEUED, Status.SENDING, Status.FAILED, Status.UNCERTAIN]
    old = Content.objects.filter(created_at__lt=Now() - keep).exclude(
        pk__in=OutgoingMail.objects.filter(status__in=needed, content__isnull=False).values("content")
    )
    pruned = 0
    while batch := list(old.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            OutgoingMail.objects.filter(content__in=batch).exclude(status__in=needed).update(content=None)
            pruned += Content.objects.filter(pk__in=batch, mails=None).delete()[0]
    return pruned
