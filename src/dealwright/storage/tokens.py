"""Tokens and failed sign-ins, as stored: secrets only as hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import LargeBinary, bindparam, select

from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, listed, number, words
from dealwright.storage.schema import rules, sign_in_failure, token
from dealwright.storage.writes import Insert, Remove, Sweep

_COLUMNS = ("id", "user_id", "kind", "client_id", "scope", "documented_names", "expires_at")


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token without its secret; instants are stored microseconds, `scope` is a space-separated list or None."""

    id: int
    user_id: int
    kind: str
    client_id: str | None
    scope: str | None
    documented_names: bool
    expires_at: int | None


_BY_HASH = Query(
    select(*(token.c[name] for name in _COLUMNS)).where(token.c.hash == bindparam("hash", type_=LargeBinary()))
)
_OF_CLIENT = Query(
    select(*(token.c[name] for name in _COLUMNS)).where(
        token.c.user_id == number("user"), token.c.client_id == words("client")
    )
)


async def token_by_hash(db: Database, digest: bytes) -> StoredToken | None:
    """Return the token with this hash."""
    row = await db.first(_BY_HASH, hash=digest)
    return None if row is None else StoredToken(*row)


async def tokens_of_client(db: Database, user_id: int, client_id: str) -> list[StoredToken]:
    """Return the tokens that a person's client holds."""
    return [StoredToken(*row) for row in await db.rows(_OF_CLIENT, user=user_id, client=client_id)]


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token as its owner sees it; instants are stored microseconds, `scope` is a space-separated list or None."""

    id: int
    label: str
    scope: str | None
    created_at: int
    expires_at: int | None


_OWN = Query(
    select(*(token.c[name] for name in OwnToken.__slots__))
    .where(token.c.user_id == number("user"), token.c.kind == words("kind"))
    .order_by(token.c.id)
)


async def tokens_of_kind(db: Database, user_id: int, kind: str) -> list[OwnToken]:
    """Return a person's tokens of a kind, oldest first."""
    return [OwnToken(*row) for row in await db.rows(_OWN, user=user_id, kind=kind)]


def token_row(digest: bytes, user_id: int, kind: str, made: datetime, expires: datetime | None, **rest: Any) -> Insert:
    """Return the write of a new token, whose id will be known as `token`."""
    values = {
        "hash": digest,
        "user_id": user_id,
        "kind": kind,
        "created_at": micros(made),
        "expires_at": None if expires is None else micros(expires),
    }
    return Insert(token, {**values, **rest}, made="token")


def without_tokens(ids: list[int]) -> Remove:
    """Return the write that makes tokens worthless."""
    return Remove(token, {"id": ids})


def without_tokens_of(user_id: int) -> Remove:
    """Return the write that makes all tokens of a person worthless."""
    return Remove(token, {"user_id": user_id})


_STAMP = Query(select(rules.c.stamp))


async def present_stamp(db: Database) -> int:
    """Return the rules stamp as stored."""
    row = await db.first(_STAMP)
    assert row is not None
    return int(row[0])


_NOTE = """INSERT INTO sign_in_failure (key, failures, last_at) VALUES ({0}, 1, {1})
ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at,
failures = CASE WHEN sign_in_failure.last_at < {2} THEN 1 ELSE sign_in_failure.failures + 1 END
RETURNING failures"""


async def note_attempt(db: Database, key: str, at: datetime, since: datetime) -> int:
    """Count an attempt to sign in under a key and return how many there were since an instant, this one included."""
    places = ("$1", "$2::bigint", "$3::bigint") if db.is_postgres else ("?", "?", "?")
    rows = await db.text(_NOTE.format(*places), key, micros(at), micros(since))
    return int(rows[0][0])


_STALE: Final = Query(
    select(sign_in_failure.c.key).where(sign_in_failure.c.last_at < number("before")).limit(number("at_most"))
)


async def stale_attempts(db: Database, before: datetime, at_most: int) -> list[str]:
    """Return some of the keys under which nothing was counted since an instant."""
    return [row[0] for row in await db.rows(_STALE, before=micros(before), at_most=at_most)]


def attempts_forgotten(keys: Sequence[str], before: datetime) -> Sweep:
    """Return the write after which the attempts under these keys are forgotten, where there were none since."""
    said = """DELETE FROM sign_in_failure WHERE last_at < CAST(:before AS BIGINT) AND key IN ({})"""
    lists = ("SELECT value FROM json_each(:keys)", "SELECT value FROM json_array_elements_text(CAST(:keys AS json))")
    lite, large = map(said.format, lists)
    return Sweep((lite,), (f"forgotten AS ({large})",), {"before": micros(before), "keys": listed(keys)})


async def forget_attempts(db: Database, key: str) -> None:
    """Forget the failed attempts under a key."""
    await db.apply([Remove(sign_in_failure, {"key": key})])
