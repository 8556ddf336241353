"""Whether a database is well: it answers, it takes writes, its schema is the one this program knows."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import select

from dealwright.domain.values import instant
from dealwright.storage.database import Database, sqlite_path
from dealwright.storage.outage import FULL, Unwritable
from dealwright.storage.query import Query
from dealwright.storage.schema import event, lease, opportunity, rules
from dealwright.storage.writes import InsertMany, Remove

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_STAMP = Query(select(rules.c.stamp))
LITTLE_ROOM: Final = 1 << 20
TEST_BYTES: Final = 1 << 16
_WRITE_TEST: Final = "write test"
_ANY_DEAL = Query(select(opportunity.c.id).limit(1))


async def ping(db: Database) -> None:
    """Read one row; raises whatever the driver says when the database does not answer."""
    await db.first(_STAMP)


async def has_deals(db: Database) -> bool:
    """Tell whether there is any deal, in the trash or out of it."""
    return await db.first(_ANY_DEAL) is not None


async def write_test(db: Database) -> None:
    """Write a row that needs new room and remove it; raises Unwritable, or whatever the driver says."""
    row = (_WRITE_TEST, secrets.token_hex(TEST_BYTES // 2), 0)
    await db.write([InsertMany(lease, ("name", "holder", "until"), [row], keys=("name",))], None)
    await db.write([Remove(lease, {"name": _WRITE_TEST})], None)


async def refusal(db: Database) -> str | None:
    """Return why nothing can be written, None where all is well: whoever refused before is asked once more.

    A disk with hardly any room left is said to be full: what small changes still fit in tells nothing. Raises
    whatever the driver or the store says when it is something else by now.
    """
    if await asyncio.to_thread(_is_crowded, db):
        return FULL
    for room, probe in ((db.room, partial(write_test, db)), (db.blobs.room, db.blobs.check)):
        if room.refusal is not None:
            try:
                await probe()
            except Unwritable as error:
                return str(error)
            room.refusal = None
    return None


def _is_crowded(db: Database) -> bool:
    """Tell whether a disk of this machine that we keep something on has hardly any room left."""
    folders = [db.folder, Path(db.blobs.address) if db.blobs.is_local else None]
    return any(shutil.disk_usage(each).free < LITTLE_ROOM for each in folders if each is not None and each.exists())


def newest_step() -> str:
    """Return the newest step of the schema that this program knows, such as `0001`."""
    return max(path.stem[1:5] for path in VERSIONS.glob("v[0-9]*.py"))


async def present_step(url: str) -> str | None:
    """Return the step at which the schema of a database is, None for an empty one. No file is made by looking."""
    if not url.startswith("sqlite:"):
        return await _present_on_postgres(url)
    return _present_on_sqlite(sqlite_path(url))


def _present_on_sqlite(path: str) -> str | None:
    if not Path(path).exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = found and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    finally:
        connection.close()
    return row[0] if row else None


async def _present_on_postgres(url: str) -> str | None:
    import asyncpg  # noqa: PLC0415

    connection = await asyncpg.connect(url, timeout=10)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        step: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return step
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says about itself; `clock` is its own instant, `others` the settings that matter."""

    version: str
    clock: datetime
    newest_event: datetime | None
    unfinished_seed: bool
    others: Mapping[str, str]


_NEWEST_EVENT = Query(select(event.c.at).order_by(event.c.id.desc()).limit(1))
_POSTGRES_SETTINGS: Final = ("fsync", "full_page_writes", "synchronous_commit", "max_connections", "ssl")


async def facts(db: Database) -> Facts:
    """Return what the database says about itself."""
    newest = await db.first(_NEWEST_EVENT)
    event_at = None if newest is None else instant(newest[0])
    unfinished = bool(db.rules.settings.get("dropped_indexes"))
    if not db.is_postgres:
        now = datetime.now(UTC)
        return Facts(sqlite3.sqlite_version, now, event_at, unfinished, {})
    names = ", ".join(f"'{name}'" for name in (*_POSTGRES_SETTINGS, "server_version"))
    rows = await db.text(f"SELECT name, setting FROM pg_settings WHERE name IN ({names})")
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    clock = (await db.text("SELECT clock_timestamp()"))[0][0]
    return Facts(found.pop("server_version"), clock, event_at, unfinished, found)
