"""What the portal asks of PostgreSQL beside Django's ORM: locks of whole tables, and the names of broken constraints."""

from django.db import IntegrityError, connection, models, transaction


def lock_table(model: type[models.Model]) -> None:
    """Let nobody else write into the model's table until the transaction ends; reading goes on.

    For what is worked out from all rows: the next number, a free address.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE")


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint or unique index that the statement would have broken; empty where there is none.

    Whoever catches an IntegrityError asks for the one that it has words for, and raises any other again.
    """
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
