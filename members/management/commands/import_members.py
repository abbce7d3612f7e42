"""Adds or updates members from a CSV file: all of it, or nothing."""

import csv
import io
import re
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import EmailValidator
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.text import slugify

from cluster_portal.country.lt.codes import clean_code, company_code_is_valid, vat_code_is_valid
from cluster_portal.country.lt.places import Places
from members.models import Area, Kind, Member, Municipality
from members.organisation.forms import TagsField

COLUMNS = (
    "name", "legal_name", "kind", "company_code", "vat_code", "municipality", "address", "website", "email", "phone",
    "areas", "summary_lt", "summary_en", "description_lt", "description_en", "offers", "seeks", "founded",
    "employees", "joined_on",
)  # fmt: skip
BATCH = 500
# The export's apostrophe before what a spreadsheet would take for a formula.
GUARDED = re.compile(r"^'(?='*[=+\-@])")


class Command(BaseCommand):
    help = "Adds or updates members by company code (else by name) from a CSV file; all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        """Exit status 1 with every bad row named by line, column and reason; nothing is imported then."""
        with translation.override("en"), transaction.atomic():
            with connection.cursor() as cursor:
                # Member numbers are given one after another; no admission may take one meanwhile.
                cursor.execute("LOCK TABLE members_member IN SHARE ROW EXCLUSIVE MODE")
            importer = Importer()
            for line, cells in read_rows(file):
                importer.take(line, cells)
            if importer.errors:
                for line, column, reason in importer.errors:
                    self.stderr.write(f"line {line}, column {column}: {reason}")
                raise CommandError(f"Nothing was imported: {len(importer.errors)} error(s) in {file}.")
            for text in importer.report:
                self.stdout.write(text)
            importer.write()
            counts = f"{len(importer.added)} added, {len(importer.updated)} updated, {importer.unchanged} unchanged"
            if dry_run:
                transaction.set_rollback(True)
                self.stdout.write(f"Dry run, nothing was changed: {counts}.")
            else:
                self.stdout.write(f"{counts}.")


def read_rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, each with the number of its first line. Raises CommandError for what is no such file."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CommandError(f"{file}, line {line}: the file is not in UTF-8. Save it as “CSV UTF-8”.") from error
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ",")
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if "name" not in names:
            raise CommandError(f"{file}, line 1: the header with the column “name” is missing.")
        for name in names:
            if name not in COLUMNS or names.count(name) > 1:
                raise CommandError(f"{file}, line 1, column {name or '(no name)'}: unknown or repeated column.")
        start = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(names):
                    raise CommandError(
                        f"{file}, line {start}, column {names[min(len(cells), len(names) - 1)]}: "
                        f"the row has {len(cells)} cells, the header {len(names)}."
                    )
                rows.append((start, {name: plain(cell) for name, cell in zip(names, cells, strict=True)}))
            start = reader.line_num + 1
    except csv.Error as error:
        raise CommandError(f"{file}, line {reader.line_num}: {error}.") from error
    return rows


def plain(cell: str) -> str:
    """A cell's text without the blanks around it and without the apostrophe that the export puts before formulas."""
    return GUARDED.sub("", cell.strip(), count=1)


