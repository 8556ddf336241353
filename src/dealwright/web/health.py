"""Two short answers for whoever watches the process."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright.storage import health
from dealwright.storage.database import Database

DATABASE_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


def face(db: Database) -> ASGIApp:
    """Return the application of `/healthz` (we serve) and `/readyz` (all is well with the database; else 503)."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            response = Response(status_code=405, headers={"Allow": "GET, HEAD"})
        elif scope["path"] == "/healthz":
            response = JSONResponse({"status": "ok"})
        else:
            response = await _ready(db)
        await response(scope, receive, send)

    return answer


async def _ready(db: Database) -> Response:
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            await health.ping(db)
            refusal = await health.refusal(db)
    except Exception as error:
        _log.warning("The database does not answer: %s: %s", type(error).__name__, error)
        return _unavailable({"database": "does not answer"})
    if refusal is not None:
        return _unavailable({"database": "answers", "writes": refusal})
    return JSONResponse({"status": "ok", "database": "answers"})


def _unavailable(how: dict[str, str]) -> Response:
    return JSONResponse({"status": "unavailable", **how}, 503, {"Retry-After": "5"})
