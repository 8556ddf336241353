"""Many records at once: the writes of single ones, merged into a few over many rows each, with ids taken before."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table

from dealwright.storage.database import Database
from dealwright.storage.schema import metadata
from dealwright.storage.writes import Index, IndexMany, Insert, InsertMany, Made, Write

_RANK: Final = {table.name: place for place, table in enumerate(metadata.sorted_tables)}
_SEQUENCE_ROW: Final = """INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)"""
_SQLITE_IDS: Final = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
_POSTGRES_IDS: Final = """SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2::bigint)"""

BLOCK: Final = 1000
BREATH: Final = 50

Key = tuple[str, tuple[str, ...], tuple[str, ...]]


async def reserve(db: Database, table: str, count: int) -> Sequence[int]:
    """Return ids of a table that nobody else will get; ids that are not used stay unused for ever."""
    if db.is_postgres:
        return [row[0] for row in await db.text(_POSTGRES_IDS, table, count)]
    await db.text(_SEQUENCE_ROW, table, table)
    last = int((await db.text(_SQLITE_IDS, count, table))[0][0])
    return range(last - count + 1, last + 1)


class Ids:
    """Ids for one deed over many rows, reserved in blocks so that each chunk need not ask anew."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._left: dict[str, deque[int]] = {}

    async def some(self, table: str, count: int) -> Iterator[int]:
        """Return at least this many ids of a table, each handed out once."""
        left = self._left.setdefault(table, deque())
        if len(left) < count:
            left.extend(await reserve(self._db, table, max(count - len(left), BLOCK)))
        return iter([left.popleft() for _ in range(count)])


def merges(write: Write) -> bool:
    """Tell whether a write only adds something, so that it can be merged."""
    return isinstance(write, (Insert, InsertMany)) or (isinstance(write, Index) and bool(write.words))


class Merger:
    """Collects the writes that create records, one list for each, and gives them back as few.

    Only insertions can be merged; a list that says anything else is refused with TypeError.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._tables: dict[str, Table] = {}
        self._rows: dict[Key, list[Sequence[Any]]] = {}
        self._words: dict[str, list[tuple[int, Sequence[str]]]] = {}

    async def add(self, lists: Sequence[Sequence[Write]]) -> list[dict[str, int]]:
        """Take the writes of several records; return the ids that each of them makes, by name."""
        wanted = Counter(write.table.name for writes in lists for write in _making(writes))
        pools = {table: await self._ids.some(table, count) for table, count in wanted.items()}
        made = []
        for place, writes in enumerate(lists):
            if place % BREATH == BREATH - 1:
                await asyncio.sleep(0)  # others have their turn
            made.append(self._add(writes, pools))
        return made

    def _add(self, writes: Sequence[Write], pools: Mapping[str, Iterator[int]]) -> dict[str, int]:
        made = {
            write.made: next(pools[write.table.name]) for write in writes if isinstance(write, Insert) and write.made
        }
        for write in writes:
            if isinstance(write, Insert):
                own = {"id": made[write.made]} if write.made else {}
                self._insert(write.table, {**own, **write.values}, made)
            elif isinstance(write, InsertMany):
                key = self._key(write.table, tuple(write.columns), tuple(write.keys))
                self._rows[key] += [[_known(value, made) for value in row] for row in write.rows]
            elif isinstance(write, Index):
                if write.words:
                    self._words.setdefault(write.subject, []).append((_known(write.id, made), write.words))
            else:
                raise TypeError(f"{type(write).__name__} cannot be merged")
        return made

    def _insert(self, table: Table, values: Mapping[str, Any], made: Mapping[str, int]) -> None:
        self._rows[self._key(table, tuple(values), ())].append([_known(value, made) for value in values.values()])

    def _key(self, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]) -> Key:
        self._tables[table.name] = table
        key = (table.name, columns, keys)
        self._rows.setdefault(key, [])
        return key

    def writes(self) -> list[Write]:
        """Return everything that was collected, what is pointed at before what points at it."""
        ordered = sorted(self._rows.items(), key=lambda item: _RANK[item[0][0]])
        found: list[Write] = [
            InsertMany(self._tables[name], columns, rows, keys) for (name, columns, keys), rows in ordered if rows
        ]
        return [*found, *(IndexMany(subject, rows) for subject, rows in self._words.items())]


def _making(writes: Sequence[Write]) -> Iterator[Insert]:
    return (write for write in writes if isinstance(write, Insert) and write.made is not None)


def _known(value: Any, made: Mapping[str, int]) -> Any:
    return made[value.name] if type(value) is Made else value
