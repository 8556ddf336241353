"""The pictures of customers: fetched from where a body says, hung up and taken down, and sent (conventions §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dealwright.actions import photos
from dealwright.actions.fetched_files import title_of
from dealwright.dialects.nexudus.handling import Call, Opened
from dealwright.dialects.nexudus.reading import Body
from dealwright.domain.errors import invalid
from dealwright.domain.photo import LARGEST_UPLOAD, Picture, Size
from dealwright.fetching import Bounds, Unfetchable, fetch
from dealwright.storage.photos import Place


@dataclass(slots=True)
class Pictures:
    """What a body says of the pictures of a customer: nothing (None), to be taken down (empty), or new ones."""

    photo: Mapping[Size, Picture] | None = None
    banner: tuple[Picture, ...] | None = None
    names: tuple[str, str] = ("", "")


async def said(call: Call, body: Body) -> Pictures:
    """Return the pictures that a body names, fetched; a new address counts more than the wish to clear.

    Refuses with Invalid an address that is not fetched, and what is no picture.
    """
    found = Pictures()
    photo, banner = _address(body, Place.PHOTO), _address(body, Place.BANNER)
    found.names = title_of(photo), title_of(banner)
    if photo:
        found.photo = await photos.decoded(await _fetched(call, Place.PHOTO, photo))
    elif body.values.get("photo_clear"):
        found.photo = {}
    if banner:
        found.banner = (await photos.decoded_banner(await _fetched(call, Place.BANNER, banner)),)
    elif body.values.get("banner_clear"):
        found.banner = ()
    return found


def _address(body: Body, place: Place) -> str:
    return str(body.values.get(f"{place}_url") or "").strip()


async def _fetched(call: Call, place: Place, address: str) -> bytes:
    try:
        return await fetch(address, Bounds(LARGEST_UPLOAD, private=call.bounds.private))
    except Unfetchable as error:
        raise invalid(f"{place}_url", "format", str(error), address[:255]) from None


async def hang(call: Call, contact_id: int, pictures: Pictures, at: datetime) -> datetime:
    """Hang up and take down pictures of a customer that was written at an instant; return when it was written last."""
    db, actor = call.db, call.actor
    if pictures.photo is not None:
        full = await photos.put(db, actor, contact_id, pictures.photo, pictures.names[0])
        at, pictures.photo = max(at, full.contact.updated_at), None
    if pictures.banner is not None:
        banner = next(iter(pictures.banner), None)
        full = await photos.put_banner(db, actor, contact_id, banner, pictures.names[1])
        at, pictures.banner = max(at, full.contact.updated_at), None
    return at


async def opened(call: Call, contact_id: int, part: str) -> Opened:
    """Return a customer's picture; NotFound where there is none."""
    return await photos.opened(call.db, call.actor, contact_id, {"avatar": Place.PHOTO}.get(part, Place.BANNER))
