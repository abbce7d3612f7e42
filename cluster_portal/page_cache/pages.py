"""Public pages kept whole for visitors without a session, and known to be fresh by the generation of the content.

A view is kept only where it says so (`public_page`), and only for addresses whose parameters it names; everything
else passes untouched. Each process keeps its own: a page is made quickly, and so need not be shared. Nothing depends on
the kept pages: without a generation, every visit makes its page.
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language_from_request

from cluster_portal.page_cache import generation

View = TypeVar("View", bound=Callable)
BYTES_MAX = 512 * 1024
ADDRESS_MAX = 500  # characters of a path with its query
ENCODING = re.compile(r"\b(br|gzip)\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
ENCODE = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "": bytes,
}


def public_page(*parameters: str) -> Callable[[View], View]:
    """Marks a view whose answer to a stranger depends on nothing but the address, the language and the content.

    `parameters` are those that it reads from the address; with any other the page is made and not kept.
    """

    def mark(view: View) -> View:
        vars(view)["public_parameters"] = frozenset(parameters)
        return view

    return mark


class PageCacheMiddleware:
    """Answers strangers with the page as it was made before, if nothing has changed since."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Whoever carries one of these may be known, or be told something, or have chosen a language.
        self.personal = {
            settings.SESSION_COOKIE_NAME,
            settings.CSRF_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            "messages",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if not self.personal.isdisjoint(request.COOKIES):
            generation.latest.doubt()  # whoever has just changed something looks at it next
            return self.get_response(request)
        if (
            request.method not in ("GET", "HEAD")
            or len(request.path) + len(query) > ADDRESS_MAX
            or "HTTP_AUTHORIZATION" in request.META
        ):
            return self.get_response(request)
        now = generation.current()  # before the page is made (see there)
        encoding = accepted_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        key = (
            request.method, request.scheme, request.get_host(), get_language_from_request(request), encoding,
            request.path, query,
        )  # fmt: skip
        if found := generation.latest.find(now, key):
            headers, body = found
            return conditional(request, HttpResponse(body, headers=headers))
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not is_for_everyone(request, response):
            return response
        finish(response, encoding)
        if len(response.content) <= BYTES_MAX:
            generation.latest.keep(now, key, (dict(response.items()), response.content), len(response.content))
        return conditional(request, response)


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page, or the 304 that tells a browser that it has it already."""
    return get_conditional_response(request, response["ETag"], None, response) or response


def accepted_encoding(header: str) -> str:
    """ "br", "gzip" or neither, as the client's Accept-Encoding allows."""
    offered = ENCODING.findall(header)
    return "br" if "br" in offered else "gzip" if offered else ""


def is_for_everyone(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is a whole public page with nothing in it that is this visitor's own."""
    view = getattr(request.resolver_match, "func", None)
    parameters = getattr(view, "public_parameters", None)
    return (
        parameters is not None
        and parameters.issuperset(request.GET)
        and not request.GET.get("q")  # words that somebody types hardly ever come again
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        and getattr(request, "_csp_nonce", None) is None
        and not re.search("no-store|private", response.get("Cache-Control", ""))
    )


def finish(response: HttpResponse, encoding: str) -> None:
    """Compress the page and name its state: a browser asks each time, and is told in one line that nothing is new.

    Compressing is safe here alone: a page for everyone holds no secret that its length could give away.
    """
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    if encoding and response.get("Content-Type", "").startswith(("text/", "application/", "image/svg")):
        response.content = ENCODE[encoding](response.content)
        response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(response.content))
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.setdefault("Cache-Control", "no-cache")
