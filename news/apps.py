from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")

    def ready(self) -> None:
        """The first posts of a cluster's file become records here; a member's page shows the posts about it; a public page changes
        when a post comes due.
        """
        from cluster_portal.identity import layout  # not before the models are there
        from cluster_portal.page_cache import generation
        from members.directory import member_page
        from news import member_facts
        from news.cluster_file import PostsTable

        layout.register(PostsTable())
        member_page.register_fact("posts", member_facts.POSTS, member_facts.posts)
        generation.MOMENTS.append(
            "(SELECT max(published_at) FROM news_post WHERE status = 'published' AND published_at <= %s)"
        )
