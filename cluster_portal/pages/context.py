"""What every template may use."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from cluster_portal.identity.current import at_hand
from members.permissions import Roles


def portal(request: HttpRequest) -> dict:
    """`cluster`, `demo`, `mail_leaves`, `site_url`, `canonical_url`, `roles`, and `language_links` as (code, name, path, is_current)."""
    path = request.get_full_path()
    current = translation.get_language()
    links = [
        (
            code,
            translation.get_language_info(code)["name_local"],
            path if code == current else translate_url(path, code),
            code == current,
        )
        for code, _name in settings.LANGUAGES
    ]
    return {
        "cluster": SimpleLazyObject(at_hand),
        "demo": settings.DEMO,
        "mail_leaves": bool(settings.EMAIL_URL),
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + urlsplit(path).path,
        "language_links": links,
        "roles": SimpleLazyObject(lambda: Roles(request.user)),
    }
