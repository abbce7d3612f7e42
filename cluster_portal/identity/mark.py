"""A cluster's mark: an SVG drawing, taken apart and written again from what is allowed.

It is shown within pages, so it must hold nothing but shapes: no script, no style, no reference to anything elsewhere.
`currentColor` stands for the cluster's primary colour.
"""

import re
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

SVG = "http://www.w3.org/2000/svg"
LENGTH_MAX = 20_000  # characters
DEPTH_MAX = 30  # groups within groups
SHAPES = {"path", "circle", "ellipse", "rect", "line", "polyline", "polygon"}
NUMBERS = re.compile(r"[-+0-9.eE,\s%]*")
LENGTH = re.compile(r"\d+(?:\.\d+)?")
PAINT = re.compile(r"none|currentColor|#(?:[0-9a-fA-F]{3}){1,2}|rgb\([\d\s.,%]+\)|[a-zA-Z]{3,20}")
ALLOWED = {
    **dict.fromkeys(
        ("cx", "cy", "r", "rx", "ry", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "points", "opacity",
         "stroke-width", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "fill-opacity", "stroke-opacity"),
        NUMBERS,
    ),
    **dict.fromkeys(("fill", "stroke", "color"), PAINT),
    **dict.fromkeys(("fill-rule", "clip-rule"), re.compile("nonzero|evenodd")),
    "stroke-linecap": re.compile("butt|round|square"),
    "stroke-linejoin": re.compile("miter|round|bevel"),
    "d": re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9.,eE+\-\s]*"),
    "transform": re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY)\([-+0-9.eE,\s]*\)[\s,]*)*"),
    "viewBox": re.compile(r"[-+0-9.eE]+(?:[\s,]+[-+0-9.eE]+){3}"),
}  # fmt: skip
# What draws, but not by shapes alone: left out it would leave another picture, so it is refused by its name.
NOT_SHAPES = {
    "style", "image", "text", "use", "symbol", "filter", "mask", "clipPath", "pattern", "linearGradient",
    "radialGradient", "switch", "marker",
}  # fmt: skip


def clean_mark(text: str) -> str:
    """The drawing with nothing but shapes in it. Raises ValidationError, with words for the person, where there is none."""
    if len(text) > LENGTH_MAX:
        raise ValidationError(
            _("The drawing has %(length)d characters; at most %(limit)d are allowed. Simplify it.")
            % {"length": len(text), "limit": LENGTH_MAX}
        )
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        text = without_doctype(text)
    try:
        # Entities are refused above, so nothing grows while it is read.
        root = ElementTree.fromstring(text.strip())
    except ElementTree.ParseError as error:
        words = _("This is not an SVG drawing: it cannot be read from line %(line)d on.") % {"line": error.position[0]}
        raise ValidationError(words) from error
    if root.tag != f"{{{SVG}}}svg":
        raise ValidationError(
            _("This is not an SVG drawing: its outermost element must be <svg> of the SVG namespace.")
        )
    attributes = cleaned_attributes(root)
    width, height, *_place = (attributes.pop(name, "") for name in ("width", "height", "x", "y"))
    if "viewBox" not in attributes:
        if not (LENGTH.fullmatch(width) and LENGTH.fullmatch(height)):
            raise ValidationError(_("The drawing does not say its size: it needs a viewBox."))
        attributes["viewBox"] = f"0 0 {width} {height}"
    # A shape without a colour would be black, in dark mode on black.
    attributes.setdefault("fill", "currentColor")
    inner = "".join(written(child) for child in root)
    if not inner:
        raise ValidationError(_("The drawing holds no shape."))
    return f'<svg xmlns="{SVG}"{in_markup(attributes)}>{inner}</svg>'


def without_doctype(text: str) -> str:
    """The drawing without a plain DOCTYPE, as drawing programs write it; one that defines anything is refused."""
    cut = re.sub(r"<!DOCTYPE[^<>\[\]]*>", "", text, count=1, flags=re.IGNORECASE)
    if re.search(r"<!(?:DOCTYPE|ENTITY)", cut, re.IGNORECASE):
        raise ValidationError(_("The drawing defines entities, which are not allowed."))
    return cut


def written(element: ElementTree.Element, depth: int = 1) -> str:
    """One element as it is kept; empty for what is no drawing (scripts, comments, notes of a drawing program)."""
    namespace, _brace, name = str(element.tag).rpartition("}")
    if namespace != f"{{{SVG}":
        return ""
    if name in NOT_SHAPES:
        raise ValidationError(
            _("The drawing uses <%(name)s>. Only shapes with plain colours are allowed: export it as plain paths.")
            % {"name": name}
        )
    if name in SHAPES:
        return f"<{name}{in_markup(cleaned_attributes(element))}/>"
    if name == "g":
        if depth > DEPTH_MAX:
            raise ValidationError(
                _("The drawing has more than %(limit)d groups within each other. Simplify it.") % {"limit": DEPTH_MAX}
            )
        inner = "".join(written(child, depth + 1) for child in element)
        return f"<g{in_markup(cleaned_attributes(element))}>{inner}</g>" if inner else ""
    return ""


def cleaned_attributes(element: ElementTree.Element) -> dict[str, str]:
    """The attributes that say where a shape is and what it looks like; a `style` of the same words counts as them."""
    given = dict(element.attrib)
    for declaration in given.pop("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            given[name.strip()] = value.strip()
    found = {}
    for name, value in given.items():
        value = re.sub(r"px$", "", value.strip())
        if value.lower() == "currentcolor":
            value = "currentColor"  # as `coloured` looks for it
        if (pattern := ALLOWED.get(name)) and pattern.fullmatch(value):
            found[name] = value
    return found


def in_markup(attributes: dict[str, str]) -> str:
    # No allowed value holds a character that would need to be escaped.
    return "".join(f' {name}="{" ".join(value.split())}"' for name, value in attributes.items())


def in_page(mark: str, size: int) -> SafeString:
    """A cleaned mark within a page, beside the name that it belongs to; `color` in the style sheet is its colour."""
    attributes = format_html(
        'class="brand-mark" width="{}" height="{}" aria-hidden="true" focusable="false"', size, size
    )
    return mark_safe(mark.replace("<svg ", f"<svg {attributes} ", 1))


def coloured(mark: str, colour: str) -> str:
    """A cleaned mark as a file of its own, in which `currentColor` is `colour`."""
    return mark.replace("currentColor", colour)
