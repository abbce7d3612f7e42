"""What a visitor or a program asks of the directory; the page and the API read the same parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cluster_portal.base.bilingual import Bilingual
from cluster_portal.base.text import clean_line
from cluster_portal.country.lt.places import Places
from cluster_portal.country.lt.search import query_words, searched
from members.directory.highlight import matches_any
from members.models import Area, Kind, Member, Municipality, Tag
from members.models.member import MemberQuerySet
from members.models.organisation import TAG_LENGTH

PAGE_SIZE = 24
# Members found from which on words are common ones. To put so many in order takes long, and of such words there are
# few, so that what they find is kept; other words hardly ever come again.
MANY = 1000
VALUES_MAX = 20
SORTS = ("name", "joined")
VIEWS = ("map", "matches")
# What the page calls the parameters.
TITLES = {
    "area": gettext_lazy("Area of activity"),
    "offers": gettext_lazy("Offers"),
    "seeks": gettext_lazy("Looks for"),
    "kind": gettext_lazy("Kind of organisation"),
    "role": gettext_lazy("Role in the cluster"),
    "county": gettext_lazy("Place"),
    "municipality": gettext_lazy("Municipality"),
    "sort": gettext_lazy("Sort by"),
    "view": gettext_lazy("Views"),
}
ROLES = {"founder": gettext_lazy("Founder"), "member": gettext_lazy("Admitted member")}


def clean(values: Iterable[str], length: int) -> list[str]:
    """The values that say something, cut to `length`, once each, at most VALUES_MAX of them."""
    texts = (clean_line(value)[:length] for value in values)
    return list(dict.fromkeys(text for text in texts if text))[:VALUES_MAX]


@dataclass(slots=True)
class MunicipalityNames:
    """A municipality with its county, in both languages."""

    code: str
    name_lt: str
    name_en: str
    county_code: str
    county_lt: str
    county_en: str

    name = Bilingual()
    county = Bilingual()


@dataclass
class DirectoryQuery:
    """A state of the directory. Values that the directory does not know are left out and told in `errors`."""

    q: str = ""
    area: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    county: list[str] = field(default_factory=list)
    municipality: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    seeks: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    sort: str = ""
    view: str = ""

    LISTS = ("area", "kind", "role", "county", "municipality", "offers", "seeks")

    @classmethod
    def read(cls, params: QueryDict) -> "DirectoryQuery":
        """The state that an address asks for."""
        return cls(
            q=params.get("q", ""),
            sort=params.get("sort", ""),
            view=params.get("view", ""),
            **{name: params.getlist(name) for name in cls.LISTS},
        )

    def __post_init__(self) -> None:
        self.q, too_long = searched(self.q)
        self.errors = [too_long] if too_long else []
        for name in self.LISTS:
            setattr(self, name, clean(getattr(self, name), TAG_LENGTH))
        self.area = self.known("area", self.area, {area.slug: area.slug for area in self.areas} if self.area else {})
        self.kind = self.known("kind", self.kind, {kind: kind for kind in Kind.values})
        self.role = self.known("role", self.role, {role: role for role in ROLES})
        self.county = self.known("county", self.county, {code: code for code in self.counties} if self.county else {})
        places = Places(self.places) if self.municipality else None
        found = {text: place.code for text in self.municipality if places and (place := places.find(text))}
        self.municipality = clean(self.known("municipality", self.municipality, found), 10)
        self.tags = canonical([*self.offers, *self.seeks])
        for name in ("offers", "seeks"):
            values = (self.tags[typed].name_lt if typed in self.tags else typed for typed in getattr(self, name))
            setattr(self, name, list(dict.fromkeys(values)))
        self.sort = next(iter(self.known("sort", [self.sort[:TAG_LENGTH]], {sort: sort for sort in ("", *SORTS)})), "")
        self.view = next(iter(self.known("view", [self.view[:TAG_LENGTH]], {view: view for view in ("", *VIEWS)})), "")

    def known(self, name: str, values: list[str], answers: dict[str, str]) -> list[str]:
        """What `answers` gives for the values; the others are told in `errors`."""
        for value in values:
            if value not in answers:
                self.errors.append(
                    _("There is no such value: “%(value)s” (%(name)s).") % {"name": TITLES[name], "value": value}
                )
        return [answers[value] for value in values if value in answers]

    @cached_property
    def areas(self) -> list[Area]:
        return list(Area.objects.all())

    @cached_property
    def places(self) -> list[MunicipalityNames]:
        """The municipalities in the order of their names."""
        columns = ("code", "name_lt", "name_en", "county_id", "county__name_lt", "county__name_en")
        rows = Municipality.objects.order_by("sort_key").values_list(*columns)
        return [MunicipalityNames(*row) for row in rows]

    @cached_property
    def counties(self) -> dict[str, str]:
        """The counties' names by code, in the order of the codes."""
        return dict(sorted({place.county_code: place.county for place in self.places}.items()))

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the search words narrows the list."""
        return any(getattr(self, name) for name in self.LISTS)

    @cached_property
    def typed_words(self) -> list[str]:
        return query_words(self.q)

    @cached_property
    def words(self) -> list[str]:
        """The words that are searched for: those typed, or their corrections where nobody has those typed."""
        return Member.objects.corrected(self.typed_words) if self.typed_words else []

    @property
    def did_you_mean(self) -> str:
        """The words in place of those typed, or an empty string where they were right."""
        return " ".join(self.words) if self.words != self.typed_words else ""

    def found(self) -> MemberQuerySet:
        """The public members that have the searched words, the best first."""
        members = Member.objects.public()
        return members.search_words(self.words) if self.q else members

    def conditions(self) -> dict[str, Q]:
        """The filters that are set, by facet: `place` is county and municipality together."""
        areas = Member.areas.through.objects.filter(area__slug__in=self.area).values("member")
        places = Q(municipality__in=self.municipality) | Q(municipality__county__in=self.county)
        conditions = {
            "area": Q(pk__in=areas) if self.area else None,
            "kind": Q(kind__in=self.kind) if self.kind else None,
            "role": Q(is_founder="founder" in self.role) if len(self.role) == 1 else None,
            "place": places if self.municipality or self.county else None,
            "offers": Q(offers__overlap=self.offers) if self.offers else None,
            "seeks": Q(seeks__overlap=self.seeks) if self.seeks else None,
        }
        return {facet: condition for facet, condition in conditions.items() if condition is not None}

    def members(self) -> MemberQuerySet:
        """The public members asked for, in the order asked for (found ones: the best first, unless told otherwise)."""
        return self.in_order(self.found().filter(*self.conditions().values()))

    def in_order(self, members: MemberQuerySet) -> MemberQuerySet:
        """`members`, some of those found, in the order asked for."""
        if self.sort == "joined":
            return members.order_by(F("joined_on").desc(nulls_last=True), "sort_key", "pk")
        if self.sort == "name" or not self.q:
            return members.order_by("sort_key", "pk")
        return members

    def query_string(self, without: tuple[str, str] | None = None, without_places: bool = False, **changes: str) -> str:
        """The address's "?…" of this state, `without` one value of a list or any place, or with q, sort or view changed."""
        pairs = [("q", self.q)]
        for name in self.LISTS:
            if not (without_places and name in ("county", "municipality")):
                pairs += [(name, value) for value in getattr(self, name) if (name, value) != without]
        pairs += [("sort", self.sort), ("view", self.view)]
        pairs = [(name, changes.get(name, value)) for name, value in pairs]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"?{query}" if query else ""


