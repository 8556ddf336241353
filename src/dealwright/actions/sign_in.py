"""Signing in: by token, by password, and the tokens that follow from it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import string
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dealwright.actions import attempts, second_factor
from dealwright.actions.deed import now
from dealwright.actions.second_factor import SecondFactorNeeded
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated
from dealwright.domain.people import User
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage import presence
from dealwright.storage import tokens as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write

PREFIX: Final = "dw_"
RANDOM_LENGTH: Final = 40
CHECK_LENGTH: Final = 6
ALPHABET: Final = string.digits + string.ascii_letters
REMEMBERED: Final = 10_000
SEEN_SECONDS: Final = 600.0
"""How exactly it is known when somebody was here last."""

SESSION, ACCESS, REFRESH, API = "session", "access", "refresh", "api"
YEAR: Final = timedelta(days=365)
WEEK: Final = timedelta(days=7)
FORTNIGHT: Final = timedelta(days=15)

_log = logging.getLogger(__name__)
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """A hash that no password fits, so that a name nobody has costs as much time as a wrong password."""
    return _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token: the only time its secret is known."""

    secret: str
    expires_at: datetime | None
    id: int


async def hashed(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return await asyncio.to_thread(_hasher.hash, password)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _checksum(body: str) -> str:
    rest, text = zlib.crc32(body.encode()), ""
    while len(text) < CHECK_LENGTH:
        rest, place = divmod(rest, len(ALPHABET))
        text = ALPHABET[place] + text
    return text


def new_secret() -> str:
    """Return a fresh token: a prefix, 40 random characters and a checksum that catches typing errors."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return f"{PREFIX}{body}{_checksum(body)}"


def is_token(text: str) -> bool:
    """Tell whether a text has the form of our tokens, checksum included."""
    body = text[len(PREFIX) : -CHECK_LENGTH]
    if not text.startswith(PREFIX) or len(body) != RANDOM_LENGTH or not body.isascii():
        return False
    return hmac.compare_digest(_checksum(body).encode(), text[-CHECK_LENGTH:].encode("utf-8", "replace"))


async def by_token(db: Database, secret: str, via: str) -> Actor:
    """Return who holds a token. Refuses with Unauthenticated what is unknown, expired or belongs to nobody active."""
    digest = _digest(secret)
    known = db.sessions.get(digest + via.encode())
    if known is None:
        if not is_token(secret):
            raise Unauthenticated("unknown token")
        known = await _looked_up(db, digest, via)
    actor, expires = known
    if expires is not None and expires < micros(now()):
        raise Unauthenticated("expired token")
    if _is_new_here(db, actor.id):
        await _noted(db, [presence.seen(actor.id, micros(now()))])
    return actor


async def _noted(db: Database, writes: Sequence[Write]) -> None:
    """Write who is here; who reads is not held up by a disk that is full."""
    try:
        await db.apply(writes)
    except Exception as error:
        _log.warning("It is not noted that somebody is here: %s", error)


def _is_new_here(db: Database, user_id: int) -> bool:
    """Tell whether it is worth noting that somebody is here: once in a while, for each process."""
    at = time.monotonic()
    if at - db.seen.get(user_id, -SEEN_SECONDS) < SEEN_SECONDS:
        return False
    db.seen[user_id] = at
    return True


async def _looked_up(db: Database, digest: bytes, via: str) -> tuple[Actor, int | None]:
    rules = db.rules
    found = await store.token_by_hash(db, digest)
    if found is None or found.kind == REFRESH:
        raise Unauthenticated("unknown token")
    actor = rules.actor(found.user_id)
    if actor is None:
        await _perhaps_newer(db, rules)
        actor = db.rules.actor(found.user_id)
    if actor is None:
        raise Unauthenticated("nobody holds this token any more")
    scope = None if found.scope is None else frozenset(found.scope.split())
    known = (actor.narrowed(scope, via, bool(found.documented_names)), found.expires_at)
    if db.rules.stamp == actor.stamp and len(db.sessions) < REMEMBERED:
        db.sessions[digest + via.encode()] = known
    return known


async def _perhaps_newer(db: Database, rules: Rules) -> None:
    """Read the rules once more: somebody unknown may have been made by another process."""
    if db.rules is rules:
        await db.refresh()


async def by_password(db: Database, name: str, password: str, via: str, address: str = "", code: str = "") -> Actor:
    """Return who signs in with an e-mail, user name or uid, a password, and the code of who has a second factor.

    Refuses with Unauthenticated, whatever was wrong; with SecondFactorNeeded and WrongCode where only the code is
    missing or wrong; and with TooManyAttempts after 20 failures of one name from one address, 200 from one address,
    or 20 wrong codes of one person, within 15 minutes.
    """
    user = await _known(db, name, password, address)
    await second_factor.check(db, user, code)
    actor = _active(db, user, via)
    await _noted(db, presence.entered(user, micros(now())))
    return actor


async def by_basic(db: Database, name: str, password: str, via: str, address: str = "") -> Actor:
    """Return who sends name and password with every request; instead of the password it may be a token of theirs.

    Refuses as `by_password`; with SecondFactorNeeded everybody who has a second factor and sends the password.
    """
    if is_token(password):
        actor, user = await by_token(db, password, via), _named(db.rules, name)
        if user is None or user.id != actor.id:
            raise Unauthenticated("the token is somebody else's")
        return actor
    user = await _known(db, name, password, address)
    if user.two_factor:
        raise SecondFactorNeeded("with a second factor the password alone opens nothing; send a token")
    if _is_new_here(db, user.id):
        await _noted(db, presence.entered(user, micros(now())))
    return _active(db, user, via)


async def _known(db: Database, name: str, password: str, address: str) -> User:
    """Return whose name and password these are; one that was right is remembered for the life of the password."""
    user = _named(db.rules, name) or _named(await _newest(db, name), name)
    remembered = _remembered(db, name, password)
    if user is not None and db.credentials.get(remembered) == (user.id, db.rules.passwords.get(user.id)):
        return user
    await _count(db, name, address)
    stored = None if user is None else db.rules.passwords.get(user.id)
    right = await verified(stored, password)
    if user is None or stored is None or not right:
        raise Unauthenticated("wrong name or password")
    await attempts.forget(db, _key(name, address))
    db.seen.pop(user.id, None)
    if len(db.credentials) >= REMEMBERED:
        db.credentials.clear()
    db.credentials[remembered] = (user.id, stored)
    return user


async def verified(stored: str | None, password: str) -> bool:
    """Tell whether a password fits a stored hash; where there is none it takes as long and never does."""
    return await asyncio.to_thread(_verified, stored, password)


async def _newest(db: Database, name: str) -> Rules:
    """Return rules in which somebody made by another process a moment ago is known."""
    if "@" in name or len(name) > 2:
        await refresh_if_moved(db)
    return db.rules


async def refresh_if_moved(db: Database) -> bool:
    """Read the rules anew if their stamp has moved; tell whether it had."""
    if await store.present_stamp(db) == db.rules.stamp:
        return False
    await db.refresh()
    return True


def _named(rules: Rules, name: str) -> User | None:
    return rules.logins.get(fold(name))


def _remembered(db: Database, name: str, password: str) -> bytes:
    """Return the keyed hash under which a right password is remembered for the life of the stored one."""
    message = f"{fold(name)}\0{password}".encode("utf-8", "surrogatepass")
    return hmac.digest(db.rules.settings["secret"].encode(), message, "sha256")


def _active(db: Database, user: User, via: str) -> Actor:
    actor = db.rules.actor(user.id, via)
    if actor is None:
        raise Unauthenticated("wrong name or password")
    return actor


def _verified(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobodys_hash(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def _key(name: str, address: str) -> str:
    return f"{fold(name)}|{address}"


async def _count(db: Database, name: str, address: str) -> None:
    of_one, of_address = attempts.allowed(db)
    await attempts.note(db, presence.key_of(name))
    await attempts.count(db, _key(name, address), of_one)
    if address:
        await attempts.count(db, f"|{address}", of_address)


async def issue(
    db: Database,
    user_id: int,
    kind: str,
    lifetime: timedelta | None,
    label: str = "",
    client_id: str | None = None,
    scope: Iterable[str] | None = None,
    documented_names: bool = False,
) -> Issued:
    """Make a token for a person and return its secret, which is kept only as a hash."""
    secret, at = new_secret(), now()
    expires = None if lifetime is None else at + lifetime
    rest = {
        "label": label,
        "client_id": client_id,
        "scope": None if scope is None else " ".join(sorted(scope)),
        "documented_names": documented_names,
    }
    made = await db.apply([store.token_row(_digest(secret), user_id, kind, at, expires, **rest)])
    return Issued(secret, expires, made["token"])


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and the refresh token that belongs to it."""

    access: Issued
    refresh: Issued


async def grant(db: Database, actor: Actor, client_id: str) -> Pair:
    """Make a pair for a client; what the client held before is worthless from now on."""
    old = await store.tokens_of_client(db, actor.id, client_id)
    if old:
        await revoke(db, [token.id for token in old])
    return await _pair(db, actor.id, client_id)


async def regrant(db: Database, secret: str, client_id: str | None) -> Pair:
    """Make a new pair for a refresh token, which is used up by it; earlier access tokens go on working.

    Refuses with Unauthenticated what is no living refresh token of that client (None: of whichever holds it).
    """
    found = await store.token_by_hash(db, _digest(secret)) if is_token(secret) else None
    if found is None or found.kind != REFRESH or (found.expires_at or 0) < micros(now()):
        raise Unauthenticated("unknown refresh token")
    if client_id is not None and client_id != found.client_id:
        raise Unauthenticated("unknown refresh token")
    if db.rules.actor(found.user_id) is None:
        raise Unauthenticated("nobody holds this token any more")
    await db.apply([store.without_tokens([found.id])])
    return await _pair(db, found.user_id, found.client_id or "")


async def _pair(db: Database, user_id: int, client_id: str) -> Pair:
    access = await issue(db, user_id, ACCESS, WEEK, client_id=client_id)
    return Pair(access, await issue(db, user_id, REFRESH, FORTNIGHT, client_id=client_id))


async def revoke(db: Database, ids: list[int]) -> None:
    """Make tokens worthless at once, in every process: the rules stamp moves with it."""
    await db.apply_rules([store.without_tokens(ids)], None)
