"""Public pages of the news."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cluster_portal.base.bilingual import text_language
from cluster_portal.page_cache.pages import public_page
from members.directory import schema_org
from members.models import Member
from news.models import Post

PAGE_SIZE = 12


@login_not_required
@require_safe
@public_page("page")
def post_list(request: HttpRequest) -> HttpResponse:
    """Published posts, newest first, twelve a page; a page number out of range shows the nearest page."""
    page = Paginator(Post.objects.published(), PAGE_SIZE).get_page(request.GET.get("page"))
    for post in page:
        post.title_language = text_language(post, "title")
        post.summary_language = text_language(post, "summary")
    return render(request, "news/list.html", {"page_obj": page})


@login_not_required
@require_safe
@public_page()
def post_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One published post with its neighbours in time; drafts and posts of the future answer 404."""
    post = get_object_or_404(Post.objects.published().select_related("member__municipality"), slug=slug)
    return render(request, "news/detail.html", post_context(post))


def post_context(post: Post) -> dict[str, Any]:
    """What the page of a post shows, in the current language."""
    member = post.member if post.member and post.member.status == Member.Status.ACTIVE else None
    time, key = post.published_at, post.pk
    newer = Q(published_at__gt=time) | Q(published_at=time, pk__gt=key)
    older = Q(published_at__lt=time) | Q(published_at=time, pk__lt=key)
    return {
        "post": post,
        "linked_data": linked_data(post, member),
        "title_language": text_language(post, "title"),
        "body_language": text_language(post, "body"),
        "member": member,
        "member_language": text_language(member, "summary") if member else "",
        "newer": Post.objects.published().filter(newer).order_by("published_at", "pk").first(),
        "older": Post.objects.published().filter(older).first(),
    }


def linked_data(post: Post, member: Member | None) -> list[dict[str, Any]]:
    """The post and its place in the portal in schema.org's words, in the language in which it is shown."""
    page = settings.SITE_URL + post.get_absolute_url()
    article = {
        "@type": "NewsArticle",
        "@id": page,
        "mainEntityOfPage": page,
        "headline": post.title,
        "description": post.summary,
        "inLanguage": text_language(post, "title"),
        "datePublished": post.published_at.isoformat(),
        "dateModified": max(post.published_at, post.updated_at).isoformat(),
        "author": schema_org.cluster(),
        "publisher": schema_org.cluster(),
        "about": {
            "@type": "Organization",
            "@id": settings.SITE_URL + member.get_absolute_url(),
            "name": member.name,
        }
        if member
        else "",
    }
    crumbs = schema_org.breadcrumbs((_("News"), reverse("news:list")), (post.title, ""))
    return [{name: value for name, value in article.items() if value}, crumbs]
