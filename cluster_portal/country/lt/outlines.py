"""The map of Lithuania: the municipalities' outlines, drawn by us in `outlines.json`.

It is schematic. The country's and the counties' borders are Natural Earth's (public domain), simplified; within them
each municipality takes what is nearest to its middle, and the towns that a district surrounds are hexagons on it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import ngettext

DRAWING = json.loads(Path(__file__).with_name("outlines.json").read_text())
SPIT = "LT-28"


@dataclass
class Place:
    """One municipality on the map: its outline, the point of its figure, its members and the address of their list."""

    name: str
    path: str
    x: int
    y: int
    count: int
    url: str
    level: int
    members: str  # how many, in words
    # The Curonian Spit is too narrow for a figure, which stands beside it.
    is_outside: bool


def level(count: int, most: int) -> int:
    """How dark a place is drawn, from 0 (no member) to 4 (as many as anywhere)."""
    return 0 if not count else max(1, -(-4 * count // most))


def country(names: dict[str, str], counts: dict[str, int], url: str) -> dict:
    """What `includes/map.html` draws: `places` in the order of drawing, and `peopled`, from the most to the fewest.

    `names` and `counts` are by municipality code; `url` lists a place's members, but for its code.
    """
    most = max(counts.values(), default=0)
    places = [
        Place(
            names.get(code, ""),
            each["path"],
            each["x"],
            each["y"],
            number,
            url + code,
            level(number, most),
            ngettext("%(n)s member", "%(n)s members", number) % {"n": number},
            code == SPIT,
        )
        for code, each in DRAWING["places"].items()
        for number in [counts.get(code, 0)]
    ]
    peopled = sorted((place for place in places if place.count), key=lambda place: -place.count)
    return {"places": places, "peopled": peopled, "width": DRAWING["width"], "height": DRAWING["height"]}
