"""The portal's colours, all made from the two that a cluster chooses; and how well one can be read on another.

Contrast is that of WCAG 2.2 (relative luminance, sRGB). Tints keep the hue of the colour that they are made from; what
must be readable is made lighter or darker until it is.
"""

import colorsys
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

HEX = re.compile(r"#[0-9a-f]{6}")
AT_LEAST = 4.5  # WCAG 2.2, 1.4.3
# The greys of `static/css/portal.css` on which colours are used: the lightest paper and the grey panel in light mode, the
# lightest panel in dark mode, the ink of texts.
WHITE, BLACK, SOFT, DARK_SOFT, INK = "#ffffff", "#000000", "#eff3f0", "#212925", "#1c211f"


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of "#rrggbb", each from 0 to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """The relative luminance, from 0 (black) to 1 (white)."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels(colour)]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def shade(colour: str, lightness: float, saturation: float = 1) -> str:
    """The same hue at another lightness (0 to 1), its saturation multiplied."""
    hue, _lightness, own_saturation = colorsys.rgb_to_hls(*channels(colour))
    values = colorsys.hls_to_rgb(hue, lightness, min(own_saturation * saturation, 1))
    return "#" + "".join(f"{round(value * 255):02x}" for value in values)


def readable(colour: str, on: str, at_least: float, start: float, step: float, saturation: float = 1) -> str:
    """The shade of `colour` nearest to the lightness `start`, going by `step`, that reads `on` the other colour."""
    lightness = start
    while 0 < lightness < 1:
        if contrast(found := shade(colour, lightness, saturation), on) >= at_least:
            return found
        lightness += step
    return WHITE if step > 0 else BLACK


def primary_soft(primary: str) -> str:
    """The light tint of the primary colour: chosen rows, initials in place of a logo."""
    return shade(primary, 0.91, 0.45)


def pairs(primary: str, signal: str) -> Iterator[tuple[str, str]]:
    """Each pair of colours that people read as chosen (everything else is made readable)."""
    for ground in (WHITE, SOFT, primary_soft(primary)):
        yield primary, ground
    yield INK, signal


def weakest(primary: str, signal: str) -> tuple[float, float]:
    """The lowest contrast in which the primary colour, and the signal colour, are used."""
    *of_primary, of_signal = (contrast(*pair) for pair in pairs(primary, signal))
    return min(of_primary), of_signal


@lru_cache(maxsize=32)
def variables(primary: str, signal: str) -> dict[str, dict[str, str]]:
    """The style sheets' variables in light and in dark mode, and within the dark band that closes a page."""
    lightness = colorsys.rgb_to_hls(*channels(primary))[1]
    strong = shade(primary, lightness * 0.7)
    band = readable(primary, WHITE, 10, min(lightness * 0.8, 0.3), -0.01)
    dark = readable(primary, DARK_SOFT, 7, 0.6, 0.01, 0.7)
    dark_lightness = colorsys.rgb_to_hls(*channels(dark))[1]
    dark_strong = shade(dark, dark_lightness + (1 - dark_lightness) * 0.4)
    on_band = readable(primary, band, 5.5, 0.65, 0.01, 0.7)
    light = {
        "primary": primary,
        "primary-rgb": rgb(primary),
        "primary-strong": strong,
        "primary-strong-rgb": rgb(strong),
        "primary-soft": primary_soft(primary),
        "on-primary": WHITE,
        "band": band,
        "band-ink": WHITE,
        "band-muted": readable(primary, band, 7, 0.8, 0.01, 0.4),
        "band-line": shade(primary, 0.34, 0.6),
        "band-primary": on_band,
        "band-strong": shade(band, 0.12),
        "band-soft": shade(primary, 0.9, 0.5),
        "band-raised": readable(primary, WHITE, 7, 0.3, -0.01),
        "signal": signal,
        "signal-soft": shade(signal, 0.93),
        "signal-ink": readable(signal, shade(signal, 0.93), 7, 0.25, -0.01),
    }
    in_dark = {
        "primary": dark,
        "primary-rgb": rgb(dark),
        "primary-strong": dark_strong,
        "primary-strong-rgb": rgb(dark_strong),
        "primary-soft": shade(primary, 0.15, 0.5),
        "on-primary": shade(primary, 0.07, 0.7),
        "band": readable(primary, WHITE, 12, 0.16, -0.01, 0.8),
        "band-line": shade(primary, 0.28, 0.5),
        "signal-soft": shade(signal, 0.14, 0.65),
        "signal-ink": readable(signal, shade(signal, 0.14, 0.65), 7, 0.76, 0.01),
    }
    return {"light": light, "dark": in_dark}


def rgb(colour: str) -> str:
    """ "35, 75, 107", as Bootstrap's variables want it."""
    return ", ".join(str(round(value * 255)) for value in channels(colour))


@lru_cache(maxsize=32)
def style_sheet(primary: str, signal: str) -> str:
    """The identity's style sheet: nothing but the variables."""
    of = variables(primary, signal)
    light, dark = ("".join(f"--{name}:{value};" for name, value in of[mode].items()) for mode in ("light", "dark"))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root:not(.light){{{dark}}}}}\n"


# Part of the style sheet's address: a browser may keep it for a year, and gets another when this file changes.
VERSION = sha256(Path(__file__).read_bytes()).hexdigest()[:8]
