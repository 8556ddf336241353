"""Deeds on one's own tokens: make, list, revoke. A token never holds more than its person, or than its maker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dealwright.actions.deed import now
from dealwright.actions.sign_in import API, Issued, issue, revoke
from dealwright.domain.actor import RIGHTS, Actor
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Problem, invalid
from dealwright.domain.naming import name_problem
from dealwright.storage import tokens as store
from dealwright.storage.database import Database
from dealwright.storage.tokens import OwnToken

MOST: Final = 100


async def create(
    db: Database, actor: Actor, label: str, scope: Sequence[str] | None = None, expires_at: datetime | None = None
) -> Issued:
    """Make a token for oneself: with one's own rights, or the rights of `scope` at most; it is shown only now.

    Refuses with Forbidden (a right one lacks; a caller whose own token is narrowed), and with Invalid (label,
    scope, expires_at; "tokens" where there are a hundred already).
    """
    own = db.rules.actor(actor.id)
    if own is None or own.rights != actor.rights:
        raise Forbidden("a token with a scope makes no tokens")
    at = now()
    _check(label, scope, expires_at, at)
    lacking = sorted(set(scope or ()) - actor.rights)
    if lacking:
        raise Forbidden(f"the right {lacking[0]} is not yours to give", lacking[0])
    if len(await read_all(db, actor)) >= MOST:
        raise invalid("tokens", "too_many", f"you have {MOST} tokens; revoke one first")
    return await issue(db, actor.id, API, None if expires_at is None else expires_at - at, label, scope=scope)


def _check(label: str, scope: Sequence[str] | None, expires_at: datetime | None, at: datetime) -> None:
    problems = [found] if (found := name_problem("label", label)) else []
    problems += [Problem("scope", "unknown", "is no right", right) for right in scope or () if right not in RIGHTS]
    if expires_at is not None and expires_at <= at:
        problems.append(Problem("expires_at", "out_of_range", "must lie in the future", expires_at))
    if problems:
        raise Invalid(*problems)


async def read_all(db: Database, actor: Actor) -> list[OwnToken]:
    """Return one's tokens, oldest first; their secrets are not known any more."""
    return await store.tokens_of_kind(db, actor.id, API)


async def remove(db: Database, actor: Actor, token_id: int) -> None:
    """Make one of one's tokens worthless at once. NotFound when it is not one of them."""
    if token_id not in {token.id for token in await read_all(db, actor)}:
        raise NotFound("token")
    await revoke(db, [token_id])
