from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import autodiscover_modules


class DeskConfig(SimpleAdminConfig):
    """Django's admin with the coordinator's desk as its first page; an app's pages are in its `desk/admin.py` or `admin.py`."""

    default_site = "cluster_portal.desk.site.CoordinatorSite"

    def ready(self) -> None:
        super().ready()
        autodiscover_modules("desk.admin", "admin")
