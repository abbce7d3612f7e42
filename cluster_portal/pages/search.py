"""One search over members and news."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cluster_portal.country.lt.search import query_words, searched
from members.models import Member
from news.models import Post

FOUND_SHOWN = 9


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The members and the news that the words find, the best first; the directory has all the members, pages all the news."""
    q, too_long = searched(request.GET.get("q", ""))
    typed = query_words(q)
    members, posts = Member.objects.public(), Post.objects.published()
    for_members = members.corrected(typed) if typed else []
    for_posts = posts.corrected(typed) if typed else []
    found_members = list(members.search_words(for_members).select_related("municipality")[:FOUND_SHOWN])
    page = Paginator(posts.search_words(for_posts), FOUND_SHOWN).get_page(request.GET.get("page"))
    found_posts = list(page)
    # A correction is told where it is all that was found: words that one side knows are right.
    if found_members and for_members == typed:
        found_posts = found_posts if for_posts == typed else []
    elif found_posts and for_posts == typed:
        found_members = []
    words = for_members if found_members else for_posts
    return render(
        request,
        "pages/search.html",
        {
            "q": q,
            "too_long": too_long,
            "members": found_members,
            "posts": found_posts,
            "page_obj": page,
            "words": words,
            "did_you_mean": " ".join(words) if words != typed and (found_members or found_posts) else "",
        },
    )
