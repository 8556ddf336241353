"""The guarded fetcher against servers of the tests' own: what it brings, and everything it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from dealwright.fetching import Bounds, Unfetchable, fetch, is_public, streamed

HERE = Bounds(1000, 5.0, private=True)

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _served(talk: Talk) -> AsyncIterator[str]:
    """Serve every request by `talk`, which is given its head, and return the address."""

    talks: list[asyncio.Task[object]] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(ConnectionError):
            await talk(await reader.readuntil(b"\r\n\r\n"), writer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*talks)


def _saying(text: str) -> Talk:
    async def talk(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(text.replace("\n", "\r\n").encode())

    return talk


def _answer(body: str, *headers: str, status: str = "200 OK") -> Talk:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return _saying("\n".join(lines) + "\n\n" + body)


async def test_what_lies_at_an_address_is_brought() -> None:
    """In the name of the host that was asked for, and from nobody in particular."""
    heads: list[bytes] = []

    async def talk(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        await _answer("words")(head, writer)

    async with _served(talk) as address:
        by_name = address.replace("127.0.0.1", "localhost")
        assert await fetch(f"{by_name}/a?b=c#d", HERE) == b"words"
    assert heads[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"host: {by_name.removeprefix('http://')}\r\n".encode() in heads[0].lower()
    assert b"cookie" not in heads[0].lower()


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://0.0.0.0/"),
        *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://169.254.169.254/latest"),
        *("http://192.168.1.1/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[64:ff9b::7f00:1]/"),
    ],
)
async def test_a_private_network_is_not_reached(address: str) -> None:
    """However its address is written."""
    with pytest.raises(Unfetchable, match="network that is not fetched from"):
        await fetch(address, Bounds(1000, 5.0))


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://example.com/", "file:///etc/passwd", "//example.com/", "example.com", "", "http://", "http:///x"),
        *("http://a:b@example.com/", "http://[::1", "http://example.com:99999/", "gopher://x/", "data:,x"),
        "http://example.com/" + "x" * 3000,
    ],
)
async def test_what_is_no_whole_web_address_is_not_fetched(address: str) -> None:
    """Nothing is even looked up."""
    with pytest.raises(Unfetchable, match="The address"):
        await fetch(address, HERE)


def test_public_is_what_everybody_can_reach() -> None:
    """And nothing that only wraps what they cannot."""
    assert is_public("8.8.8.8")
    assert is_public("2606:4700:4700::1111")
    assert not is_public("224.0.0.1")
    assert not is_public("2002:7f00:1::")
    assert not is_public("100.64.0.1")
    assert not is_public("no address")


async def test_a_redirection_is_followed_through_the_same_guard() -> None:
    """One to a private address ends there; one in a circle ends too."""
    async with (
        _served(_answer("words")) as end,
        _served(_answer("", f"Location: {end}/there", status="302 Found")) as start,
    ):
        assert await fetch(start, HERE) == b"words"
    async with _served(_answer("", "Location: file:///etc/passwd", status="302 Found")) as start:
        with pytest.raises(Unfetchable, match="must be a whole one"):
            await fetch(start, HERE)
    async with _served(_answer("", "Location: /again", status="301 Moved")) as start:
        with pytest.raises(Unfetchable, match="leads further"):
            await fetch(start, HERE)


@pytest.mark.parametrize(
    "talk",
    [
        _answer("x" * 1001),
        _saying("HTTP/1.1 200 OK\nConnection: close\n\n" + "x" * 1001),
        _saying("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n" + "3e9\n" + "x" * 1001 + "\n0\n\n"),
    ],
    ids=["declared", "until the end", "chunked"],
)
async def test_more_than_allowed_is_not_taken(talk: Talk) -> None:
    """Whether it was announced or not."""
    async with _served(talk) as address:
        with pytest.raises(Unfetchable, match="larger than 1000 bytes"):
            await fetch(address, HERE)


async def test_an_answer_that_never_ends_is_given_up() -> None:
    """Also when some of it comes all the time."""

    async def drip(__: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(30):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with _served(drip) as address:
        with pytest.raises(Unfetchable, match=r"within 0\.3 seconds"):
            await fetch(address, Bounds(1000, 0.3, private=True))


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (_answer("no", status="404 Not Found"), "answers 404"),
        (_answer("zipped", "Content-Encoding: gzip"), "encoding"),
        (_saying("nonsense\n\n"), "does not answer"),
        (_saying("HTTP/1.1 200 OK\nContent-Length: 100\n\nhalf"), "broke off"),
    ],
    ids=["missing", "encoded", "nonsense", "half"],
)
async def test_an_answer_that_is_none_is_told_of(talk: Talk, says: str) -> None:
    """In a sentence."""
    async with _served(talk) as address:
        with pytest.raises(Unfetchable, match=says):
            await fetch(address, HERE)


async def test_a_closed_door_is_told_of() -> None:
    """Where nobody listens, and where there is no such host."""
    async with _served(_answer("")) as address:
        pass
    with pytest.raises(Unfetchable, match="does not answer"):
        await fetch(address, HERE)
    with pytest.raises(Unfetchable, match="not known"):
        await fetch("http://nowhere.invalid/", HERE)


async def test_pieces_can_be_left_half_way() -> None:
    """The connection is closed then."""
    async with _served(_answer("x" * 900)) as address:
        pieces = streamed(address, HERE)
        assert (await anext(pieces)).startswith(b"x")
        await pieces.aclose()  # type: ignore[attr-defined]
