"""Lays a cluster out from its file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from cluster_portal.identity.layout import FileRefused, lay_out, read_file


class Command(BaseCommand):
    help = (
        "Lays a cluster out from a TOML file: identity, founders, coordinator, areas, first posts. All of it or nothing; "
        "run again it makes what is new in the file and leaves all else as people made it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Exit status 1 with the place of every fault; nothing is laid out then."""
        with translation.override("en"):
            try:
                counts = lay_out(read_file(file))
            except FileRefused as refusal:
                for fault in refusal.faults:
                    self.stderr.write(str(fault))
                raise CommandError(f"Nothing was laid out: {len(refusal.faults)} fault(s) in {file}.") from refusal
        made = ", ".join(f"{count} in [{table}]" for table, count in counts.items() if count)
        self.stdout.write(f"Laid out: {made}." if made else "The cluster is laid out already; nothing was changed.")
