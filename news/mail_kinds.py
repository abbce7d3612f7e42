"""The emails about the news: what each is called at the desk, and what its words may name."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.mail.kinds import GAVE_ADDRESS, SUBSCRIBED, EmailKind, Placeholder, register
from cluster_portal.mail.models import Announcement
from cluster_portal.mail.topics import register_topic
from news.models import Post

EXAMPLE = "https://example.org/"

register(
    [
        EmailKind(
            "news/emails/confirm_subscription",
            _("News: confirm the subscription"),
            (
                Placeholder(
                    "link",
                    _("link: confirms the subscription"),
                    EXAMPLE,
                    lambda context: context["link"](),
                    is_link=True,
                    required=True,
                ),
            ),
            reason=GAVE_ADDRESS,
            urgent=True,
        ),
        EmailKind(
            "news/emails/news_post",
            _("News: a new post, to subscribers"),
            (
                Placeholder(
                    "title",
                    _("the news post’s title"),
                    _("Example joins the cluster"),
                    lambda context: context["post"].title,
                ),
                Placeholder(
                    "summary",
                    _("the news post’s summary; may be empty"),
                    _("Makes precision metal parts."),
                    lambda context: context["post"].summary,
                ),
                Placeholder("post", _("link: the news post"), EXAMPLE, lambda context: context["link"](), is_link=True),
            ),
            reason=SUBSCRIBED,
            announcement=Announcement.NEWS,
        ),
    ]
)
register_topic("post", _("News post"), Post)
register_topic("subscription", _("Subscription to the news"))
