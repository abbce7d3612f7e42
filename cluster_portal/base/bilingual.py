"""Content in two languages: a pair of fields `<name>_lt` and `<name>_en`, read through one accessor."""

from typing import Any

from django.utils.translation import get_language


class Bilingual:
    """`name = Bilingual()` reads `name_en` on English pages and `name_lt` elsewhere; where that is empty, the other.

    `is_fallback(obj, "name")` tells whether the reader gets the other language, so that a page can mark it.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        first, other = field_order(self.name)
        return getattr(instance, first) or getattr(instance, other)


def field_order(name: str) -> tuple[str, str]:
    """The pair of field names of `name`, the one in the current language first."""
    pair = (f"{name}_lt", f"{name}_en")
    return (pair[1], pair[0]) if get_language() == "en" else pair


def text_language(instance: Any, name: str) -> str:
    """The language ("lt" or "en") in which `instance.<name>` is shown now, for the page's `lang` attribute."""
    first, other = field_order(name)
    return (first if getattr(instance, first) or not getattr(instance, other) else other)[-2:]
