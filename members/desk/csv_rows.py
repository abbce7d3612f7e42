"""Reading the rows of a CSV file as people and spreadsheets leave them."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cluster_portal.base.text import clean_line, clean_text
from members.directory.export import CSV_COLUMNS, unguarded

# Excel's own line: which sign stands between the cells.
SEPARATOR_LINE = re.compile(r"sep=(.)\r?(?:\n|\Z)", re.IGNORECASE)


class BadFile(Exception):
    """The file cannot be read; the message says where and why."""


def read_rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, each with the number of its first line; a row's missing cells are empty.

    Rows and columns with nothing in them are passed over: spreadsheets leave them behind. Raises BadFile.
    """
    text = decoded(file)
    first_line = 1
    if separator := SEPARATOR_LINE.match(text):
        text, first_line = text[separator.end() :], 2
    header = text.partition("\n")[0]
    delimiter = separator[1] if separator else ";" if header.count(";") > header.count(",") else ","
    lines = numbered(file, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), first_line)
    _number, header_cells = next(lines, (first_line, []))
    names = [clean_line(name).lower() for name in header_cells]
    check_header(file, first_line, names)
    return [(number, row(file, number, names, cells)) for number, cells in lines if any(map(clean_line, cells))]


def decoded(file: Path) -> str:
    """The file's text. Raises BadFile for what is not UTF-8, naming the line."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadFile(f"{file}, line {line}: the file is not in UTF-8. Save it as “CSV UTF-8”.") from error


def numbered(file: Path, reader: Any, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Each row of cells with the line on which it begins: a cell in quotation marks may go over several lines."""
    number = first_line
    try:
        for cells in reader:
            yield number, cells
            number = first_line + reader.line_num
    except csv.Error as error:
        raise BadFile(f"{file}, line {number}: {error}.") from error


def check_header(file: Path, line: int, names: list[str]) -> None:
    """Raises BadFile for a header without names, or with a name that is unknown or there twice."""
    if "name" not in names:
        raise BadFile(f"{file}, line {line}: the header with the column “name” is missing.")
    for name in filter(None, names):
        if name not in CSV_COLUMNS or names.count(name) > 1:
            raise BadFile(f"{file}, line {line}, column {name}: unknown or repeated column.")


def row(file: Path, line: int, names: list[str], cells: list[str]) -> dict[str, str]:
    """Column → text. Raises BadFile for a text in no column."""
    texts = [unguarded((clean_text if "\n" in cell else clean_line)(cell).strip()) for cell in cells]
    if any(texts[len(names) :]):
        raise BadFile(
            f"{file}, line {line}, column {names[-1]}: the row has {len(cells)} cells, the header {len(names)}."
        )
    texts += [""] * (len(names) - len(texts))
    for place, (name, text) in enumerate(zip(names, texts, strict=False), 1):
        if text and not name:
            raise BadFile(f"{file}, line {line}, column {place}: the column has no name in the header.")
    return {name: text for name, text in zip(names, texts, strict=False) if name}
