"""Storing many rows at once: chunks that are consistent in themselves, at the speed the database is made for."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dealwright.domain.place import at_end
from dealwright.storage import contact_tallies, tallies, totals
from dealwright.storage.database import sqlite_path
from dealwright.storage.events import LOCK, ordering
from dealwright.storage.sqlite import open_connection

if TYPE_CHECKING:
    import asyncpg

TRIES: Final = 5
DROPPED: Final = "dropped_indexes"
CACHE_KIB: Final = 131_072
CHECKPOINT_PAGES: Final = 16_384
LOOKED_AT: Final = 2_000
PLACES: Final = (
    "SELECT s.id, (SELECT max(position) FROM opportunity WHERE stage_id = s.id) FROM stage AS s ORDER BY s.id"
)
LAST_SEQ: Final = "SELECT coalesce(max(seq), 0) FROM event"
# Plain indexes that are cheaper to make at the end; the one over events without a number is needed meanwhile.
GROWING: Final = (
    *("contact", "contact_info", "opportunity", "opportunity_member", "opportunity_share", "opportunity_value"),
    *("opportunity_tag", "contact_tag", "task", "stage_visit", "event", "contact_search", "opportunity_search"),
)
NEEDED: Final = "ix_event_unordered"
TALLIED: Final = {
    "opportunity": f"WITH loaded AS (SELECT * FROM opportunity WHERE id IN {{}}) "
    f"{tallies.SUMMARY.absorbed(tallies.said('loaded'))}",
    "contact": contact_tallies.SUMMARY.absorbed(contact_tallies.said("{}")),
}
"""How the rows of a table that were loaded are tallied; ids go where the braces are."""

Row = Sequence[Any]


@dataclass(slots=True)
class Rows:
    """Rows of one table; columns that are not named get their defaults."""

    columns: tuple[str, ...]
    rows: list[Row]


@dataclass(slots=True)
class Chunk:
    """Records with all that hangs on them. Deals come without position and events without `seq`: the loader knows.

    `words` holds (id, words) for each subject of search, `totals` the sums of deals by the key of `totals.SUMMARY`.
    """

    tables: dict[str, Rows]
    words: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)
    totals: Mapping[tuple[Any, ...], Sequence[int]] = field(default_factory=dict)


class Loader(ABC):
    """Stores chunks, each in one transaction; a server may run beside it. `fresh`: there were no deals before."""

    fresh: bool

    @abstractmethod
    async def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return ids that nobody else will get."""

    @abstractmethod
    async def store(self, chunk: Chunk) -> None:
        """Store a chunk."""

    @abstractmethod
    async def begin(self) -> None:
        """Get ready. In a database without deals the plain indexes go; they are cheaper to make at the end."""

    @abstractmethod
    async def finish(self) -> None:
        """Make what `begin` took away, also on behalf of one that was cut off, and tell the planner what is there."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the database."""


async def loader(url: str) -> Loader:
    """Return the loader for the database at an address, whose schema must be up to date."""
    if url.startswith("sqlite:"):
        return SqliteLoader(sqlite_path(url))
    import asyncpg  # noqa: PLC0415

    return await PostgresLoader.open(await asyncpg.connect(url, timeout=30, server_settings={"jit": "off"}))


def _placed(rows: Rows, last: Mapping[int, int | None]) -> Rows:
    """Return deals at the ends of their stages."""
    ends, stage = dict(last), rows.columns.index("stage_id")
    placed: list[Row] = []
    for row in rows.rows:
        position = at_end(ends[row[stage]])
        ends[row[stage]] = position
        placed.append((*row, position))
    return Rows((*rows.columns, "position"), placed)


def _numbered(rows: Rows, last: int) -> Rows:
    return Rows((*rows.columns, "seq"), [(*row, number) for number, row in enumerate(rows.rows, last + 1)])


def _finished(chunk: Chunk, last: Mapping[int, int | None], seq: int) -> dict[str, Rows]:
    tables = dict(chunk.tables)
    tables["opportunity"] = _placed(tables["opportunity"], last)
    tables["event"] = _numbered(tables["event"], seq)
    return tables


