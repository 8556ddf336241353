"""A small server that notes whatever is posted to it and answers as it is told: the far end of webhooks in tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from typing import Any


@dataclass(slots=True)
class Ring:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def record(self) -> Any:
        """The one record that the body holds."""
        (record,) = json.loads(self.body)
        return record


@dataclass(slots=True)
class Doorbell:
    """What came in, and what is answered: the status of each request in turn, then 200; `delay` seconds late.

    Whoever rings after `hears` rings gets no answer before `release`.
    """

    rings: list[Ring] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    delay: float = 0.0
    hears: float = inf
    released: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    visits: set[asyncio.Task[None] | None] = field(default_factory=set)

    def release(self) -> None:
        """Answer everybody from now on."""
        self.hears = inf
        self.released.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take in one request."""
        self.visits.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.rings.append(Ring(head[0].split(" ")[1], headers, body))
            await asyncio.sleep(self.delay)
            if len(self.rings) > self.hears:
                await self.released.wait()
            status = self.answers.pop(0) if self.answers else 200
            further = f"Location: {self.location}\r\n" if self.location else ""
            writer.write(f"HTTP/1.1 {status} X\r\n{further}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def doorbell() -> AsyncIterator[Doorbell]:
    """Listen on a free port of this machine; `url` has no slash at its end."""
    bell = Doorbell()
    server = await asyncio.start_server(bell.serve, "127.0.0.1", 0)
    bell.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield bell
    finally:
        bell.release()
        server.close()
        await asyncio.gather(*filter(None, bell.visits))
        await server.wait_closed()
