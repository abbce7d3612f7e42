"""The language of the desk."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


class AdminLanguageMiddleware:
    """The admin has no language in its address: it speaks the language of the person who works in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)
