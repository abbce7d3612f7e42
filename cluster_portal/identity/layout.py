"""Laying a cluster out from its file: checked as a whole first, then each entry becomes a record, once.

An app says in its `AppConfig.ready` how the tables of the file that are its own are read (`register`), so that the identity
knows none of them. `LaidOut` remembers which entries have become records: run again, they are left as people made them.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cluster_portal.base.database import lock_table
from cluster_portal.identity.models import Identity, LaidOut

File = dict[str, Any]  # as tomllib reads it
OWN_FILE = Path(__file__).parent / "data" / "gamybos-inovaciju-slenis.toml"
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KEY_LENGTH = 120  # characters that `LaidOut` has room for
# What TOML has to say for a field of each class; the first that fits counts. All others are texts.
SORTS = {models.DateField: date, models.IntegerField: int, ArrayField: list}
REFUSALS = {
    str: gettext_lazy("Must be a text in quotation marks."),
    int: gettext_lazy("Must be a whole number."),
    date: gettext_lazy("Must be a day, such as 2020-04-27."),
    list: gettext_lazy("Must be a list of texts in square brackets."),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with the file, and where: `founders.alfa.email`."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


class FileRefused(Exception):
    """The file cannot be laid out; nothing was."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Table:
    """One table of the file: what its entries may say, and how one becomes a record."""

    name: ClassVar[str]
    model: ClassVar[type[models.Model]]
    fields: ClassVar[tuple[str, ...]]  # of the model, by the same names
    notes: ClassVar[dict[str, type]] = {}  # what an entry may say besides → as what
    refers_to: ClassVar[dict[str, tuple[str, ...]]] = {}  # field or note → the tables whose keys it names
    filled_in: ClassVar[tuple[str, ...]] = ()  # fields that get their value only when the record is made
    of_file: ClassVar[tuple[str, ...]] = ()  # what the file says of it outside the table

    def entries(self, file: File) -> dict[str, dict[str, Any]]:
        return file.get(self.name, {})

    def place(self, key: str) -> str:
        return f"{self.name}.{key}"

    def record(self, key: str, entry: dict[str, Any], file: File) -> Any:
        """The unsaved record of an entry; its texts end with their last word, as those of a form do."""
        values = {name: value for name, value in entry.items() if name in self.fields}
        return self.model(
            **{name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        )

    def save(self, record: Any, key: str, entry: dict[str, Any], laid_out: dict[str, int]) -> None:
        """Give the record what it is still lacking, and save it; `laid_out` has the keys of the records referred to."""
        record.full_clean()
        record.save()

    def faults(self, file: File) -> Iterator[Fault]:
        """What is wrong with this table as far as the file alone tells."""
        entries = self.entries(file)
        if not isinstance(entries, dict):
            yield Fault(self.name, _("Must be a table of tables."))
            return
        for key, entry in entries.items():
            found = [*self.faults_of_shape(key, entry, file)]
            yield from found
            if not found:
                yield from self.faults_of_values(key, entry, file)

    def faults_of_shape(self, key: str, entry: Any, file: File) -> Iterator[Fault]:
        """Names that nobody knows, values of another sort, references that lead nowhere."""
        if not is_key(key):
            words = _("A key has small letters a–z, digits and hyphens only, and at most %(max)d characters.")
            yield Fault(self.place(key), words % {"max": KEY_LENGTH})
        if not isinstance(entry, dict):
            yield Fault(self.place(key), _("Must be a table."))
            return
        for name, value in entry.items():
            place = f"{self.place(key)}.{name}"
            if name not in (*self.fields, *self.notes):
                yield Fault(place, _("There is no such field."))
            elif refusal := refused(value, self.sort(name)):
                yield Fault(place, refusal)
            elif tables := self.refers_to.get(name):
                known = [key for table in tables if isinstance(file.get(table), dict) for key in file[table]]
                for wanted in as_list(value):
                    if wanted not in known:
                        words = ngettext(
                            "There is no “%(key)s” in %(tables)s.",
                            "There is no “%(key)s” in any of %(tables)s.",
                            len(tables),
                        )
                        listed = ", ".join(f"[{table}]" for table in tables)
                        yield Fault(place, words % {"key": wanted, "tables": listed})

    def sort(self, name: str) -> type:
        """As what TOML has to say a field or note."""
        if name in self.notes:
            return self.notes[name]
        field = self.model._meta.get_field(name)
        return next((sort for kind, sort in SORTS.items() if isinstance(field, kind)), str)

    def faults_of_values(self, key: str, entry: dict[str, Any], file: File) -> Iterator[Fault]:
        """What the model refuses: field by field, and then what no field knows alone."""
        try:
            record = self.record(key, entry, file)
        except ValidationError as error:
            yield from faults_of(error, self.place(key))
            return
        try:
            record.clean_fields(exclude=self.filled_in)
        except ValidationError as error:
            yield from faults_of(error, self.place(key))
            for name in error.error_dict:  # so that what is wrong with the others is found as well
                setattr(record, name, record._meta.get_field(name).get_default())
        try:
            record.clean()
        except ValidationError as error:
            yield from faults_of(error, self.place(key))

    def referred(self, name: str, entry: dict[str, Any], laid_out: dict[str, int]) -> list[int]:
        """The primary keys of the records whose keys the entry names in a field or note."""
        places = [[f"{table}.{key}" for table in self.refers_to[name]] for key in as_list(entry.get(name, []))]
        return [next(laid_out[place] for place in known if place in laid_out) for known in places]


def is_key(text: str) -> bool:
    return len(text) <= KEY_LENGTH and KEY.fullmatch(text) is not None


def refused(value: Any, sort: type) -> str:
    """What is wrong with a value that has to be of this sort; empty where it is. True is no number, a moment no day."""
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    if type(value) is not sort or not all(isinstance(text, str) for text in texts):
        return str(REFUSALS[sort])
    return str(ProhibitNullCharactersValidator.message) if any("\0" in text for text in texts) else ""


def as_list(value: Any) -> list[Any]:
    """One reference, or several."""
    return value if isinstance(value, list) else [value]


class IdentityTable(Table):
    """The identity itself: one entry, under the key of the whole file."""

    name, model = "identity", Identity
    fields = tuple(field.name for field in Identity._meta.concrete_fields if field.name not in ("id", "updated_at"))

    def entries(self, file: File) -> dict[str, dict[str, Any]]:
        return {file["key"]: file.get("identity", {})}

    def place(self, key: str) -> str:
        return self.name


TABLES: dict[str, Table] = {"identity": IdentityTable()}


def register(*tables: Table) -> None:
    """Make tables of the file known."""
    TABLES.update((table.name, table) for table in tables)


def in_order() -> list[Table]:
    """The tables, each after those that it refers to."""
    graph = {table.name: {"identity", *chain(*table.refers_to.values())} - {table.name} for table in TABLES.values()}
    return [TABLES[table] for table in TopologicalSorter(graph).static_order()]


def read_file(path: Path) -> File:
    """The file as it says. Raises FileRefused where it is no TOML that can be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileRefused(Fault(str(path), error.strerror or str(error))) from error
    except ValueError as error:  # neither UTF-8 nor TOML, or a number of thousands of digits
        raise FileRefused(Fault(str(path), str(error))) from error
    except RecursionError as error:
        raise FileRefused(Fault(str(path), _("Its lists and tables stand too deep in one another."))) from error


def check(file: File) -> list[Fault]:
    """All that is wrong with the file, in the order of its tables."""
    key = file.get("key")
    if not isinstance(key, str) or not is_key(key):
        words = _(
            "The file needs a key of its own: small letters a–z, digits and hyphens, and at most %(max)d characters."
        )
        return [Fault("key", words % {"max": KEY_LENGTH})]
    known = {"key", *TABLES, *(name for table in TABLES.values() for name in table.of_file)}
    found = [Fault(name, _("There is no such table.")) for name in file if name not in known]
    for table in in_order():
        found += table.faults(file)
    return found


@transaction.atomic
def lay_out(file: File) -> dict[str, int]:
    """Make records of all entries that are none yet; returns how many for each table. Raises FileRefused: all or nothing."""
    if found := check(file):
        raise FileRefused(*found)
    lock_table(LaidOut)
    laid_out = {str(entry): entry.record for entry in LaidOut.objects.all()}
    refuse_another(file["key"], laid_out)
    return {table.name: lay_out_table(table, file, laid_out) for table in in_order()}


def lay_out_table(table: Table, file: File, laid_out: dict[str, int]) -> int:
    """Make records of one table's entries that are none yet, and add them to `laid_out`; returns how many."""
    new = {key: entry for key, entry in table.entries(file).items() if f"{table.name}.{key}" not in laid_out}
    for key, entry in new.items():
        record = table.record(key, entry, file)
        try:
            table.save(record, key, entry, laid_out)
        except ValidationError as error:
            raise FileRefused(*faults_of(error, table.place(key))) from error
        LaidOut.objects.create(table=table.name, key=key, record=record.pk)
        laid_out[f"{table.name}.{key}"] = record.pk
    return len(new)


def refuse_another(key: str, laid_out: dict[str, int]) -> None:
    """One portal is one cluster's. Raises FileRefused where it is another's already."""
    if f"identity.{key}" not in laid_out and (present := Identity.objects.first()):
        raise FileRefused(
            Fault("key", _("This portal is laid out already, as “%(name)s”, not from this file.") % {"name": present})
        )


def record_of(table: str, key: str) -> int | None:
    """The primary key of the record that an entry of the file has become."""
    return LaidOut.objects.filter(table=table, key=key).values_list("record", flat=True).first()


def faults_of(error: ValidationError, place: str) -> Iterator[Fault]:
    """A model's refusal, field by field, with the place in the file."""
    if not hasattr(error, "error_dict"):
        yield Fault(place, " ".join(error.messages))
        return
    for name, messages in error.message_dict.items():
        yield Fault(place if name == "__all__" else f"{place}.{name}", " ".join(messages))
