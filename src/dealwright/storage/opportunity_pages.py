"""Pages of deals by keyset: what follows a place in an order, at any depth, alike on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, union_all

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.opportunity_lists import Criteria, filtered
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import EVERYTHING, seeing, sight_of

Place = tuple[int | str | None, ...]
"""Where a deal stands in an order: the stored values of the columns it is ordered by, its id last."""


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


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of an order. `nullable` says that it may be missing while the columns before it are there."""

    name: str
    descending: bool
    nullable: bool = False

    @property
    def stored(self) -> ColumnElement[Any]:
        return o.c[self.name]

    def parameter(self, depth: int) -> ColumnElement[Any]:
        return words(f"place_{depth}") if self.name == "title_fold" else number(f"place_{depth}")

    def turned(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The order of PostgreSQL's indexes is said in full only where missing values make a difference."""
        if self.name not in _SOMETIMES_MISSING:
            return column.desc() if self.descending else column.asc()
        return column.desc().nulls_last() if self.descending else column.asc().nulls_first()

    def same(self, depth: int, missing: bool) -> ColumnElement[bool]:
        return self.stored.is_(None) if missing else self.stored == self.parameter(depth)

    def beyond(self, depth: int, missing: bool) -> list[ColumnElement[bool]]:
        """Return the ranges that follow a value, in their order; each is one stretch of an index."""
        if missing:
            return [self.stored.is_not(None)] if self.nullable and not self.descending else []
        if not self.descending:
            return [self.stored > self.parameter(depth)]
        smaller: list[ColumnElement[bool]] = [self.stored < self.parameter(depth)]
        return [*smaller, self.stored.is_(None)] if self.nullable else smaller


_STORED = {
    By.ID: (),
    By.TITLE: (("title_fold", False),),
    By.AMOUNT: (("amount_units", True), ("amount_nanos", False)),
    By.EXPECTED: (("expected_close", True),),
    By.CREATED: (("created_at", False),),
    By.UPDATED: (("updated_at", False),),
    By.POSITION: (("position", False),),
}
_SOMETIMES_MISSING = {"amount_units", "amount_nanos", "expected_close"}


def _columns(keys: tuple[Key, ...]) -> list[_Column]:
    """Return the columns of an order; the id goes the way of the last key, so that one index can serve both."""
    found = [_Column(name, key.descending, nullable) for key in keys for name, nullable in _STORED[key.by]]
    return [*found, _Column("id", keys[-1].descending)]


def _segments(columns: Sequence[_Column], missing: tuple[bool, ...]) -> list[list[ColumnElement[bool]]]:
    """Return the stretches of an order behind a place, nearest first; `missing` marks the place's missing values."""
    return [
        [*(column.same(at, missing[at]) for at, column in enumerate(columns[:depth])), stretch]
        for depth in reversed(range(len(columns)))
        for stretch in columns[depth].beyond(depth, missing[depth])
    ]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Everything about a page that is part of its SQL text."""

    sight: str
    criteria: tuple[str, ...]
    title_words: int
    in_one_stage: bool
    keys: tuple[Key, ...]

    @property
    def is_indexed(self) -> bool:
        """Whether an index brings the rows in order and few are passed over: then no thread is worth its while."""
        by_place = self.keys[0].by is By.POSITION
        return self.sight == EVERYTHING and not self.criteria and len(self.keys) == 1 and by_place is self.in_one_stage

    def rows(self, columns: Sequence[_Column]) -> Select[Any]:
        statement = filtered(self.sight, self.criteria, self.title_words, None)
        statement = statement.with_only_columns(*(column.stored for column in columns), maintain_column_froms=True)
        return statement.where(o.c.stage_id == number("stage_id")) if self.in_one_stage else statement


@cache
def _first_page(shape: _Shape) -> Query:
    columns = _columns(shape.keys)
    statement = shape.rows(columns).order_by(*(column.turned(column.stored) for column in columns))
    return Query(statement.limit(number("page_limit")), heavy=not shape.is_indexed)


@cache
def _next_page(shape: _Shape, missing: tuple[bool, ...]) -> Query:
    """One range of an index after the other, each read no further than the page is long."""
    columns = _columns(shape.keys)
    stretches = [
        shape.rows(columns)
        .add_columns(literal_column(str(place)).label("stretch"))
        .where(*conditions)
        .order_by(*(column.turned(column.stored) for column in columns))
        .limit(number("page_limit"))
        for place, conditions in enumerate(_segments(columns, missing))
    ]
    together = union_all(*(select(stretch.subquery()) for stretch in stretches)).subquery()
    ordered = [together.c.stretch, *(column.turned(together.c[column.name]) for column in columns)]
    wanted = select(*(together.c[column.name] for column in columns)).order_by(*ordered)
    return Query(wanted.limit(number("page_limit")), heavy=not shape.is_indexed)


async def find_places(
    db: Database, actor: Actor, criteria: Criteria, keys: tuple[Key, ...], after: Place | None, limit: int
) -> list[Place]:
    """Return the places of the deals that match and follow `after` (None: from the beginning), at most `limit`.

    `keys` are at least one; behind `By.ID` nothing else matters. `after` is a place of the very same order.
    """
    stage_ids = criteria.stage_ids
    in_one_stage = stage_ids is not None and len(stage_ids) == 1
    rest = replace(criteria, stage_ids=None) if in_one_stage else criteria
    shape = _Shape(sight_of(actor), rest.shape, len(rest.title_words or ()), in_one_stage, keys)
    given = {**rest.given(db.is_postgres), **seeing(actor), "page_limit": limit}
    if in_one_stage and stage_ids is not None:
        given["stage_id"] = stage_ids[0]
    if after is None:
        return [tuple(row) for row in await db.rows(_first_page(shape), **given)]
    query = _next_page(shape, tuple(value is None for value in after))
    given |= {f"place_{depth}": value for depth, value in enumerate(after)}
    return [tuple(row) for row in await db.rows(query, **given)]
