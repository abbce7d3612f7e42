from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")

    def ready(self) -> None:
        """The first posts of a cluster's file become records here."""
        from cluster_portal.identity import layout  # not before the models are there
        from news.cluster_file import Posts

        layout.register(Posts())
