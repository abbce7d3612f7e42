"""The picture that stands for a member's page where somebody shares it: the name on the cluster's lines."""

import io
from pathlib import Path

import font_source_sans_pro
from PIL import Image, ImageDraw, ImageFont

from cluster_portal.identity.current import identity
from members.models import Member

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
PAPER, INK, MUTED = "#fafbf9", "#1c211f", "#545e59"
FONTS = Path(font_source_sans_pro.__file__).with_name("files")


def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"SourceSansPro-{weight}.ttf", size)


def share_picture(member: Member) -> bytes:
    """A PNG of 1200 × 630 in the current language: name, summary, place and the cluster's name."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    cluster = identity()
    lines_with_a_notch(draw, cluster.primary_colour)
    top = MARGIN
    for size in (88, 72, 60, 48):
        lines = wrapped(draw, member.name, font("Semibold", size))
        if len(lines) <= 2:
            break
    for line in lines[:3]:
        draw.text((MARGIN, top), line, INK, font("Semibold", size))
        top += round(size * 1.15)
    top += 20
    for line in wrapped(draw, member.summary, font("Regular", 38))[:3]:
        draw.text((MARGIN, top), line, MUTED, font("Regular", 38))
        top += 50
    place = " · ".join(filter(None, [member.get_kind_display(), str(member.municipality or "")]))
    draw.text((MARGIN, HEIGHT - 148), place, MUTED, font("Regular", 30))
    draw.text((MARGIN, HEIGHT - 104), cluster.name, cluster.primary_colour, font("Semibold", 32))
    file = io.BytesIO()
    picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def lines_with_a_notch(draw: ImageDraw.ImageDraw, colour: str) -> None:
    """The portal's line with its notch, five times, at the foot of the picture."""
    for number in range(5):
        y, depth = 452 + 11 * number, 56 + 24 * number
        middle, half = WIDTH - 240, 60 + 26 * (4 - number)
        points = [(0, y), (middle - half, y), (middle, y + depth), (middle + half, y), (WIDTH, y)]
        draw.line(points, colour, width=2)


def wrapped(draw: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """`text` in lines that fit between the margins; a word that does not fit alone is cut."""
    lines = [""]
    for word in text.split():
        while len(word) > 1 and draw.textlength(word, face) > WIDTH - 2 * MARGIN:
            word = word[:-1]
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, face) > WIDTH - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
