"""The door of our own API: from an ASGI request to a handler, and from its answer or refusal back."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright.actions.sign_in import by_basic, by_password, by_token
from dealwright.dialects.native import problems
from dealwright.dialects.native.conditions import is_known
from dealwright.dialects.native.problems import Wrong, refused
from dealwright.dialects.native.reading import JSON, Upload, check_media, read_body, read_query
from dealwright.dialects.native.routing import PREFIX, Call, Download, Found, Reply, Route, Routes
from dealwright.dialects.native.table import ROUTES
from dealwright.dialects.wire import basic, under_rules
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Refusal, Unauthenticated
from dealwright.storage.database import Database, TooWide
from dealwright.storage.outage import RETRY_SECONDS, outage_of
from dealwright.storage.writes import Clash

if TYPE_CHECKING:
    from dealwright.config import Settings

VIA: Final = "native"
CODE_HEADER: Final = "x-two-factor-code"
_CHALLENGE: Final = 'Bearer realm="Dealwright"'
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_encode = msgspec.json.Encoder(decimal_format="string").encode
_log = logging.getLogger(__name__)


class Gone(Exception):
    """The client hung up before the request was whole."""


def face(db: Database, settings: Settings) -> ASGIApp:
    """Return the ASGI application that answers everything under `/api/v1`."""
    return Face(db, settings.body_limit, settings.upload_limit)


@dataclass(slots=True)
class Request:
    """One request: what of it every step needs."""

    scope: Scope
    receive: Receive
    headers: Mapping[str, str]
    base: str
    path: str
    id: str
    content: bytes | None = None
    streamed: bool = False
    proven: int = 0

    @property
    def method(self) -> str:
        """The verb."""
        method: str = self.scope["method"]
        return method


@dataclass(slots=True)
class Answer:
    """Status, body and headers on their way out."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: AsyncIterator[bytes] | None = None


def request_of(scope: Scope, receive: Receive) -> Request:
    """Return a request; repeated headers are joined with commas."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    path: str = scope["path"]
    at = path.lower().find(PREFIX)
    end = at + len(PREFIX) if at >= 0 else 0
    given = headers.get("x-request-id", "")
    own = given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)
    return Request(scope, receive, headers, path[:end], path[end:], scope.get("state", {}).get("request_id", own))


class Face:
    """The application; one for each process."""

    def __init__(self, db: Database, body_limit: int, upload_limit: int) -> None:
        self._db = db
        self._body_limit = body_limit
        self._upload_limit = upload_limit
        self._routes = Routes(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = request_of(scope, receive)
        try:
            answer = await self._answer(request)
        except Gone:
            return
        if "request_id" not in scope.get("state", {}):
            answer.headers["x-request-id"] = request.id
        if answer.pieces is not None:
            await StreamingResponse(answer.pieces, answer.status, answer.headers)(scope, receive, send)
            return
        if answer.status not in {204, 304}:
            answer.headers["content-length"] = str(len(answer.body))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})

    async def _answer(self, request: Request) -> Answer:
        names: Mapping[str, str] = {}
        try:
            if request.method == "OPTIONS":
                return Answer(204, headers={"allow": self._routes.allowed(request.path)})
            found = self._routes.find(request.method, request.path)
            names = found.route.names
            return answered(request, found.route, await self._handled(request, found))
        except Gone:
            raise
        except Exception as trouble:
            return said_no(wrong_of(trouble, names, request, self._body_limit), request)

    async def _handled(self, request: Request, found: Found) -> Reply[object]:
        route = found.route

        async def handle(actor: Actor | None) -> Reply[object]:
            call = Call(self._db, actor, found.id, request.base, request.headers.get("if-match"), found.word)
            given: dict[str, object] = {}
            if route.takes_query:
                given["query"] = read_query(request.scope["query_string"], route.query)
            elif request.scope["query_string"]:
                read_query(request.scope["query_string"], route.query)
            if route.body is not None:
                given["body"] = await self._read(request, route)
            elif route.takes_upload:
                given["body"] = Upload(partial(self._pieces, request))
            return await route.handler(call, **given)

        if route.open:
            return await handle(None)
        return await under_rules(self._db, lambda: self._signed_in(request), handle, route.checked)

    async def _signed_in(self, request: Request) -> Actor:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            actor = await by_token(self._db, rest.strip(), VIA)
        elif scheme.lower() == "basic" and (pair := basic(rest)) is not None:
            actor = await self._by_pair(request, *pair)
        else:
            raise Unauthenticated("sign in with Authorization: Bearer and a token, or Basic")
        request.scope.setdefault("state", {})["actor_id"] = actor.id
        return actor

    async def _by_pair(self, request: Request, name: str, password: str) -> Actor:
        """Return whose name and password these are.

        A code that came with them is used up by the first look: a request that is repeated is not asked for it again.
        """
        client, code = request.scope.get("client"), request.headers.get(CODE_HEADER, "")
        address = client[0] if client else ""
        if not code:
            return await by_basic(self._db, name, password, VIA, address)
        if request.proven:
            actor = self._db.rules.actor(request.proven, VIA)
            if actor is None:
                raise Unauthenticated("nobody active signs in so")
            return actor
        actor = await by_password(self._db, name, password, VIA, address, code)
        request.proven = actor.id
        return actor

    async def _read(self, request: Request, route: Route) -> object:
        """Return the body as the route's struct; nothing at all is an empty object where nothing is required."""
        assert route.body is not None
        if request.content is None:
            request.content = await self._content(request)
        if not request.content and route.bodiless:
            return route.body()
        headers = request.headers
        check_media(headers.get("content-type", ""), headers.get("content-encoding", ""), route.method == "PATCH")
        return read_body(request.content, route.body)

    async def _content(self, request: Request) -> bytes:
        content = bytearray()
        async for piece in _received(request, self._body_limit):
            content += piece
        return bytes(content)

    async def _pieces(self, request: Request) -> AsyncIterator[bytes]:
        """Run through the body of an upload. Where the rules moved meanwhile it cannot be read again: Conflict."""
        if request.streamed:
            raise Conflict("the portal's rules changed while the file came in; send it again")
        request.streamed = True
        if request.headers.get("content-encoding", "").lower() not in {"", "identity"}:
            raise Wrong(415, "unsupported_media_type", "Send the bytes of the file as they are, not compressed.")
        if request.headers.get("content-type", "").lower().startswith("multipart/"):
            raise Wrong(415, "unsupported_media_type", "Send the bytes of the file as they are, not in a form.")
        async for piece in _received(request, self._upload_limit):
            yield piece


