"""Files: kept whole or not at all, seen by whom they concern, and nothing left lying about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dealwright.actions import files
from dealwright.actions.deed import now
from dealwright.domain.errors import Forbidden, NotFound, RulesMoved
from dealwright.domain.file import Purpose
from dealwright.domain.values import micros
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Change
from tests.cast import Cast

YESTERYEAR = "20200101"


async def _keys(db: Database) -> list[str]:
    return [key for day in await db.blobs.days() for key in await db.blobs.keys_of(day)]


async def test_what_was_kept_is_there_for_who_kept_it(db: Database, cast: Cast) -> None:
    """Name and type come from what it was called; the bytes are the same."""
    kept = await files.keep(db, cast.mia, Purpose.REPORT, "Q1/Deals won.pdf", None, b"%PDF-1.7")
    file, data = await files.read(db, cast.mia, kept.id)
    assert (file.title, file.media_type, file.size, file.version) == ("Deals won.pdf", "application/pdf", 8, 1)
    assert (data, file.created_by, file.purpose) == (b"%PDF-1.7", cast.mia.id, Purpose.REPORT)


async def test_a_file_is_there_for_nobody_else(db: Database, cast: Cast) -> None:
    """Administrators apart; somebody else's cannot be deleted either."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    assert (await files.get(db, cast.olga, kept.id)).id == kept.id
    for deed in (files.get, files.delete):
        with pytest.raises(NotFound):
            await deed(db, cast.noah, kept.id)


async def test_a_stream_that_breaks_off_leaves_nothing(db: Database, cast: Cast) -> None:
    """No bytes, no row."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, broken())
    assert await _keys(db) == []
    assert not await db.text("SELECT id FROM file")


async def test_bytes_without_a_row_are_taken_back(db: Database, cast: Cast) -> None:
    """As when the rules moved while they came in."""
    mia = cast.mia
    await db.apply_rules([], None)
    with pytest.raises(RulesMoved):
        await files.keep(db, mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    assert await _keys(db) == []


async def test_an_attachment_needs_the_right(db: Database, cast: Cast) -> None:
    """A report does not: the deed that makes it asks for its own."""
    mia = cast.mia.narrowed(frozenset(), "test")
    with pytest.raises(Forbidden):
        await files.keep(db, mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    kept = await files.keep(db, mia, Purpose.REPORT, "report.csv", None, b"a,b")
    assert (await files.get(db, mia, kept.id)).media_type == "text/csv"


async def test_a_deleted_file_is_not_there_any_more(db: Database, cast: Cast) -> None:
    """For who made it neither."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    assert (await files.delete(db, cast.mia, kept.id)).title == "offer.txt"
    for deed in (files.get, files.read, files.delete):
        with pytest.raises(NotFound):
            await deed(db, cast.mia, kept.id)


async def test_lost_bytes_are_not_found(db: Database, cast: Cast) -> None:
    """Instead of an answer that breaks off."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    await db.blobs.delete(kept.key)
    with pytest.raises(NotFound):
        await files.read(db, cast.mia, kept.id)


async def _swept(db: Database) -> int:
    sweeper, done = files.Sweeper(db), 0
    while found := await sweeper.sweep():
        done += found
    return done


async def test_bytes_that_no_file_has_are_swept_away(db: Database, cast: Cast, tmp_path: Path) -> None:
    """Those that a file has stay, and so do those of today, whose row may be on its way."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    old = f"{YESTERYEAR}/{kept.key[9:]}"
    folder = tmp_path / "files"
    (folder / YESTERYEAR).mkdir()
    (folder / kept.key).rename(folder / old)
    await db.apply([Change(schema.file, {"key": old}, {"id": kept.id})])
    (folder / YESTERYEAR / ("0" * 32)).write_bytes(b"lost")
    fresh = (await db.blobs.write(b"fresh")).key
    await _swept(db)
    assert sorted(await _keys(db)) == sorted([old, fresh])


async def test_the_bytes_of_old_trash_are_removed(db: Database, cast: Cast) -> None:
    """After 30 days, and not before."""
    fresh, old = [
        await files.keep(db, cast.mia, Purpose.ATTACHMENT, f"{name}.txt", None, name.encode()) for name in ("a", "b")
    ]
    for each in (fresh, old):
        await files.delete(db, cast.mia, each.id)
    long_ago = micros(now() - timedelta(days=files.TRASH_DAYS + 1))
    await db.apply([Change(schema.file, {"deleted_at": long_ago}, {"id": old.id})])
    assert await _swept(db) == 1
    assert await _keys(db) == [fresh.key]
    assert await _swept(db) == 0


async def test_every_deed_on_a_file_is_written_down(db: Database, cast: Cast) -> None:
    """One event each."""
    kept = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", None, b"words")
    await files.delete(db, cast.mia, kept.id)
    rows = await db.text("SELECT kinds, subject_id FROM event WHERE subject = 'file' ORDER BY id")
    assert [tuple(row) for row in rows] == [("file.created", kept.id), ("file.deleted", kept.id)]
