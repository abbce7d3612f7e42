"""`{{ member.name|highlight:words }}`: the text, escaped, with the words that the search matched marked."""

from django import template
from django.utils.safestring import SafeString

from members.directory.highlight import highlight as marked

register = template.Library()


@register.filter
def highlight(text: str, words: list[str] | None) -> str | SafeString:
    return marked(text, words) if words else text
