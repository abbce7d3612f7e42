from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "cluster_portal.mail"
    label = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        """Every app declares the kinds of mail that it writes; wake-ups go through the portal's own Celery."""
        import_module("cluster_portal.celery")
        autodiscover_modules("mail_kinds")
