"""News posts at the desk: both languages on one page, a preview, publishing now, later or no longer."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cluster_portal.base.database import lock_table
from cluster_portal.base.forms import EditForm
from cluster_portal.desk.admin import DeskAdmin
from news.models import Post
from news.views import post_context


class PostForm(EditForm):
    """A post; its address may be left to the portal, and so may the time of publishing."""

    class Meta:
        model = Post
        fields = (
            "status", "published_at", "member", "slug", "title_lt", "summary_lt", "body_lt", "title_en", "summary_en",
            "body_en",
        )  # fmt: skip
        help_texts = {
            "published_at": _(
                "Set a future time to schedule the post. If you leave the time unchanged, a draft gets the time "
                "it is published."
            ),
            "slug": _("If left empty, it is made from the Lithuanian title."),
            "body_lt": _(
                "Markdown: **bold**, [words](https://address), lines with “-” for a list, “##” for a heading."
            ),
            "body_en": _("Without an English text the English page shows the Lithuanian one and says so."),
        }

    prompts = {
        "title_lt": _("Enter the title in Lithuanian."),
        "body_lt": _("Enter the text in Lithuanian."),
        "published_at": _("Enter the day and time, for example, 2027-05-14 10:30."),
        "status": _("Choose the status."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        # The browser's field knows minutes; seconds left out are no change of the time.
        time = self.instance.published_at or timezone.now()
        self.fields["published_at"].show_hidden_initial = False
        self.initial["published_at"] = time.replace(second=0, microsecond=0)

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug and slug != self.instance.slug:
            lock_table(Post)  # two who choose it at once come one after the other
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("slug") and "slug" not in self.errors:
            lock_table(Post)
            cleaned["slug"] = Post.free_slug(cleaned.get("title_lt", ""))
        if "published_at" not in self.changed_data:
            is_news = cleaned.get("status") == Post.Status.PUBLISHED and self.stored.get("status") != cleaned["status"]
            cleaned["published_at"] = timezone.now() if is_news else self.instance.published_at
        return cleaned


@admin.register(Post)
class PostAdmin(DeskAdmin):
    form = PostForm
    list_title, add_title, change_title = _("News posts"), _("New news post"), _("Edit the news post")
    list_display = ["title_lt", "state", "published_at", "member"]
    list_filter = ["status"]
    list_select_related = ["member"]
    search_fields = ["title_lt", "title_en"]
    search_help_text = _("Search by title")
    autocomplete_fields = ["member"]
    prepopulated_fields = {"slug": ["title_lt"]}
    fieldsets = [
        (None, {"fields": ["status", "published_at", "member", "slug"]}),
        (_("Lithuanian"), {"fields": ["title_lt", "summary_lt", "body_lt"]}),
        (_("English"), {"fields": ["title_en", "summary_en", "body_en"]}),
    ]
    actions = ["publish", "unpublish"]

    @admin.display(description=_("status"), ordering="status")
    def state(self, post: Post) -> str:
        return post.state

    def view_on_site(self, post: Post) -> str | None:
        is_public = post.status == Post.Status.PUBLISHED and post.published_at <= timezone.now()
        return post.get_absolute_url() if is_public else None

    def get_urls(self) -> list[URLPattern]:
        preview = path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="news_post_preview")
        return [preview, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The post as its page will show it; `?lang=en` for the English page."""
        post = self.found(request, pk)
        with translation.override("en" if request.GET.get("lang") == "en" else "lt"):
            return render(request, "news/preview.html", post_context(post))

    @admin.action(description=_("Publish the chosen posts now"))
    def publish(self, request: HttpRequest, posts: QuerySet[Post]) -> None:
        """Drafts and planned posts appear at once; what is public already keeps its time."""
        now = timezone.now()
        hidden = posts.exclude(pk__in=Post.objects.published().values("pk"))
        count = hidden.update(status=Post.Status.PUBLISHED, published_at=now, updated_at=now)
        text = ngettext("%(count)d post was published.", "%(count)d posts were published.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    @admin.action(description=_("Return the chosen posts to drafts"))
    def unpublish(self, request: HttpRequest, posts: QuerySet[Post]) -> None:
        """The posts leave the site and the feeds; nothing of them is lost."""
        public = posts.filter(status=Post.Status.PUBLISHED)
        count = public.update(status=Post.Status.DRAFT, updated_at=timezone.now())
        text = ngettext("%(count)d post is a draft again.", "%(count)d posts are drafts again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
