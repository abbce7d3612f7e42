"""Members from rows of text: added, or updated by company code (else by name), all at once."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster_portal.base.numbering import next_number
from cluster_portal.base.slugs import free_slug
from cluster_portal.country.lt.codes import clean_code, clean_vat_code, company_code_is_valid, vat_code_is_valid
from cluster_portal.country.lt.places import Places
from members.models import Area, Kind, Member, Municipality
from members.organisation.forms import TagsField

BATCH = 500


class Cells:
    """What the text of a cell means in its column."""

    def __init__(self, members: list[Member]) -> None:
        self.places = Places(Municipality.objects.all())
        self.areas = {area.slug: area for area in Area.objects.all()}
        # A code that a member has already was confirmed when it joined, whatever its check digit.
        self.known_codes = {code for member in members for code in (member.company_code, member.vat_code)}
        self.readers: dict[str, Callable[[str], Any]] = {
            "name": self.name,
            "kind": self.kind,
            "company_code": self.company_code,
            "vat_code": self.vat_code,
            "municipality": self.municipality,
            "website": self.website,
            "areas": self.area_list,
            "offers": TagsField(required=False).clean,
            "seeks": TagsField(required=False).clean,
            "founded": self.whole_number,
            "employees": self.whole_number,
            "joined_on": self.day,
        }

    def read(self, column: str, cell: str) -> Any:
        """The value of a cell. Raises ValidationError; what the model refuses is left to it."""
        return self.readers[column](cell) if column in self.readers else cell

    def name(self, cell: str) -> str:
        if not cell:
            raise ValidationError("The name is missing.")
        return cell

    def kind(self, cell: str) -> str:
        if cell and cell.lower() not in Kind.values:
            raise ValidationError(f"“{cell}” is not one of {', '.join(Kind.values)}.")
        return cell.lower() or Kind.COMPANY.value

    def company_code(self, cell: str) -> str:
        code = clean_code(cell)
        if len(code) == 9 and code.isdigit() and not company_code_is_valid(code) and code not in self.known_codes:
            raise ValidationError(f"The check digit of “{cell}” is wrong.")
        return code

    def vat_code(self, cell: str) -> str:
        code = clean_vat_code(cell)
        if code and not vat_code_is_valid(code) and code not in self.known_codes:
            raise ValidationError(f"“{cell}” is no VAT code: LT and 9 or 12 digits, the check digit right.")
        return code

    def municipality(self, cell: str) -> Municipality | None:
        place = self.places.find(cell) if cell else None
        if cell and place is None:
            raise ValidationError(f"“{cell}” is not a municipality of Lithuania.")
        return place

    def website(self, cell: str) -> str:
        return f"https://{cell}" if cell and "://" not in cell else cell

    def area_list(self, cell: str) -> list[Area]:
        slugs = list(dict.fromkeys(slug.strip() for slug in cell.split("|") if slug.strip()))
        for slug in slugs:
            if slug not in self.areas:
                raise ValidationError(f"“{slug}” is not an area; there are {', '.join(self.areas)}.")
        return [self.areas[slug] for slug in slugs]

    def whole_number(self, cell: str) -> int | None:
        if cell and not re.fullmatch(r"[0-9]{1,9}", cell):
            raise ValidationError(f"“{cell}” is not a whole number.")
        return int(cell) if cell else None

    def day(self, cell: str) -> date | None:
        try:
            return forms.DateField(required=False).clean(cell)
        except ValidationError as error:
            raise ValidationError(f"“{cell}” is not a date like 2020-04-27.") from error


class Importer:
    """Takes rows one by one and writes them all at once; `errors` are (line, column, reason).

    It locks the table of members: numbers and addresses are worked out here for all rows, so the caller's transaction
    holds all of it.
    """

    def __init__(self) -> None:
        self.number = next_number(Member)
        members = list(Member.objects.select_related("municipality").defer("search_vector").prefetch_related("areas"))
        self.cells = Cells(members)
        self.slugs = {member.slug for member in members}
        self.by_code = {member.company_code: member for member in members if member.company_code}
        self.by_name: dict[str, list[Member]] = {}
        for member in members:
            self.by_name.setdefault(member.name.casefold(), []).append(member)
        self.lines: dict[int, int] = {}  # by the member's id(): new ones have no key yet
        self.errors: list[tuple[int, str, str]] = []
        self.report: list[str] = []
        self.added: list[Member] = []
        self.updated: list[Member] = []
        self.unchanged = 0
        self.written: set[str] = set()
        self.chosen: list[tuple[Member, list[Area]]] = []

    @property
    def counts(self) -> str:
        return f"{len(self.added)} added, {len(self.updated)} updated, {self.unchanged} unchanged"

    def take(self, line: int, cells: dict[str, str]) -> None:
        """Add or update the member of one row, or note what is wrong with it."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for column, cell in cells.items():
            try:
                values[column] = self.cells.read(column, cell)
            except ValidationError as error:
                errors[column] = " ".join(error.messages)
        if not errors:
            errors = self.apply(line, values)
        self.errors += [(line, column, reason) for column, reason in errors.items()]

    def apply(self, line: int, values: dict[str, Any]) -> dict[str, str]:
        """Note what is to be written of a row; the answer is why it is refused, by column."""
        same = self.known(values)
        column = "company_code" if values.get("company_code") else "name"
        if len(same) > 1:
            return {"name": f"{len(same)} members have this name: give the company code."}
        if same and id(same[0]) in self.lines:
            return {column: f"The same organisation as in line {self.lines[id(same[0])]}."}
        is_new = not same
        member = self.new(values["name"]) if is_new else same[0]
        areas = values.pop("areas", None)
        before = {column: getattr(member, column) for column in values}
        for column, value in values.items():
            setattr(member, column, value)
        try:
            member.clean_fields(exclude={"slug", "sort_key", "search_name", "search_vector", "logo"})
        except ValidationError as error:
            return {column: " ".join(reasons) for column, reasons in error.message_dict.items()}
        changes = {column: (old, new) for column, old in before.items() if (new := getattr(member, column)) != old}
        has = [] if is_new else list(member.areas.all())
        if areas is not None and set(areas) != set(has):
            self.chosen.append((member, areas))
            changes["areas"] = (has, areas)
        self.remember(line, member)
        self.count(member, is_new, changes)
        return {}

    def known(self, values: dict[str, Any]) -> list[Member]:
        """The members that a row may be about: the one with its company code, else those with its name."""
        code = values.get("company_code", "")
        if code in self.by_code:
            return [self.by_code[code]]
        named = self.by_name.get(values["name"].casefold(), [])
        # The same name under another code is another organisation.
        return list({id(member): member for member in named if not (code and member.company_code)}.values())

    def new(self, name: str) -> Member:
        """A member not yet written, with the next number and an address of its own."""
        member = Member(number=self.number, slug=free_slug(Member, name, Member.SLUG, self.slugs))
        self.number += 1
        return member

    def remember(self, line: int, member: Member) -> None:
        """Later rows with the same code or name are about this one."""
        self.lines[id(member)] = line
        self.by_name.setdefault(member.name.casefold(), []).append(member)
        if member.company_code:
            self.by_code[member.company_code] = member

    def count(self, member: Member, is_new: bool, changes: dict[str, tuple[Any, Any]]) -> None:
        """Put the member among those added, updated or unchanged, and a line into the report."""
        if is_new:
            self.added.append(member)
            self.report.append(f"+ {member.name}")
        elif changes:
            self.updated.append(member)
            self.written |= changes.keys() - {"areas"}
            words = ", ".join(f"{column} {in_words(old)} → {in_words(new)}" for column, (old, new) in changes.items())
            self.report.append(f"~ {member.name}: {words}")
        else:
            self.unchanged += 1

    def write(self) -> None:
        """Write what the rows asked for."""
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
