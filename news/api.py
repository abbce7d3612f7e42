"""The public API of the news: GET /api/v1/news."""

from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Schema

from cluster_portal.base.bilingual import text_language
from news.models import Post

PAGE_SIZE = 12
Language = Literal["lt", "en"]
router = Router(tags=["news"])


class PostOut(Schema):
    slug: str
    title: str
    summary: str
    language: Language  # of the title: the other language where a translation is missing
    published_at: datetime
    updated_at: datetime
    member: str | None  # slug of the member that the post is about
    url: str


class PostList(Schema):
    count: int
    next: str | None
    previous: str | None
    results: list[PostOut]


@router.get("/news", response=PostList, summary="Published news, newest first")
def list_posts(request: HttpRequest, lang: Language | None = None, page: int = Query(1, ge=1, le=100_000)) -> dict:
    """Twelve posts a page in `lang`, else as Accept-Language says; a page past the end is empty."""
    language = lang or translation.get_language_from_request(request)
    with translation.override(language):
        posts = Post.objects.published().select_related("member")
        count = posts.count()
        start = (page - 1) * PAGE_SIZE
        path = settings.SITE_URL + request.path

        def page_url(number: int) -> str:
            return f"{path}?{urlencode({'lang': language, 'page': number})}"

        return {
            "count": count,
            "next": page_url(page + 1) if start + PAGE_SIZE < count else None,
            "previous": page_url(page - 1) if page > 1 else None,
            "results": [as_dict(post) for post in posts[start : start + PAGE_SIZE]],
        }


def as_dict(post: Post) -> dict:
    """One post in the current language, as PostOut describes it."""
    return {
        "slug": post.slug,
        "title": post.title,
        "summary": post.summary,
        "language": text_language(post, "title"),
        "published_at": post.published_at,
        "updated_at": post.updated_at,
        "member": post.member.slug if post.member and post.member.status == "active" else None,
        "url": settings.SITE_URL + post.get_absolute_url(),
    }
