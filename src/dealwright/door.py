"""The door: what every request passes before it comes to a face, and what is answered where no face does."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dealwright import limits, logs
from dealwright.config import Settings
from dealwright.storage.outage import RETRY_SECONDS, outage_of

_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_HANGUP: Final = 499

_log = logging.getLogger(__name__)


class Doorkeeper:
    """What every request passes: its id, the limits, the headers of the house, one line in the log, a last resort."""

    def __init__(self, inner: ASGIApp, settings: Settings) -> None:
        self._inner = inner
        self._settings = settings
        self._pace = limits.Pace(settings.requests_per_minute)
        self._access = logs.AccessLog(settings.log_format) if settings.access_log else None
        self._busy = 0
        strict = ((b"strict-transport-security", b"max-age=31536000"),) if settings.is_https else ()
        self._headers = (*_HEADERS, *strict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing but HTTP is served."""
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served here")
        visit = Visit(scope, send, self._headers)
        known_as = logs.REQUEST_ID.set(visit.id)
        self._busy += 1
        try:
            if (refusal := self._turned_away(scope)) is None:
                await self._serve(visit, receive)
            else:
                await visit.refuse(*refusal)
        finally:
            self._busy -= 1
            logs.REQUEST_ID.reset(known_as)
            if self._access is not None:
                self._access.write(visit.began_at, visit.facts())

    def _turned_away(self, scope: Scope) -> tuple[int, str, float] | None:
        """Return status, reason and the seconds to wait for a request that is not let in."""
        if scope["path"] in {"/healthz", "/readyz"}:
            return None
        if self._busy > self._settings.requests_at_once:
            return 503, "The server is busy; try again in a moment.", 1
        client = scope.get("client")
        seconds = self._pace.wait(client[0] if client else "")
        if not seconds:
            return None
        return 429, f"Too many requests. Wait {seconds:.1f} seconds.", seconds

    async def _serve(self, visit: Visit, receive: Receive) -> None:
        settings = self._settings
        limit = limits.limit_for(visit.scope, settings.body_limit, settings.upload_limit)
        try:
            async with asyncio.timeout(settings.request_seconds) as clock:
                visit.clock = clock
                await self._inner(visit.scope, limits.bounded(visit.scope, receive, limit), visit)
        except ClientDisconnect:
            visit.status = visit.status or _HANGUP
        except limits.TooLarge as error:
            await visit.refuse(413, error.detail)
        except Exception as error:
            await _last_resort(visit, error)


async def _last_resort(visit: Visit, error: Exception) -> None:
    if isinstance(error, TimeoutError) and visit.clock is not None and visit.clock.expired():
        _log.error("%s %s took too long and was stopped", visit.method, visit.path)
        await visit.refuse(503, "This took too long and was stopped; whether it was done is not known.", 1)
        return
    if (outage := outage_of(error)) is not None:
        _log.error("%s %s was not done: %s", visit.method, visit.path, outage)
        await visit.refuse(503, outage.told, RETRY_SECONDS)
        return
    _log.error("%s %s failed", visit.method, visit.path, exc_info=error)
    await visit.refuse(500, "Something went wrong here; the log knows more under the request id.")


_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Visit:
    """One request on its way: a `send` that adds our headers and remembers what went out."""

    __slots__ = ("_headers", "_send", "_started", "began_at", "clock", "id", "scope", "size", "status")

    def __init__(self, scope: Scope, send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        self.scope = scope
        self.id = _given_id(scope) or secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = self.id
        self.clock: asyncio.Timeout | None = None
        self.status = 0
        self.size = 0
        self.began_at = time.time()
        self._started = time.perf_counter()
        self._send = send
        self._headers = headers

    @property
    def method(self) -> str:
        """The verb."""
        method: str = self.scope["method"]
        return method

    @property
    def path(self) -> str:
        """The path without its query, which may hold secrets."""
        path: str = self.scope["path"]
        return path

    async def __call__(self, message: Message) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
            if self.clock is not None:
                self.clock.reschedule(None)  # an answer that has begun may be long
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        headers = list(message.get("headers", ()))
        present = {name for name, _ in headers}
        headers += [each for each in self._headers if each[0] not in present]
        if self.status == 413:
            # Closing on bytes that nobody read would take the answer away from the client as well.
            headers = [each for each in headers if each[0] != b"connection"]
        headers.append((b"x-request-id", self.id.encode()))
        message["headers"] = headers

    async def refuse(self, status: int, message: str, wait: float = 0) -> None:
        """Answer in place of the face; once an answer has begun it can only be broken off."""
        if self.status:
            raise ConnectionAbortedError(message)
        self.clock = None
        headers = {"Retry-After": str(math.ceil(wait))} if wait else {}
        body = msgspec.json.encode(_LAST_WORDS[_voice(self.path)](status, message, self.id))
        await Response(body, status, headers, "application/json")(self.scope, _nothing, self)

    def facts(self) -> dict[str, str | int | float | None]:
        """Return what the log keeps of this request."""
        client = self.scope.get("client")
        return {
            "method": self.method,
            "path": _CODE.sub(r"\1*", self.path),
            "status": self.status,
            "ms": round((time.perf_counter() - self._started) * 1000, 2),
            "bytes": self.size,
            "client": client[0] if client else None,
            "actor": self.scope["state"].get("actor_id"),
            "request_id": self.id,
        }


_CODE: Final = re.compile(r"(/api/2\.0/authentication/)(?!login|register|sendsms|setphone)[^/]+", re.IGNORECASE)
"""The one path that may hold a secret: a code of a second factor."""


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _given_id(scope: Scope) -> str:
    """Return the id that the client or a proxy gave the request, where it is short and plain."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            given: bytes = value
            return given.decode()
    return ""


def _voice(path: str) -> str:
    start = path[:9].lower()
    if start.startswith("/api/2.0"):
        return "onlyoffice"
    is_nexudus = start.startswith(("/api/", "/en/")) and not start.startswith("/api/v1")
    return "nexudus" if is_nexudus else "native"


# Faces answer their own failures; these are for what never reached one or came out of none alive.
_LAST_WORDS: Final[dict[str, Callable[[int, str, str], object]]] = {
    "onlyoffice": lambda status, message, _: {
        "status": 1,
        "statusCode": status,
        "error": {"message": message, "hresult": -2146233088, "data": {}},
    },
    "nexudus": lambda _, message, __: {
        "Message": message,
        "Value": None,
        "Errors": None,
        "WasSuccessful": False,
    },
    "native": lambda status, message, ident: {
        "type": "about:blank",
        "status": status,
        "title": message,
        "request_id": ident,
    },
}
