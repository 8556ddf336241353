"""Links by which people choose their first password, as stored: a digest and an end, never the code itself."""

from __future__ import annotations

from sqlalchemy import select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, words
from dealwright.storage.schema import invitation
from dealwright.storage.writes import Hold, InsertMany, Remove, Write

_BY_HASH = Query(select(invitation.c.user_id, invitation.c.expires_at).where(invitation.c.hash == words("hash")))


def kept(user_id: int, digest: str, until: int) -> Write:
    """Return the write of the digest of somebody's new code in place of one before; `until` is a stored instant."""
    columns = ("user_id", "hash", "expires_at")
    return InsertMany(invitation, columns, [(user_id, digest, until)], keys=columns[:1])


async def by_digest(db: Database, digest: str) -> tuple[int, int] | None:
    """Return whose code this is and its end, None where it is nobody's."""
    row = await db.first(_BY_HASH, hash=digest)
    return None if row is None else (int(row[0]), int(row[1]))


def used(user_id: int, digest: str) -> list[Write]:
    """Return the guarded writes that take a code out of use."""
    there = {"user_id": user_id, "hash": digest}
    return [Hold(invitation, there), Remove(invitation, there)]


def ended(user_id: int) -> Write:
    """Return the write that makes somebody's code worthless."""
    return Remove(invitation, {"user_id": user_id})
