"""The database's own guard of what only the workflow may write."""

import pgtrigger


def only_by_workflow() -> pgtrigger.Trigger:
    """Refuses every change that a verb's step (`workflow/door.py`) has not opened the door to (a setting of its transaction)."""
    return pgtrigger.Trigger(
        name="only_by_workflow",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF current_setting('portal.door', true) IS DISTINCT FROM 'open' THEN
                RAISE EXCEPTION 'rows of % change only through the workflow', TG_TABLE_NAME USING ERRCODE = '42501';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )
