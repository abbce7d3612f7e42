from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "cluster_portal.mail"
    label = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        """Every app declares the kinds of mail that it writes."""
        autodiscover_modules("mail_kinds")
