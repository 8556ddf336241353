"""The door of the dialect: from an HTTP request to a handler, and from its answer or refusal back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dealwright.dialects.onlyoffice import bodies, envelope
from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.failures import ABSENT, OPERATION, Failure, broken, denied, refused, unavailable
from dealwright.dialects.onlyoffice.paging import page_of
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.routing import PREFIX, Found, Route, Routes
from dealwright.dialects.wire import under_rules
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Refusal, Unauthenticated
from dealwright.storage.database import Database, TooWide
from dealwright.storage.opportunities import confirm
from dealwright.storage.outage import outage_of

SignIn = Callable[[Request], Awaitable[Actor | None]]
"""Tells who sends a request; None is nobody."""

_log = logging.getLogger(__name__)


class Front:
    """The ASGI application of the dialect, mounted at `/api/2.0`."""

    def __init__(self, routes: Routes, db: Database, sign_in: SignIn, portal: Callable[[Request], Portal]) -> None:
        self._routes = routes
        self._db = db
        self._sign_in = sign_in
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Return the answer to a request; whatever goes wrong has its answer too (conventions §1 and §4)."""
        if request.method == "OPTIONS":
            return envelope.options()
        found = self._routes.find(request.method, path_behind_prefix(request.scope))
        if found is None:
            return envelope.unknown_page()
        try:
            return await self._answered(request, found)
        except Unauthenticated:
            return envelope.unauthorized(request.headers.get("host", ""), "authorization" in request.headers)
        except ClientDisconnect:
            raise
        except Exception as trouble:
            failure = failure_of(trouble, found)
            document = envelope.error(failure, _start_of(request))
            return envelope.sent(document, wants_xml(request, found), failure.headers)

    async def _answered(self, request: Request, found: Found) -> Response:
        """Sign in, read the parameters once, and let the handler work under the rules that stand."""
        route, bags = found.route, list[Bag]()

        async def admitted() -> Actor:
            somebody = await self._sign_in(request)
            if somebody is None:
                raise Unauthenticated("nobody is signed in")
            request.scope.setdefault("state", {})["actor_id"] = somebody.id
            return somebody

        async def handled(somebody: Actor | None) -> Response:
            if somebody is not None:
                await self._allow(somebody, route)
            page = page_of(bodies.query(request))
            if not bags:
                bags.append(await bodies.read(request, found.values))
            call = Call(request, bags[0], page, self._portal(request), self._db, self.respond, somebody)
            return _sent(await route.handler(call), call, found)

        try:
            if route.anonymous:
                return await handled(None)
            return await under_rules(self._db, admitted, handled, route.checked)
        finally:
            for bag in bags:
                await bag.close()

    async def _allow(self, somebody: Actor, route: Route) -> None:
        """Refuse guests of the CRM and those without the route's right, unless the rules moved meanwhile."""
        guest = somebody.standing is Standing.GUEST and route.template.startswith("crm/")
        if not guest and (not route.right or somebody.may(route.right)):
            return
        await confirm(self._db, somebody)
        raise denied("Forbidden") if guest else denied()


def _sent(answer: Answer | Response, call: Call, found: Found) -> Response:
    if isinstance(answer, Response):
        return answer
    status = 201 if found.route.method == "POST" else 200
    document = envelope.success(status, answer, call.page.fields)
    return envelope.sent(document, wants_xml(call.request, found), answer.headers)


def path_behind_prefix(scope: Scope) -> str:
    """Return the escaped path behind `/api/2.0/`, which may stand in any case and behind a mount path."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.decode("latin-1")
    at = path.lower().find(PREFIX)
    return path[at + len(PREFIX) :] if at >= 0 else ""


def wants_xml(request: Request, found: Found) -> bool:
    """Tell whether the answer is XML: a suffix of .xml or .tml, unless the request speaks JSON (§2)."""
    speaks_json = request.headers.get("content-type", "").lower().startswith("application/json")
    return found.suffix in (".xml", ".tml") and not speaks_json


def failure_of(trouble: Exception, found: Found) -> Failure:
    """Return what the client is told about an exception; what nobody foresaw is logged and not told."""
    if isinstance(trouble, Failure):
        return trouble
    if isinstance(trouble, Refusal):
        return refused(trouble, found.route.words)
    if isinstance(trouble, TooWide):
        return Failure(503, "The list is too wide; narrow the filter.", OPERATION)
    if isinstance(trouble, HTTPException):
        return Failure(trouble.status_code, trouble.detail, ABSENT)
    if (outage := outage_of(trouble)) is not None:
        _log.error("%s %s was not done: %s", found.route.method, found.route.template, outage)
        return unavailable(outage)
    _log.error("%s %s failed", found.route.method, found.route.template, exc_info=trouble)
    return broken()


def _start_of(request: Request) -> int:
    """Return startIndex for an error, 0 where the query is the trouble."""
    try:
        return page_of(bodies.query(request)).start
    except Failure:
        return 0
