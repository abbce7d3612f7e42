"""Who works at the desk."""

from typing import Protocol


class Account(Protocol):
    """What the desk needs to know of a person, logged in or not."""

    @property
    def is_active(self) -> bool: ...

    @property
    def is_staff(self) -> bool: ...


def is_coordinator(user: Account) -> bool:
    """The coordinator's staff: they work applications through at the desk."""
    return user.is_active and user.is_staff
