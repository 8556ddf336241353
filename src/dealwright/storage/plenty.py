"""Whether much matches: then a page is found sooner on the way through a list than among all that matches."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, counted, number

MANY: Final = 10_000
"""Fewer matches than these are put in order at once."""


class Matching:
    """The ids that match something, looked at no further than to know whether they are many."""

    def __init__(self, ids: Select[Any]) -> None:
        some = ids.limit(number("many"))
        self._ids: Final = Query(some, heavy=True)
        self._count: Final = Query(counted(some), heavy=True)

    async def few(self, db: Database, **given: Any) -> list[int] | None:
        """Return the ids, None where there are `MANY` or more; `given` are the parameters."""
        rows = await db.rows(self._ids, **given, many=MANY)
        return [row[0] for row in rows] if len(rows) < MANY else None

    async def are_many(self, db: Database, **given: Any) -> bool:
        """Tell whether there are `MANY` ids or more."""
        row = await db.first(self._count, **given, many=MANY)
        return row is not None and row[0] >= MANY
