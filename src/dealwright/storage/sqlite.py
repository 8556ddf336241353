"""SQLite as a server's store: one writer thread with group commit, read-only connections beside it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dealwright.storage import sqlite_writes
from dealwright.storage.base import Database, TooWide
from dealwright.storage.query import Query, Row
from dealwright.storage.search import SEARCHED
from dealwright.storage.writes import Write

GROUP = 64
READERS = 4
PAGE_CACHE_KIB = 65_536
READER_CACHE_KIB = 4_096
"""Whoever reads much has a cache of its own; the system keeps the file's pages, and a larger one saves nothing."""
SLOW_SECONDS = 30.0
STEPS_BETWEEN_LOOKS = 100_000

Job = Callable[[sqlite3.Cursor], Any]
Item = tuple[Job, "asyncio.Future[Any]"]


def open_connection(path: str, readonly: bool) -> sqlite3.Connection:
    """Open the file the way every part of the server does: WAL, full durability, foreign keys checked."""
    mode = "?mode=ro" if readonly else ""
    connection = sqlite3.connect(
        f"file:{path}{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=30,
        cached_statements=512,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")
    for subject in SEARCHED:
        vocabulary = f"fts5vocab(main, {subject}_search, instance)"
        connection.execute(f"CREATE VIRTUAL TABLE temp.{subject}_terms USING {vocabulary}")
    if not readonly:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


class Writer:
    """The one thread that writes. It drains up to 64 items, runs each in a savepoint and commits once for all."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> asyncio.Future[Any]:
        """Queue one job; the future is resolved after the commit that holds it."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put((job, future))
        return future

    def close(self) -> None:
        """Finish everything that was queued, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        going = True
        while going:
            group, going = self._group()
            if not group:
                continue
            try:
                connection = connection or open_connection(self._path, readonly=False)
            except sqlite3.Error as error:  # a disk that is full at the start may have room later
                _deliver(_all_failed(group, error))
            else:
                _deliver(_commit(connection.cursor(), group))
        if connection is not None:
            connection.close()

    def _group(self) -> tuple[list[Item], bool]:
        first = self._queue.get()
        if first is None:
            return [], False
        group = [first]
        while len(group) < GROUP:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return group, False
            group.append(item)
        return group, True


Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


def _commit(cursor: sqlite3.Cursor, group: list[Item]) -> list[Outcome]:
    """Run a group in one transaction. If the commit itself fails, nobody of the group was served."""
    try:
        cursor.execute("BEGIN IMMEDIATE")
        outcomes = [_one(cursor, job, future) for job, future in group]
        cursor.execute("COMMIT")
    except Exception as error:
        with contextlib.suppress(sqlite3.Error):
            cursor.execute("ROLLBACK")
        return _all_failed(group, error)
    return outcomes


def _all_failed(group: list[Item], error: Exception) -> list[Outcome]:
    return [(future, None, error) for _, future in group]


def _one(cursor: sqlite3.Cursor, job: Job, future: asyncio.Future[Any]) -> Outcome:
    cursor.execute("SAVEPOINT item")
    try:
        result = job(cursor)
    except BaseException as error:
        if not cursor.connection.in_transaction:
            raise  # no room for it: SQLite has taken back the whole group, and nobody of it was served
        cursor.execute("ROLLBACK TO item")
        cursor.execute("RELEASE item")
        return future, None, error
    cursor.execute("RELEASE item")
    return future, result, None


def _deliver(outcomes: list[Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, mine in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(outcomes: list[Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


class SqliteDatabase(Database):
    """One SQLite file. Small reads run at once on the caller's thread, heavy ones in reader threads."""

    def __init__(self, path: str, slow_seconds: float = SLOW_SECONDS) -> None:
        super().__init__()
        self.path = path
        self._slow_seconds = slow_seconds
        self._writer = Writer(path)
        self._reader = open_connection(path, readonly=True)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    @property
    def is_postgres(self) -> bool:
        """False."""
        return False

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return Path(self.path).absolute().parent

    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Return the rows of a query; see Database."""
        compiled = query.sqlite
        arguments = compiled.arguments(given)
        if query.heavy:
            return await self._heavy(compiled.text, arguments)
        return self._reader.execute(compiled.text, arguments).fetchall()

    async def text(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Run one hand-written read in a reader thread, or one hand-written write in the writer's; see Database."""
        if sql.lstrip()[:6].upper() in {"SELECT", "WITH A"}:
            return await self._heavy(sql, list(arguments))

        def job(cursor: sqlite3.Cursor) -> list[Any]:
            return cursor.execute(sql, arguments).fetchall()

        return await self.job(job)  # type: ignore[no-any-return]

    async def job(self, job: Job) -> Any:
        """Run a function on the writer's cursor inside a savepoint of a group commit; return what it returns."""
        with self.room.claimed():
            return await asyncio.shield(self._writer.submit(job))

    async def write(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Apply the writes in a savepoint of a group commit; see Database."""
        return await self.job(lambda cursor: sqlite_writes.execute(cursor, writes, stamp))  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Finish the queued writes, then close every connection."""
        await asyncio.to_thread(self._writer.close)
        self._threads.shutdown(wait=True)
        for connection in (self._reader, *self._opened):
            connection.close()

    async def _heavy(self, text: str, arguments: list[Any]) -> list[Row]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, text, arguments)

    def _read(self, text: str, arguments: list[Any]) -> list[Row]:
        connection = self._thread_connection()
        deadline = time.monotonic() + self._slow_seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS)
        try:
            return connection.execute(text, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise TooWide from error
            raise

    def _thread_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_connection(self.path, readonly=True)
            connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
            self._local.connection = connection
            self._opened.append(connection)
        return connection
