"""The door of the dialect: from an HTTP request to a handler, and from its answer or refusal back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dealwright.dialects.onlyoffice import bodies, envelope
from dealwright.dialects.onlyoffice.call import Call, Portal
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.failures import ABSENT, OPERATION, Failure, broken, denied, refused
from dealwright.dialects.onlyoffice.paging import Page, page_of
from dealwright.dialects.onlyoffice.routing import PREFIX, Found, Routes
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Refusal, RulesMoved, Unauthenticated
from dealwright.storage.database import Database, TooWide

SignIn = Callable[[Request], Awaitable[Actor | None]]
"""Tells who sends a request; None is nobody."""
ATTEMPTS: Final = 3
"""How often a call is signed in and tried when the portal's rules move under it."""

_log = logging.getLogger(__name__)


class Front:
    """The ASGI application of the dialect, mounted at `/api/2.0`."""

    def __init__(self, routes: Routes, db: Database, sign_in: SignIn, portal: Callable[[], Portal]) -> None:
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
            document = envelope.error(failure_of(trouble, found), _start_of(request))
            return envelope.sent(document, wants_xml(request, found))

    async def _answered(self, request: Request, found: Found) -> Response:
        """Sign in, read the parameters, let the handler work; once more when the rules moved meanwhile."""
        somebody = await self._admitted(request, found)
        page = page_of(bodies.query(request))
        bag = await bodies.read(request, found.values)
        try:
            for _ in range(ATTEMPTS):
                try:
                    call = Call(request, bag, page, self._portal(), self._db, self.respond, somebody)
                    return self._sent(await found.route.handler(call), request, found, page)
                except RulesMoved:
                    somebody = await self._admitted(request, found)
        finally:
            await bag.close()
        raise Failure(409, "The settings of the portal are changing; try again.", OPERATION)

    async def _admitted(self, request: Request, found: Found) -> Actor | None:
        """Return the caller; refuses nobody on a closed route, guests of the CRM, and those without the right."""
        somebody = await self._sign_in(request)
        route = found.route
        if somebody is None:
            if not route.anonymous:
                raise Unauthenticated("nobody is signed in")
            return None
        if somebody.standing is Standing.GUEST and route.template.startswith("crm/"):
            raise denied("Forbidden")
        if route.right:
            somebody.require(route.right)
        return somebody

    def _sent(self, answer: Answer | Response, request: Request, found: Found, page: Page) -> Response:
        if isinstance(answer, Response):
            return answer
        status = 201 if found.route.method == "POST" else 200
        document = envelope.success(status, answer, page.fields)
        return envelope.sent(document, wants_xml(request, found), answer.headers)


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
    _log.error("%s %s failed", found.route.method, found.route.template, exc_info=trouble)
    return broken()


def _start_of(request: Request) -> int:
    """Return startIndex for an error, 0 where the query is the trouble."""
    try:
        return page_of(bodies.query(request)).start
    except Failure:
        return 0
