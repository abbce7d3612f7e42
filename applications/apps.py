from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cluster_portal.desk import start_page


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        """What waits for the coordinator is shown on the desk's start page; a member's page tells of its admission."""
        from applications import member_facts  # not before the models are there
        from applications.desk import waiting
        from members.directory import member_page

        start_page.register("applications/desk/waiting.html", waiting.start_page)
        member_page.register_fact("decision", member_facts.DECISION, member_facts.decision)
