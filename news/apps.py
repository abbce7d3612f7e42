from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")

    def ready(self) -> None:
        """A member's page shows the posts about it."""
        from members.directory import member_page  # not before the models are there
        from news import member_facts

        member_page.register_fact("posts", member_facts.POSTS, member_facts.posts)
