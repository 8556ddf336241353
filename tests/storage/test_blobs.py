"""The file store: whole or not there at all, under keys of our own, on a disk and in memory."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dealwright.storage.blobs import CHUNK, Blobs, Gone, Unusable, default_address

PLACES = ("{folder}/files", "memory://{name}", "file://{folder}/files", "dir://files::file://{folder}")


@pytest.fixture(params=PLACES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A file store of the test's own: on the disk, elsewhere, on the disk as if it were elsewhere, a part of that."""
    return Blobs(request.param.format(folder=tmp_path, name=uuid.uuid4().hex))


async def _pieces(*pieces: bytes, ends_in: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if ends_in is not None:
        raise ends_in


async def _everything(blobs: Blobs) -> list[str]:
    return [key for day in await blobs.days() for key in await blobs.keys_of(day)]


async def test_what_was_written_is_read(blobs: Blobs) -> None:
    """Whether it came at once or in pieces, and nothing at all as well."""
    for data in (b"", b"words", b"x" * (CHUNK * 2 + 1)):
        stored = await blobs.write(data)
        assert (stored.size, await blobs.read(stored.key)) == (len(data), data)
    stored = await blobs.write(_pieces(b"one ", b"two"))
    assert (stored.size, await blobs.read(stored.key)) == (7, b"one two")


async def test_a_large_blob_comes_in_pieces(blobs: Blobs) -> None:
    """So that no answer holds all of it."""
    stored = await blobs.write(b"x" * (CHUNK * 3))
    assert [len(piece) async for piece in await blobs.open(stored.key)] == [CHUNK] * 3


async def test_of_bytes_that_end_in_an_error_nothing_is_left(blobs: Blobs) -> None:
    """Neither under a key nor beside the keys."""
    with pytest.raises(RuntimeError, match="gone"):
        await blobs.write(_pieces(b"half", ends_in=RuntimeError("gone")))
    assert await _everything(blobs) == []
    assert await blobs.forget_arriving(datetime.now(UTC).date() + timedelta(days=2)) == 0


async def test_nothing_half_done_is_seen(blobs: Blobs) -> None:
    """A blob has no key before it is whole, and who is stopped half way takes the half along."""
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"half"
        begun.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(blobs.write(endless()))
    await begun.wait()
    assert await _everything(blobs) == []
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await blobs.forget_arriving(datetime.now(UTC).date() + timedelta(days=2)) == 0


async def test_what_a_crash_left_half_done_is_forgotten_the_day_after(tmp_path: Path) -> None:
    """And not on the same day, when it may still be on its way."""
    blobs, today = Blobs(str(tmp_path)), datetime.now(UTC).date()
    (tmp_path / "arriving").mkdir()
    (tmp_path / "arriving" / f"{today:%Y%m%d}-{'0' * 32}").write_bytes(b"half")
    assert await blobs.forget_arriving(today) == 0
    assert await blobs.forget_arriving(today + timedelta(days=1)) == 1
    assert list((tmp_path / "arriving").iterdir()) == []


async def test_what_was_deleted_is_gone(blobs: Blobs) -> None:
    """Deleting twice is deleting once."""
    stored = await blobs.write(b"words")
    await blobs.delete(stored.key)
    await blobs.delete(stored.key)
    with pytest.raises(Gone):
        await blobs.open(stored.key)
    assert await _everything(blobs) == []


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "20240101/../../secret", "20240101/" + "g" * 32, ""])
async def test_a_key_that_is_none_of_ours_never_becomes_a_path(tmp_path: Path, key: str) -> None:
    """Whoever wrote it into the row."""
    (tmp_path / "secret").write_text("secret")
    blobs = Blobs(str(tmp_path / "files"))
    with pytest.raises(Gone):
        await blobs.open(key)
    with pytest.raises(Gone):
        await blobs.delete(key)
    assert (tmp_path / "secret").exists()


async def test_keys_are_found_by_their_day(blobs: Blobs) -> None:
    """Which is how the sweeper goes through them."""
    keys = {(await blobs.write(b"x")).key for _ in range(3)}
    days = await blobs.days()
    assert {key for day in days for key in await blobs.keys_of(day)} == keys
    assert await blobs.keys_of("19700101") == []


async def test_a_store_that_needs_what_is_not_installed_says_so() -> None:
    """In a sentence that names the package."""
    with pytest.raises(Unusable, match="s3fs"):
        await Blobs("s3://bucket/prefix").ready()
    with pytest.raises(Unusable, match="cannot be used"):
        await Blobs("nowhere://at/all").ready()


async def test_a_store_is_checked_by_writing(blobs: Blobs, tmp_path: Path) -> None:
    """Nothing stays of the check; a folder that is a file fails it."""
    await blobs.check()
    assert await _everything(blobs) == []
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OSError, match="taken"):
        await Blobs(str(tmp_path / "taken")).check()


def test_files_lie_beside_a_sqlite_file() -> None:
    """And under the working folder with PostgreSQL."""
    assert default_address("sqlite:////data/crm.db") == "/data/crm-files"
    assert default_address("postgresql://x/y") == "dealwright-files"
