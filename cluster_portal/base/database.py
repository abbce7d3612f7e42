"""What the portal asks of PostgreSQL beside Django's ORM: table locks, prepared statements, names of broken constraints."""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import IntegrityError, connection, models, transaction
from django.db.backends.utils import CursorWrapper

# The statements that each connection to PostgreSQL has prepared, by name.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def lock_table(model: type[models.Model]) -> None:
    """Let nobody else write into the model's table until the transaction ends; reading goes on.

    For what is worked out from all rows: the next number, a free address. Whoever may need it takes it before any lock of a
    row: to write, a row's holder waits for the table's, who may be waiting for the row.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE")


def execute_prepared(
    cursor: CursorWrapper, name: str, statement: Callable[[], str], values: Sequence[Any] = ()
) -> None:
    """Run the statement under `name`, with `values` for its $1, $2 …; PostgreSQL plans it a few times, not each time.

    For large statements that are asked often and always alike: to plan one takes as long as to answer it.
    """
    names = _prepared.setdefault(connection.connection, set())
    if name not in names:
        cursor.execute(f"PREPARE {name} AS {statement()}")
        names.add(name)
    cursor.execute(f"EXECUTE {name}" + (f" ({', '.join(['%s'] * len(values))})" if values else ""), values)


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint or unique index that the statement would have broken; empty where there is none.

    Whoever catches an IntegrityError asks for the one that it has words for, and raises any other again.
    """
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
