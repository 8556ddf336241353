"""The composition root: settings, database, faces and jobs become one ASGI application."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright import logs
from dealwright.config import Settings, read_settings
from dealwright.domain.actor import Actor
from dealwright.door import Doorkeeper
from dealwright.jobs import Jobs
from dealwright.storage.database import Database, connect
from dealwright.storage.webhooks import Happening, Hook
from dealwright.web import health

_OF_FILES: Final = "/filehandler.ashx"
"""What the addresses end with under which the ONLYOFFICE dialect sends files and photos."""
ORPHAN_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


def create_app(settings: Settings, db: Database) -> ASGIApp:
    """Return the application of one process on an open database."""
    return Doorkeeper(Mounts(settings, db), settings)


def _onlyoffice(db: Database, settings: Settings) -> ASGIApp:
    from dealwright.dialects.onlyoffice.face import face  # noqa: PLC0415

    return face(db, settings)


def _nexudus(db: Database, settings: Settings) -> ASGIApp:
    from dealwright.dialects.nexudus.face import face  # noqa: PLC0415

    return face(db, settings)


def _native(db: Database, settings: Settings) -> ASGIApp:
    from dealwright.dialects.native.face import face  # noqa: PLC0415

    return face(db, settings)


async def _told(db: Database, actor: Actor, hook: Hook, found: Happening | None) -> bytes | None:
    """Return what a webhook is told: it is a thing of the Nexudus dialect, and shows records as that does."""
    from dealwright.dialects.nexudus.hookbodies import body  # noqa: PLC0415

    return await body(db, actor, hook, found)


def _web(db: Database, settings: Settings) -> ASGIApp:
    from dealwright.web.site import face  # noqa: PLC0415

    return face(db, settings)


class Late:
    """A face that is put together when it is first asked, or told to: nobody waits for those that nobody uses."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._face: ASGIApp | None = None
        self._one_at_a_time = threading.Lock()

    def ready(self) -> ASGIApp:
        """Return the face; from any thread."""
        with self._one_at_a_time:
            if self._face is None:
                self._face = self._make()
        return self._face

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on."""
        await (self._face or self.ready())(scope, receive, send)


class Mounts:
    """The only mount list: which face answers under which path, whatever its case."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._onlyoffice, self._nexudus, self._native, self._web = self.faces = tuple(
            Late(partial(make, db, settings)) for make in (_onlyoffice, _nexudus, _native, _web)
        )
        self._health = health.face(db)

    def make_ready(self) -> None:
        """Put every face together; takes a part of a second, from any thread."""
        for face in self.faces:
            face.ready()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request to its face."""
        await self.face_of(scope["path"])(scope, receive, send)

    def face_of(self, path: str) -> ASGIApp:
        """Return the face that answers under a path."""
        start = path[:12].lower()
        if start.startswith("/api/"):
            if start.startswith("/api/2.0/") or start == "/api/2.0":
                return self._onlyoffice
            return self._native if start.startswith("/api/v1/") or start == "/api/v1" else self._nexudus
        if path in {"/healthz", "/readyz"}:
            return self._health
        if start.startswith("/products/") and path.lower().endswith(_OF_FILES):
            return self._onlyoffice
        return self._nexudus if path.rstrip("/").lower() == "/en/user/me" else self._web


class Process:
    """The application that opens its own database and runs the jobs: one of these in every serving process."""

    def __init__(self, settings: Settings, parent: int | None = None) -> None:
        self._settings = settings
        self._parent = parent
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or live from start to stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            assert self._app is not None
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            db = await open_database(self._settings)
            mounts = Mounts(self._settings, db)
            self._app = Doorkeeper(mounts, self._settings)
        except Exception as error:
            _log.exception("The process could not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        jobs = Jobs(db, self._settings, shown=_told)
        jobs.start()
        following = asyncio.create_task(_follow(self._parent))
        _log.info("Serving", extra={"facts": {"pid": os.getpid()}})
        await send({"type": "lifespan.startup.complete"})
        preparing = asyncio.create_task(asyncio.to_thread(mounts.make_ready))
        await receive()
        await preparing
        following.cancel()
        await jobs.stop()
        await db.close()
        _log.info("Stopped", extra={"facts": {"pid": os.getpid()}})
        await send({"type": "lifespan.shutdown.complete"})


async def _follow(parent: int | None) -> None:
    """Stop when the process that started this worker is gone: an orphan would keep the port from its successor."""
    while parent is not None and os.getppid() == parent:  # noqa: ASYNC110 - nobody tells, one has to look
        await asyncio.sleep(ORPHAN_SECONDS)
    if parent is not None:
        os.kill(os.getpid(), signal.SIGTERM)


async def open_database(settings: Settings) -> Database:
    """Return the database of the settings, open, with the rules read."""
    options: dict[str, int] = {}
    if not settings.on_sqlite:
        options = {"pool": settings.database_pool, "statements": settings.database_statement_cache}
    db = await connect(settings.database_url, settings.files, **options)
    await db.blobs.ready()
    db.attempts_allowed = (settings.sign_in_attempts, settings.sign_in_attempts_of_address)
    return db


def from_environment() -> Process:
    """Return the application of a worker, which reads its settings from the environment."""
    settings = read_settings(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    return Process(settings, parent=os.getppid())
