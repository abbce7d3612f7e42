from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from news import emails
from news.models import Post

FRESH = timedelta(days=7)  # an older post, dated back or imported, is no news


@shared_task
def mail_new_posts() -> int:
    """Mail every post that has become public to the subscribers, once; returns how many posts."""
    fresh = Post.objects.published().filter(mailed_at=None, published_at__gt=timezone.now() - FRESH)
    mailed = 0
    for pk in fresh.values_list("pk", flat=True):
        with transaction.atomic():
            post = fresh.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if post:
                emails.news_post(post)
                Post.objects.filter(pk=pk).update(mailed_at=timezone.now())
                mailed += 1
    return mailed


@shared_task
def forget_unconfirmed() -> int:
    """Forget the addresses that asked for the news and never confirmed it."""
    return emails.forget_unconfirmed()
