"""The organisation's logo: any picture in, a clean PNG of modest size kept."""

from __future__ import annotations

import asyncio
import io
from typing import Final

from dealwright.actions import files
from dealwright.actions.invoice_settings import LOGO, organisation
from dealwright.actions.portal_settings import keep as keep_settings
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, NotFound, invalid
from dealwright.domain.file import Purpose
from dealwright.storage import files as store
from dealwright.storage.database import Database

LARGEST: Final = 10_000_000
"""Bytes of a picture at most."""
MOST_PIXELS: Final = 40_000_000
WIDEST: Final = (1200, 600)
"""Pixels of the logo as it is kept, at most."""
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")


async def keep(db: Database, actor: Actor, data: bytes) -> int:
    """Keep a picture as the logo and return its file's id; the one before goes to the trash.

    Refuses with Forbidden unless a CRM administrator asks, and with Invalid ("logo") what is no picture, or too large.
    """
    check_may_set(actor)
    picture = await asyncio.to_thread(_clean, data)
    before = organisation(db.rules).logo_id
    file = await files.keep(db, actor, Purpose.LOGO, "logo.png", "image/png", picture)
    await keep_settings(db, actor, {LOGO: str(file.id)})
    await _forget(db, actor, before)
    return file.id


async def reset(db: Database, actor: Actor) -> int:
    """Take the logo away; return 0. Refuses with Forbidden."""
    before = organisation(db.rules).logo_id
    await keep_settings(db, actor, {LOGO: ""})
    await _forget(db, actor, before)
    return 0


def check_may_set(actor: Actor) -> None:
    """Refuse with Forbidden unless this person may set the logo."""
    if not actor.is_crm_admin:
        raise Forbidden("only CRM administrators change the settings")


async def picture(db: Database, file_id: int | None = None) -> bytes | None:
    """Return the logo as PNG, None without one. NotFound where another file is asked for."""
    present = organisation(db.rules).logo_id
    if file_id is not None and file_id != present:
        raise NotFound("file")
    file = await store.read_known(db, present) if present else None
    if file is None:
        return None
    return b"".join([piece async for piece in await files.contents(db, file)])


async def _forget(db: Database, actor: Actor, file_id: int) -> None:
    """Move a logo that is one no more to the trash; the settings have changed, so the actor's rules are old by now."""
    known = await store.read_known(db, file_id) if file_id else None
    present = db.rules.actor(actor.id, actor.via)
    if known is not None and present is not None:
        await files.delete(db, present, file_id)


def _clean(data: bytes) -> bytes:
    """Return a picture as PNG of at most `WIDEST` pixels, without anything but its pixels."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - heavy, and seldom needed

    if len(data) > LARGEST:
        raise invalid("logo", "too_long", f"has at most {LARGEST} bytes")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise invalid("logo", "too_long", f"has at most {MOST_PIXELS} pixels")
            picture = ImageOps.exif_transpose(found).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise invalid("logo", "format", "is no picture that can be read") from None
    picture.thumbnail(WIDEST)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
