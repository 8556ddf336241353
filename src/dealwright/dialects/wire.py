"""What every dialect needs: who calls, and a request that is repeated when the rules moved under it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Refusal, RulesMoved
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
