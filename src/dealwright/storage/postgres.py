"""PostgreSQL through asyncpg: a small pool, prepared shapes, one statement for every deed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

import asyncpg
from sqlalchemy import func, select

from dealwright.storage import postgres_writes
from dealwright.storage.base import Database, TooWide
from dealwright.storage.outage import Unreachable, Unwritable
from dealwright.storage.postgres_pool import Connection, Pool
from dealwright.storage.query import Query, Row, words
from dealwright.storage.schema import event
from dealwright.storage.writes import Clash, Insert, Lost, Made, Missing, Write

POOL = 8
STATEMENTS = 1024
SLOW_SECONDS = 30.0


GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
)
"""What is heard when the server behind a connection is gone, or is no longer the one that takes writes."""

_DISK_FULL = "the disk of the database is full"

PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries to reach the server again."""


_LATEST = 10_000
_DEED = Query(
    select(event.c.subject_id).where(
        event.c.deed_id == words("deed"), event.c.id > select(func.max(event.c.id) - _LATEST).scalar_subquery()
    )
)
"""The subject of a deed of a moment ago; looking at the latest events costs less than an index on every write."""


class PostgresDatabase(Database):
    """One PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    @classmethod
    async def open(
        cls, url: str, pool: int = POOL, statements: int = STATEMENTS, slow_seconds: float = SLOW_SECONDS
    ) -> Self:
        """Connect; the pool grows up to `pool` connections, each keeps up to `statements` prepared.

        What takes longer than `slow_seconds` is broken off.
        """

        async def connected() -> Connection:
            made: Connection = await asyncpg.connect(
                url,
                statement_cache_size=statements,
                max_cached_statement_lifetime=0,
                server_settings={
                    "application_name": "dealwright",
                    "jit": "off",
                    "statement_timeout": f"{slow_seconds:.0f}s",
                },
            )
            return made

        return cls(Pool(connected, pool))

    @property
    def is_postgres(self) -> bool:
        """True."""
        return True

    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Return the rows of a query; see Database. A read is repeated while the server is away for seconds."""
        compiled = query.postgres
        arguments = compiled.arguments(given)
        for pause in PATIENCE:
            try:
                return await self.text(compiled.text, *arguments)
            except Unreachable:
                await asyncio.sleep(pause)
        return await self.text(compiled.text, *arguments)

    async def text(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Run one hand-written statement; see Database."""
        try:
            async with self._pool.connection() as connection:
                rows: list[Any] = await connection.fetch(sql, *arguments)
        except asyncpg.QueryCanceledError as error:
            raise TooWide from error
        except asyncpg.DiskFullError as error:
            raise Unwritable(_DISK_FULL) from error
        except GONE as error:
            raise Unreachable(str(error)) from error
        return rows

    async def write(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Apply the writes as one statement; see Database."""
        with self.room.claimed():
            return await self._written(writes, stamp)

    async def _written(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        built = postgres_writes.statement(writes, stamp)
        try:
            # Shielded: a caller who hangs up must not cancel a commit whose outcome nobody would know.
            rows = await asyncio.shield(self.text(built.text, *built.arguments))
        except asyncpg.UniqueViolationError as error:
            raise Clash(error.constraint_name or str(error)) from error
        except asyncpg.ForeignKeyViolationError as error:
            raise Missing(str(error)) from error
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            raise Lost(str(error)) from error
        except Unreachable:
            return await self._landed(writes)
        row = rows[0]
        if not all(row[: built.guards]):
            raise Lost("the row or the rules have changed")
        ids = row[built.guards :] if built.made else ()
        return dict(zip(built.made, ids, strict=True))

    async def _landed(self, writes: Sequence[Write]) -> Mapping[str, int]:
        """Find out what became of a write whose connection was lost: its event tells whether it was committed.

        Returns the id of the event's subject where the write made it; raises Lost when nothing was written, so
        that the deed is loaded and decided again, and Unreachable where no event can tell.
        """
        deed = next((write for write in writes if isinstance(write, Insert) and write.table is event), None)
        if deed is None:
            raise Unreachable("the connection was lost and nothing tells whether the write was committed")
        found = await self.rows(_DEED, deed=deed.values["deed_id"])
        if not found:
            raise Lost("the connection was lost before the write was committed")
        subject = deed.values["subject_id"]
        return {subject.name: found[0][0]} if isinstance(subject, Made) else {}

    async def script(self, sql: str) -> str:
        """Run statements without arguments in one transaction and one round trip; return the last one's tag.

        Each statement sees what was committed before it began, so one that waits for a lock may come first.
        """
        try:
            async with self._pool.connection() as connection:
                return await connection.execute(sql)
        except asyncpg.DiskFullError as error:
            raise Unwritable(_DISK_FULL) from error
        except GONE as error:
            raise Unreachable(str(error)) from error

    async def close(self) -> None:
        """Wait for what runs, then close the pool."""
        await self._pool.close()