class Importer:
    """Takes rows one by one and writes them all at once; `errors` are (line, column, reason)."""

    def __init__(self) -> None:
        self.errors: list[tuple[int, str, str]] = []
        self.report: list[str] = []
        self.added: list[Member] = []
        self.updated: list[Member] = []
        self.unchanged = 0
        self.written: set[str] = set()
        self.places = Places(Municipality.objects.all())
        self.areas = {area.slug: area for area in Area.objects.all()}
        self.chosen: list[tuple[Member, list[Area]]] = []
        members = list(Member.objects.select_related("municipality").defer("search_vector").prefetch_related("areas"))
        self.by_code = {member.company_code: member for member in members if member.company_code}
        self.vat_codes = {member.vat_code for member in members}
        self.by_name: dict[str, list[Member]] = {}
        for member in members:
            self.by_name.setdefault(member.name.lower(), []).append(member)
        self.slugs = {member.slug for member in members}
        self.number = max((member.number for member in members), default=0)
        self.lines: dict[int, int] = {}

    def take(self, line: int, cells: dict[str, str]) -> None:
        """Add or update the member of one row, or note what is wrong with it."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for column, cell in cells.items():
            try:
                values[column] = self.value(column, cell)
            except ValidationError as error:
                errors[column] = " ".join(error.messages)
        if not errors:
            self.save(line, values, errors)
        self.errors += [(line, column, reason) for column, reason in errors.items()]

    def value(self, column: str, cell: str) -> Any:
        """What a cell means. Raises ValidationError."""
        if "\0" in cell:
            raise ValidationError("The cell has a NUL character.")
        if column in ("founded", "employees"):
            if cell and not re.fullmatch(r"[0-9]{1,9}", cell):
                raise ValidationError(f"“{cell}” is not a whole number.")
            number = int(cell) if cell else None
            if column == "founded" and number is not None and not 1000 <= number <= timezone.localdate().year:
                raise ValidationError(f"“{cell}” is not a year in the past.")
            return number
        if column == "joined_on":
            try:
                return date.fromisoformat(cell) if cell else None
            except ValueError as error:
                raise ValidationError(f"“{cell}” is not a date like 2020-04-27.") from error
        if column == "municipality":
            place = self.places.find(cell) if cell else None
            if cell and place is None:
                raise ValidationError(f"“{cell}” is no municipality of Lithuania.")
            return place
        if column == "areas":
            slugs = [slug.strip() for slug in cell.split("|") if slug.strip()]
            for slug in slugs:
                if slug not in self.areas:
                    raise ValidationError(f"“{slug}” is no area; known are {', '.join(self.areas)}.")
            return [self.areas[slug] for slug in dict.fromkeys(slugs)]
        if column in ("offers", "seeks"):
            return TagsField(required=False).clean(cell)
        if column == "kind":
            if cell and cell.lower() not in Kind.values:
                raise ValidationError(f"“{cell}” is none of {', '.join(Kind.values)}.")
            return cell.lower() or "company"
        if column == "name" and not cell:
            raise ValidationError("The name is missing.")
        if column == "company_code":
            code = clean_code(cell)
            # A code that a member has already was confirmed when it joined.
            if len(code) == 9 and code.isdigit() and not company_code_is_valid(code) and code not in self.by_code:
                raise ValidationError(f"The check digit of “{cell}” is wrong.")
            return code
        if column == "vat_code":
            code = clean_code(cell)
            if code and not vat_code_is_valid(code) and code not in self.vat_codes:
                raise ValidationError(f"“{cell}” is no VAT code: LT and 9 or 12 digits, the check digit right.")
            return code
        if column == "website" and cell and "://" not in cell:
            return f"https://{cell}"
        if column == "email" and cell:
            EmailValidator()(cell)
        return cell

    def save(self, line: int, values: dict[str, Any], errors: dict[str, str]) -> None:
        """Note what is to be written; `errors` takes what the model refuses."""
        member = self.known(values, errors)
        column = "company_code" if values.get("company_code") else "name"
        if member is not None and id(member) in self.lines:
            errors[column] = f"The same organisation as in line {self.lines[id(member)]}."
        if errors:
            return
        is_new = member is None
        if member is None:
            self.number += 1
            member = Member(number=self.number, slug=self.free_slug(values["name"]))
        areas = values.pop("areas", None)
        before = {column: getattr(member, column) for column in values}
        for column, value in values.items():
            setattr(member, column, value)
        try:
            member.clean_fields(exclude={"sort_key", "search_name", "search_vector", "logo"})
        except ValidationError as error:
            errors.update({column: " ".join(reasons) for column, reasons in error.message_dict.items()})
            return
        changes = {column: (old, new) for column, old in before.items() if (new := getattr(member, column)) != old}
        self.lines[id(member)] = line
        self.by_name.setdefault(member.name.lower(), []).append(member)
        if member.company_code:
            self.by_code[member.company_code] = member
        has = [] if is_new else list(member.areas.all())
        if areas is not None and set(areas) != set(has):
            self.chosen.append((member, areas))
            changes["areas"] = (has, areas)
        if is_new:
            self.added.append(member)
            self.report.append(f"+ {member.name}")
        elif changes:
            self.updated.append(member)
            self.written |= changes.keys() - {"areas"}
            told = ", ".join(f"{column} {in_words(old)} → {in_words(new)}" for column, (old, new) in changes.items())
            self.report.append(f"~ {member.name}: {told}")
        else:
            self.unchanged += 1

    def known(self, values: dict[str, Any], errors: dict[str, str]) -> Member | None:
        """The member that a row is about: the one with its company code, else with its name; None for a new one."""
        code = values.get("company_code", "")
        if code in self.by_code:
            return self.by_code[code]
        # The same name under another code is another organisation.
        named = [
            member for member in self.by_name.get(values["name"].lower(), []) if not (code and member.company_code)
        ]
        unlike = {id(member): member for member in named}
        if len(unlike) > 1:
            errors["name"] = f"{len(unlike)} members have this name: give the company code."
        return next(iter(unlike.values()), None)

    def free_slug(self, name: str) -> str:
        """An address for `name` that no member has, as `Member.free_slug` gives it."""
        base = slugify(name)[:70] or "narys"
        slug, count = base, 1
        while slug in self.slugs:
            count += 1
            slug = f"{base}-{count}"
        self.slugs.add(slug)
        return slug

    def write(self) -> None:
        """Write what the rows asked for; the caller's transaction holds all of it."""
        Member.objects.bulk_create(self.added, batch_size=BATCH)
        now = timezone.now()
        for member in self.updated:
            member.updated_at = now
        Member.objects.bulk_update(self.updated, [*self.written, "updated_at"], batch_size=BATCH)
        links = Member.areas.through.objects
        links.filter(member__in=[member for member, _areas in self.chosen]).delete()
        links.bulk_create(
            [links.model(member=member, area=area) for member, areas in self.chosen for area in areas],
            batch_size=BATCH,
        )


def in_words(value: Any) -> str:
    """A value for the report, on one line and not too long."""
    text = "|".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
    text = " ".join(text.split())
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
