"""Where a person's work is: the page that follows the log-in. Apps add theirs in their `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from members.permissions import Roles


@dataclass(frozen=True)
class Work:
    """The page, by its name, of whoever has such a role; of several the one of the lowest rank."""

    rank: int
    is_of: Callable[[Roles], bool]
    page: str


WORK: list[Work] = []


def register(rank: int, is_of: Callable[[Roles], bool], page: str) -> None:
    """Make a page known as somebody's work (see `Work`)."""
    WORK.append(Work(rank, is_of, page))


def page_of(roles: Roles) -> str:
    """The address of the person's work."""
    return reverse(next(work.page for work in sorted(WORK, key=lambda work: work.rank) if work.is_of(roles)))
