"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.functional import SimpleLazyObject

from cluster_portal.identity.current import at_hand
from members.permissions import Roles


def portal(request: HttpRequest) -> dict:
    """`cluster`, `demo`, `mail_leaves`, `site_url`, `canonical_url`, `roles`, and `language_links` as (code, name, path, is_current)."""
    current = translation.get_language()
    links = [
        (code, translation.get_language_info(code)["name_local"], path_in(code, request), code == current)
        for code, _name in settings.LANGUAGES
    ]
    return {
        "cluster": SimpleLazyObject(at_hand),
        "demo": settings.DEMO,
        "mail_leaves": bool(settings.EMAIL_URL),
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + escape_uri_path(request.path),
        "language_links": links,
        "roles": SimpleLazyObject(lambda: Roles(request.user)),
    }


def path_in(code: str, request: HttpRequest) -> str:
    """The address of the same page in the language `code`. `translate_url` would look for the page once more."""
    if code == translation.get_language() or not (match := request.resolver_match):
        return request.get_full_path()
    try:
        with translation.override(code):
            path = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    except NoReverseMatch:
        return request.get_full_path()
    query = request.META.get("QUERY_STRING", "")
    return f"{path}?{iri_to_uri(query)}" if query else path
