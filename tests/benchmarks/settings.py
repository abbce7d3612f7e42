"""The portal's own settings, with what the environment variable BENCH takes away from them.

`uncached`: a cache that keeps nothing, so that every page is made again however it would be cached.
`plain-static`: style sheets as they are, for the quick run, which has no time to compress them.
"""

import os

from cluster_portal.settings import *  # noqa: F403 (Django's own idiom for settings built on others)
from cluster_portal.settings import STORAGES

WITHOUT = os.environ["BENCH"].split()
if "uncached" in WITHOUT:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
if "plain-static" in WITHOUT:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
