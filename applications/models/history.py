"""Who did what, when and by which verb: the context that a step gives to the history rows (pghistory) of its transaction."""

from datetime import datetime
from typing import Any, Protocol

import pghistory.models
import pgtrigger


class HistoryContext(pghistory.models.Context):
    """Who did what a history row tells, and by which verb.

    Only the transaction that made it may add to it: a record that could be changed later would prove nothing.
    """

    class Meta:
        proxy = True
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND current_setting('pghistory.context_id', true) = OLD.id::text THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'Cannot update or delete rows from % table', TG_TABLE_NAME;
                """,
            )
        ]


class HistoryRow(Protocol):
    """A row of any history."""

    pgh_context: Any
    pgh_created_at: datetime


def metadata(row: HistoryRow) -> dict[str, Any]:
    return row.pgh_context.metadata if row.pgh_context else {}


def moment(row: HistoryRow) -> datetime:
    """When that happened of which this row tells."""
    noted = metadata(row).get("moment")
    return datetime.fromisoformat(noted) if noted else row.pgh_created_at


def verb_of(row: HistoryRow) -> str:
    """The name of the verb that did it; empty for what came another way."""
    return metadata(row).get("verb", "")
