"""Trying things on the same rows one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def taken_back() -> Iterator[None]:
    """At the end of the block take back what it wrote; what a commit would check of it is checked first."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)