def canonical(words: list[str]) -> dict[str, Tag]:
    """The tags that `words` mean (any of a tag's names, in any case, with or without diacritics), by the word."""
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT typed, tag.id, tag.name_lt, tag.name_en FROM unnest(%s::text[]) AS typed
            JOIN members_tagname AS name ON name.key = tag_key(typed) JOIN members_tag AS tag ON tag.id = name.tag_id
            """,
            [words],
        )
        return {typed: Tag(id=pk, name_lt=name_lt, name_en=name_en) for typed, pk, name_lt, name_en in cursor}


class ShownTag(NamedTuple):
    """A tag as a page shows it: its Lithuanian name, which members carry, and its name in the page's language.

    `language` is "lt" on an English page where the tag has no English name, else empty.
    """

    value: str
    name: str
    language: str = ""

    @property
    def html(self) -> SafeString:
        """The name, marked where it is in another language than the page."""
        return (
            format_html('<span lang="{}">{}</span>', self.language, self.name) if self.language else escape(self.name)
        )


def shown_tag(name_lt: str, name_en: str) -> ShownTag:
    """The tag in the current language."""
    if get_language() == settings.LANGUAGE_CODE:
        return ShownTag(name_lt, name_lt)
    return ShownTag(name_lt, name_en) if name_en else ShownTag(name_lt, name_lt, settings.LANGUAGE_CODE)


def tag_names(tags: Iterable[str]) -> dict[str, str]:
    """What tags are called in the current language, by their Lithuanian names, which members carry."""
    if get_language() == settings.LANGUAGE_CODE:
        return {tag: tag for tag in tags}
    wanted = set(tags)
    named = {tag.name_lt: tag.name for tag in Tag.objects.filter(name_lt__in=wanted)}
    return {tag: named.get(tag, tag) for tag in wanted}


def matching_tags(tags: list[str], english: dict[str, str] | None, words: list[str]) -> list[ShownTag]:
    """Those of a member's `tags` that `words` match in either language, as the current language calls them.

    `english` are their English names where they have any; without words none match.
    """
    found = [(tag, (english or {}).get(tag, "")) for tag in tags] if words else []
    return [shown_tag(*names) for names in found if matches_any(" ".join(names), words)]
