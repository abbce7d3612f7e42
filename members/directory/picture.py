"""The picture that stands for a member's page where somebody shares it: the name on the cluster's lines."""

import io
from math import sqrt
from pathlib import Path

import font_source_sans_pro
from PIL import Image, ImageDraw, ImageFont

from cluster_portal.identity.current import identity
from members.models import Member

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
LINES = 462  # where the first of the lines is
PAPER, INK, MUTED = "#fafbf9", "#1c211f", "#545e59"
FONTS = Path(font_source_sans_pro.__file__).with_name("files")


def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"SourceSansPro-{weight}.ttf", size)


def share_picture(member: Member) -> bytes:
    """A PNG of 1200 × 630 in the current language: name, summary, place and the cluster's name."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    cluster = identity()
    lines_with_a_notch(picture, cluster.primary_colour)
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
    draw.text((MARGIN, HEIGHT - 120), place, MUTED, font("Regular", 30))
    face = font("Semibold", 32)
    name = cluster.name if len(wrapped(draw, cluster.name, face)) == 1 else cluster.short
    draw.text((MARGIN, HEIGHT - 78), wrapped(draw, name, face)[0], cluster.primary_colour, face)
    file = io.BytesIO()
    picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def lines_with_a_notch(picture: Image.Image, colour: str) -> None:
    """The portal's line with its notch, five times side by side, between the text and what stands below it."""
    apart, middle, large = 9, WIDTH - 200, 4  # drawn four times as large, so that the slopes are smooth
    mask = Image.new("L", (WIDTH * large, 84 * large))
    draw = ImageDraw.Draw(mask)
    for number in range(5):
        y, half = apart * number + 1, 26 + apart * number * (sqrt(2) - 1)
        points = [(0, y), (middle - half, y), (middle, y + half), (middle + half, y), (WIDTH, y)]
        draw.line([(x * large, y * large) for x, y in points], 255, width=2 * large)
    picture.paste(colour, (0, LINES), mask.resize((WIDTH, 84), Image.Resampling.BOX))


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
