"""Many calls in one (conventions §1, batch): what is asked, and running each through the dialect's own door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.types import Message

from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call, Respond
from dealwright.dialects.onlyoffice.envelope import Answer, everything
from dealwright.dialects.onlyoffice.failures import bad_argument, malformed
from dealwright.dialects.onlyoffice.paging import Shown, member

MOST: Final = 100
"""Calls in one batch."""
METHODS: Final = ("GET", "POST", "PUT", "DELETE")

_FORM = "application/x-www-form-urlencoded"
_OWN_HEADERS = (b"content-type", b"content-length", b"transfer-encoding", b"accept-encoding")
_INSIDE = "dealwright.inside_batch"


@dataclass(frozen=True, slots=True)
class Inner:
    """One call of a batch."""

    url: str
    name: str
    method: str
    body: str
    content_type: str
    order: int


async def run(call: Call) -> Answer:
    """Answer `POST batch`: each call's name, status, headers, and its whole answer as text (§1).

    The calls run one after another by their Order, each signed in anew with the outer request's token.
    Refuses with 400 what is no list of calls, more than MOST of them, and a batch inside a batch.
    """
    if call.request.scope.get(_INSIDE):
        raise bad_argument("A batch inside a batch is not run.")
    return everything([await _run(inner, call.request, call.respond) for inner in asked(call.bag)])


def asked(bag: Bag) -> list[Inner]:
    """Return the calls in `batch`, JSON text as the official client sends it or a JSON list, in their order."""
    entries = _entries(bag)
    if len(entries) > MOST:
        raise bad_argument(f"A batch has {MOST} calls at most.")
    return sorted((_inner(entry) for entry in entries), key=lambda inner: inner.order)


def _entries(bag: Bag) -> list[Mapping[str, object]]:
    text = bag.text("batch")
    if text is None:
        return [{name: record.text(name) for name in _MEMBERS} for record in bag.records("batch")]
    try:
        found = msgspec.json.decode(text, type=list[dict[str, object]])
    except (ValueError, RecursionError):
        raise malformed("The batch is not a JSON list of calls.") from None
    return list(found)


_MEMBERS: Final = ("RelativeUrl", "Name", "Method", "Body", "BodyContentType", "Order")


def _inner(entry: Mapping[str, object]) -> Inner:
    said = {name: _text(member(entry, name)) for name in _MEMBERS}
    method = (said["Method"] or "GET").upper()
    order = said["Order"] or "0"
    if method not in METHODS or not order.removeprefix("-").isdecimal() or len(order) > 10:
        raise bad_argument()
    content_type = said["BodyContentType"] or _FORM
    return Inner(said["RelativeUrl"], said["Name"], method, said["Body"], content_type, int(order))


def _text(value: object) -> str:
    """Return a member as text; a body that is an object instead of its text is meant as JSON."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value)


async def _run(inner: Inner, outer: Request, respond: Respond) -> Shown:
    response = await respond(_request(inner, outer))
    return {
        "name": inner.name,
        "status": response.status_code,
        "headers": dict(response.headers.items()),
        # Only a file that is streamed has no body at hand, and a file is no answer that a batch can carry.
        "data": bytes(getattr(response, "body", b"")).decode(errors="replace"),
    }


def _request(inner: Inner, outer: Request) -> Request:
    """Return an inner call as a request of its own, from the same client and with the same credentials."""
    url = _split(inner.url)
    body = inner.body.encode()
    kept = [(name, value) for name, value in outer.scope["headers"] if name.lower() not in _OWN_HEADERS]
    scope = {
        **{name: outer.scope[name] for name in _KEPT if name in outer.scope},
        "method": inner.method,
        "path": url[0],
        "raw_path": url[0].encode(),
        "query_string": url[1].encode(),
        "headers": [*kept, (b"content-type", inner.content_type.encode()), (b"content-length", b"%d" % len(body))],
        _INSIDE: True,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


_KEPT: Final = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "app", "state")


def _split(url: str) -> tuple[str, str]:
    """Return the path and the query of an address, with or without its first slash; an unreadable one leads nowhere."""
    try:
        found = urlsplit(url)
    except ValueError:
        return "", ""
    return f"/{found.path.lstrip('/')}", found.query
