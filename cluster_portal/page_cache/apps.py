from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PageCacheConfig(AppConfig):
    name = "cluster_portal.page_cache"
    label = "page_cache"
    verbose_name = _("Public pages")
