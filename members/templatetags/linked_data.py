"""`{{ linked_data|json_ld }}`: what programs read of a page."""

import json

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def json_ld(graph: list[dict]) -> SafeString:
    """The data block of schema.org's JSON-LD; it is data, which the page's policy lets stand and nothing runs."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    escapes = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}
    return mark_safe(f'<script type="application/ld+json">{text.translate(escapes)}</script>')
