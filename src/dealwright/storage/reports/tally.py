"""Counting and summing a family of records by some keys, under the rights of who asks: one statement per question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from dealwright.domain.actor import Actor
from dealwright.domain.currency import summed
from dealwright.domain.report import Bucket, Span
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.folding import HALF
from dealwright.storage.query import Query, listed, number
from dealwright.storage.sight import seeing, sight_of

Column = ColumnElement[Any]
BUCKET: Final = "bucket"
"""The key that is a column of time rather than one of the table."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Where the money of a record stands."""

    units: Column
    nanos: Column
    currency: Column


@dataclass(frozen=True, eq=False, slots=True)
class Family:
    """A kind of records as reports count it.

    `keys` are what it can be grouped by, `times` what a period can be about, `only` what it can be narrowed to;
    `by_manager` narrows it to people given as `managers` (uids) and `manager_ids`; `count` counts them.
    """

    source: Any
    visible: Callable[[str], Column]
    keys: Mapping[str, Column]
    times: Mapping[str, Column]
    only: Mapping[str, Callable[[], Column]]
    by_manager: Callable[[], Column]
    price: Priced | None = None
    count: Callable[[], Column] = func.count
    """What is counted, for families whose source holds a record more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One question: group by these keys what is narrowed so, with a time inside the span where there is one."""

    by: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What all questions of a report share: its span, its managers (uids and ids; None: everybody), its instant."""

    at: datetime
    span: Span | None = None
    managers: tuple[str, ...] | None = None
    manager_ids: tuple[int, ...] = ()

    def given(self) -> dict[str, Any]:
        """Return the parameters of every question."""
        values: dict[str, Any] = {"at": micros(self.at)}
        if self.span is not None:
            values |= {"span_start": micros(self.span.start), "span_end": micros(self.span.end)}
        if self.managers is not None:
            values |= {"managers": listed(self.managers), "manager_ids": listed(self.manager_ids)}
        return values


@dataclass(frozen=True, slots=True)
class Fact:
    """A group: its keys, how many records, and of those with money how many and their exact sum in one currency."""

    keys: tuple[Any, ...]
    count: int
    priced: int = 0
    currency: str = ""
    amount: Decimal = Decimal(0)


async def tallied(
    db: Database, actor: Actor, family: Family, tally: Tally, scope: Scope, buckets: Sequence[Bucket] = ()
) -> list[Fact]:
    """Return the groups of the records that are there for this person; one for each currency where money is summed.

    With `buckets` the keys may name BUCKET: the number of the column in which the time of the tally lies, None
    where the record has none; what is before the first lies in the first.
    """
    shape = (sight_of(actor), scope.span is not None, scope.managers is not None, len(buckets))
    starts = {f"bucket_{place}": micros(bucket.start) for place, bucket in enumerate(buckets)}
    rows = await db.rows(_grouped(family, tally, *shape), **scope.given(), **starts, **seeing(actor))
    return [_fact(row, len(tally.by), family.price is not None) for row in rows]


def _fact(row: Sequence[Any], width: int, priced: bool) -> Fact:
    keys, count = tuple(row[:width]), int(row[width])
    if not priced:
        return Fact(keys, count)
    currency, known, high, low, nanos = row[width + 1 :]
    return Fact(keys, count, int(known), currency, summed(int(high) * HALF + int(low), int(nanos)))


@cache
def _grouped(family: Family, tally: Tally, sight: str, spanned: bool, managed: bool, buckets: int) -> Query:
    keys = [_bucket(family.times[tally.time or ""], buckets) if key == BUCKET else family.keys[key] for key in tally.by]
    money = _money(family.price) if family.price else []
    columns = [column.label(f"c{place}") for place, column in enumerate([*keys, family.count(), *money])]
    statement = narrowed(select(*columns), family, tally, sight, spanned, managed)
    # By number: a column of time holds parameters, and twice the same parameter is not the same to PostgreSQL.
    places = [*range(1, len(keys) + 1), *([len(keys) + 2] if money else [])]
    grouped = statement.group_by(*(literal_column(str(place)) for place in places)) if places else statement
    return Query(grouped, heavy=True)


def _money(price: Priced) -> list[Column]:
    units = func.coalesce(price.units, 0)
    halves = [func.coalesce(func.sum(part), 0) for part in (units // HALF, units % HALF)]
    nanos = func.coalesce(func.sum(func.coalesce(price.nanos, 0)), 0)
    return [func.coalesce(price.currency, ""), func.count(price.units), *halves, nanos]


def _bucket(column: Column, buckets: int) -> Column:
    """The number of the column of time in which an instant lies."""
    ends: list[Any] = [
        (column < number(f"bucket_{place}"), literal_column(str(place - 1))) for place in range(1, buckets)
    ]
    whens: list[Any] = [(column.is_(None), literal_column("NULL")), *ends]
    return case(*whens, else_=literal_column(str(buckets - 1)))


def narrowed(
    statement: Select[Any], family: Family, tally: Tally, sight: str, spanned: bool, managed: bool
) -> Select[Any]:
    """Return a statement over a family, narrowed to what a question is about and what is there for who asks."""
    conditions = [family.visible(sight), *(family.only[name]() for name in tally.only)]
    if tally.time and spanned:
        column = family.times[tally.time]
        conditions += [column >= number("span_start"), column < number("span_end")]
    if managed:
        conditions.append(family.by_manager())
    return statement.select_from(family.source).where(*conditions)


@cache
def _bounds(family: Family, tally: Tally, sight: str, managed: bool) -> Query:
    column = family.times[tally.time or ""]
    return Query(narrowed(select(func.min(column), func.max(column)), family, tally, sight, False, managed), heavy=True)


async def bounds(
    db: Database, actor: Actor, family: Family, tally: Tally, scope: Scope
) -> tuple[datetime, datetime] | None:
    """Return the first and the last time of the records of a question, None where there are none."""
    query = _bounds(family, tally, sight_of(actor), scope.managers is not None)
    row = await db.first(query, **scope.given(), **seeing(actor))
    return None if row is None or row[0] is None else (instant(row[0]), instant(row[1]))
