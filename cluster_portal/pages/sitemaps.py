"""The map of the public pages for search engines, each page in both languages."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cluster_portal.page_cache.pages import public_page
from members.models import Member
from news.models import Post


class BilingualSitemap(Sitemap):
    """Pages that exist in Lithuanian and English; addresses start with SITE_URL, whatever host was asked."""

    i18n = True
    alternates = True

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Pages(BilingualSitemap):
    """The standing pages."""

    def items(self) -> list[str]:
        return ["home", "about", "how-to-join", "open-data", "embed", "personal-data", "members:list", "news:list"]

    def location(self, item: str) -> str:
        return reverse(item)


class MemberPages(BilingualSitemap):
    def items(self) -> QuerySet[Member]:
        return Member.objects.public().only("slug", "updated_at")

    def lastmod(self, item: Member) -> datetime:
        return item.updated_at


class NewsPages(BilingualSitemap):
    def items(self) -> QuerySet[Post]:
        return Post.objects.published().only("slug", "updated_at")

    def lastmod(self, item: Post) -> datetime:
        return item.updated_at


@login_not_required
@public_page()
def sitemap(request: HttpRequest) -> HttpResponse:
    """/sitemap.xml: home, about, how to join, the directory, every public member, the news and every post."""
    return views.sitemap(request, {"pages": Pages, "members": MemberPages, "news": NewsPages})
