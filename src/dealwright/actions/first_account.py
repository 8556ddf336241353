"""The first account: a one-time code that lets one person become the portal owner."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from dealwright.actions.deed import now
from dealwright.actions.people import add_user, has_owner
from dealwright.domain.errors import Forbidden, Invalid, Unauthenticated, invalid
from dealwright.domain.people import User, UserChange
from dealwright.domain.values import micros
from dealwright.storage import setup_link as store
from dealwright.storage.database import Database
from dealwright.storage.writes import Lost

LIFETIME: Final = timedelta(hours=24)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


async def invite(db: Database) -> str:
    """Return a new code for the first account, good for one use within a day; an earlier one is worthless then."""
    code = secrets.token_urlsafe(24)
    await store.keep(db, _digest(code), micros(now() + LIFETIME))
    return code


async def check(db: Database, code: str) -> tuple[str, int]:
    """Return what is stored of a living code. Refuses with Forbidden (there are accounts) and Unauthenticated."""
    if not has_owner(db):
        await db.refresh()
    if has_owner(db):
        raise Forbidden("the first account has been made; sign in with it")
    kept = await store.kept(db)
    if kept is None or not hmac.compare_digest(kept[0], _digest(code)) or kept[1] < micros(now()):
        raise Unauthenticated("this link is used up, expired or wrong; a restart of the server prints a new one")
    return kept


async def make_owner(db: Database, code: str, email: str, password: str, name: str = "") -> User:
    """Make the portal owner and use the code up. Refuses as `check` does, and with Invalid as `add_user` does."""
    digest, until = await check(db, code)
    if not password:
        raise invalid("password", "required", "is a required field")
    try:
        await store.use_up(db, digest, until)
    except Lost as error:
        raise Unauthenticated("this link has just been used") from error
    try:
        return await add_user(db, None, person(email, password, name))
    except Invalid:
        await store.keep(db, digest, until)
        raise


def person(email: str, password: str | None, name: str) -> UserChange:
    """Return what is said about a new user by e-mail, password (None: no sign-in yet) and full name."""
    first, _, last = name.strip().rpartition(" ")
    said = UserChange(email=email.strip(), first_name=first or last, last_name=last if first else "")
    if password is not None:
        said.password = password
    return said
