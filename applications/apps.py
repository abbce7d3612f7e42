from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cluster_portal.base.modules import import_all
from cluster_portal.desk import start_page


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        """Verbs and the desk's steps make themselves known; what waits for the coordinator is shown on the start page; a
        member's page shows its admission; erasing a person covers its applications; ballots and applications are whose work.
        """
        import_all("applications.workflow")
        import_all("applications.desk.steps")
        from applications import erasure, member_facts  # not before the models are there
        from applications.desk import waiting
        from members.directory import member_page
        from members.people import erasure as people_erasure
        from members.people import work

        start_page.register("applications/desk/waiting.html", waiting.start_page)
        member_page.register_fact("decision", member_facts.DECISION, member_facts.decision)
        people_erasure.register(erasure.obstacle, erasure.EFFECT, erasure.erase)
        work.register(20, lambda roles: roles.is_voter, "ballots:list")
        work.register(90, lambda roles: True, "applications:list")
