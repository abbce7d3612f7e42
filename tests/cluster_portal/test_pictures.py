"""An uploaded picture comes out as it went in to the eye, whatever mode it is in."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms

from applications.form import uploads
from cluster_portal.base.pictures import SRGB, read_picture
from members.organisation.logo import small_png

CASES = Path(__file__).parents[1] / "cases"


def encoded(picture: Image.Image, image_format: str = "PNG", **options) -> bytes:
    output = io.BytesIO()
    picture.save(output, image_format, **options)
    return output.getvalue()


def points(picture: Image.Image) -> list[tuple[int, ...]]:
    pixels: Any = picture.convert("RGBA").get_flattened_data()
    return list(pixels)


def row(mode: str, *values) -> Image.Image:
    picture = Image.new(mode, (len(values), 1))
    for place, value in enumerate(values):
        picture.putpixel((place, 0), value)
    return picture


PALETTE = row("P", 0, 1)
PALETTE.putpalette([200, 10, 20, 30, 40, 50])
RED, CLEAR = (200, 10, 20, 255), (30, 40, 50, 0)

SEEN = {
    "RGB": (encoded(row("RGB", (200, 10, 20), (1, 2, 3))), [RED, (1, 2, 3, 255)]),
    "RGBA": (encoded(row("RGBA", RED, CLEAR)), [RED, CLEAR]),
    "RGB with one colour transparent": (
        encoded(row("RGB", (200, 10, 20), (30, 40, 50)), transparency=(30, 40, 50)), [RED, CLEAR],
    ),
    "palette": (encoded(PALETTE), [RED, (30, 40, 50, 255)]),
    "palette with transparency": (encoded(PALETTE, transparency=bytes([255, 0])), [RED, CLEAR]),
    "grey": (encoded(row("L", 7, 200)), [(7, 7, 7, 255), (200, 200, 200, 255)]),
    "grey with opacity": (encoded(row("LA", (7, 255), (200, 0))), [(7, 7, 7, 255), (200, 200, 200, 0)]),
    "black and white": (encoded(row("1", 0, 255)), [(0, 0, 0, 255), (255, 255, 255, 255)]),
    "grey of 16 bits": (encoded(row("I;16", 257 * 7, 257 * 200)), [(7, 7, 7, 255), (200, 200, 200, 255)]),
    "grey of 16 bits with one value transparent": (
        encoded(row("I;16", 257 * 7, 257 * 200), transparency=257 * 200), [(7, 7, 7, 255), (200, 200, 200, 0)],
    ),
    "WebP": (encoded(row("RGBA", RED, CLEAR), "WEBP", lossless=True, exact=True), [RED, CLEAR]),
}  # fmt: skip


@pytest.mark.parametrize("mode", SEEN)
def test_every_mode_looks_as_it_did(mode):
    content, seen = SEEN[mode]
    assert points(read_picture(content, 100)[0]) == seen
    assert points(Image.open(io.BytesIO(small_png(content)))) == seen


def near(found: Image.Image, colour: tuple[int, int, int], most: int = 12) -> bool:
    point: Any = found.convert("RGB").getpixel((4, 4))
    return all(abs(a - b) <= most for a, b in zip(point, colour, strict=True))


def test_colours_of_print_look_as_browsers_show_them():
    for colour, cmyk in (((255, 255, 255), (0, 0, 0, 0)), ((0, 0, 0), (0, 0, 0, 255)), ((255, 0, 0), (0, 255, 255, 0))):
        content = encoded(Image.new("CMYK", (8, 8), cmyk), "JPEG", quality=95)
        assert near(read_picture(content, 100)[0], colour)
        kept, _how = uploads.redrawn(content)
        assert Image.open(io.BytesIO(kept)).mode == "RGB"
        assert near(Image.open(io.BytesIO(kept)), colour)


def wide_profile() -> bytes:
    """sRGB with its green and blue exchanged: a profile that changes what is seen beyond doubt."""
    content = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    count = struct.unpack(">I", content[128:132])[0]
    tags = {bytes(content[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    green, blue = (content[tags[name] + 4 : tags[name] + 12] for name in (b"gXYZ", b"bXYZ"))
    content[tags[b"gXYZ"] + 4 : tags[b"gXYZ"] + 12], content[tags[b"bXYZ"] + 4 : tags[b"bXYZ"] + 12] = blue, green
    return bytes(content)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_profile_of_colours_is_followed_and_left_out(mode):
    picture = Image.new("RGBA", (8, 8), (10, 250, 20, 255)).convert(mode)
    content = encoded(picture, icc_profile=wide_profile())
    read, _format = read_picture(content, 100)
    assert near(read, (10, 20, 250))
    assert "icc_profile" not in Image.open(io.BytesIO(small_png(content))).info
    kept, _how = uploads.redrawn(content)
    assert near(Image.open(io.BytesIO(kept)), (10, 20, 250))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_profile_of_another_kind_or_damaged_is_passed_over(mode):
    picture = Image.new(mode, (8, 8), 200 if mode == "L" else (200, 10, 20))
    for profile in (b"<script>", wide_profile() if mode == "L" else b"\0" * 200):
        assert points(read_picture(encoded(picture, icc_profile=profile), 100)[0]) == points(picture)


def test_of_an_animated_picture_the_first_frame_is_taken():
    content = (CASES / "apng-refused-as-not-png.png").read_bytes()
    with Image.open(io.BytesIO(content)) as moving:
        first = points(moving)
        assert getattr(moving, "n_frames", 1) == 2
    logo = Image.open(io.BytesIO(small_png(content)))
    assert (points(logo), getattr(logo, "n_frames", 1)) == (first, 1)
    kept, how = uploads.redrawn(content)
    assert (how, points(Image.open(io.BytesIO(kept)))) == (("image/png", "png"), first)


def test_a_picture_of_too_many_points_is_refused_as_such():
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    for content, code in ((bomb, "pixels"), (encoded(PALETTE)[:60], "broken"), (b"GIF89a", "kind")):
        with pytest.raises(ValidationError) as refusal:
            read_picture(content, 1000)
        assert refusal.value.code == code
