"""Connections as strangers open them: heads without end, heads that never come, bytes that are no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from dealwright import connections
from tests.support.processes import free_port

GET = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a server that answers everything and waits a second for a head."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(connections, "REST_SECONDS", 1.0)
    number = free_port()
    config = uvicorn.Config(
        PlainTextResponse("hello"), port=number, http=connections.Connection, ws="none", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn does not tell
        await asyncio.sleep(0.01)
    yield number
    server.should_exit = True
    await serving


async def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send parts with pauses between them and return everything that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(reader.read())
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    except ConnectionError:
        pass
    async with asyncio.timeout(60):
        heard = await answer
    writer.close()
    return heard


async def test_an_ordinary_request_is_answered_and_another_on_the_same_connection(port: int) -> None:
    heard = await said(port, GET, GET, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", pause=0.1)
    assert heard.count(b"HTTP/1.1 200 OK") == 3


async def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    assert (await said(port)).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_comes_too_slowly_is_refused(port: int) -> None:
    heard = await said(port, b"GET /x HTTP/1.1\r\n", *([b"X-A: b\r\n"] * 20), pause=0.1)
    assert heard.startswith(b"HTTP/1.1 408 ")


async def test_so_is_a_later_one_on_a_connection_that_began_well(port: int) -> None:
    heard = await said(port, GET, b"GET /x HTT", pause=0.1)
    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in heard


@pytest.mark.parametrize("endless", [b"GET /" + b"x" * 8000, b"GET / HTTP/1.1\r\nX-A: " + b"x" * 8000])
async def test_a_head_without_end_is_refused(port: int, endless: bytes) -> None:
    heard = await said(port, endless, *([b"x" * 8000] * 10))
    assert heard.startswith(b"HTTP/1.1 431 ")


async def test_many_small_headers_are_as_much_as_one_large(port: int) -> None:
    heard = await said(port, b"GET / HTTP/1.1\r\n", *([b"X-A: b\r\n" * 500] * 20))
    assert heard.startswith(b"HTTP/1.1 431 ")


async def test_a_head_of_ordinary_length_and_a_long_body_pass(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nX-A: " + b"x" * 30_000 + b"\r\nContent-Length: 200000\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    heard = await said(port, head, b"x" * 200_000, last, pause=0.1)
    assert heard.count(b"HTTP/1.1 200 OK") == 2


async def test_a_body_whose_rest_never_comes_is_not_waited_for(port: int) -> None:
    heard = await said(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\nhello")
    assert heard.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_the_connection_closed(port: int, junk: bytes) -> None:
    assert (await said(port, junk)).startswith(b"HTTP/1.1 400 ")
