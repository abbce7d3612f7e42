"""The portal's own settings for a quick run, which has no time to compress the style sheets: they are served as they are."""

from cluster_portal.settings import *  # noqa: F403 (Django's own idiom for settings built on others)
from cluster_portal.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
