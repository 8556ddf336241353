"""Photos and banners of contacts: the sizes that are kept, and a picture as it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

LARGEST_UPLOAD: Final = 10 << 20
"""Bytes of a picture that is taken as a photo or a banner."""
BANNER_SIDE: Final = 1600
"""The longer side of a banner in pixels, at most."""


class Size(IntEnum):
    """The sizes of a photo; the numbers are the longer side in pixels."""

    SMALL = 40
    MEDIUM = 82
    BIG = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a browser takes it."""

    data: bytes
    media_type: str

    @property
    def ending(self) -> str:
        """The ending of its file name, without a dot."""
        return {"image/png": "png", "image/jpeg": "jpg"}.get(self.media_type, "img")
