"""Deeds on the photos of contacts: set one, take it away, have it shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dealwright import imaging
from dealwright.actions.contacts import EDIT, READ
from dealwright.actions.deed import attempted, happened, now, recorded, written
from dealwright.actions.files import made
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, invalid
from dealwright.domain.file import File, Purpose
from dealwright.domain.photo import LARGEST_UPLOAD, Picture, Size
from dealwright.storage import contacts, photos
from dealwright.storage.blobs import Gone
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database


async def decoded(data: bytes) -> Mapping[Size, Picture]:
    """Return a picture in all sizes of a photo; refuses with Invalid what is too large or no picture."""
    if len(data) > LARGEST_UPLOAD:
        raise invalid("photo", "too_long", f"has at most {LARGEST_UPLOAD} bytes", len(data))
    try:
        return await asyncio.to_thread(imaging.photos_of, data)
    except imaging.NotAPicture as error:
        raise invalid("photo", "format", str(error)) from None


async def put(db: Database, actor: Actor, contact_id: int, pictures: Mapping[Size, Picture]) -> FullContact:
    """Give a contact a photo (none: take it away) and return the contact.

    Refuses with Forbidden (no right, or seen but not this person's to change), NotFound and Conflict.
    """
    actor.require(EDIT)
    files = {size: await _stored(db, actor, size, picture) for size, picture in pictures.items()}

    async def deed(_: int) -> FullContact:
        full = await contacts.read(db, actor, contact_id)
        if not full.brief.edited_by(actor):
            raise Forbidden("this contact is not yours to change")
        found = await photos.of_contact(db, actor, contact_id)
        gone = sorted(found[0].values()) if found else []
        if not gone and not files:
            return full
        at, after = now(), [file.uid for file in files.values()]
        event = happened(actor, at, "contact", ["contact.changed"], {"photo": gone}, {"photo": after})
        writes = photos.put(contact_id, full.contact.version, files, gone, actor.id, at)
        await written(db, [*writes, recorded(event, contact_id)], actor)
        full.contact.version += 1
        return full

    try:
        async with db.turns.of("contact", contact_id):
            return await attempted(deed)
    except BaseException:
        for file in files.values():
            await db.blobs.delete(file.key)
        raise


async def _stored(db: Database, actor: Actor, size: Size, picture: Picture) -> File:
    blob = await db.blobs.write(picture.data)
    return made(actor, Purpose.PHOTO, f"{size.name.lower()}.{picture.ending}", picture.media_type, blob)


async def shown(db: Database, actor: Actor, contact_id: int, size: Size, is_company: bool = False) -> Picture:
    """Return a contact's photo in a size, or what stands for a contact without one.

    What stands for it also stands for a contact that is not there for this person; `is_company` says for what kind.
    """
    actor.require(READ)
    found = await photos.of_contact(db, actor, contact_id)
    uids, is_company = found if found is not None else ({}, is_company)
    file = await photos.file_by_uid(db, uids[size]) if size in uids else None
    if file is not None:
        try:
            return Picture(await db.blobs.read(file.key), file.media_type)
        except Gone:
            pass
    return await asyncio.to_thread(imaging.stand_in, size, is_company)
