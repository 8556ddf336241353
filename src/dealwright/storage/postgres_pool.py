"""A small pool of PostgreSQL connections: the last one used comes first, whoever waits longest is served next.

The driver's own pool costs a wrapper, a timer and a task for each statement, a tenth of a whole update here. Nothing
is ever set on a connection, so there is nothing to reset when it comes back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any]"


class Pool:
    """Up to `size` connections, opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._free = size
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closing = False
        self._quiet = asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection; one whose statement was cancelled or whose server is gone does not come back."""
        lent = await self._taken()
        try:
            yield lent
        except (asyncio.CancelledError, asyncpg.InterfaceError, OSError):
            lent.terminate()
            raise
        finally:
            self._give_back(lent)

    async def close(self) -> None:
        """Wait for what runs, then close every connection. Nobody may ask for one any more."""
        self._closing = True
        if self._busy:
            await self._quiet.wait()
        while self._idle:
            await self._idle.pop().close()

    async def _taken(self) -> Connection:
        if self._free:
            self._free -= 1
        else:
            await self._turn()
        try:
            found = self._still_open() or await self._connect()
        except BaseException:
            self._leave()
            raise
        self._busy.add(found)
        return found

    async def _turn(self) -> None:
        """Wait until somebody hands over a place. One that was handed to somebody who gave up goes to the next."""
        if self._closing:
            raise asyncpg.InterfaceError("the pool is closing")
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._leave()
            raise

    def _still_open(self) -> Connection | None:
        while self._idle:
            found = self._idle.pop()
            if not found.is_closed():
                return found
        return None

    def _give_back(self, lent: Connection) -> None:
        self._busy.discard(lent)
        if not lent.is_closed():
            self._idle.append(lent)
        if self._closing and not self._busy:
            self._quiet.set()
        self._leave()

    def _leave(self) -> None:
        """Hand a place to whoever has waited longest, or free it."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
