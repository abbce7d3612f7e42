"""Members as CSV, in the columns that `import_members` reads back."""

import csv
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from members.models import Member
from members.models.tags import join_tags

# The columns (contract); `members.desk.csv_rows` reads them back.
CSV_COLUMNS = (
    "name", "legal_name", "kind", "company_code", "vat_code", "municipality", "address", "website", "email",
    "phone", "areas", "summary_lt", "summary_en", "description_lt", "description_en", "offers", "seeks", "founded",
    "employees", "joined_on",
)  # fmt: skip


# What a spreadsheet takes for a formula, and what looks like such a text made harmless already.
FORMULA = re.compile(r"'*[=+\-@]")


class Line:
    """A file for csv.writer that hands every line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(members: QuerySet[Member]) -> Iterator[str]:
    """The lines of the file, the header first; semicolons and the mark in front are what Excel reads."""
    writer: Any = csv.writer(Line(), delimiter=";")
    yield "\ufeff" + writer.writerow(CSV_COLUMNS)
    for member in members.iterator(chunk_size=1000):
        yield writer.writerow([cell(member, column) for column in CSV_COLUMNS])


def cell(member: Member, column: str) -> str:
    """The text of one cell. What a spreadsheet would take for a formula gets an apostrophe (`unguarded` takes it off
    again); a phone number is checked and may keep its plus.
    """
    value = getattr(member, column)
    if column == "areas":
        return "|".join(area.slug for area in member.areas.all())
    if column == "municipality":
        return member.municipality.name_lt if member.municipality else ""
    if isinstance(value, list):
        value = join_tags(value, "|")
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) and column != "phone" else text


def unguarded(text: str) -> str:
    """A cell's text without the apostrophe that the export puts before formulas."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
