from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cluster_portal.desk import start_page


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        """What waits for the coordinator is shown on the desk's start page."""
        from applications.desk import waiting  # not before the models are there

        start_page.register("applications/desk/waiting.html", waiting.start_page)
