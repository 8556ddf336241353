"""Pages of tasks: what follows a place in one of their orders."""

from __future__ import annotations

from functools import cache
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.query import Query, counted
from dealwright.storage.schema import task as t
from dealwright.storage.sight import seeing, sight_of
from dealwright.storage.tasks import TaskCriteria, TaskOrder, filtered

ORDERS: Final = (TaskOrder.ID, TaskOrder.DEADLINE, TaskOrder.TITLE, TaskOrder.CREATED)
Shape = tuple[str, tuple[str, ...], TaskOrder, bool]
"""Everything about a page that is part of its SQL text: sight, criteria, order, and whether it is turned round."""


def _order(by: TaskOrder, descending: bool) -> list[Ordered]:
    """Return the columns; the id goes the way of the order, so that one index can serve both."""
    if by is TaskOrder.ID:
        return [Ordered(t.c.id, descending)]
    return [Ordered(t.c[by.value], descending, nullable=by is TaskOrder.DEADLINE), Ordered(t.c.id, descending)]


@cache
def _first(shape: Shape) -> Query:
    sight, criteria, by, descending = shape
    return Query(first_page(filtered(sight, criteria), _order(by, descending)), heavy=True)


@cache
def _following(shape: Shape, missing: tuple[bool, ...]) -> Query:
    sight, criteria, by, descending = shape
    return Query(next_page(filtered(sight, criteria), _order(by, descending), missing), heavy=True)


@cache
def _count(sight: str, criteria: tuple[str, ...]) -> Query:
    return Query(counted(filtered(sight, criteria)), heavy=True)


async def find_places(
    db: Database,
    actor: Actor,
    criteria: TaskCriteria,
    by: TaskOrder,
    descending: bool,
    after: Place | None,
    limit: int,
) -> list[Place]:
    """Return the places of the tasks that match and follow `after` (None: from the beginning), at most `limit`.

    Tasks without a deadline come first by deadline, and last where the order is turned round. `after` is a place of
    the very same order.
    """
    shape = (sight_of(actor), criteria.shape, by, descending)
    given = {**criteria.given(), **seeing(actor), "page_limit": limit}
    if after is None:
        return [tuple(row) for row in await db.rows(_first(shape), **given)]
    query = _following(shape, tuple(value is None for value in after))
    return [tuple(row) for row in await db.rows(query, **given, **placed(after))]


async def total(db: Database, actor: Actor, criteria: TaskCriteria) -> int:
    """Return exactly how many tasks match and are there for this person."""
    row = await db.first(_count(sight_of(actor), criteria.shape), **criteria.given(), **seeing(actor))
    assert row is not None
    return int(row[0])
