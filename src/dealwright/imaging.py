"""Pictures that strangers send: looked at with care, turned upright, made small, and rid of all they tell beside.

Everything here computes and belongs into a thread. One picture is unfolded at a time, which bounds the memory.
"""

from __future__ import annotations

import threading
import warnings
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from dealwright.domain.photo import BANNER_SIDE, Picture, Size

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS: Final = 25_000_000
LONGEST_SIDE: Final = 30_000
QUALITY: Final = 88

_GROUND, _FIGURE = "#eceff3", "#a9b4c2"
_ONE_AT_A_TIME: Final = threading.Lock()
_TROUBLE: Final = (OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError)


class NotAPicture(ValueError):
    """The bytes are no picture of a kind that is taken, or one that would unfold to far more than it seems."""


def photos_of(data: bytes) -> dict[Size, Picture]:
    """Return a picture in every size of a photo, never larger than it was. Raises NotAPicture.

    It is turned as its camera said; nothing of what the file told beside the picture is left.
    """
    with _ONE_AT_A_TIME:
        try:
            whole = _opened(data, Size.BIG)
            return {size: _saved(whole, size) for size in reversed(Size)}
        except _TROUBLE as error:
            raise _no_picture(error) from None


def banner_of(data: bytes) -> Picture:
    """Return a picture no larger than a banner is shown, with nothing beside it. Raises NotAPicture."""
    with _ONE_AT_A_TIME:
        try:
            return _saved(_opened(data, BANNER_SIDE), BANNER_SIDE)
        except _TROUBLE as error:
            raise _no_picture(error) from None


def _no_picture(error: BaseException) -> NotAPicture:
    from PIL import UnidentifiedImageError  # noqa: PLC0415

    why = "it is of no kind that is known here" if isinstance(error, UnidentifiedImageError) else str(error)
    return NotAPicture(f"This is no picture that can be taken: {why}")


def _opened(data: bytes, side: int) -> Image:
    from PIL import Image, ImageOps  # noqa: PLC0415 - loaded by those who have pictures

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            found = Image.open(BytesIO(data), formats=FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise NotAPicture(str(bomb)) from None
    if max(found.size) > LONGEST_SIDE:
        raise NotAPicture(f"its sides are longer than {LONGEST_SIDE} pixels")
    found.draft("RGB", (2 * side, 2 * side))  # a JPEG can be unfolded small from the beginning
    if found.width * found.height > MOST_PIXELS:
        raise NotAPicture(f"it has more than {MOST_PIXELS} pixels")
    found.load()
    upright = ImageOps.exif_transpose(found)
    see_through = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    return upright.convert("RGBA" if see_through else "RGB")


def _saved(whole: Image, size: int) -> Picture:
    from PIL import Image  # noqa: PLC0415

    small = whole.copy()
    small.thumbnail((size, size), Image.Resampling.LANCZOS)
    bare = Image.new(small.mode, small.size)  # knows nothing of what the file told beside the picture
    bare.paste(small)
    if bare.mode == "RGBA":
        return _as_png(bare)
    kept = BytesIO()
    bare.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return Picture(kept.getvalue(), "image/jpeg")


def _as_png(image: Image) -> Picture:
    kept = BytesIO()
    image.save(kept, "PNG", optimize=True)
    return Picture(kept.getvalue(), "image/png")


# What stands for a contact without a photo -------------------------------------------------------------------


@cache
def stand_in(size: Size, is_company: bool) -> Picture:
    """Return the picture that stands for a person or a company without a photo."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    side = size * 4  # drawn large and made small, which smooths the edges
    image = Image.new("RGB", (side, side), _GROUND)
    (_company if is_company else _person)(ImageDraw.Draw(image), side / 100)
    return _as_png(image.resize((size, size), Image.Resampling.LANCZOS))


def _person(draw: ImageDraw, unit: float) -> None:
    """Draw a head and shoulders; `unit` is a hundredth of the side."""
    draw.ellipse([unit * each for each in (33, 18, 67, 52)], fill=_FIGURE)
    draw.ellipse([unit * each for each in (17, 58, 83, 130)], fill=_FIGURE)


def _company(draw: ImageDraw, unit: float) -> None:
    """Draw a house with two rows of windows and a door."""
    draw.rectangle([unit * each for each in (24, 20, 76, 100)], fill=_FIGURE)
    for left in (33, 56):
        for top in (30, 48):
            draw.rectangle([unit * each for each in (left, top, left + 11, top + 11)], fill=_GROUND)
    draw.rectangle([unit * each for each in (43, 74, 57, 100)], fill=_GROUND)
