"""Numbers that are given one after another, without gaps and doubles."""

from typing import Any

from django.db.models import Max, Model

from cluster_portal.base.database import lock_table


def next_number(model: type[Model], field: str = "number", **scope: Any) -> int:
    """The number after the highest of the model's rows (of those in `scope`), from 1.

    The table is locked until the transaction ends: it is given to nobody else, and given again if nothing comes of it.
    """
    lock_table(model)
    return (model._base_manager.filter(**scope).aggregate(highest=Max(field))["highest"] or 0) + 1
