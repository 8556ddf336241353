"""What every dialect needs: who calls, a request that is repeated when the rules moved, how a file is sent."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Refusal, RulesMoved
from dealwright.domain.file import File
from dealwright.storage.database import Database
from dealwright.storage.opportunities import confirm

T = TypeVar("T")
TRIES = 5


async def under_rules(
    db: Database,
    sign_in: Callable[[], Awaitable[Actor]],
    handle: Callable[[Actor], Awaitable[T]],
    checked: bool = False,
) -> T:
    """Sign in and handle a request; when the rules moved meanwhile, read them and do both again.

    `checked` says that the handler's own load looks at the rules stamp, which saves a round trip. So a right that
    was taken away works at once, in every process.
    """
    for _ in range(TRIES):
        try:
            actor = await sign_in()
            if not checked:
                await confirm(db, actor)
            return await _handled(db, actor, handle, checked)
        except RulesMoved:
            await db.refresh()
    raise Conflict("the portal's rules are changing right now; try again")


async def _handled(db: Database, actor: Actor, handle: Callable[[Actor], Awaitable[T]], checked: bool) -> T:
    """Handle; what is refused before the first load may only have been refused by rules that are no more."""
    try:
        return await handle(actor)
    except Refusal:
        if checked:
            await confirm(db, actor)
        raise


def basic(header: str) -> tuple[str, str] | None:
    """Return name and password of the credentials behind `Basic `, None when they cannot be read."""
    try:
        text = base64.b64decode(header.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


def file_headers(file: File, in_place: bool = False) -> dict[str, str]:
    """Return the headers under which the bytes of a file are sent.

    `in_place` lets a browser show what is safe to be shown; all else is saved, and nothing is taken for another type
    than it is called.
    """
    shown = in_place and file.is_shown_in_place
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    return {
        "Content-Type": f"{file.media_type}{charset}",
        "Content-Length": str(file.size),
        "Content-Disposition": disposition("inline" if shown else "attachment", file.title),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


def disposition(kind: str, name: str) -> str:
    """Return a Content-Disposition (RFC 6266) with a file name in every language, and a plain one for old clients."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
