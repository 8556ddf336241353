"""Leases: which of several processes does a job at present."""

from __future__ import annotations

import time
from typing import Final

from dealwright.storage.database import Database
from dealwright.storage.schema import lease
from dealwright.storage.writes import Remove

# One clock decides: PostgreSQL's own, and on SQLite that of the one machine.
_POSTGRES_NOW: Final = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_TAKE: Final = """INSERT INTO lease (name, holder, until) VALUES ({0}, {1}, {2} + {3})
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until < {2} RETURNING 1"""


async def take(db: Database, name: str, holder: str, seconds: float) -> bool:
    """Take or renew a lease for some seconds; return False while somebody else has it."""
    length = int(seconds * 1_000_000)
    if db.is_postgres:
        sql = _TAKE.format("$1", "$2", _POSTGRES_NOW, "$3::bigint")
    else:
        sql = _TAKE.format("?", "?", str(time.time_ns() // 1000), "?")
    return bool(await db.text(sql, name, holder, length))


async def release(db: Database, holder: str) -> None:
    """Give back every lease of this holder, so that nobody has to wait for its end."""
    await db.write([Remove(lease, {"holder": holder})], None)


async def give_back(db: Database, name: str, holder: str) -> None:
    """Give one lease back, if it is still this holder's."""
    await db.write([Remove(lease, {"name": name, "holder": holder})], None)
