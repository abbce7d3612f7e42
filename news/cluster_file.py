"""The news' part of a cluster's file: the first posts."""

from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster_portal.base.dates import day_or_moment_to_come
from cluster_portal.identity.layout import REFUSALS, File, Table
from members.models import Member
from news.models import Post

NOON = time(12)  # a post of a day whose hour nobody knows


class PostsTable(Table):
    """Published posts; the key is the address."""

    name, model = "posts", Post
    fields = ("title_lt", "title_en", "summary_lt", "summary_en", "body_lt", "body_en")
    notes = {"published_on": date, "member": str}
    refers_to = {"member": ("members", "founders")}

    def record(self, key: str, entry: dict[str, Any], file: File) -> Post:
        post = super().record(key, entry, file)
        day = entry.get("published_on")
        if day is None:
            raise ValidationError({"published_on": str(REFUSALS[date])})
        try:
            day_or_moment_to_come(day)
        except ValidationError as error:
            raise ValidationError({"published_on": error}) from error
        post.published_at = datetime.combine(day, NOON, timezone.get_default_timezone())
        post.slug, post.status = key, Post.Status.PUBLISHED
        return post

    def save(self, record: Post, key: str, entry: dict[str, Any], laid_out: dict[str, int]) -> None:
        record.member = Member.objects.filter(pk__in=self.referred("member", entry, laid_out)).first()
        super().save(record, key, entry, laid_out)
