"""The desk's start page: each app registers what it shows there, in its `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """A part of the start page: a template, and what gives its context at each visit."""

    template: str
    context: Callable[[], dict[str, Any]]


SECTIONS: list[Section] = []


def register(template: str, context: Callable[[], dict[str, Any]]) -> None:
    """Show `template` on the start page, after what is registered already."""
    SECTIONS.append(Section(template, context))
