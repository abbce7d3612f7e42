"""`{{ cluster|mark:40 }}`: the cluster's mark within a page, so many pixels wide."""

from django import template
from django.utils.safestring import SafeString

from cluster_portal.identity.current import last_known
from cluster_portal.identity.models import Identity

register = template.Library()


@register.filter
def mark(cluster: Identity, size: int) -> SafeString:
    return cluster.mark_in_page(size)


@register.simple_tag
def last_known_cluster() -> Identity:
    """The identity without the database, for pages that say that something failed."""
    return last_known()


@register.filter
def lines(text: str) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]
