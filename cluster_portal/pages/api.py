"""The public API, read only, for everyone: the directory and the news."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from cluster_portal.base.known import known
from cluster_portal.identity.current import identity
from cluster_portal.page_cache.pages import public_page
from members.directory.api import MemberFilters
from members.directory.api import router as members_router
from news.api import router as news_router


class PublicAPI(NinjaAPI):
    """An API that asks for no log-in: the site's LoginRequiredMiddleware lets its addresses pass."""

    @property
    def urls(self) -> tuple:
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            pattern.callback = view = answering_head(known(pattern.callback))
            vars(view)["login_required"] = False
            public_page(*MemberFilters.model_fields)(view)
        return patterns, app_name, namespace

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """ninja describes the good answers only; the refusals are alike at every address."""
        schema = super().get_openapi_schema(**options)
        cluster = identity()
        licence = cluster.get_licence()
        schema["info"]["title"] = cluster.name
        schema["info"]["license"] = {"name": licence.label, "url": licence.url}
        for path, operations in schema["paths"].items():
            refusals = {"422": "A value that is not known here, or not allowed"}
            if "{" in path:
                refusals["404"] = "There is none"
            for operation in operations.values():
                operation["responses"].update({status: refusal(words) for status, words in refusals.items()})
        return schema


def answering_head(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, which ninja lets answer GET alone, answering HEAD as well; the server leaves the body out."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = request.method
        request.method = "GET" if method == "HEAD" else method
        try:
            return view(request, *args, **kwargs)
        finally:
            request.method = method

    return answer


def refusal(words: str) -> dict[str, Any]:
    """The description of a refused request's answer: JSON that says why in `detail`."""
    content = {"type": "object", "properties": {"detail": {}}, "required": ["detail"]}
    return {"description": words, "content": {"application/json": {"schema": content}}}


api = PublicAPI(
    title="",  # the cluster's name, in the language of the request
    version="1",
    description="Members and news of the cluster. Open to everyone; nothing can be changed here.",
    docs_url=None,
    openapi_url="/openapi.json",
)
api.add_router("", members_router)
api.add_router("", news_router)
