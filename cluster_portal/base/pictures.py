"""Pictures that people upload: read once, and drawn again as the eye sees them, with nothing else of the file."""

import io
import warnings

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageMath, ImageOps

SRGB = ImageCms.createProfile("sRGB")
FORMATS = ("PNG", "JPEG", "WEBP")


def is_picture(content: bytes) -> bool:
    """Whether the content begins as a PNG (an animated one too), JPEG or WebP picture does."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )


def read_picture(content: bytes, pixels_max: int) -> tuple[Image.Image, str]:
    """The picture, and which of FORMATS it is in.

    It is upright, in the colours of a screen, with eight bits a channel: L, RGB or RGBA. Of an animation it is the first
    frame. Raises ValidationError, in words for the person, for what is no such picture, is damaged or too large.
    """
    if not is_picture(content):
        raise ValidationError(_("This is not a PNG, JPEG or WebP picture."), "kind")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large and odd pictures; the size is checked right here
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > pixels_max:
                    raise ValidationError(
                        _("The picture has too many pixels. Make it smaller and try again."), "pixels"
                    )
                kind = "JPEG" if picture.format == "MPO" else str(picture.format)
                return on_screen(ImageOps.exif_transpose(picture)), kind  # a phone keeps "turned" beside the picture
    except Image.DecompressionBombError as error:
        raise ValidationError(_("The picture has too many pixels. Make it smaller and try again."), "pixels") from error
    except ValidationError:
        raise
    except Exception as error:  # on hostile files Pillow raises whatever its decoders raise
        raise ValidationError(_("The picture cannot be read. Save it again and try once more."), "broken") from error


def on_screen(picture: Image.Image) -> Image.Image:
    """The picture as a screen shows it, without what else the file says (places, persons, thumbnails)."""
    profile = picture.info.get("icc_profile")
    opacity = opacity_of(picture)
    if picture.mode.startswith("I"):  # 16 bits a channel: Pillow would cut off all above the lowest 8
        picture = picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    elif picture.mode in ("1", "LA", "La"):
        picture = picture.convert("L")
    elif picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    picture = in_srgb(picture, profile)
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
    if opacity:
        picture = picture.convert("RGB")
        picture.putalpha(opacity)
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    return clean


def opacity_of(picture: Image.Image) -> Image.Image | None:
    """How opaque each point is, where any is not."""
    if picture.mode.startswith("I"):
        see_through = picture.info.get("transparency")
        if not isinstance(see_through, int):
            return None
        return ImageMath.lambda_eval(
            lambda args: args["convert"]((args["values"] != see_through) * 255, "L"), values=picture.convert("I")
        )
    return picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture with its colours worked out by the profile in its file. A profile that is of another kind than the
    picture, or damaged, is passed over, as browsers do.
    """
    if not profile:
        return picture
    mode = "L" if picture.mode == "L" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return (converted or picture).convert(mode)
