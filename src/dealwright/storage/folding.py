"""Summaries that deeds keep by inserting deltas, which are folded in now and then: together they are always exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import Table, select

from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.writes import Sweep

HALF: Final = 1_000_000
"""Where sums are taken in two halves: a sum of whole amounts could leave SQLite's 64 bits."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary and its deltas, two tables with the same columns: `key`, and what is summed up for it.

    `sums` add up; `least` and `most` are the smallest and the largest value there was. `fitting` is a SELECT of the
    keys that may be folded (None: all of them). `lock` is the number under which PostgreSQL lets one fold at a time.
    `counted` is a SELECT of what the records themselves come to, in the order of `columns`; keys may come repeatedly.
    """

    whole: Table
    deltas: Table
    key: Sequence[str]
    sums: Sequence[str]
    lock: int
    counted: str
    least: Sequence[str] = ()
    most: Sequence[str] = ()
    fitting: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of both tables, beside the number of a delta."""
        return (*self.key, *self.sums, *self.least, *self.most)

    @property
    def added(self) -> str:
        """How rows are added to those that the summary has: the end of an INSERT, from ON CONFLICT on."""
        whole = self.whole.name
        sets = [f"{name} = {whole}.{name} + excluded.{name}" for name in self.sums]
        for names, sign in ((self.least, "<"), (self.most, ">")):
            for name in names:
                chosen = f"CASE WHEN excluded.{name} {sign} {whole}.{name} THEN excluded.{name} ELSE {whole}.{name} END"
                sets.append(f"{name} = {chosen}")
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {', '.join(sets)}"

    def carried(self, *parts: str) -> str:
        """Return the statement that writes rows into the deltas: SELECTs of them, in the order of `columns`."""
        return f"INSERT INTO {self.deltas.name} ({', '.join(self.columns)}) {' UNION ALL '.join(parts)}"

    def absorbed(self, rows: str) -> str:
        """Return the statement that adds rows (a SELECT, each key once) to the summary itself.

        They come in the order of their keys, so that nobody waits for somebody who waits for him.
        """
        into = f"INSERT INTO {self.whole.name} ({', '.join(self.columns)}) SELECT * FROM ({rows}) AS said WHERE true"
        return f"{into} ORDER BY {', '.join(self.key)} {self.added}"

    async def is_unfolded(self, db: Database) -> bool:
        """Tell whether there are deltas to fold."""
        return await db.first(_waiting(self.deltas)) is not None

    async def fold(self, db: Database) -> None:
        """Add the deltas to the summary and drop what came to nothing; no answer changes by it.

        Any number of processes may do so at any time, writers need not wait: a delta is counted by whoever deletes it.
        """
        await db.apply([self._folded()])
        empty = " AND ".join(f"{name} = 0" for name in self.sums)
        swept = f"DELETE FROM {self.whole.name} WHERE {empty}"
        await db.apply([Sweep(sqlite=(swept,), postgres=(f"swept AS ({swept})",), given={})])

    async def wrong(self, db: Database) -> int:
        """Return how many sums are not what the records themselves come to: none, unless somebody else wrote them."""
        return int((await db.text(f"SELECT count(*) FROM ({self._differences()}) AS wrong"))[0][0])

    async def put_right(self, db: Database) -> None:
        """Add what is missing from sums that are wrong, at any time and beside everybody who writes."""
        said = self.carried(self._differences())
        await db.apply([Sweep(sqlite=(said,), postgres=(f"put_right AS ({said})",), given={})])

    def _differences(self) -> str:
        """The rows that have to be added to the sums to make them right; taken in one moment."""
        key, others = ", ".join(self.key), (*self.least, *self.most)
        kept = ", ".join((*self.key, *(f"-{name} AS {name}" for name in self.sums), *others))
        parts = (f"SELECT {kept} FROM {table.name}" for table in (self.whole, self.deltas))
        every = f"SELECT * FROM ({self.counted}) AS counted UNION ALL {' UNION ALL '.join(parts)}"
        # In two halves: what cancels out in the end may leave 64 bits on the way.
        sums = [f"sum({name} / {HALF}) * {HALF} + sum({name} % {HALF})" for name in self.sums]
        ends = [f"{end}({name})" for end, names in (("min", self.least), ("max", self.most)) for name in names]
        said = ", ".join((*self.key, *sums, *ends))
        differ = " OR ".join(f"{one} <> 0" for one in sums)
        return f"SELECT {said} FROM ({every}) AS every GROUP BY {key} HAVING {differ}"

    def _folded(self) -> Sweep:
        whole, deltas, key = self.whole.name, self.deltas.name, ", ".join(self.key)
        fitting = self.fitting or f"SELECT DISTINCT {key} FROM {deltas}"
        among, folding = f"({key}) IN (SELECT {key} FROM folding)", f"folding_{whole}"
        into = f"INSERT INTO {whole} ({', '.join(self.columns)}) SELECT {key}, {', '.join(self._summed())}"
        # In one order, so that nobody waits for somebody who waits for him.
        end = f"GROUP BY {key} ORDER BY {key} {self.added}"
        return Sweep(
            sqlite=(
                f"CREATE TEMP TABLE IF NOT EXISTS {folding} ({key})",
                f"DELETE FROM {folding}",
                f"INSERT INTO {folding} {fitting}",
                f"{into} FROM {deltas} WHERE ({key}) IN (SELECT {key} FROM {folding}) {end}",
                f"DELETE FROM {deltas} WHERE ({key}) IN (SELECT {key} FROM {folding})",
            ),
            postgres=(
                "turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(:lock) AS mine)",
                f"folding AS MATERIALIZED ({fitting})",
                f"taken AS (DELETE FROM {deltas} WHERE (SELECT mine FROM turn) AND {among} RETURNING *)",
                f"folded AS ({into} FROM taken {end})",
            ),
            given={"lock": self.lock},
        )

    def _summed(self) -> list[str]:
        sums = [f"sum({name})" for name in self.sums]
        return [*sums, *(f"min({name})" for name in self.least), *(f"max({name})" for name in self.most)]


@cache
def _waiting(deltas: Table) -> Query:
    return Query(select(deltas.c.id).limit(1))
