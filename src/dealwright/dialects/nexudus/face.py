"""The Nexudus dialect as an application: what is asked, who asks, and every failure in this vendor's voice."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright.actions import sign_in
from dealwright.config import Settings
from dealwright.dialects import wire
from dealwright.dialects.nexudus import engine, envelope, listing, routing
from dealwright.dialects.nexudus.engine import Sent
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handlers import HANDLERS
from dealwright.dialects.nexudus.handling import Call
from dealwright.dialects.nexudus.routing import NotOffered, Special
from dealwright.dialects.nexudus.specials import ANSWERS
from dealwright.dialects.nexudus.throttle import Throttle
from dealwright.dialects.nexudus.tokens import VIA, token
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Refusal, Unauthenticated
from dealwright.fetching import Bounds
from dealwright.storage.database import Database, TooWide
from dealwright.storage.outage import outage_of

_log = logging.getLogger(__name__)


def face(db: Database, settings: Settings) -> ASGIApp:
    """Return the dialect as an application that answers under `/api/` and at `/en/user/me`."""

    bounds = Bounds(settings.upload_limit, private=settings.fetch_private)
    throttle = Throttle(settings.nexudus_limits) if settings.nexudus_limits != "off" else None

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        refusal = throttle.refusal(request) if throttle else None
        response = refusal or await _answered(db, bounds, request)
        await response(scope, receive, send)

    return application


async def _answered(db: Database, bounds: Bounds, request: Request) -> Response:
    try:
        return await _handled(db, bounds, request)
    except NotOffered as error:
        return envelope.not_offered(request.method, error.allowed)
    except Refusal as refusal:
        return envelope.refused(refusal)
    except TooWide:
        return envelope.too_wide()
    except (ClientDisconnect, HTTPException):
        raise  # a body too large is answered by the application, in the same shape
    except Exception as error:
        return _told(request, error)


def _told(request: Request, trouble: Exception) -> Response:
    """Answer what is nobody's mistake, or that nobody foresaw, which is logged and not told."""
    if (outage := outage_of(trouble)) is not None:
        _log.error("%s %s was not done: %s", request.method, request.scope["path"], outage)
        return envelope.unavailable(outage)
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=trouble)
    return envelope.failed()


async def _handled(db: Database, bounds: Bounds, request: Request) -> Response:
    asked = routing.find(request.method, request.scope["path"])
    if asked is Special.TOKEN:
        return await token(db, request)
    return await (_special(db, request, asked) if isinstance(asked, Special) else _entity(db, bounds, request, asked))


async def _special(db: Database, request: Request, asked: Special) -> Response:
    async def handle(actor: Actor) -> Response:
        return await ANSWERS[asked](Call(db, actor), request)

    return await wire.under_rules(db, partial(caller, db, request), handle)


async def _entity(db: Database, bounds: Bounds, request: Request, asked: routing.Call) -> Response:
    """Answer a verb on an entity; refusals are told in the words of the entity."""
    handler = HANDLERS[asked.entity.name]
    pairs = listing.parameters(request.scope["query_string"])
    verb = Verb.BATCH if asked.verb is Verb.LIST and listing.is_batch(pairs) else asked.verb
    raw = await request.body() if verb in _WRITING else b""
    sent = Sent(asked.id, pairs, raw, request.headers.get("content-type", ""), asked.part)
    checked = handler.is_checked(verb)

    async def handle(actor: Actor) -> Response:
        return await engine.answered(Call(db, actor, bounds), handler, verb, sent)

    try:
        return await wire.under_rules(db, partial(caller, db, request), handle, checked)
    except Refusal as refusal:
        return envelope.refused(refusal, asked.entity, verb)


_WRITING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.RUN})


async def caller(db: Database, request: Request) -> Actor:
    """Return who sends a request, by Bearer token or by Basic e-mail and password or token (conventions §2.2).

    Refuses with Unauthenticated, and with Forbidden somebody without API access.
    """
    actor = await _signed_in(db, request)
    request.scope.setdefault("state", {})["actor_id"] = actor.id
    if not actor.api_access:
        raise Forbidden("API access is switched off for this user.")
    return actor


def _signed_in(db: Database, request: Request) -> Awaitable[Actor]:
    scheme, _, rest = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and rest:
        return sign_in.by_token(db, rest.strip(), VIA)
    if scheme.lower() == "basic" and (pair := wire.basic(rest)) is not None:
        return sign_in.by_basic(db, *pair, VIA, request.client.host if request.client else "")
    raise Unauthenticated("Authorization has been denied for this request.")
