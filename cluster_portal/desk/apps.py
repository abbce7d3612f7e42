from importlib.util import find_spec

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import autodiscover_modules

from cluster_portal.base.modules import import_all


class DeskConfig(SimpleAdminConfig):
    """Django's admin with the coordinator's desk as its first page; an app's pages are in its `admin.py` or its `desk/`."""

    default_site = "cluster_portal.desk.site.CoordinatorSite"

    def ready(self) -> None:
        from django.contrib.admin.templatetags import admin_list  # not before the models are there

        from cluster_portal.desk.icons import yes_or_no

        super().ready()
        # Django's own icons are called “True” and “False” in every language, and it has no setting for them.
        vars(admin_list)["_boolean_icon"] = yes_or_no
        autodiscover_modules("admin")
        for app in apps.get_app_configs():
            if app is not self and find_spec(f"{app.name}.desk"):
                import_all(f"{app.name}.desk")
