"""Adds or updates members from a CSV file: all of it, or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from members.desk.csv_rows import BadFile, read_rows
from members.desk.importing import Importer
from members.models import Tag


class Command(BaseCommand):
    help = "Adds or updates members by company code (else by name) from a CSV file; all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        """Exit status 1 with every bad row named by line, column and reason; nothing is imported then."""
        with translation.override("en"), transaction.atomic():
            try:
                rows = read_rows(file)
            except BadFile as error:
                raise CommandError(str(error)) from error
            importer = Importer()
            for line, cells in rows:
                importer.take(line, cells)
            for line, column, reason in importer.errors:
                self.stderr.write(f"line {line}, column {column}: {reason}")
            if importer.errors:
                raise CommandError(f"Nothing was imported: {len(importer.errors)} error(s) in {file}.")
            for text in importer.report:
                self.stdout.write(text)
            importer.write()
            if nameless := Tag.objects.filter(name_en="").count():
                page = settings.SITE_URL + reverse("admin:members_tag_changelist") + "?name_en__isempty=1"
                self.stdout.write(f"Offers and needs without an English name: {nameless}. To give them names: {page}")
            transaction.set_rollback(dry_run)
        self.stdout.write(f"{'Dry run, nothing was changed: ' if dry_run else ''}{importer.counts}.")
