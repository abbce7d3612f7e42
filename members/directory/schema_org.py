"""The portal's things in schema.org's words, for the JSON-LD of the pages (`json_ld`)."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _


def cluster() -> dict[str, Any]:
    """The cluster itself."""
    home = settings.SITE_URL + reverse("home")
    return {"@type": "Organization", "name": _("Production Innovation Valley cluster"), "url": home}


def breadcrumbs(*trail: tuple[str, str]) -> dict[str, Any]:
    """The way from the home page to this one: (name, path); the page itself, which is the last, has no path."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": number,
                "name": name,
                **({"item": settings.SITE_URL + path} if path else {}),
            }
            for number, (name, path) in enumerate([(_("Home"), reverse("home")), *trail], 1)
        ],
    }
