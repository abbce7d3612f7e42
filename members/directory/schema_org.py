"""The portal's things in schema.org's words, for the JSON-LD of the pages (`json_ld`)."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cluster_portal.identity.current import identity


def cluster() -> dict[str, Any]:
    """The cluster itself."""
    ours = identity()
    facts = {
        "name": ours.name,
        "alternateName": ours.short_name if ours.short_name != ours.name else "",
        "legalName": ours.official_name,
        "url": settings.SITE_URL + reverse("home"),
        "logo": settings.SITE_URL + reverse("mark", args=["light"]),
        "foundingDate": ours.formed_on.isoformat() if ours.formed_on else "",
        "email": ours.contact_email,
        "telephone": ours.contact_phone.as_e164 if ours.contact_phone else "",
        "address": ours.postal_address,
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
