"""The one guarded way to an address that a client handed us, to fetch or to post; what it is for it does not know.

Only http and https; the name is resolved once and every address it has must be a public one, unless private ones are
allowed; the connection goes to the address that was looked at. Size and time are bounded, a redirection is a new
address that passes the same guard; what is posted follows none.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

if TYPE_CHECKING:
    import httpx

REDIRECTIONS: Final = 3
LONGEST_ADDRESS: Final = 2048
USER_AGENT: Final = "Dealwright"

_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Unfetchable(Exception):
    """The address is not fetched, or did not answer as it should; the message is a sentence for the client."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is fetched at most: bytes, seconds in all, and whether private networks may be reached."""

    size: int
    seconds: float = 20.0
    private: bool = False


async def fetch(address: str, bounds: Bounds) -> bytes:
    """Return what an address answers with, all of it in memory. Raises Unfetchable."""
    return b"".join([piece async for piece in streamed(address, bounds)])


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent along with a request."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


async def post(address: str, headers: Mapping[str, str], body: bytes, bounds: Bounds) -> int:
    """Post bytes to an address and return the status it answers with; no redirection is followed, no answer read.

    Raises Unfetchable where there is no answer.
    """
    try:
        async with asyncio.timeout(bounds.seconds), AsyncExitStack() as stack:
            url = _split(address)
            message = Message("POST", headers, body)
            answer = await _sent(url, await _public_address(url, bounds.private), stack, message)
            return answer.status_code
    except TimeoutError:
        raise Unfetchable(f"The address did not answer within {bounds.seconds:g} seconds.") from None


async def streamed(address: str, bounds: Bounds) -> AsyncIterator[bytes]:
    """Run through what an address answers with, piece by piece. Raises Unfetchable, also half way."""
    deadline = asyncio.get_running_loop().time() + bounds.seconds
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout_at(deadline):
                answer = await _answer(address, bounds, stack)
            left, pieces = bounds.size, answer.aiter_raw()
            while piece := await _next(pieces, deadline):
                left -= len(piece)
                if left < 0:
                    raise _too_large(bounds)
                yield piece
        except TimeoutError:
            raise Unfetchable(f"The address did not answer within {bounds.seconds:g} seconds.") from None


async def _next(pieces: AsyncIterator[bytes], deadline: float) -> bytes:
    import httpx  # noqa: PLC0415

    try:
        async with asyncio.timeout_at(deadline):
            return await anext(pieces, b"")
    except httpx.HTTPError as error:
        raise Unfetchable(f"The address broke off its answer: {type(error).__name__}.") from None


async def _answer(address: str, bounds: Bounds, stack: AsyncExitStack) -> httpx.Response:
    """Return the answer that was not a redirection, its body yet to be read."""
    for _ in range(REDIRECTIONS + 1):
        url = _split(address)
        answer = await _sent(url, await _public_address(url, bounds.private), stack)
        if not answer.is_redirect:
            _check(answer, bounds)
            return answer
        further = urljoin(address, answer.headers["location"])
        if url.scheme == "https" and not further.lower().startswith("https:"):
            raise Unfetchable("The address leads from https to elsewhere.")
        address = further
    raise Unfetchable(f"The address leads further more than {REDIRECTIONS} times.")


def _split(address: str) -> SplitResult:
    try:
        url = urlsplit(address.strip())
        port = url.port
    except ValueError:
        raise Unfetchable("The address cannot be read.") from None
    if url.scheme not in {"http", "https"} or not url.hostname or port == 0 or len(address) > LONGEST_ADDRESS:
        raise Unfetchable("The address must be a whole one and begin with http:// or https://.")
    if url.username is not None or url.password is not None:
        raise Unfetchable("The address must not hold a name or a password.")
    return url


async def _public_address(url: SplitResult, private: bool) -> str:
    """Return the address of a host as numbers; refuses a host of which any address is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.hostname, _port(url), type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (OSError, UnicodeError):
        raise Unfetchable("The host of the address is not known.") from None
    addresses = [str(each[4][0]) for each in found]
    if not private and not all(is_public(each) for each in addresses):
        raise Unfetchable("The address lies in a network that is not fetched from.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Tell whether an address in numbers belongs to the open internet, seen through every way of wrapping it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _wrapped(found) if isinstance(found, _IPv6) else None
    if inner is not None:
        return is_public(str(inner))
    return found.is_global and not found.is_multicast


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return _IPv4(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


_FETCHING: Final = Message()


async def _sent(url: SplitResult, address: str, stack: AsyncExitStack, message: Message = _FETCHING) -> httpx.Response:
    """Send the request to the address that was looked at, in the name of the host that was asked for."""
    import httpx  # noqa: PLC0415 - loaded by those who fetch

    host = url.hostname or ""
    target = httpx.URL(url.geturl().partition("#")[0]).copy_with(host=address)
    headers = {**message.headers, "Host": _host(url), "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    extensions: dict[str, Any] = {"sni_hostname": host} if url.scheme == "https" else {}
    client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=None))  # noqa: S113
    try:
        content = message.body or None
        request = client.build_request(message.method, target, headers=headers, content=content, extensions=extensions)
        answer = await client.send(request, stream=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unfetchable(f"The address does not answer: {type(error).__name__}.") from None
    stack.push_async_callback(answer.aclose)
    return answer


def _host(url: SplitResult) -> str:
    return url.netloc.encode("idna").decode() if not url.netloc.isascii() else url.netloc


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _check(answer: httpx.Response, bounds: Bounds) -> None:
    if answer.status_code != 200:
        raise Unfetchable(f"The address answers {answer.status_code}.")
    if answer.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
        raise Unfetchable("The address answers in an encoding that nobody asked for.")
    length = answer.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > bounds.size:
        raise _too_large(bounds)


def _too_large(bounds: Bounds) -> Unfetchable:
    return Unfetchable(f"What lies at the address is larger than {bounds.size} bytes.")
