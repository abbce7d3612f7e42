"""What is said to whom about the news."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from cluster_portal.mail.models import Announcement, BadAddress, Content, OutgoingMail, Subscription
from cluster_portal.mail.outbox import Recipient, queue_mails
from members.models import User
from news.models import Post

SALT = "news.subscription"
TOPIC = "subscription"
HOURLY = 200  # emails that ask for a confirmation: strangers can make us write to anybody, but not to everybody
LINK_VALID = 7 * 24 * 3600  # seconds


def too_many_asked() -> bool:
    """Whether the hour's share of emails to strangers is used up."""
    hour_ago = timezone.now() - timedelta(hours=1)
    return OutgoingMail.objects.filter(topic=TOPIC, created_at__gte=hour_ago).count() >= HOURLY


def confirm_subscription(address: str, language: str) -> None:
    """To whoever owns the address: do you want the news? Once a day at most; nothing is remembered until they confirm."""
    queue_mails(
        key=f"{TOPIC}:{timezone.localdate():%Y-%m-%d}",
        recipients=[Recipient(address, language)],
        template="news/emails/confirm_subscription",
        context={"link": absolute("news:confirm", signing.dumps([address.lower(), language], salt=SALT))},
        topic=TOPIC,
        confidential=True,
    )


def news_post(post: Post, put: Callable[..., None] = queue_mails) -> None:
    """To the subscribers of the news, those with an account in its language. The key is the post's own: who was told of
    it as a representative is not told again. `put` takes the emails: the outbox, or a `Proof`.
    """
    subscribers = dict(Subscription.objects.wanting(Announcement.NEWS).values_list("address", "language"))
    subscribers |= dict(User.objects.filter(email__in=subscribers).values_list("email", "language"))
    put(
        key=post.topic,
        recipients=[Recipient(address, language) for address, language in subscribers.items()],
        template="news/emails/news_post",
        context={"post": post, "link": absolute("news:detail", post.slug)},
        topic=post.topic,
    )


def forget_unconfirmed() -> int:
    """Delete every trace of those who were asked and whose link has run out: the page promises to keep no address that
    was not confirmed. Returns how many.
    """
    asked = OutgoingMail.objects.filter(topic=TOPIC, created_at__lt=timezone.now() - timedelta(seconds=LINK_VALID))
    strangers = {address.lower() for address in asked.values_list("to", flat=True)}
    strangers -= set(User.objects.filter(email__in=strangers).values_list("email", flat=True))
    strangers -= set(Subscription.objects.filter(address__in=strangers).values_list("address", flat=True))
    BadAddress.objects.filter(address__in=strangers).delete()
    contents = list(asked.exclude(content=None).values_list("content", flat=True))
    forgotten = asked.delete()[0]
    Content.objects.filter(pk__in=contents, mails=None).delete()
    return forgotten


def absolute(name: str, argument: str) -> Callable[[], str]:
    """The address of a page, made at rendering time: it follows the language in which the email is rendered."""
    return lambda: settings.SITE_URL + reverse(name, args=[argument])
