"""Numbers that are given one after another, without gaps and doubles."""

from typing import Any

from django.db.models import Max, Model

from cluster_portal.base.database import lock_table


def next_number(model: type[Model], field: str = "number", **scope: Any) -> int:
    """The number to give to a new row. The table is locked until the transaction ends, so nobody else gets it; if the
    transaction comes to nothing, it is given again.
    """
    lock_table(model)
    return number_after_the_last(model, field, **scope)


def number_after_the_last(model: type[Model], field: str = "number", **scope: Any) -> int:
    """The number after the highest of the model's rows (of those in `scope`), from 1: to be shown, or given under a lock."""
    return (model._base_manager.filter(**scope).aggregate(highest=Max(field))["highest"] or 0) + 1
