"""The hot parts of the public pages are Jinja2 templates (`*.jinja`), which render some ten times faster than Django's.

Django's templates stay the pages' frame and put such a part in: `{% part "members/cards.jinja" %}`. A part knows all
that the page knows. Each language has its own compiled parts, in which texts and addresses stand as constants. Texts
are marked so that makemessages finds them; plural forms are chosen in Python.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, pgettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from lucide.templatetags.lucide import lucide

from cluster_portal.base.bilingual import text_language
from cluster_portal.identity.templatetags.cluster import mark
from members.templatetags.highlight import highlight

ADDRESSES_KEPT = 4096
register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, **more: Any) -> SafeString:
    """`{% part "members/cards.jinja" %}`: the Jinja2 template within a page of Django's. What parts call (`url`) stays what it
    is, whatever a page calls so.
    """
    found = environment(get_language() or settings.LANGUAGE_CODE).get_template(name)
    return mark_safe(found.render({**context.flatten(), **more, **found.environment.globals}))


class TranslateTag(Extension):
    """`{% translate "text" %}` and `{% translate "text" context "where" %}`, as in Django's templates."""

    tags = {"translate"}

    def parse(self, parser: Parser) -> nodes.Node:
        """The text itself, in the language for which the part is being compiled; like all of the catalogue it is HTML."""
        line = next(parser.stream).lineno
        text = parser.stream.expect("string").value
        if parser.stream.skip_if("name:context"):
            said = pgettext(parser.stream.expect("string").value, text)
        else:
            said = gettext(text)
        return nodes.Output([nodes.TemplateData(said)], lineno=line)


@lru_cache(maxsize=ADDRESSES_KEPT)
def url(language: str, name: str, *args: Any) -> str:
    """The address of a view in `language`, which is the current one. To work one out takes longer than to draw a card."""
    return reverse(name, args=args)


def query_string(request: HttpRequest, **changes: str | int) -> str:
    """The address's "?…" of this page with some of its parameters changed."""
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@lru_cache(maxsize=256)
def icon(name: str, size: int) -> SafeString:
    """A drawing of lucide's beside words, which screen readers pass over."""
    return mark_safe(lucide(name, size=size, aria_hidden="true"))


def date(value: Any, style: str) -> str:
    """A day, or a moment in the portal's time zone, as Django's templates show it."""
    return date_format(localtime(value) if isinstance(value, datetime) else value, style)


FILTERS: dict[str, Callable[..., Any]] = {
    "date": date,
    "highlight": highlight,
    "mark": mark,
    "linebreaks": lambda text: mark_safe(linebreaks(text, autoescape=True)),
    "text_language": text_language,
    "quoted": lru_cache(maxsize=ADDRESSES_KEPT)(partial(quote, safe="")),
}


@lru_cache
def environment(language: str) -> Environment:
    """Jinja2 as the parts of pages in `language` use it; the current language must be the same."""
    made = Environment(
        autoescape=True,
        auto_reload=settings.DEBUG,
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        undefined=StrictUndefined,
        extensions=[TranslateTag],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "_": gettext,  # `{{ _("Page %(number)s")|safe|format(number=2) }}`: the values are escaped
        "url": partial(url, language),
        "static": static,
        "icon": icon,
        "query_string": query_string,
    }
    made.filters |= FILTERS
    return made
