import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")

CHARSET = re.compile(r";\s*charset[^;]*", re.I)
django_application = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The portal. All that comes in is read as UTF-8, whatever a request says of its letters.

    Otherwise two requests for one address could mean two pages, of which one is kept for everybody.
    """
    if "charset" in (content_type := environ.get("CONTENT_TYPE", "")).lower():
        environ["CONTENT_TYPE"] = CHARSET.sub("", content_type)
    return django_application(environ, start_response)


# No visitor's question, however odd, keeps the database busy; migrations, imports and workers take the time they need.
if settings.STATEMENT_TIMEOUT:
    options = settings.DATABASES["default"]["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c statement_timeout={settings.STATEMENT_TIMEOUT}s".strip()
