"""How often somebody may guess: attempts are counted under a key and forgotten when one was right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from dealwright.actions.deed import now
from dealwright.domain.errors import Unauthenticated
from dealwright.storage import tokens as store
from dealwright.storage.database import Database

ATTEMPTS_OF_ONE: Final = 20
ATTEMPTS_OF_ADDRESS: Final = 200
WINDOW: Final = timedelta(minutes=15)
EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


KEPT: Final = timedelta(days=90)
"""So long failures are told to administrators where nobody signs in meanwhile."""
SWEPT_AT_ONCE: Final = 500


class TooManyAttempts(Unauthenticated):
    """Too many wrong passwords or codes; wait a quarter of an hour."""


def allowed(db: Database) -> tuple[int, int]:
    """Return how many attempts one name may make from one address, and all names together from one."""
    return db.attempts_allowed or (ATTEMPTS_OF_ONE, ATTEMPTS_OF_ADDRESS)


async def count(db: Database, key: str, limit: int) -> None:
    """Count an attempt under a key; refuses with TooManyAttempts more than `limit` within 15 minutes."""
    at = now()
    if await store.note_attempt(db, key, at, at - WINDOW) > limit:
        raise TooManyAttempts("too many attempts; wait a quarter of an hour")


async def note(db: Database, key: str) -> None:
    """Count a failure under a key that limits nothing: it is told to administrators."""
    await store.note_attempt(db, key, now(), EVER)


async def forget(db: Database, key: str) -> None:
    """Forget the attempts under a key: one was right."""
    await store.forget_attempts(db, key)


async def sweep(db: Database) -> int:
    """Forget attempts that nobody followed up for months; return how many names and addresses they were of."""
    before = now() - KEPT
    keys = await store.stale_attempts(db, before, SWEPT_AT_ONCE)
    if keys:
        await db.apply([store.attempts_forgotten(keys, before)])
    return len(keys)
