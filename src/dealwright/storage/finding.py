"""Finding records of one kind: what narrows a list, which places follow a place in it, how many match in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy import Select

from dealwright.domain.actor import Actor
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.query import Page, Query, counted, listed
from dealwright.storage.sight import seeing, sight_of

Shape = tuple[str, ...]
"""The names of the criteria that are set: with sight and order, the shape of a query."""
Folded = Mapping[str, Callable[[str], str]]
"""How the texts of some criteria are folded."""
Missing = tuple[bool, ...] | None
"""Which values the place lacks behind which a page begins; None for the first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What narrows a list: a field that is None narrows nothing. `FOLDED` says how what is looked for is folded."""

    FOLDED: ClassVar[Folded] = {}

    @property
    def shape(self) -> Shape:
        """The names of the criteria that are set: with the order, the shape of the query."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)

    @property
    def finds_nothing(self) -> bool:
        """Whether it can be told without looking that nothing matches."""
        return False

    def given(self, postgres: bool = False) -> dict[str, Any]:
        """Return the parameters of the criteria that are set; words that are searched are said to each in its way."""
        return self.parameters(self.shape)

    def parameters(self, names: Iterable[str]) -> dict[str, Any]:
        """Return these criteria as parameters: instants in microseconds, lists as `listed` says them, texts folded."""
        said = {name: getattr(self, name) for name in names}
        return {name: self.FOLDED[name](one) if name in self.FOLDED else _stored(one) for name, one in said.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed(value)
    return value


def pages(rows: Select[Any], order: Sequence[Ordered], missing: Missing) -> Query:
    """Return the query of a page's places: of the first page, or of one that goes on behind a place."""
    return Query(first_page(rows, order) if missing is None else next_page(rows, order, missing), heavy=True)


def missing_of(after: Place | None) -> Missing:
    """Return which values a place lacks."""
    return None if after is None else tuple(value is None for value in after)


async def read_places(db: Database, query: Query, after: Place | None, limit: int, **given: Any) -> list[Place]:
    """Return the places of a page, at most `limit`."""
    rows = await db.rows(query, **given, **placed(after or ()), page_limit=limit)
    return [tuple(row) for row in rows]


C = TypeVar("C", bound=Criteria)
By = TypeVar("By")


class Finder(Generic[C, By]):
    """Finds the records of one kind that match and are there for a person.

    `filtered` makes the SELECT of their ids out of sight and shape, `order` the columns of an order, forward or turned
    round; each is asked once for every shape.
    """

    def __init__(
        self, filtered: Callable[[str, Shape], Select[Any]], order: Callable[[By, bool], Sequence[Ordered]]
    ) -> None:
        @cache
        def places(sight: str, shape: Shape, by: By, descending: bool, missing: Missing) -> Query:
            return pages(filtered(sight, shape), order(by, descending), missing)

        @cache
        def count(sight: str, shape: Shape) -> Query:
            return Query(counted(filtered(sight, shape)), heavy=True)

        self._places: Final = places
        self._count: Final = count

    async def find_places(
        self, db: Database, actor: Actor, criteria: C, by: By, descending: bool, after: Place | None, limit: int
    ) -> list[Place]:
        """Return the places of what matches and follows `after` (None: from the beginning), at most `limit`.

        `after` is a place of the very same order.
        """
        if criteria.finds_nothing:
            return []
        query = self._places(sight_of(actor), criteria.shape, by, descending, missing_of(after))
        return await read_places(db, query, after, limit, **criteria.given(db.is_postgres), **seeing(actor))

    async def total(self, db: Database, actor: Actor, criteria: C) -> int:
        """Return exactly how many match and are there for this person."""
        if criteria.finds_nothing:
            return 0
        query = self._count(sight_of(actor), criteria.shape)
        row = await db.first(query, **criteria.given(db.is_postgres), **seeing(actor))
        assert row is not None
        return int(row[0])

    async def total_beside(self, db: Database, actor: Actor, criteria: C, page: Page, found: int) -> int:
        """Return exactly how many match, where a page holds `found` of them; counts only where that does not tell."""
        known = page.total(found)
        return await self.total(db, actor, criteria) if known is None else known
