"""Lays out the cluster whose file comes with the code."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from cluster_portal.identity.layout import OWN_FILE


class Command(BaseCommand):
    help = "Lays out this cluster: load_cluster with its own file; safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("load_cluster", OWN_FILE, stdout=self.stdout, stderr=self.stderr)
