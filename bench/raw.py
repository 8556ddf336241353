"""The databases without us: the same statements straight through the same drivers, one after the other."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any

import asyncpg

from bench.numbers import percentile
from bench.recording import Heard, Listener, loading
from bench.requests import Request
from dealwright.storage import sqlite_writes
from dealwright.storage.database import sqlite_path
from dealwright.storage.query import Query
from dealwright.storage.sqlite import open_connection

BATCHES_AHEAD = 10
Statement = tuple[str, Sequence[Any]]


class _Notes(sqlite3.Cursor):
    """A cursor that only writes down what it is told, and finds every guard kept."""

    def __init__(self, stamp: int | None) -> None:
        super().__init__(sqlite3.connect(":memory:"))
        self.statements: list[Statement] = []
        self._stamp = stamp

    @property
    def rowcount(self) -> int:
        """One row, as a guard expects."""
        return 1

    def execute(self, sql: str, parameters: Any = ()) -> _Notes:
        """Note a statement."""
        self.statements.append((sql, list(parameters)))
        return self

    def executemany(self, sql: str, parameters: Any) -> _Notes:
        """Note a statement with each of its rows."""
        self.statements += [(sql, list(row)) for row in parameters]
        return self

    def fetchone(self) -> tuple[int | None]:
        """Return the stamp, the only thing that is asked."""
        return (self._stamp,)


@dataclass
class Update:
    """One update as SQLite gets it: the read, then the statements that write."""

    read: Statement
    writes: list[Statement]


def update_of(heard: Heard) -> Update:
    """Return the statements of a recorded update."""
    query, given = loading(heard)
    writes, stamp = heard.writes[-1]
    notes = _Notes(stamp)
    sqlite_writes.execute(notes, writes, stamp)
    return Update((query.sqlite.text, query.sqlite.arguments(given)), notes.statements)


class RawWriter:
    """One thread, one connection, several updates to a commit: what a single writer can do at best.

    The statements are made ahead, off the clock, by our own server's code on fresh rows.
    """

    def __init__(self, listener: Listener, database_url: str, requests: Iterator[Request]) -> None:
        self._listener = listener
        self._requests = requests
        self._connection = open_connection(sqlite_path(database_url), readonly=False)

    async def run(self, group: int, seconds: float) -> dict[str, float]:
        """Write for some seconds of the clock; return updates per second."""
        spent, done = 0.0, 0
        while spent < seconds:
            ahead = [update_of(await self._listener.ask(next(self._requests))) for _ in range(group * BATCHES_AHEAD)]
            began = time.perf_counter()
            done += sum(self._commit(ahead[start : start + group]) for start in range(0, len(ahead), group))
            spent += time.perf_counter() - began
        return {"per_second": done / spent}

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _commit(self, updates: list[Update]) -> int:
        """Do a group in one transaction; return how many of it could be done."""
        run = self._connection.execute
        for update in updates:
            run(*update.read).fetchall()
        run("BEGIN IMMEDIATE")
        done = sum(self._written(update) for update in updates)
        run("COMMIT")
        return done

    def _written(self, update: Update) -> bool:
        run = self._connection.execute
        run("SAVEPOINT item")
        try:
            for sql, parameters in update.writes:
                run(sql, parameters)
        except sqlite3.IntegrityError:  # two cards made ahead for the same place
            run("ROLLBACK TO item")
            return False
        finally:
            run("RELEASE item")
        return True


class RawReader:
    """The reads of recorded requests, one request after the other on one connection, in an order of chance."""

    def __init__(self, url: str, requests: Sequence[Heard]) -> None:
        self._url = url
        self._requests = list(requests)

    async def run(self, seconds: float) -> dict[str, float]:
        """Read for some seconds; return the milliseconds at the median and at the 99th percentile."""
        Random().shuffle(self._requests)
        times = self._on_sqlite(seconds) if self._url.startswith("sqlite:") else await self._on_postgres(seconds)
        return {"p50": percentile(times, 0.5) * 1000, "p99": percentile(times, 0.99) * 1000}

    def _on_sqlite(self, seconds: float) -> list[float]:
        times = []
        with closing(open_connection(sqlite_path(self._url), readonly=True)) as connection:
            connection.execute(f"PRAGMA mmap_size = {1 << 30}")
            until = time.perf_counter() + seconds
            for one in cycle(self._requests):
                asked = [(query.sqlite.text, query.sqlite.arguments(given)) for query, given in one.reads]
                began = time.perf_counter()
                for sql, parameters in asked:
                    connection.execute(sql, parameters).fetchall()
                times.append(time.perf_counter() - began)
                if began > until:
                    break
        return times

    async def _on_postgres(self, seconds: float) -> list[float]:
        times = []
        connection = await asyncpg.connect(self._url, statement_cache_size=1024, server_settings={"jit": "off"})
        until = time.perf_counter() + seconds
        for one in cycle(self._requests):
            asked = [(query.postgres.text, query.postgres.arguments(given)) for query, given in one.reads]
            began = time.perf_counter()
            for sql, parameters in asked:
                await connection.fetch(sql, *parameters)
            times.append(time.perf_counter() - began)
            if began > until:
                break
        await connection.close()
        return times


async def hear(listener: Listener, requests: Sequence[Request]) -> list[Heard]:
    """Record requests one after the other; what they count is left out, so that the rows alone remain."""
    heard = [await listener.ask(request) for request in requests]
    for each in heard:
        each.reads = [(query, given) for query, given in each.reads if not _counts(query)]
    return heard


def _counts(query: Query) -> bool:
    return len(query.keys) == 1 and query.keys[0].startswith("count")
