"""`{% kept "footer" %}…{% endkept %}`: a part of a page that each process makes once a generation.

The part must depend on nothing but the content, the language and the values that follow its name:
`{% kept "card" member.pk %}`. What it shows of the visitor, or of the address, is a value or stays outside. With a value
that is None the part is made each time.
"""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from cluster_portal.page_cache import generation

register = template.Library()


class KeptNode(template.Node):
    def __init__(self, nodelist: NodeList, name: str, values: list[FilterExpression]) -> None:
        self.nodelist, self.name, self.values = nodelist, name, values

    def render(self, context: template.Context) -> SafeString:
        values = [value.resolve(context) for value in self.values]
        if None in values:
            return self.nodelist.render(context)
        key = (self.name, get_language(), *values)
        return mark_safe(generation.once(key, lambda: self.nodelist.render(context)))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(nodelist, name, [parser.compile_filter(value) for value in values])
