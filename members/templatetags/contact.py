"""Contacts that a browser, a screen reader and a printer show as they are, and a collector of addresses overlooks."""

import json

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def shielded(address: str) -> SafeString:
    """`address` written letter by letter as character references: no "@" and no word of it stands in the page."""
    return mark_safe("".join(f"&#{ord(letter)};" for letter in str(address)))


@register.filter
def mail_link(address: str) -> SafeString:
    """A link that writes to `address`, shielded as well."""
    return mark_safe(f'<a href="{shielded(f"mailto:{address}")}">{shielded(address)}</a>')


@register.filter
def json_ld(graph: list[dict]) -> SafeString:
    """The data block of schema.org's JSON-LD; it is data, which the page's policy lets stand and nothing runs."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    escapes = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}
    return mark_safe(f'<script type="application/ld+json">{text.translate(escapes)}</script>')
