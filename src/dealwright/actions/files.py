"""Deeds on files: keep bytes, have them back, delete them, and sweep away what nobody knows of."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, NotFound
from dealwright.domain.event import Event
from dealwright.domain.file import File, Purpose, media_type_of, titled
from dealwright.storage import files as store
from dealwright.storage import loose_files, notes
from dealwright.storage.blobs import Gone, Stored
from dealwright.storage.database import Database
from dealwright.storage.writes import Lost, Write

READ, LIST = "File-Read", "File-List"
CREATE, DELETE = "File-Create", "File-Delete"
TRASH_DAYS: Final = 30
SWEPT_AT_ONCE: Final = 200
VIA: Final = "jobs"

TOLD: Final = ("purpose", "title", "media_type", "size")
_log = logging.getLogger(__name__)


async def keep(
    db: Database,
    actor: Actor,
    purpose: Purpose,
    title: str,
    media_type: str | None,
    data: bytes | AsyncIterator[bytes],
    extra: Mapping[str, Any] | None = None,
) -> File:
    """Keep some bytes as a file of this person's and return it.

    `title` is the name that it is offered under; without a media type its ending tells it. An attachment needs the
    right `File-Create` (Forbidden); what the other purposes need is for the deed that makes such a file to ask.
    Whatever ends the bytes early, an error of theirs included, leaves nothing behind.
    """
    if purpose is Purpose.ATTACHMENT:
        actor.require(CREATE)
    name = titled(title)
    blob = await db.blobs.write(data)
    file = made(actor, purpose, name, media_type or media_type_of(name), blob)
    file.extra.update(extra or {})
    event = happened(actor, file.created_at, "file", ["file.created"], None, values_of(file, TOLD))
    try:
        ids = await written(db, [store.inserted(file), recorded(event, store.NEW)], actor)
    except BaseException:
        await db.blobs.delete(blob.key)
        raise
    file.id = ids[store.NEW.name]
    return file


def made(actor: Actor, purpose: Purpose, title: str, media_type: str, blob: Stored) -> File:
    """Return the new file of bytes that are stored already; its row is still to be written."""
    at = now()
    return File(
        id=0,
        uid=new_uid(),
        version=1,
        created_at=at,
        updated_at=at,
        created_by=actor.id,
        updated_by=actor.id,
        purpose=purpose,
        title=title,
        media_type=media_type,
        size=blob.size,
        key=blob.key,
    )


async def get(db: Database, actor: Actor, file_id: int) -> File:
    """Return what is known of a file.

    Who made it always sees it; others see an attachment with the record its note hangs on, an invoice's file with the
    invoice. Refuses with NotFound, and with Forbidden an attachment without the right `File-Read`.
    """
    file = await store.read(db, actor, file_id)
    if file.purpose is Purpose.ATTACHMENT:
        actor.require(READ)
    return file


async def opened(db: Database, actor: Actor, file_id: int) -> tuple[File, AsyncIterator[bytes]]:
    """Return a file and its bytes in pieces of at most 256 KiB. Refuses as `get`."""
    file = await get(db, actor, file_id)
    return file, await contents(db, file)


async def read(db: Database, actor: Actor, file_id: int) -> tuple[File, bytes]:
    """Return a file and all its bytes: for files that are known to be small. Refuses as `get`."""
    file, pieces = await opened(db, actor, file_id)
    return file, b"".join([piece async for piece in pieces])


async def contents(db: Database, file: File) -> AsyncIterator[bytes]:
    """Return the bytes of a file that the caller was allowed to see already; NotFound when they are lost."""
    try:
        return await db.blobs.open(file.key)
    except Gone:
        _log.error("The bytes of file %d (%s) are not in the file store", file.id, file.key)
        raise NotFound("file") from None


async def delete(db: Database, actor: Actor, file_id: int) -> File:
    """Move a file to the trash and return it as it was; its bytes are removed 30 days later.

    A note that only tells of its upload, and of no other file that is still there, goes with it.
    Refuses with NotFound, and with Forbidden somebody else's file and an attachment without the right `File-Delete`.
    """

    async def deed(_: int) -> File:
        file = await store.read(db, actor, file_id)
        check_removable(actor, file)
        at, idle = now(), await notes.emptied_by(db, file_id)
        event = happened(actor, at, "file", ["file.deleted"])
        writes: list[Write] = [store.trashed(file, actor.id, at), recorded(event, file_id)]
        writes += [notes.emptied(idle, actor.id, at)] if idle else []
        writes += [recorded(replace(event, subject="note", kinds=["note.deleted"]), one) for one in idle]
        await written(db, writes, actor)
        return file

    async with db.turns.of("file", file_id):
        return await attempted(deed)


def check_removable(actor: Actor, file: File) -> None:
    """Refuse with Forbidden unless this person may remove the file."""
    if file.purpose is Purpose.ATTACHMENT:
        actor.require(DELETE)
    if not file.edited_by(actor):
        raise Forbidden("this file is not yours to remove")


class Collector:
    """Moves uploads to the trash that nothing has taken up for some hours (0: never), a stretch of files at a time."""

    def __init__(self, db: Database, hours: int) -> None:
        self._db = db
        self._hours = hours
        self._after = 0

    async def sweep(self) -> int:
        """Look at the next stretch and return how many ids it spans; 0 at the end, and then from the beginning."""
        last = await loose_files.last_of_stretch(self._db, self._after) if self._hours else None
        if last is None:
            self._after = 0
            return 0
        at = now()
        found = await loose_files.loose(self._db, self._after, last, at - timedelta(hours=self._hours))
        for ident, used_at in found.items():
            await self.remove(ident, used_at, at)
        spanned, self._after = last - self._after, last
        return spanned

    async def remove(self, ident: int, used_at: int | None, at: datetime) -> None:
        """Move an upload to the trash unless something has taken it up since (None: ever)."""
        event = Event(
            deed_id=new_uid(),
            at=at,
            actor_id=None,
            via=VIA,
            kinds=["file.deleted"],
            subject="file",
            before={},
            after={"unused": True},
        )
        with suppress(Lost):  # somebody has taken it up just now
            await self._db.apply([store.swept(ident, used_at, at), recorded(event, ident)])


class Sweeper:
    """Removes bytes that no file has, and those of files that were in the trash long enough.

    Keys tell the day they were made; what was made before yesterday either has its row by now or never will. Each day
    is looked at once in the life of the process.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._swept: set[str] = set()

    async def sweep(self) -> int:
        """Sweep a little and return how much was found to do; 0 means that there is nothing left for now."""
        today = datetime.now(UTC).date()
        emptied = await self._empty_trash()
        return emptied or await self._sweep_a_day(today) or await self._db.blobs.forget_arriving(today - timedelta(1))

    async def _empty_trash(self) -> int:
        old = await store.old_trash(self._db, now() - timedelta(days=TRASH_DAYS), SWEPT_AT_ONCE)
        if old:
            # The rows first: what a crash leaves of this is bytes without a row, which are swept in their turn.
            await self._db.apply([store.emptied(list(old))])
        for key in old.values():
            await self._db.blobs.delete(key)
        return len(old)

    async def _sweep_a_day(self, today: date) -> int:
        settled = f"{today - timedelta(1):%Y%m%d}"
        waiting = (day for day in await self._db.blobs.days() if day < settled and day not in self._swept)
        day = next(waiting, None)
        if day is None:
            return 0
        keys = await self._db.blobs.keys_of(day)
        for start in range(0, len(keys), SWEPT_AT_ONCE):
            some = keys[start : start + SWEPT_AT_ONCE]
            for key in set(some) - await store.known_keys(self._db, some):
                _log.warning("Removed the bytes %s, which belong to no file", key)
                await self._db.blobs.delete(key)
        self._swept.add(day)
        return 1
