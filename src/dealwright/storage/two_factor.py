"""Second factors as stored: a secret for each person, until it is confirmed without effect, and codes for need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import recovery_code, two_factor
from dealwright.storage.writes import Change, Hold, Insert, InsertMany, Remove, Write


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's second factor; codes of steps up to `last_step` are used up."""

    secret: str = field(repr=False)
    is_on: bool
    last_step: int


_OF: Query = Query(
    select(two_factor.c.secret, two_factor.c.confirmed_at, two_factor.c.last_step).where(
        two_factor.c.user_id == number("user")
    )
)
_LEFT: Query = Query(
    select(func.count()).where(recovery_code.c.user_id == number("user"), recovery_code.c.used_at.is_(None))
)


async def of(db: Database, user_id: int) -> Factor | None:
    """Return a person's second factor, on or begun; None where there is neither."""
    row = await db.first(_OF, user=user_id)
    return None if row is None else Factor(row[0], row[1] is not None, row[2])


async def codes_left(db: Database, user_id: int) -> int:
    """Return how many codes for need a person has not used."""
    row = await db.first(_LEFT, user=user_id)
    return int(row[0]) if row else 0


def begun(user_id: int, secret: str, at: datetime, before: Factor | None) -> Write:
    """Return the write of a new secret, in place of one that was not confirmed (`before`).

    Raises Clash or Lost where somebody else began or confirmed one meanwhile.
    """
    row = {"secret": secret, "created_at": micros(at)}
    if before is None:
        return Insert(two_factor, {"user_id": user_id, **row})
    there = {"user_id": user_id, "secret": before.secret, "confirmed_at": None}
    return Change(two_factor, row, there, expect=True)


def confirmed(user_id: int, factor: Factor, step: int, at: datetime) -> list[Write]:
    """Return the guarded writes that put a secret into effect; the code of the step is used up by it."""
    there = {"user_id": user_id, "secret": factor.secret, "confirmed_at": None}
    row = {"confirmed_at": micros(at), "last_step": step}
    return [Hold(two_factor, there), Change(two_factor, row, {"user_id": user_id})]


def used(user_id: int, factor: Factor, step: int) -> Change:
    """Return the write that uses up the code of a step."""
    there = {"user_id": user_id, "secret": factor.secret, "last_step": factor.last_step}
    return Change(two_factor, {"last_step": step}, there, expect=True)


def code_used(user_id: int, digest: str, at: datetime) -> Change:
    """Return the write that uses up a code for need."""
    there = {"user_id": user_id, "hash": digest, "used_at": None}
    return Change(recovery_code, {"used_at": micros(at)}, there, expect=True)


_CODE: Query = Query(
    select(recovery_code.c.user_id).where(
        recovery_code.c.user_id == number("user_id"),
        recovery_code.c.hash == words("hash"),
        recovery_code.c.used_at.is_(None),
    )
)


async def is_there(db: Database, use: Change) -> bool:
    """Tell whether what would be used up is there: always for the code of a step, which was looked at already."""
    if use.table is two_factor:
        return True
    there = {name: use.where[name] for name in ("user_id", "hash")}
    return await db.first(_CODE, **there) is not None


def codes(user_id: int, digests: Iterable[str]) -> list[Write]:
    """Return the writes of new codes for need in place of those before."""
    rows = [(user_id, digest) for digest in digests]
    return [
        Remove(recovery_code, {"user_id": user_id}),
        InsertMany(recovery_code, ("user_id", "hash"), rows),
    ]


def ended(user_id: int) -> list[Write]:
    """Return the writes after which a person has no second factor."""
    return [Remove(recovery_code, {"user_id": user_id}), Remove(two_factor, {"user_id": user_id})]
