"""The home page's drawing: a line for each founder, side by side to where they meet."""

from math import sqrt

TOP = 84  # of the first line
APART = 22  # from one line to the next
MIDDLE = 280  # where the notch is
DEPTH = 92  # of the first line's notch
MOST = 7  # lines that there is room for; beside them it says how many founders there are


def founders_drawing(founders: int) -> dict:
    """What `includes/hero_drawing.html` draws, in its units: `lines` (height and path of each), and where its notes are."""
    lines = []
    for number in range(min(max(founders, 1), MOST)):
        y, half = TOP + APART * number, DEPTH + APART * number * (sqrt(2) - 1)
        left, right = round(MIDDLE - half, 2), round(MIDDLE + half, 2)
        tip = round(y + half, 2)
        lines.append({"y": y, "path": f"M8 {y}H{left}L{MIDDLE} {tip}L{right} {y}H3000"})
    return {
        "founders": founders,
        "lines": lines,
        "first": TOP - 12,
        "last": y + 12,
        "middle": (TOP + y) / 2 + 5,
        "tip": tip,
        "date": tip + 30,
        "shelf": tip + 38,
        "foot": tip + 72,
        "height": tip + 100,
    }
