from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """Areas, founders and members of a cluster's file become records here; whose work the desk and their member's page are."""
        from cluster_portal.identity import layout  # not before the models are there
        from members import cluster_file
        from members.people import work

        layout.register(cluster_file.AreasTable(), cluster_file.FoundersTable(), cluster_file.MembersTable())
        work.register(10, lambda roles: roles.is_coordinator, "admin:index")
        work.register(30, lambda roles: roles.is_representative, "my-organisation")
