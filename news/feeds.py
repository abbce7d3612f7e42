"""The Atom feed of the news, one in each language."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page
from news.models import Post


class NewsFeed(Feed):
    """The twenty newest published posts. Every address starts with SITE_URL, whatever host was asked."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("News of the %(cluster)s") % {"cluster": identity().genitive}

    def subtitle(self) -> str:
        return _("New members, joint work and events of the cluster.")

    def link(self) -> str:
        return settings.SITE_URL + reverse("news:list")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("news:feed")

    def author_name(self) -> str:
        return identity().name

    def feed_copyright(self) -> str:
        licence = identity().get_licence()
        return f"{licence.label}, {licence.url}"

    def items(self) -> QuerySet[Post]:
        return Post.objects.published()[:20]

    def item_title(self, item: Post) -> str:
        return item.title

    def item_description(self, item: Post) -> str:
        """The whole text, its links to the portal's own pages and pictures made absolute."""
        return re.sub(r'(href|src)="/(?!/)', rf'\1="{settings.SITE_URL}/', item.html)

    def item_link(self, item: Post) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_guid(self, item: Post) -> str:
        """A tag URI (RFC 4151) that outlives a changed slug, title or scheme."""
        return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:news/{get_language()}/{item.pk}"

    def item_pubdate(self, item: Post) -> datetime:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        return max(item.published_at, item.updated_at)


feed = login_not_required(public_page()(NewsFeed()))
