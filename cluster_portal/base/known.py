"""Values that may be missing by their type, and cannot be at this place."""

from typing import TypeVar

T = TypeVar("T")


def known(value: T | None) -> T:
    """The value that a status or a constraint of the database says is there; raises LookupError where it is not."""
    if value is None:
        raise LookupError("a value that must be known here is missing")
    return value
