"""Files and bytes that have lost each other are counted and named."""

from __future__ import annotations

from pathlib import Path

from dealwright.actions import files
from dealwright.domain.file import File, Purpose
from dealwright.storage import file_check, schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Change
from tests.cast import Cast


def _moved(db: Database, key: str, to: str) -> None:
    target = Path(db.blobs.address, to)
    target.parent.mkdir(exist_ok=True)
    Path(db.blobs.address, key).rename(target)


def _put(db: Database, key: str) -> None:
    path = Path(db.blobs.address, key)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"nobody's")


async def _kept(db: Database, cast: Cast, day: str | None = None) -> File:
    """Keep a file, its bytes under a day of the past where one is told."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    if day is not None:
        _moved(db, kept.key, key := f"{day}{kept.key[8:]}")
        kept.key = key
        await db.apply([Change(schema.file, {"key": kept.key}, {"id": kept.id})])
    return kept


async def _found(db: Database) -> file_check.Agreement:
    found = file_check.Agreement()
    await file_check.compare(db, found)
    return found


async def test_where_all_is_well_nothing_is_named(db: Database, cast: Cast) -> None:
    assert await _found(db) == file_check.Agreement(is_whole=True)
    for day in (None, "20200101", "20200102", None):
        await _kept(db, cast, day)
    found = await _found(db)
    assert (found.days, found.files, found.lost, found.nobodys, found.is_whole) == (3, 4, 0, 0, True)


async def test_what_has_lost_its_other_half_is_counted(db: Database, cast: Cast) -> None:
    whole, lost, old = await _kept(db, cast, "20200101"), await _kept(db, cast), await _kept(db, cast, "20200102")
    for each in (lost, old):
        await db.blobs.delete(each.key)
    for name in (f"20200101/{'0' * 32}", f"20200103/{'1' * 32}"):
        _put(db, name)
    await db.blobs.write(b"on its way to its file")
    found = await _found(db)
    assert (found.files, found.lost, found.lost_ids, found.nobodys) == (3, 2, [old.id, lost.id], 2)
    assert whole.id not in found.lost_ids
