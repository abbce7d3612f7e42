"""News posts in both languages."""

import re

import nh3
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, TextField
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown import markdown

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.dates import day_or_moment_to_come
from cluster_portal.base.slugs import PageSlugField, free_slug
from cluster_portal.base.text import LineField, LongTextField, clean_text
from cluster_portal.country.lt.search import SearchQuerySet
from members.models import Member


def own_pictures(element: str, attribute: str, value: str) -> str | None:
    """nh3's filter: a page fetches no picture from another host, "//host" neither."""
    foreign = element == "img" and attribute == "src" and not re.match(r"/[^/\\]", value)
    return None if foreign else value


def search_vector_field() -> models.GeneratedField:
    """A generated column: the words of titles (A), summaries (B) and texts (D)."""
    texts = [F(f"{name}_{language}") for name in ("title", "summary", "body") for language in ("lt", "en")]
    vector = Func(*texts, function="post_search_vector", output_field=SearchVectorField())
    return models.GeneratedField(expression=vector, output_field=SearchVectorField(), db_persist=True)


def search_title_field() -> models.GeneratedField:
    """A generated column: titles and summaries in the shape in which words are compared; the Lithuanian title first."""
    texts = Func(
        F("title_lt"), F("title_en"), F("summary_lt"), F("summary_en"), function="f_join", output_field=TextField()
    )
    bare = Func(texts, function="bare", output_field=TextField())
    return models.GeneratedField(expression=bare, output_field=TextField(), db_persist=True)


class PostQuerySet(SearchQuerySet):
    corrections = "post_words"
    title_field = "search_title"

    def published(self) -> "PostQuerySet":
        """Posts that the public sees now: published, and their time has come."""
        return self.filter(status=Post.Status.PUBLISHED, published_at__lte=timezone.now())


class Post(models.Model):
    """One news post; its texts are Markdown, cleaned when shown."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    slug = PageSlugField(_("address"), max_length=120, unique=True)
    title_lt = LineField(_("title (Lithuanian)"), max_length=200)
    title_en = LineField(_("title (English)"), max_length=200, blank=True)
    summary_lt = LineField(_("summary (Lithuanian)"), max_length=300, blank=True)
    summary_en = LineField(_("summary (English)"), max_length=300, blank=True)
    body_lt = LongTextField(_("text (Lithuanian)"), help_text=_("Markdown"))
    body_en = LongTextField(_("text (English)"), blank=True, help_text=_("Markdown"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published at"), default=timezone.now, validators=[day_or_moment_to_come])
    mailed_at = models.DateTimeField(_("emailed to subscribers"), null=True, blank=True, editable=False)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="posts", verbose_name=_("about the member")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    search_vector = search_vector_field()
    search_title = search_title_field()

    objects = PostQuerySet.as_manager()
    title = Bilingual()
    summary = Bilingual()
    body = Bilingual()

    class Meta:
        verbose_name = _("news post")
        verbose_name_plural = _("news posts")
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], condition=models.Q(status="published"), name="post_published"
            ),
            GinIndex(fields=["search_vector"], name="post_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=["draft", "published"]), name="post_status_known")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("news:detail", args=[self.slug])

    @property
    def topic(self) -> str:
        """The name under which its emails are filed in the outbox, and by which each person gets one."""
        return f"post:{self.pk}"

    @property
    def html(self) -> SafeString:
        """The text in the current language as clean HTML. The page has its one main heading already.

        Cleaned of invisible characters again, for Markdown writes what an entity names: "&#12;" breaks the feed's XML.
        """
        clean = clean_text(nh3.clean(markdown(self.body), attribute_filter=own_pictures))
        return mark_safe(clean.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))

    @property
    def state(self) -> str:
        """What the status means now: a published post whose time has not come is planned."""
        if self.status == self.Status.PUBLISHED and self.published_at > timezone.now():
            return str(_("scheduled"))
        return self.get_status_display()

    @staticmethod
    def free_slug(title: str) -> str:
        """An address for `title` that no post has (see there)."""
        return free_slug(Post, title, "naujiena")
