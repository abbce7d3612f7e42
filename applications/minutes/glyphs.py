"""Words made fit to be set: every character is one that the layout's font has."""

import re
import unicodedata
from typing import Any

# What Libertinus Serif, the layout's one font, has in each of the styles that the layout uses. typst refuses a PDF/A with any
# other character, and a name must never stop a decision.
COVERED = [
    (0x20, 0x7E), (0xA0, 0x23F), (0x386, 0x3CE), (0x400, 0x45F), (0x1E00, 0x1E99), (0x2010, 0x2027),
    *((ord(sign), ord(sign)) for sign in "‰′″‹›€№™←→↑↓−≤≥≈≠∞"),
]  # fmt: skip
MARK = "□"  # stands for a character that the font lacks
BLANKS = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")
LONGEST_WORD = 30  # a longer run of characters without a blank may be broken anywhere


def printable(value: Any) -> Any:
    """The words with every text made fit to be set.

    What nobody sees (control and format characters, marks of direction included) is left out, what the font lacks becomes
    MARK, and a long run without blanks gets places to break. The original stays in `Minutes.content`.
    """
    if isinstance(value, dict):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [printable(inner) for inner in value]
    return settable(value) if isinstance(value, str) else value


def settable(text: str) -> str:
    """One text as `printable` says; its lines stay lines."""
    lines = (BLANKS.sub(" ", line).strip() for line in unicodedata.normalize("NFC", text).splitlines())
    seen = "\n".join(filter(None, ("".join(map(shown, line)) for line in lines)))
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", lambda run: "\N{ZERO WIDTH SPACE}".join(run[0]), seen)


def shown(character: str) -> str:
    """The character itself, MARK in its place, or nothing for one that is not seen anyway."""
    if (
        unicodedata.category(character) in ("Cc", "Cf")
        or "\N{VARIATION SELECTOR-1}" <= character <= "\N{VARIATION SELECTOR-16}"
    ):
        return ""
    covered = any(first <= ord(character) <= last for first, last in COVERED)
    return character if covered and unicodedata.category(character) != "Cn" else MARK
