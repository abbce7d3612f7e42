"""The directory for programs: the same members, parameters and words as on the pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Literal

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.cache import patch_vary_headers
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from cluster_portal.base.text import clean_line
from members.directory.query import PAGE_SIZE, DirectoryQuery, tag_names
from members.models import Member

router = Router(tags=["members"])
Language = Literal["lt", "en"]


class MemberOut(Schema):
    """A member as the list shows it."""

    slug: str
    name: str
    legal_name: str
    kind: Literal["company", "institution", "other"]
    is_founder: bool
    is_coordinator: bool
    company_code: str = Field(description="Nine digits (seven before 2004), or empty")
    vat_code: str
    municipality: str | None = Field(description="Its name in the language of the answer")
    municipality_code: str | None = Field(description="ISO 3166-2:LT")
    areas: list[str] = Field(description="Slugs of the areas of activity")
    summary: str
    offers: list[str] = Field(description="Their names in the language of the answer")
    seeks: list[str] = Field(description="Their names in the language of the answer")
    website: str
    joined_on: date | None
    logo: str | None
    url: str = Field(description="The member's page in the language of the answer")
    is_example: bool = Field(description="Demonstration data, not a real organisation")


class MemberDetailOut(MemberOut):
    """A member with all that its page tells."""

    description: str
    address: str
    email: str
    phone: str
    founded: int | None
    employees: int | None


class MembersOut(Schema):
    """One page of members."""

    count: int
    next: str | None
    previous: str | None
    results: list[MemberOut]


class MemberFilters(Schema):
    """The directory's parameters; lists are repeatable, and any of their values will do."""

    q: str = Field("", description="Words in any case and ending, with or without diacritics")
    area: list[str] = []
    kind: list[Literal["company", "institution", "other"]] = []
    county: list[str] = Field([], description="ISO 3166-2:LT code of a county: LT-MR")
    municipality: list[str] = Field([], description="ISO 3166-2:LT code or Lithuanian name")
    offers: list[str] = Field([], description="What they offer, by any of its names")
    seeks: list[str] = Field([], description="What they look for, by any of its names")
    role: list[Literal["founder", "member"]] = []
    sort: Literal["name", "joined"] | None = None
    page: int = Field(1, ge=1, le=1_000_000)
    lang: Language | None = Field(None, description="Else the language is taken from Accept-Language")


@contextmanager
def answer_language(request: HttpRequest, response: HttpResponse, lang: str | None) -> Iterator[None]:
    """Speak `lang`, else the language that the request's Accept-Language prefers."""
    language = lang or translation.get_language_from_request(request)
    patch_vary_headers(response, ["Accept-Language"])
    response["Content-Language"] = language
    with translation.override(language):
        yield


def page_link(request: HttpRequest, number: int) -> str:
    """The address of this request with another page number."""
    params = request.GET.copy()
    params["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{params.urlencode()}")


def as_list(member: Member, absolute: Callable[[str], str], names: dict[str, str]) -> dict:
    """The fields of MemberOut, in the language that is active now; `names` are its tags' (`tag_names`)."""
    return {
        **{
            name: getattr(member, name)
            for name in (
                "slug", "name", "legal_name", "kind", "is_founder", "is_coordinator", "company_code", "vat_code",
                "summary", "website", "joined_on", "is_example",
            )
        },
        "offers": [names[tag] for tag in member.offers],
        "seeks": [names[tag] for tag in member.seeks],
        "municipality": member.municipality.name if member.municipality else None,
        "municipality_code": member.municipality_id,
        "areas": [area.slug for area in member.areas.all()],
        "logo": absolute(member.logo_url) if member.logo else None,
        "url": absolute(member.get_absolute_url()),
    }  # fmt: skip


@router.get("/members", response=MembersOut, summary="The members, by page")
def members(request: HttpRequest, response: HttpResponse, filters: Query[MemberFilters]) -> dict:
    """The members that the parameters ask for; a page past the end is empty, a value unknown to the directory 422."""
    with answer_language(request, response, filters.lang):
        wanted = DirectoryQuery(
            **{**filters.dict(exclude={"page", "lang"}), "sort": filters.sort or ""},
        )
        if wanted.errors:
            raise HttpError(422, " ".join(wanted.errors))
        found = wanted.members().select_related("municipality").prefetch_related("areas")
        paginator = Paginator(found.defer("search_vector", "search_name"), PAGE_SIZE)
        number, last = filters.page, paginator.num_pages
        shown = list(paginator.page(number)) if number <= last else []
        names = tag_names(tag for member in shown for tag in (*member.offers, *member.seeks))
        return {
            "count": paginator.count,
            "next": page_link(request, number + 1) if number < last else None,
            "previous": page_link(request, min(number - 1, last)) if number > 1 else None,
            "results": [as_list(member, request.build_absolute_uri, names) for member in shown],
        }


@router.get("/members/{slug}", response=MemberDetailOut, summary="One member")
def member(request: HttpRequest, response: HttpResponse, slug: str, lang: Language | None = None) -> dict:
    """The member with this slug; 404 where the directory has none."""
    found = get_object_or_404(Member.objects.public().select_related("municipality"), slug=clean_line(slug))
    with answer_language(request, response, lang):
        return {
            **as_list(found, request.build_absolute_uri, tag_names([*found.offers, *found.seeks])),
            "description": found.description,
            "address": found.address,
            "email": found.email,
            "phone": str(found.phone or ""),
            "founded": found.founded,
            "employees": found.employees,
        }
