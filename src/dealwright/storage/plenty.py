"""Whether much matches: then a page is found sooner on the way through a list than among all that matches."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, number

MANY: Final = 10_000
"""Fewer matches than these are put in order at once."""


def some(ids: Select[Any]) -> Query:
    """Return the query for `few` and `are_many`: that of ids, and no more of them than are looked at."""
    return Query(ids.limit(number("many")), heavy=True)


async def few(db: Database, ids: Query, **given: Any) -> list[int] | None:
    """Return the ids, or None where there are `MANY` or more; `ids` is made by `some`, `given` are its parameters."""
    rows = await db.rows(ids, **given, many=MANY)
    return [row[0] for row in rows] if len(rows) < MANY else None


async def are_many(db: Database, ids: Query, **given: Any) -> bool:
    """Tell whether there are `MANY` ids or more."""
    return await few(db, ids, **given) is None
