"""Pages of deals: what follows a place in one of the orders that have an index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.opportunity_lists import Criteria, filtered, looked_up, put_in_order
from dealwright.storage.query import Query, number
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import EVERYTHING, seeing, sight_of


class By(Enum):
    """What pages of deals can be ordered by."""

    ID = "id"
    TITLE = "title"
    AMOUNT = "amount"
    EXPECTED = "expected"
    CREATED = "created"
    UPDATED = "updated"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to order by; missing values come first ascending and last descending."""

    by: By
    descending: bool = False

    def columns(self) -> list[Ordered]:
        """Return the columns that hold it."""
        down = self.descending
        return {
            By.ID: [],
            By.TITLE: [Ordered(o.c.title_fold, down)],
            By.AMOUNT: [
                Ordered(o.c.amount_units, down, nullable=True),
                Ordered(o.c.amount_nanos, down, with_last=True),
            ],
            By.EXPECTED: [Ordered(o.c.expected_close, down, nullable=True)],
            By.CREATED: [Ordered(o.c.created_at, down)],
            By.UPDATED: [Ordered(o.c.updated_at, down)],
            By.POSITION: [Ordered(o.c.position, down)],
        }[self.by]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a page that is part of its SQL text."""

    sight: str
    criteria: tuple[str, ...]
    title_words: int
    in_one_stage: bool
    keys: tuple[Key, ...]

    @property
    def is_indexed(self) -> bool:
        """Whether an index brings the rows in order and few are passed over: then no thread is worth its while."""
        return self.sight == EVERYTHING and not self.criteria and self.has_index

    @property
    def has_index(self) -> bool:
        """Whether an index brings the rows in order."""
        return len(self.keys) == 1 and (self.keys[0].by is By.POSITION) is self.in_one_stage

    def order(self) -> list[Ordered]:
        """Return the columns; the id goes the way of the last key, so that one index can serve both."""
        return [*(column for key in self.keys for column in key.columns()), Ordered(o.c.id, self.keys[-1].descending)]

    def rows(self) -> Select[Any]:
        """Return the SELECT of the deals that match."""
        statement = filtered(self.sight, self.criteria, self.title_words, None)
        return statement.where(o.c.stage_id == number("stage_id")) if self.in_one_stage else statement


@cache
def first(shape: Shape) -> Query:
    """Return the query of a first page."""
    return Query(first_page(shape.rows(), shape.order()), heavy=not shape.is_indexed)


@cache
def following(shape: Shape, missing: tuple[bool, ...]) -> Query:
    """Return the query of any other page; `missing` marks the values that the place before it lacks."""
    return Query(next_page(shape.rows(), shape.order(), missing), heavy=not shape.is_indexed)


async def find_places(
    db: Database, actor: Actor, criteria: Criteria, keys: tuple[Key, ...], after: Place | None, limit: int
) -> list[Place]:
    """Return the places of the deals that match and follow `after` (None: from the beginning), at most `limit`.

    `keys` are at least one; behind `By.ID` nothing else matters. `after` is a place of the very same order.
    """
    stage_ids = criteria.stage_ids or ()
    in_one_stage = len(stage_ids) == 1
    rest = replace(criteria, stage_ids=None) if in_one_stage else criteria
    rest = await looked_up(db, rest)
    shape = Shape(sight_of(actor), rest.shape, len(rest.title_words or ()), in_one_stage, keys)
    if not shape.has_index:
        shape = replace(shape, criteria=put_in_order(rest.shape))
    given = {**rest.given(db.is_postgres), **seeing(actor), "page_limit": limit}
    if in_one_stage:
        given["stage_id"] = stage_ids[0]
    if after is None:
        return [tuple(row) for row in await db.rows(first(shape), **given)]
    query = following(shape, tuple(value is None for value in after))
    return [tuple(row) for row in await db.rows(query, **given, **placed(after))]
