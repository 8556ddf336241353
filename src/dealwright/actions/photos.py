"""Deeds on the pictures of contacts, their photo and their banner: set one, take it away, have it shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from dealwright import imaging
from dealwright.actions import files
from dealwright.actions.contacts import EDIT, READ
from dealwright.actions.deed import attempted, happened, now, recorded, written
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, NotFound, invalid
from dealwright.domain.file import File, Purpose
from dealwright.domain.photo import LARGEST_UPLOAD, Picture, Size
from dealwright.storage import contacts, photos
from dealwright.storage.blobs import Gone
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.photos import Place

T = TypeVar("T")


async def decoded(data: bytes) -> Mapping[Size, Picture]:
    """Return a picture in all sizes of a photo; refuses with Invalid what is too large or no picture."""
    return await _decoded(Place.PHOTO, data, imaging.photos_of)


async def decoded_banner(data: bytes) -> Picture:
    """Return a picture as a banner; refuses with Invalid what is too large or no picture."""
    return await _decoded(Place.BANNER, data, imaging.banner_of)


async def _decoded(place: Place, data: bytes, decode: Callable[[bytes], T]) -> T:
    if len(data) > LARGEST_UPLOAD:
        raise invalid(place.value, "too_long", f"has at most {LARGEST_UPLOAD} bytes", len(data))
    try:
        return await asyncio.to_thread(decode, data)
    except imaging.NotAPicture as error:
        raise invalid(place.value, "format", str(error)) from None


async def put(
    db: Database, actor: Actor, contact_id: int, pictures: Mapping[Size, Picture], name: str = ""
) -> FullContact:
    """Give a contact a photo (none: take it away) and return the contact; `name` is what its file was called.

    Refuses with Forbidden (no right, or seen but not this person's to change), NotFound and Conflict.
    """
    whole = {f"{size.name.lower()}.{picture.ending}": picture for size, picture in sorted(pictures.items())}
    return await _put(db, actor, contact_id, Place.PHOTO, whole, name)


async def put_banner(
    db: Database, actor: Actor, contact_id: int, picture: Picture | None, name: str = ""
) -> FullContact:
    """Give a contact a banner (None: take it away) and return the contact. Refuses as `put`."""
    whole = {f"banner.{picture.ending}": picture} if picture else {}
    return await _put(db, actor, contact_id, Place.BANNER, whole, name)


async def _put(
    db: Database, actor: Actor, contact_id: int, place: Place, pictures: Mapping[str, Picture], name: str
) -> FullContact:
    actor.require(EDIT)
    kept = [await _stored(db, actor, title, picture) for title, picture in pictures.items()]
    shown = _named(name, list(pictures.values())[-1]) if name and pictures else ""

    async def deed(_: int) -> FullContact:
        full = await contacts.read(db, actor, contact_id)
        if not full.brief.edited_by(actor):
            raise Forbidden("this contact is not yours to change")
        found = await photos.of_contact(db, actor, contact_id, place)
        gone = sorted(found[0]) if found else []
        if not gone and not kept:
            return full
        await _hung(db, actor, full, place, kept, shown, gone)
        full.contact.version += 1
        return full

    try:
        async with db.turns.of("contact", contact_id):
            return await attempted(deed)
    except BaseException:
        for file in kept:
            await db.blobs.delete(file.key)
        raise


async def _hung(
    db: Database, actor: Actor, full: FullContact, place: Place, kept: Sequence[File], name: str, gone: Sequence[str]
) -> None:
    at, ident = now(), full.contact.id
    after = {place.value: [file.uid for file in kept]}
    event = happened(actor, at, "contact", ["contact.changed"], {place.value: list(gone)}, after)
    writes = photos.put(ident, full.contact.version, place, kept, name, gone, actor.id, at)
    await written(db, [*writes, recorded(event, ident)], actor)
    full.contact.updated_at = at


def _named(name: str, picture: Picture) -> str:
    """Return the name of a file with the ending of what became of it."""
    return f"{PurePosixPath(name).stem[:200]}.{picture.ending}"


async def _stored(db: Database, actor: Actor, title: str, picture: Picture) -> File:
    blob = await db.blobs.write(picture.data)
    return files.made(actor, Purpose.PHOTO, title, picture.media_type, blob)


async def shown(db: Database, actor: Actor, contact_id: int, size: Size, is_company: bool = False) -> Picture:
    """Return a contact's photo in a size, or what stands for a contact without one.

    What stands for it also stands for a contact that is not there for this person; `is_company` says for what kind.
    """
    actor.require(READ)
    found = await photos.of_contact(db, actor, contact_id)
    uids, is_company = (photos.sized(found[0]), found[1]) if found is not None else ({}, is_company)
    file = await photos.file_by_uid(db, uids[size]) if size in uids else None
    if file is not None:
        try:
            return Picture(await db.blobs.read(file.key), file.media_type)
        except Gone:
            pass
    return await asyncio.to_thread(imaging.stand_in, size, is_company)


async def opened(db: Database, actor: Actor, contact_id: int, place: Place) -> tuple[File, AsyncIterator[bytes]]:
    """Return the largest file of a contact's picture and its bytes in pieces.

    Refuses with Forbidden, and with NotFound also a contact without one.
    """
    actor.require(READ)
    found = await photos.of_contact(db, actor, contact_id, place)
    file = await photos.file_by_uid(db, found[0][-1]) if found and found[0] else None
    if file is None:
        raise NotFound("picture")
    return file, await files.contents(db, file)
