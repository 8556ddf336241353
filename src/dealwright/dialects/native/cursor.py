"""Opaque cursors: the place where a page ended, signed for the very list it belongs to."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

import msgspec

from dealwright.dialects.native.problems import bad_query

Place = tuple[int | str | None, ...]
_SEAL: Final = 16


def _seal(secret: str, about: str, content: bytes) -> bytes:
    message = b"cursor\0" + about.encode("utf-8", "surrogatepass") + b"\0" + content
    return hmac.digest(secret.encode(), message, "sha256")[:_SEAL]


def sealed(secret: str, about: str, place: Place) -> str:
    """Return the cursor of a place; `about` is what makes the list: its order and its filters."""
    content = msgspec.msgpack.encode(place)
    return base64.urlsafe_b64encode(_seal(secret, about, content) + content).rstrip(b"=").decode()


def opened(secret: str, about: str, cursor: str) -> Place:
    """Return the place of a cursor; refuses with 400 what was not sealed here for this list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    content = raw[_SEAL:]
    if not content or not hmac.compare_digest(raw[:_SEAL], _seal(secret, about, content)):
        raise bad_query("cursor", "not_ours", "is no cursor of this list")
    return msgspec.msgpack.decode(content, type=Place)
