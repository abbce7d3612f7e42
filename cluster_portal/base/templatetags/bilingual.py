"""`{{ member|text_language:"summary" }}`: the language in which a bilingual text is shown, for the `lang` attribute."""

from django import template

from cluster_portal.base.bilingual import text_language

register = template.Library()
register.filter(text_language)
