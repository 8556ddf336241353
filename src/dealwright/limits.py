"""What one client may ask of the process: the size of a body, the number of requests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

REMEMBERED: Final = 10_000
BURST_SECONDS: Final = 10
_FILES: Final = "/api/v1/files"


class TooLarge(HTTPException):
    """A body is larger than this process reads; raised from where the face reads it, so that the face answers."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is larger than {limit} bytes.")
        self.limit = limit


def limit_for(scope: Scope, body_limit: int, upload_limit: int) -> int:
    """Return how many bytes of body this request may have: uploads are forms, and what our own API takes as a file."""
    if scope["path"].rstrip("/").lower() == _FILES:
        return upload_limit
    for name, value in scope["headers"]:
        if name == b"content-type":
            return upload_limit if value[:19].lower() == b"multipart/form-data" else body_limit
    return body_limit


def bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Return a `receive` that raises TooLarge instead of handing out more than `limit` bytes of body."""
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        if not seen and _declared(scope) > limit:
            raise TooLarge(limit)
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge(limit)
        return message

    return receive_bounded


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


class Pace:
    """A bucket of requests for each address: it holds some seconds' worth and is refilled evenly."""

    def __init__(self, per_minute: int, burst_seconds: float = BURST_SECONDS) -> None:
        self._rate = per_minute / 60
        self._size = max(1.0, self._rate * burst_seconds)
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, address: str, now: float | None = None) -> float:
        """Take one request from an address's bucket; return 0, or the seconds until there is one to take."""
        if not self._rate:
            return 0.0
        at = time.monotonic() if now is None else now
        left, since = self._buckets.get(address, (self._size, at))
        left = min(self._size, left + (at - since) * self._rate)
        if left < 1:
            return (1 - left) / self._rate
        if len(self._buckets) >= REMEMBERED:
            self._forget(at)
        self._buckets[address] = (left - 1, at)
        return 0.0

    def _forget(self, at: float) -> None:
        """Let go of the buckets that are full again; if none is, of all: rather too kind than out of memory."""
        seconds = self._size / self._rate
        self._buckets = {key: held for key, held in self._buckets.items() if at - held[1] < seconds}
        if len(self._buckets) >= REMEMBERED:
            self._buckets.clear()


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `count` requests in each span of `seconds`; with `writing` only those that change something count."""

    count: int
    seconds: float
    writing: bool = False


class Allowances:
    """What each client has used up of several allowances. A span begins with the first request that falls into it."""

    def __init__(self, allowances: Sequence[Allowance]) -> None:
        self._allowances = tuple(allowances)
        self._used: dict[str, list[tuple[float, int]]] = {}

    def wait(self, client: str, writing: bool, now: float | None = None) -> float:
        """Take one request of a client; return 0, or the seconds until there is one to take."""
        at = time.monotonic() if now is None else now
        if client not in self._used and len(self._used) >= REMEMBERED:
            self._forget(at)
        used = self._used.setdefault(client, [(at, 0)] * len(self._allowances))
        wait = 0.0
        for place, one in enumerate(self._allowances):
            since, count = used[place]
            if at - since >= one.seconds:
                since, count = used[place] = (at, 0)
            if count >= one.count and (writing or not one.writing):
                wait = max(wait, since + one.seconds - at)
        for place, one in enumerate(self._allowances):
            since, count = used[place]
            if not wait and (writing or not one.writing):
                used[place] = (since if count else at, count + 1)
        return wait

    def _forget(self, at: float) -> None:
        """Let go of clients whose spans are over; if there are none, of all: rather too kind than out of memory."""
        spans = [one.seconds for one in self._allowances]
        self._used = {
            client: used
            for client, used in self._used.items()
            if any(at - since < seconds for (since, _), seconds in zip(used, spans, strict=True))
        }
        if len(self._used) >= REMEMBERED:
            self._used.clear()
