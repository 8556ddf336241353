"""A small server that answers every path with that path, or with what lies there: something to fetch in tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial


@asynccontextmanager
async def shelf(**files: bytes) -> AsyncIterator[str]:
    """Serve on a free port of this machine and return the address, without a slash at its end.

    `files` are what lies at the paths of their names.
    """
    server = await asyncio.start_server(partial(_answered, files), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def _answered(files: dict[str, bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        body = files.get(path.decode().lstrip("/"), path)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
