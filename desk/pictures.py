"""Pictures without what a camera writes into them: place, time, device, names, previews, anything behind the end.

A picture is decoded and written again from its pixels alone, the right way up and in sRGB; nothing is picked out of the
old file, so nothing has to be known about where somebody may have hidden something (ADR 071).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

from desk.filetypes import refused

FORMATS = {"jpg": "JPEG", "png": "PNG"}
"""Kinds of :mod:`desk.filetypes` that are pictures, and what Pillow calls them."""
_ERRORS = (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, EOFError, MemoryError, Warning)
"""What a decoder raises on a broken file; the plug-ins let through what their parsing meets."""
_COLOURS = ("RGB", "RGBA", "CMYK")
"""Modes of which a colour profile is worked in; a profile of greys changes hardly anything."""


def without_metadata(shown: str, kind: str, data: bytes, most_pixels: int) -> bytes:
    """The picture from its pixels alone, of the same format. ``shown``: its name, for messages; ``kind`` of FORMATS.

    A JPEG is written with its own tables, so that it hardly loses and hardly grows. Raises InvalidItem where it cannot
    be decoded whole, has more than ``most_pixels`` or moves.
    """
    try:
        with Image.open(BytesIO(data), formats=(FORMATS[kind],)) as picture:
            _check(shown, kind, picture, most_pixels)
            picture.load()
            return _written(kind, picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(shown, most_pixels) from None
    except _ERRORS:
        said = "打不开：图片已损坏或不完整，请重新导出或重新拍摄后再传"
        raise refused(shown, "cannot be decoded as a picture", said) from None


def _check(shown: str, kind: str, picture: Image.Image, most_pixels: int) -> None:
    """By the header, before anything is decoded. Raises InvalidItem."""
    if picture.width * picture.height > most_pixels:
        raise _too_large(shown, most_pixels)
    # The second picture of a photo (MPO) is a preview or a map of brightness; an animation would lose what it shows.
    if kind == "png" and getattr(picture, "is_animated", False):
        raise refused(shown, "is an animation", "是动图，请另存为普通图片")


def _too_large(shown: str, most_pixels: int) -> Exception:
    millions = most_pixels / 1_000_000
    return refused(shown, f"has more than {millions:g} million pixels", f"超过{millions:g}百万像素，请缩小后再传")


def _written(kind: str, picture: Image.Image) -> bytes:
    upright = _in_srgb(_upright(picture), picture.info.get("icc_profile"))
    # Both plug-ins write some of this by themselves: comments, profiles.
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency" and kind == "png"}
    if kind == "png":
        return _saved(kind, upright, {})
    tables = _tables(picture, upright)
    try:
        packed = {"optimize": True, "progressive": bool(picture.info.get("progressive"))}
        return _saved(kind, upright, tables | packed)
    except OSError:
        # Both need room for the whole file at once, and Pillow reckons with photos: noise at full quality is larger.
        return _saved(kind, upright, tables)


def _saved(kind: str, picture: Image.Image, options: dict[str, Any]) -> bytes:
    file = BytesIO()
    picture.save(file, FORMATS[kind], **options)
    return file.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a broken EXIF says nothing, and goes anyway
        return picture.copy()


def _in_srgb(picture: Image.Image, profile: Any) -> Image.Image:
    """Colours as the profile means them; a profile that cannot be used goes without."""
    if not profile or picture.mode not in _COLOURS:
        return picture
    try:
        source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        mode = "RGB" if picture.mode == "CMYK" else picture.mode
        return ImageCms.profileToProfile(picture, source, target, outputMode=mode) or picture
    except (ImageCms.PyCMSError, *_ERRORS):
        return picture


def _tables(picture: Image.Image, upright: Image.Image) -> dict[str, Any]:
    """How the camera compressed it, where the colours are still the same ones."""
    tables = getattr(picture, "quantization", None)
    if not tables or picture.mode != upright.mode:
        return {}
    return {"qtables": tables, "subsampling": JpegImagePlugin.get_sampling(picture)}
