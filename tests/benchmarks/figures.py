"""A measured figure with its reference and its goal, and the two ways in which figures are shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEADINGS = ("", "figure", "value", "unit", "reference", "its value", "ratio", "goal")


@dataclass(frozen=True)
class Figure:
    """One figure: `value` beside `reference_value`, both in `unit`; the limits given make up its goal."""

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float | None = None
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the reference's; None where there is none, or it is nought."""
        return self.value / self.reference_value if self.reference_value else None

    @property
    def goal(self) -> str:
        """The goal in words; empty for a figure that only informs."""
        parts = []
        if self.ratio_at_least is not None:
            parts.append(f"at least {self.ratio_at_least:g} of it")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most:g} {self.unit}")
        if self.ratio_at_most is not None:
            parts.append(f"at most {self.ratio_at_most:g} times it" if self.ratio_at_most != 1 else "the same as it")
        return ", ".join(parts)

    @property
    def ok(self) -> bool:
        """Whether the goal is reached. A goal on a ratio that could not be formed is not."""
        ratio = self.ratio
        return (
            (self.at_most is None or self.value <= self.at_most)
            and (self.ratio_at_least is None or (ratio is not None and ratio >= self.ratio_at_least))
            and (self.ratio_at_most is None or (ratio is not None and ratio <= self.ratio_at_most))
        )

    def as_dict(self) -> dict:
        """The figure as bench.json has it."""
        names = ("name", "value", "unit", "reference", "reference_value", "ratio", "goal", "ok")
        return {name: rounded(getattr(self, name)) for name in names}


def rounded(value):
    """Numbers to four significant digits, integers and everything else as they are."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def shown(value: float | None) -> str:
    """A number as the table has it: no more digits than it deserves."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, one a line; those behind their goal begin with BEHIND."""
    rows = [HEADINGS]
    for figure in figures:
        mark = "" if not figure.goal else "ok" if figure.ok else "BEHIND"
        numbers = (shown(figure.value), figure.unit, figure.reference, shown(figure.reference_value))
        rows.append((mark, figure.name, *numbers, shown(figure.ratio), figure.goal))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    numeric = {2, 5, 6}
    lines = [
        "  ".join(
            cell.rjust(width) if column in numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    behind = sum(not figure.ok for figure in figures)
    summary = (
        f"{behind} of {sum(bool(figure.goal) for figure in figures)} goals are missed."
        if behind
        else "All goals are met."
    )
    return "\n".join([*lines, "", summary])


def write(figures: Sequence[Figure], path: Path) -> None:
    """Writes bench.json in the form that contract.md fixes."""
    path.write_text(
        json.dumps({"figures": [figure.as_dict() for figure in figures]}, indent=1, ensure_ascii=False) + "\n"
    )
