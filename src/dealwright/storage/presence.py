"""When people were here last, and how often somebody failed to sign in as them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from dealwright.domain.people import User
from dealwright.domain.text import fold
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, any_text, listed
from dealwright.storage.schema import presence, sign_in_failure
from dealwright.storage.writes import InsertMany, Remove, Write

_OF: Final = Query(
    select(presence.c.user_id, presence.c.seen_at, presence.c.tried_at).where(any_number(presence.c.user_id, "users"))
)
_FAILED: Final = Query(
    select(sign_in_failure.c.key, sign_in_failure.c.failures, sign_in_failure.c.last_at).where(
        any_text(sign_in_failure.c.key, "keys")
    )
)


@dataclass(slots=True)
class Presence:
    """Stored instants: when somebody used the portal last, and tried to sign in last; failures since it went well."""

    seen_at: int | None = None
    tried_at: int | None = None
    failures: int = 0


def key_of(name: str) -> str:
    """Return the key under which failures to sign in by a name are counted, whether somebody has it or not."""
    return f"of|{fold(name)}"


def _keys(user: User) -> list[str]:
    return [key_of(name) for name in (user.email, user.user_name, user.uid)]


async def of(db: Database, users: Sequence[User]) -> Mapping[int, Presence]:
    """Return how it stands with people, by id."""
    found = {user.id: Presence() for user in users}
    # Whoever is gone may have had the e-mail that somebody else has now.
    ordered = sorted(users, key=lambda user: user.active)
    whose = {key: user.id for user in ordered for key in _keys(user)}
    for ident, seen, tried in await db.rows(_OF, users=listed(list(found))):
        found[ident] = Presence(seen, tried)
    for key, failures, last in await db.rows(_FAILED, keys=listed(list(whose))):
        one = found[whose[key]]
        one.failures += failures
        one.tried_at = max(one.tried_at or 0, last)
    return found


def seen(user_id: int, at: int) -> Write:
    """Return the write of the moment (stored) at which somebody used the portal."""
    return _noted({"user_id": user_id, "seen_at": at})


def entered(user: User, at: int) -> list[Write]:
    """Return the writes of the moment (stored) at which somebody signed in; failures before it are forgotten."""
    return [
        _noted({"user_id": user.id, "seen_at": at, "tried_at": at}),
        Remove(sign_in_failure, {"key": _keys(user)}),
    ]


def _noted(row: Mapping[str, Any]) -> InsertMany:
    return InsertMany(presence, tuple(row), [tuple(row.values())], keys=("user_id",))
