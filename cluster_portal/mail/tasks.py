from datetime import timedelta

from celery import shared_task
from django.conf import settings

from cluster_portal.mail import claims, delivery, outbox, pace


@shared_task
def deliver(sweep: bool = False) -> int:
    """Deliver what is due; run at every wake-up and by the beat's sweep.

    Where there is much, each turn wakes one more worker when it begins, so that all of them help, and the last one
    of the backlog ends the chain. A sweep that finds others at work starts no second chain.
    """
    joins = sweep and claims.others_at_work()
    helped = not joins and delivery.wants_help()
    if helped:
        outbox.wake_up()
    sent = delivery.deliver_due()
    # Only a turn that sent something asks for another one: a chain that gets nothing away must end, or it would spin.
    if sent and not joins and not helped and claims.due().exists():
        outbox.wake_up(after=pace.interval())
    return sent


@shared_task
def prune() -> int:
    """Forget the bodies of old emails; the lines of the log stay."""
    return outbox.prune(timedelta(days=settings.MAIL_KEEP_DAYS))
