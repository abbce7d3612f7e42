"""What about the mail waits for the coordinator: on the first page of the desk, and on the pages of people and members."""

from datetime import timedelta
from typing import Any

from django import template
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import now

from cluster_portal.mail.delivery import can_send
from cluster_portal.mail.models import BadAddress, OutgoingMail, Stoppage

register = template.Library()
LATE = timedelta(minutes=10)


@register.inclusion_tag("admin/mail/attention.html")
def mail_attention() -> dict[str, Any]:
    """How many emails failed, are uncertain or are late, how many addresses fail, whether mail goes anywhere and whether
    the server takes it; nothing is shown where all is well.
    """
    numbers = OutgoingMail.objects.filter(status__in=["failed", "uncertain", "queued"]).aggregate(
        failed=Count("pk", filter=Q(status="failed")),
        uncertain=Count("pk", filter=Q(status="uncertain")),
        queued=Count("pk", filter=Q(status="queued")),
        late=Count("pk", filter=Q(status="queued", created_at__lt=now() - LATE)),
    )
    stoppage = Stoppage.objects.first() if numbers.pop("queued") else None
    return {
        **numbers,
        "addresses": BadAddress.objects.count(),
        "goes_nowhere": not can_send(),
        "stoppage": stoppage,
    }


@register.inclusion_tag("admin/mail/mails_to.html")
def mails_to(people: QuerySet | str, path: str = "") -> dict[str, Any]:
    """A link to the emails to an address, or to all those that `path` leads to; and which of them take no email."""
    is_one = isinstance(people, str)
    addresses = [people] if isinstance(people, str) else sorted(set(people.values_list(path, flat=True)))
    lower = [address.lower() for address in addresses]
    return {"is_one": is_one, "addresses": ",".join(addresses), "bad": BadAddress.objects.filter(address__in=lower)}
