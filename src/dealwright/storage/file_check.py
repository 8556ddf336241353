"""Whether the database and the file store agree: files that have lost their bytes, and bytes that no file has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from dealwright.storage import files as store
from dealwright.storage.database import Database

NAMED: Final = 20


@dataclass(slots=True)
class Agreement:
    """What was found so far: days looked at, files, the first files without bytes and how many, bytes without a file.

    Bytes that came today or yesterday may still be on their way to their file; they are not looked at.
    """

    days: int = 0
    files: int = 0
    lost: int = 0
    lost_ids: list[int] = field(default_factory=list)
    nobodys: int = 0
    is_whole: bool = False


async def compare(db: Database, found: Agreement) -> None:
    """Compare the database with the file store day by day into `found`, so that who ends it early knows how far."""
    settled = f"{datetime.now(UTC).date() - timedelta(1):%Y%m%d}"
    days = sorted({*await store.days(db), *await db.blobs.days()})
    for day in days:
        await _compare_a_day(db, day, day < settled, found)
        found.days += 1
    found.is_whole = True


async def _compare_a_day(db: Database, day: str, is_settled: bool, found: Agreement) -> None:
    # The rows first: the bytes of a file are there before its row is.
    rows, bytes_there = await store.keys_of(db, day), set(await db.blobs.keys_of(day))
    found.files += len(rows)
    missing = {key: ident for key, ident in rows.items() if key not in bytes_there}
    gone = sorted(missing[key] for key in await store.known_keys(db, list(missing)))
    found.lost += len(gone)
    found.lost_ids += gone[: NAMED - len(found.lost_ids)]
    if is_settled:
        unknown = bytes_there - set(rows)
        found.nobodys += len(unknown - await store.known_keys(db, list(unknown)))
