"""The portal's things in schema.org's words, for the JSON-LD of the pages (`json_ld`)."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cluster_portal.identity.current import identity


def cluster() -> dict[str, Any]:
    """The cluster itself."""
    own = identity()
    facts = {
        "name": own.name,
        "alternateName": own.short_name if own.short_name != own.name else "",
        "legalName": own.official_name,
        "url": settings.SITE_URL + reverse("home"),
        "logo": settings.SITE_URL + reverse("mark", args=["light"]),
        "foundingDate": own.formed_on.isoformat() if own.formed_on else "",
        "email": own.contact_email,
        "telephone": own.contact_phone.as_e164 if own.contact_phone else "",
        "address": own.address,
    }
    return {"@type": "Organization", **{name: value for name, value in facts.items() if value}}


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
