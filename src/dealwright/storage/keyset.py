"""Keyset pages: what follows a place in an order, as one stretch of an index after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Text, literal_column, select, union_all

from dealwright.storage.query import number, words

Place = tuple[int | str | None, ...]
"""Where a record stands in an order: the stored values of the columns it is ordered by, its id last."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A column of an order. Missing values come first ascending and last descending.

    `nullable` says that the column may be missing while the columns before it are there; `with_last` that it is
    missing exactly when the column before it is.
    """

    column: Column[Any]
    descending: bool = False
    nullable: bool = False
    with_last: bool = False

    def parameter(self, depth: int) -> ColumnElement[Any]:
        """Return the parameter that holds the place's value."""
        return words(f"place_{depth}") if isinstance(self.column.type, Text) else number(f"place_{depth}")

    def turned(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return what to order by; PostgreSQL's indexes name missing values only where there can be any."""
        if not (self.nullable or self.with_last):
            return column.desc() if self.descending else column.asc()
        return column.desc().nulls_last() if self.descending else column.asc().nulls_first()

    def same(self, depth: int, missing: bool) -> ColumnElement[bool]:
        """Return the condition that a value is the place's."""
        return self.column.is_(None) if missing else self.column == self.parameter(depth)

    def beyond(self, depth: int, missing: bool) -> list[ColumnElement[bool]]:
        """Return the ranges that follow the place's value, in their order; each is one stretch of an index."""
        if missing:
            return [self.column.is_not(None)] if self.nullable and not self.descending else []
        if not self.descending:
            return [self.column > self.parameter(depth)]
        smaller: list[ColumnElement[bool]] = [self.column < self.parameter(depth)]
        return [*smaller, self.column.is_(None)] if self.nullable else smaller


def first_page(rows: Select[Any], order: Sequence[Ordered]) -> Select[Any]:
    """Return the SELECT of the first places among some rows; the parameter `page_limit` says how many."""
    return _nearest(rows, order).limit(number("page_limit"))


def next_page(rows: Select[Any], order: Sequence[Ordered], missing: tuple[bool, ...]) -> Select[Any]:
    """Return the SELECT of the places that follow a place, given as the parameters `place_0`, `place_1`, …

    `missing` marks the values that the place lacks. Every stretch is read no further than the page is long.
    """
    stretches = [
        _nearest(rows, order)
        .add_columns(literal_column(str(distance)).label("stretch"))
        .where(*conditions)
        .limit(number("page_limit"))
        for distance, conditions in enumerate(_stretches(order, missing))
    ]
    together = union_all(*(select(stretch.subquery()) for stretch in stretches)).subquery()
    columns = [together.c[each.column.name] for each in order]
    turned = [each.turned(column) for each, column in zip(order, columns, strict=True)]
    return select(*columns).order_by(together.c.stretch, *turned).limit(number("page_limit"))


def placed(after: Place) -> dict[str, Any]:
    """Return the parameters of `next_page`."""
    return {f"place_{depth}": value for depth, value in enumerate(after)}


def _nearest(rows: Select[Any], order: Sequence[Ordered]) -> Select[Any]:
    places = rows.with_only_columns(*(each.column for each in order), maintain_column_froms=True)
    return places.order_by(*(each.turned(each.column) for each in order))


def _stretches(order: Sequence[Ordered], missing: tuple[bool, ...]) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of the stretches behind a place, nearest first: the same up to a column, then beyond."""
    return [
        [*(each.same(at, missing[at]) for at, each in enumerate(order[:depth])), stretch]
        for depth in reversed(range(len(order)))
        for stretch in order[depth].beyond(depth, missing[depth])
    ]
