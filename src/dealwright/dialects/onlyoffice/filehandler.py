"""The addresses of bytes that answers of this dialect name: files to download, photos to show (§7, opportunities §1.1).

The original serves them from pages beside its API; they take the same credentials.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dealwright.actions import files, photos
from dealwright.dialects.onlyoffice import envelope
from dealwright.dialects.wire import file_headers, under_rules
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from dealwright.domain.photo import Size
from dealwright.storage.database import Database

PATH: Final = re.compile(r"/products/(files|crm)/httphandlers/filehandler\.ashx", re.IGNORECASE)
SHOWN: Final = ("view", "stream")
"""Actions that show a file where that is safe; every other one saves it."""
SIZES: Final = {"1": Size.SMALL, "2": Size.MEDIUM, "3": Size.BIG}

Caller = Callable[[Request], Awaitable[Actor | None]]


def is_file_path(path: str) -> bool:
    """Tell whether a path, in any case, is one of those that send bytes."""
    return PATH.fullmatch(path) is not None


class FileHandler:
    """The ASGI application behind the paths that `is_file_path` knows."""

    def __init__(self, db: Database, caller: Caller) -> None:
        self._db = db
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send one file."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Return the bytes that a request asks for: 401 for nobody, 404 for what is not there for this person."""
        found = PATH.fullmatch(request.url.path)
        if found is None or request.method not in ("GET", "HEAD"):
            return envelope.unknown_page()
        asked = {name.lower(): text for name, text in request.query_params.items()}
        send = self._file if found[1].lower() == "files" else self._photo

        async def admitted() -> Actor:
            somebody = await self._caller(request)
            if somebody is None:
                raise Unauthenticated("nobody is signed in")
            request.scope.setdefault("state", {})["actor_id"] = somebody.id
            return somebody

        try:
            return await under_rules(self._db, admitted, lambda actor: send(actor, asked))
        except Unauthenticated:
            return envelope.unauthorized(request.headers.get("host", ""), "authorization" in request.headers)
        except Forbidden:
            return PlainTextResponse("Forbidden", 403)
        except Conflict:
            return PlainTextResponse("Try again", 409)
        except NotFound:
            return envelope.unknown_page()

    async def _file(self, actor: Actor, asked: Mapping[str, str]) -> Response:
        """Send a file by `fileid`; `action` says whether it may be shown in place (§7, viewUrl and webUrl)."""
        _no_guests(actor)
        file, pieces = await files.opened(self._db, actor, _number(asked.get("fileid", "")))
        headers = file_headers(file, in_place=asked.get("action", "").lower() in SHOWN)
        return StreamingResponse(pieces, headers=headers)

    async def _photo(self, actor: Actor, asked: Mapping[str, str]) -> Response:
        """Send a contact's photo by `cid` in the size `ps`, or the picture that stands for a contact without one."""
        _no_guests(actor)
        size = SIZES.get(asked.get("ps", ""), Size.MEDIUM)
        is_company = asked.get("isc", "").lower() == "true"
        picture = await photos.shown(self._db, actor, _number(asked.get("cid", "")), size, is_company)
        headers = {"Cache-Control": "private, max-age=60", "X-Content-Type-Options": "nosniff"}
        return Response(picture.data, headers=headers, media_type=picture.media_type)


def _no_guests(actor: Actor) -> None:
    if actor.standing is Standing.GUEST:
        raise Forbidden("guests have no CRM")


def _number(text: str) -> int:
    """Return the id in a query, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
