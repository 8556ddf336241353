"""The order of events: every event gets a gapless `seq` after its commit, which is the cursor of whoever follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import literal, select

from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.schema import event

if TYPE_CHECKING:
    from dealwright.storage.postgres import PostgresDatabase

BATCH: Final = 1000
LOCK: Final = 7233

_UNORDERED = Query(select(literal(1)).where(event.c.seq.is_(None)).limit(1))
_ORDER = """UPDATE event SET seq = n.seq FROM (
    SELECT u.id, (SELECT coalesce(max(seq), 0) FROM event) + row_number() OVER (ORDER BY u.id) AS seq
    FROM (SELECT id FROM event WHERE seq IS NULL ORDER BY id {limit}) AS u
) AS n WHERE event.id = n.id"""


async def is_unordered(db: Database) -> bool:
    """Tell whether there are committed events without a `seq`."""
    return await db.first(_UNORDERED) is not None


async def order(db: Database, limit: int = BATCH) -> int:
    """Give up to `limit` committed events the next numbers and return how many there were.

    A transaction that commits late gets a later number, whatever its id: numbers never appear behind a reader. Only
    one process numbers at a time; the lock is its own statement, so that the second one sees the first one's work.
    """
    text = ordering(limit)
    if db.is_postgres:
        tag = await cast("PostgresDatabase", db).script(f"SELECT pg_advisory_xact_lock({LOCK}); {text}")
        return int(tag.rpartition(" ")[2])
    return len(await db.text(f"{text} RETURNING 1"))


def ordering(limit: int | None) -> str:
    """Return the statement that numbers up to `limit` events (None: all); on PostgreSQL only under `LOCK`."""
    return _ORDER.format(limit="" if limit is None else f"LIMIT {int(limit)}")
