"""What our own server says to its database: the application in this process, on a database that takes notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

from bench.requests import Request
from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.storage.database import Reservations, sqlite_path
from dealwright.storage.postgres import PostgresDatabase
from dealwright.storage.query import Query, Row
from dealwright.storage.sqlite import SqliteDatabase
from dealwright.storage.writes import Write


@dataclass
class Heard:
    """The reads and the writes of one request, in order."""

    reads: list[tuple[Query, dict[str, Any]]] = field(default_factory=list)
    writes: list[tuple[list[Write], int | None]] = field(default_factory=list)
    others: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    @property
    def round_trips(self) -> int:
        """How often the request went to the database."""
        return len(self.reads) + len(self.writes) + len(self.others)


class Kept(Reservations):
    """Places that stay taken, because what is only recorded never gets stored."""

    def settle(self, stage_id: int, position: int | None) -> None:
        """Forget nothing."""


class ListeningPostgres(PostgresDatabase):
    """PostgreSQL that takes notes; writes are noted and not done."""

    heard: Heard

    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Note a read and do it."""
        self.heard.reads.append((query, given))
        compiled = query.postgres
        return await super().text(compiled.text, *compiled.arguments(given))

    async def text(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Note a hand-written statement and do it."""
        self.heard.others.append((sql, arguments))
        return await super().text(sql, *arguments)

    async def write(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Note the writes."""
        self.heard.writes.append((list(writes), stamp))
        return {}


class ListeningSqlite(SqliteDatabase):
    """SQLite that takes notes; writes are noted and not done."""

    heard: Heard

    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Note a read and do it."""
        self.heard.reads.append((query, given))
        return await super().rows(query, **given)

    async def write(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Note the writes."""
        self.heard.writes.append((list(writes), stamp))
        return {}


class Listener:
    """The application of this process on one database. Ask it something and read what it said to the database."""

    def __init__(self, app: ASGIApp, db: ListeningPostgres | ListeningSqlite, authorization: str) -> None:
        self.db = db
        self._app = app
        self._authorization = authorization.encode()

    async def ask(self, request: Request) -> Heard:
        """Answer one request as the server would; return what it read and what it would have written."""
        self.db.heard = Heard()
        status, body = await _answered(self._app, request, self._authorization)
        if status >= 400:
            raise RuntimeError(f"{request[0]} {request[1]} was answered with {status}: {body[:1000]!r}")
        return self.db.heard

    async def close(self) -> None:
        """Let go of the database."""
        await self.db.close()


async def listener(database_url: str, authorization: str) -> Listener:
    """Return the application on a database that is up to date."""
    db = await _opened(database_url)
    db.heard = Heard()
    await db.refresh()
    db.places = Kept()
    return Listener(create_app(Settings(database_url=database_url, access_log=False), db), db, authorization)


async def _opened(url: str) -> ListeningPostgres | ListeningSqlite:
    if url.startswith("sqlite:"):
        return ListeningSqlite(sqlite_path(url))
    return await ListeningPostgres.open(url, pool=1)


async def _answered(app: ASGIApp, request: Request, authorization: bytes) -> tuple[int, bytes]:
    verb, target, body = request
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": verb,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"authorization", authorization),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    status: int = told[0]["status"]
    return status, b"".join(message.get("body", b"") for message in told[1:])


def loading(heard: Heard) -> tuple[Query, dict[str, Any]]:
    """Return the read of a change that brings the deal."""
    return next((query, given) for query, given in heard.reads if "version" in query.keys)
