"""The register's scheduled task."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def forget_sessions() -> None:
    """Delete the sessions that have run out: they hold the address with which somebody logged in."""
    call_command("clearsessions")
