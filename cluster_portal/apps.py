from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin with the coordinator's desk as its first page."""

    default_site = "applications.desk.CoordinatorSite"
