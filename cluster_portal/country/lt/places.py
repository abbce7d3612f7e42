"""Municipalities as people write them."""

import re
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """A municipality's ISO code and its names."""

    code: str
    name_lt: str
    name_en: str


Place = TypeVar("Place", bound=Named)
GENITIVES = (("iai", "ių"), ("ai", "ų"), ("as", "o"), ("a", "os"), ("ė", "ės"))
SUFFIX = re.compile(r"\s*\b(savivaldybė|sav\.?|municipality)$")
SHORT = ((re.compile(r"\b(miesto|m\.)$"), "miestas"), (re.compile(r"\b(rajono|raj\.|r\.)$"), "rajonas"))


def genitive(name: str) -> str:
    """The genitive of a town's name: "marijampolė" → "marijampolės"."""
    for ending, replacement in GENITIVES:
        if name.endswith(ending):
            return name.removesuffix(ending) + replacement
    return name


class Places(Generic[Place]):
    """Finds a municipality by its ISO code or any of its usual names, in any case.

    "LT-15", "Kauno miestas", "Kauno miesto savivaldybė", "Kauno m. sav.", "Kaunas City" and "Kaunas" are one place:
    a town's bare name means the town where a district has the same name.
    """

    def __init__(self, municipalities: Iterable[Place]) -> None:
        self.known: dict[str, Place] = {}
        for place in municipalities:
            lithuanian, english = place.name_lt.lower(), place.name_en.lower()
            for name in (place.code.lower(), lithuanian, english, genitive(lithuanian)):
                self.known[name] = place
            town = english.removesuffix(" city").removesuffix(" district")
            if not english.endswith(" district") or town not in self.known:
                self.known[town] = place

    def find(self, text: str) -> Place | None:
        """The municipality that `text` names, or None."""
        name = " ".join(text.lower().split())
        if name in self.known:
            return self.known[name]
        name = SUFFIX.sub("", name).strip()
        for pattern, whole in SHORT:
            name = pattern.sub(whole, name)
        return self.known.get(name)