async def _received(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Run through a body as it comes in; refuses with 413 more than `limit` bytes."""
    declared, size, more = request.headers.get("content-length", ""), 0, True
    if declared.isdigit() and int(declared[:15]) > limit:
        raise too_large(limit)
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        yield piece
        more = message.get("more_body", False)


def too_large(limit: int) -> Wrong:
    """Return the refusal of a body that is longer than a number of bytes."""
    detail = f"A body has at most {limit} bytes."
    return Wrong(413, "too_large", detail, headers={"Connection": "close"}, extras={"limit": limit})


def answered(request: Request, route: Route, reply: Reply[object]) -> Answer:
    """Return a handler's reply as it goes out; 304 where the client has the very same body."""
    headers: dict[str, str] = {}
    if reply.tag is not None:
        headers = {"etag": reply.tag, "cache-control": "private, no-cache", "vary": "Authorization"}
        known = request.headers.get("if-none-match")
        if route.method == "GET" and is_known(known, reply.tag):
            return Answer(304, headers=headers)
    if reply.location is not None:
        headers["location"] = f"{request.base}{reply.location}"
    if route.status == 204:
        return Answer(204, headers=headers)
    if isinstance(reply.value, Download):
        return Answer(route.status, headers={**reply.value.headers, **headers}, pieces=reply.value.pieces)
    headers["content-type"] = JSON
    return Answer(route.status, _encode(reply.value), headers)


def said_no(wrong: Wrong, request: Request) -> Answer:
    """Return a problem document as it goes out."""
    headers = dict(wrong.headers)
    if wrong.status == 401:
        sent = "authorization" in request.headers
        headers["www-authenticate"] = f'{_CHALLENGE}, error="invalid_token"' if sent else _CHALLENGE
    headers["content-type"] = problems.MEDIA
    return Answer(wrong.status, _encode(wrong.document(request.id)), headers)


def wrong_of(trouble: Exception, names: Mapping[str, str], request: Request, body_limit: int) -> Wrong:
    """Return what the client is told about an exception; what nobody foresaw is logged and not told."""
    if isinstance(trouble, Wrong):
        return trouble
    if isinstance(trouble, Refusal):
        return refused(trouble, names)
    if isinstance(trouble, TooWide):
        return Wrong(400, "too_wide", "This would read too much; narrow the filter, or ask for no total.")
    if isinstance(trouble, Clash):
        return Wrong(409, "conflict", "Something like this is there already.")
    if isinstance(trouble, HTTPException) and trouble.status_code == 413:
        return too_large(getattr(trouble, "limit", body_limit))
    return _broken_by(trouble, request)


def _broken_by(trouble: Exception, request: Request) -> Wrong:
    if (outage := outage_of(trouble)) is not None:
        _log.error("%s %s was not done: %s", request.method, request.scope["path"], outage)
        return Wrong(503, "unavailable", outage.told, headers={"Retry-After": str(RETRY_SECONDS)})
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=trouble)
    return Wrong(500, "failed", "Something went wrong here; the log knows more under the request id.")
