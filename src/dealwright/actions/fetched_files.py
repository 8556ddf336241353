"""Deeds on plain records with files: what lies at an address is fetched and kept with the record, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from dealwright.actions import files
from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import now
from dealwright.actions.plain_records import Entity, Values
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.file import File
from dealwright.fetching import Bounds, Unfetchable, streamed
from dealwright.storage import files as store
from dealwright.storage.database import Database
from dealwright.storage.notes import files_trashed
from dealwright.storage.plain_records import PlainRecord


async def create(
    db: Database, actor: Actor, entity: Entity, values: Values, addresses: Mapping[str, str], bounds: Bounds
) -> PlainRecord:
    """Make a record with what lies at `addresses`, by the fields that hold the files.

    Refuses as `plain_records.create`, and with Invalid an address that is not fetched; then nothing is made.
    """
    await deeds.checked(db, actor, entity, None, values)
    fetched = await _fetched(db, actor, entity, addresses, bounds)
    try:
        return await deeds.create(db, actor, entity, {**values, **_ids(fetched)})
    except BaseException:
        await _discard(db, actor, fetched)
        raise


async def change(
    db: Database,
    actor: Actor,
    entity: Entity,
    ident: int,
    values: Values,
    addresses: Mapping[str, str],
    bounds: Bounds,
) -> PlainRecord:
    """Change a record, its files replaced by what lies at `addresses`. Refuses as `create`, with NotFound."""
    await deeds.checked(db, actor, entity, ident, values)
    fetched = await _fetched(db, actor, entity, addresses, bounds)
    try:
        return await deeds.change(db, actor, entity, ident, {**values, **_ids(fetched)})
    except BaseException:
        await _discard(db, actor, fetched)
        raise


async def opened(
    db: Database, actor: Actor, entity: Entity, ident: int, field: str
) -> tuple[File, AsyncIterator[bytes]]:
    """Return a file of a record and its bytes in pieces. Refuses with Forbidden and NotFound (also without a file)."""
    record = await deeds.get(db, actor, entity, ident)
    file = await store.read_known(db, record.values[field]) if record.values[field] else None
    if file is None:
        raise NotFound("file")
    return file, await files.contents(db, file)


async def _fetched(
    db: Database, actor: Actor, entity: Entity, addresses: Mapping[str, str], bounds: Bounds
) -> dict[str, File]:
    kept: dict[str, File] = {}
    try:
        for field, address in addresses.items():
            pieces = streamed(address, bounds)
            kept[field] = await files.keep(db, actor, entity.purpose, title_of(address), None, pieces)
    except BaseException as error:
        await _discard(db, actor, kept)
        if isinstance(error, Unfetchable):
            raise invalid(field, "format", str(error), address[:255]) from None
        raise
    return kept


def title_of(address: str) -> str:
    """Return what a file is called by the address that it is fetched from."""
    try:
        return unquote(urlsplit(address).path.rstrip("/")).rpartition("/")[2] or "file"
    except ValueError:
        return "file"


def _ids(fetched: Mapping[str, File]) -> dict[str, Any]:
    return {field: file.id for field, file in fetched.items()}


async def _discard(db: Database, actor: Actor, fetched: Mapping[str, File]) -> None:
    if fetched:
        await db.apply(files_trashed([file.id for file in fetched.values()], actor.id, now()))
