"""The identity in force: kept by the generation of the content, and read at most once a request where it is not.

Everything that names the cluster asks here. A preview shows the portal as it would be under another identity.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, connection

from cluster_portal.page_cache import generation

if TYPE_CHECKING:
    from cluster_portal.identity.models import Identity

# Empty until it is asked for; no list outside of `read_once`.
_shown: ContextVar["list[Identity] | None"] = ContextVar("identity shown", default=None)
_last: "list[Identity]" = []


def identity() -> "Identity":
    """The cluster's identity; before the cluster is set up, an unsaved one that says no more than that. Do not change it."""
    shown = _shown.get()
    if shown:
        return shown[0]
    found = generation.kept_answer("identity", read)
    _last[:] = [found]
    if shown is not None:
        shown.append(found)
    return found


def read() -> "Identity":
    from cluster_portal.identity.models import Identity  # the models import this module

    # Past the ORM, for every page that is not kept reads it, and the ORM takes eight times as long.
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identity_identity")
        row = cursor.fetchone()
        return (
            Identity.from_db(DEFAULT_DB_ALIAS, [column.name for column in cursor.description], row)
            if row
            else Identity.unnamed()
        )


def last_known() -> "Identity":
    """The identity as this process saw it last, without the database: for the pages that say that something failed."""
    from cluster_portal.identity.models import Identity

    return _last[0] if _last else Identity.unnamed()


def at_hand() -> "Identity":
    """What pages show: the identity as this request has read it. A page of an error has not, and asks no database."""
    shown = _shown.get()
    return shown[0] if shown else _last[0] if _last else identity()


@contextmanager
def read_once() -> Iterator[None]:
    """Within it the identity is read at most once: for the time of a request, or of one turn of a task."""
    if _shown.get() is not None:
        yield
        return
    token = _shown.set([])
    try:
        yield
    finally:
        _shown.reset(token)


@contextmanager
def showing(other: "Identity") -> Iterator[None]:
    """Within it `other` is the identity: for a preview."""
    token = _shown.set([other])
    try:
        yield
    finally:
        _shown.reset(token)


def forget() -> None:
    """The identity has been saved in this request: read it again."""
    shown = _shown.get()
    if shown:
        shown.clear()
    generation.latest.doubt()