def _sums(totals: Mapping[tuple[Any, ...], Sequence[int]]) -> list[Row]:
    """Return the rows of totals in the order of their keys, so that two writers cannot wait for each other."""
    return [(*key, *sums) for key, sums in sorted(totals.items())]


def _ids_of(chunk: Chunk, table: str) -> list[int]:
    rows = chunk.tables[table]
    place = rows.columns.index("id")
    return [row[place] for row in rows.rows]


class SqliteLoader(Loader):
    """Through one connection of its own, in a thread."""

    def __init__(self, path: str) -> None:
        self._connection = open_connection(path, readonly=False)
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self.fresh = self._one("SELECT NOT EXISTS (SELECT 1 FROM opportunity)") == 1

    def _one(self, sql: str, *arguments: Any) -> Any:
        row = self._connection.execute(sql, arguments).fetchone()
        return row and row[0]

    async def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return ids; see Loader."""
        with _Transaction(self._connection):
            self._connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 "
                "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
                (table, table),
            )
            sql = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
            last = int(self._one(sql, count, table))
        return range(last - count + 1, last + 1)

    async def store(self, chunk: Chunk) -> None:
        """Store a chunk; see Loader."""
        await asyncio.to_thread(self._store, chunk)

    def _store(self, chunk: Chunk) -> None:
        with _Transaction(self._connection):
            self._connection.execute(ordering(None))
            last = dict(self._connection.execute(PLACES).fetchall())
            for table, rows in _finished(chunk, last, int(self._one(LAST_SEQ))).items():
                self._insert(table, rows.columns, rows.rows)
            for subject, found in chunk.words.items():
                self._insert(f"{subject}_search", ("rowid", "words"), [(key, " ".join(words)) for key, words in found])
            self._insert("stage_total", totals.SUMMARY.columns, _sums(chunk.totals), totals.SUMMARY.added)
            for table, tallied in TALLIED.items():
                sql = tallied.format("(SELECT value FROM json_each(?))")
                self._connection.execute(sql, (json.dumps(_ids_of(chunk, table)),))

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Row], conflict: str = "") -> None:
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {conflict}"
        self._connection.executemany(sql, rows)

    async def begin(self) -> None:
        """Take plain indexes away from an empty database; see Loader."""
        if not self.fresh:
            return
        self._connection.execute("PRAGMA foreign_keys = OFF")
        sql = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"
        found = {row[0]: row[1] for row in self._connection.execute(sql) if _is_droppable(row[2], row[0])}
        with _Transaction(self._connection):
            self._keep([*self._kept(), *found.values()])
            for name in found:
                self._connection.execute(f"DROP INDEX {name}")

    def _kept(self) -> list[str]:
        kept: list[str] = json.loads(self._one("SELECT value FROM setting WHERE name = ?", DROPPED) or "[]")
        return kept

    def _keep(self, statements: list[str]) -> None:
        if statements:
            row = (DROPPED, json.dumps(statements))
            self._connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", row)
        else:
            self._connection.execute("DELETE FROM setting WHERE name = ?", (DROPPED,))

    async def finish(self) -> None:
        """Make the indexes and look at the figures; see Loader."""
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        while kept := self._kept():
            with _Transaction(self._connection):
                self._connection.execute(kept[0])
                self._keep(kept[1:])
        self._connection.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        self._connection.execute("ANALYZE")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _is_droppable(table: str, index: str) -> bool:
    return table in GROWING and index != NEEDED


class PostgresLoader(Loader):
    """Through COPY on one connection of its own."""

    def __init__(self, connection: asyncpg.Connection[Any], fresh: bool) -> None:
        self._connection = connection
        self.fresh = fresh

    @classmethod
    async def open(cls, connection: asyncpg.Connection[Any]) -> PostgresLoader:
        """Return a loader on an open connection."""
        await connection.execute("SET maintenance_work_mem = '512MB'")
        fresh = await connection.fetchval("SELECT NOT EXISTS (SELECT 1 FROM opportunity)")
        return cls(connection, bool(fresh))

    async def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return ids; see Loader."""
        sql = "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2)"
        return [row[0] for row in await self._connection.fetch(sql, table, count)]

    async def store(self, chunk: Chunk) -> None:
        """Store a chunk; one that a server's card was quicker than tries again behind it; see Loader."""
        import asyncpg  # noqa: PLC0415

        for attempt in range(TRIES):
            try:
                async with self._connection.transaction():
                    await self._store(chunk)
                return
            except asyncpg.UniqueViolationError:
                if attempt == TRIES - 1:
                    raise

    async def _store(self, chunk: Chunk) -> None:
        execute = self._connection.execute
        await execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        await execute(ordering(None))
        last = {row[0]: row[1] for row in await self._connection.fetch(PLACES)}
        for table, rows in _finished(chunk, last, await self._connection.fetchval(LAST_SEQ)).items():
            await self._connection.copy_records_to_table(table, records=rows.rows, columns=rows.columns)
        for subject, found in chunk.words.items():
            await self._index(subject, found)
        await self._sum(chunk.totals)
        for table, tallied in TALLIED.items():
            await execute(tallied.format("(SELECT unnest($1::bigint[]))"), _ids_of(chunk, table))

    async def _index(self, subject: str, found: list[tuple[int, list[str]]]) -> None:
        await self._connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS new_words (id bigint, words text[]) ON COMMIT DELETE ROWS"
        )
        await self._connection.execute("TRUNCATE new_words")
        await self._connection.copy_records_to_table("new_words", records=found, columns=("id", "words"))
        await self._connection.execute(
            f"INSERT INTO {subject}_search ({subject}_id, words) SELECT id, array_to_tsvector(words) FROM new_words"
        )

    async def _sum(self, sums: Mapping[tuple[Any, ...], Sequence[int]]) -> None:
        kinds = {"currency": "text", "responsible": "text", "private": "boolean", "completed": "boolean"}
        columns = totals.SUMMARY.columns
        arrays = ", ".join(f"${place}::{kinds.get(name, 'bigint')}[]" for place, name in enumerate(columns, 1))
        values = [list(column) for column in zip(*_sums(sums), strict=True)] or [[] for _ in columns]
        await self._connection.execute(
            f"INSERT INTO stage_total ({', '.join(columns)}) SELECT * FROM unnest({arrays}) {totals.SUMMARY.added}",
            *values,
        )

    async def begin(self) -> None:
        """Take plain indexes away from an empty database; see Loader."""
        if not self.fresh:
            return
        async with self._connection.transaction():
            kept = await self._kept()
            for drop, make in [*await self._references(), *await self._indexes()]:
                await self._connection.execute(drop)
                kept.append(make)
            await self._keep(kept)

    async def _indexes(self) -> list[tuple[str, str]]:
        sql = """SELECT indexname, indexdef, tablename FROM pg_indexes
            WHERE schemaname = current_schema() AND indexdef LIKE 'CREATE INDEX%'"""
        rows = await self._connection.fetch(sql)
        return [(f"DROP INDEX {row[0]}", row[1]) for row in rows if _is_droppable(row[2], row[0])]

    async def _references(self) -> list[tuple[str, str]]:
        """Return how the foreign keys of the growing tables are dropped and made; each row would be checked."""
        sql = """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint AS k
            JOIN pg_class AS c ON c.oid = k.conrelid
            WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace"""
        rows = [row for row in await self._connection.fetch(sql) if row[0] in GROWING]
        change = "ALTER TABLE {} {} CONSTRAINT {} {}"
        return [
            (change.format(table, "DROP", name, ""), change.format(table, "ADD", name, text))
            for table, name, text in rows
        ]

    async def _kept(self) -> list[str]:
        text = await self._connection.fetchval("SELECT value FROM setting WHERE name = $1", DROPPED)
        kept: list[str] = json.loads(text or "[]")
        return kept

    async def _keep(self, statements: list[str]) -> None:
        if statements:
            sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2"
            await self._connection.execute(sql, DROPPED, json.dumps(statements))
        else:
            await self._connection.execute("DELETE FROM setting WHERE name = $1", DROPPED)

    async def finish(self) -> None:
        """Make the indexes and look at the figures; see Loader."""
        while kept := await self._kept():
            async with self._connection.transaction():
                await self._connection.execute(kept[-1])  # the indexes first: they help to check the references
                await self._keep(kept[:-1])
        await self._connection.execute("VACUUM ANALYZE" if self.fresh else "ANALYZE")

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
