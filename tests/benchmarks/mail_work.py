"""What the benchmark of the mail does inside the portal: `python -m tests.benchmarks.mail_work DOES COUNT`.

`queue`: announce a new member to COUNT recipients in one transaction, in their languages; prints the milliseconds.
`bulk_create`: keep as many rows of such emails, ready-made, by Django's bulk_create in one transaction; prints the
milliseconds.
`deliver`: as `queue`, then wait until the workers have sent all; prints the seconds from the commit to the last email.
`reference`: send COUNT emails of the same bodies, ready-made, by Django's send_messages over one connection; prints the
seconds.
"""

import sys
import time
from types import SimpleNamespace

import django
from django.conf import settings

from cluster_portal.base.known import known

PATIENCE = 600  # seconds


def main(does: str, count: int) -> None:
    django.setup()
    print({"queue": queue, "bulk_create": bulk_create, "deliver": deliver, "reference": reference}[does](count))


def announce(count: int, occasion: str) -> None:
    """Queue the announcement of a member to so many recipients, every other one in English."""
    from cluster_portal.mail.outbox import Recipient, queue_mails
    from news.models import Post

    post = known(Post.objects.published().first())
    queue_mails(
        key=f"bench:{occasion}",
        recipients=[Recipient(f"atstovas{n}@example.org", ("lt", "en")[n % 2]) for n in range(count)],
        template="applications/emails/member_announcement",
        context={
            "application": SimpleNamespace(name="Pavyzdys"),
            "post": post,
            "member": SimpleNamespace(number=7),
            "links": SimpleNamespace(post=settings.SITE_URL + post.get_absolute_url(), member=settings.SITE_URL + "/"),
        },
        topic="bench",
    )


def queue(count: int) -> float:
    """The milliseconds that queueing takes, commit and wake-up included."""
    from django.db import connection, transaction

    connection.ensure_connection()
    announce(2, f"warm-up:{time.time_ns()}")  # the templates and words of both languages are read once only
    began = time.perf_counter()
    with transaction.atomic():
        announce(count, str(time.time_ns()))
    return (time.perf_counter() - began) * 1000


def bulk_create(count: int) -> float:
    """The milliseconds that Django takes for the rows alone, commit included."""
    from django.db import transaction

    from cluster_portal.mail.models import OutgoingMail

    with transaction.atomic():
        announce(1, f"warm-up:{time.time_ns()}")
        [one] = OutgoingMail.objects.order_by("-pk")[:1]
    fields = {
        field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields if not field.primary_key
    }
    occasion = time.time_ns()
    rows = [
        OutgoingMail(**{**fields, "key": f"rows:{occasion}:{number}", "status": "discarded"}) for number in range(count)
    ]
    began = time.perf_counter()
    with transaction.atomic():
        OutgoingMail.objects.bulk_create(rows)
    return (time.perf_counter() - began) * 1000


def deliver(count: int) -> float:
    """The seconds from the commit until the last of the emails was sent."""
    from django.db import transaction
    from django.db.models import Max
    from django.utils import timezone

    from cluster_portal.mail.models import OutgoingMail

    occasion = str(time.time_ns())
    with transaction.atomic():
        announce(count, occasion)
        began = timezone.now()  # within: on a busy machine the workers may be done before this process goes on
    mails = OutgoingMail.objects.filter(key__startswith=f"bench:{occasion}:")
    until = time.monotonic() + PATIENCE
    while mails.exclude(status="sent").exists():
        if time.monotonic() > until:
            sys.exit(f"not all was sent in {PATIENCE} s")
        time.sleep(0.2)
    return (mails.aggregate(last=Max("sent_at"))["last"] - began).total_seconds()


def reference(count: int) -> float:
    """The seconds of Django's own loop."""
    from django.core.mail import EmailMultiAlternatives
    from django.core.mail.backends.smtp import EmailBackend
    from django.db import transaction

    from cluster_portal.mail.models import OutgoingMail

    with transaction.atomic():
        announce(2, "reference")
        bodies = [(mail.subject, mail.text, mail.html) for mail in OutgoingMail.objects.order_by("-pk")[:2]]
        transaction.set_rollback(True)
    messages = []
    for number in range(count):
        subject, text, html = bodies[number % 2]
        message = EmailMultiAlternatives(subject, text, to=[f"atstovas{number}@example.org"])
        message.attach_alternative(html, "text/html")
        messages.append(message)
    smtp = EmailBackend()
    began = time.perf_counter()
    sent = smtp.send_messages(messages)
    seconds = time.perf_counter() - began
    return seconds if sent == count else sys.exit(f"{sent} of {count} were sent")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
