"""Composed reads: a SQLAlchemy Core SELECT compiled once per shape, for the bare driver of either database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Select, Table, Text, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import CompoundSelect
from sqlalchemy.sql.functions import FunctionElement

from dealwright.storage.spelling import spelled

T = TypeVar("T")
Row = Sequence[Any]


@cache
def _sqlite() -> Dialect:
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - each database loads its own dialect alone

    # Conditions stand as they are: behind `= 1` SQLite would see no index, nor a partial index's own condition.
    return sqlite.dialect(paramstyle="qmark", supports_native_boolean=True)


@cache
def _postgres() -> Dialect:
    from sqlalchemy.dialects.postgresql import asyncpg  # noqa: PLC0415

    made: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
    return made


class Compiled:
    """The text of one query for one database, and the order in which it takes its parameters."""

    __slots__ = ("fixed", "names", "text")

    def __init__(self, statement: Select[Any] | CompoundSelect[Any], dialect: Any) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.fixed: dict[str, Any] = dict(compiled.params)

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of the text; names that were not given keep their literal value."""
        fixed = self.fixed
        return [given[name] if name in given else fixed[name] for name in self.names]


class Query:
    """One shape of a read. Build it once (module level or `functools.cache`), run it with parameters."""

    __slots__ = ("_postgres", "_sqlite", "_statement", "heavy", "keys")

    def __init__(self, statement: Select[Any] | CompoundSelect[Any], heavy: bool = False) -> None:
        self._statement = statement
        self._sqlite: Compiled | None = None
        self._postgres: Compiled | None = None
        self.heavy = heavy
        self.keys: tuple[str, ...] = tuple(statement.selected_columns.keys())

    @property
    def sqlite(self) -> Compiled:
        """The query as SQLite takes it."""
        if self._sqlite is None:
            self._sqlite = Compiled(self._statement, _sqlite())
        return self._sqlite

    @property
    def postgres(self) -> Compiled:
        """The query as asyncpg takes it."""
        if self._postgres is None:
            self._postgres = Compiled(self._statement, _postgres())
        return self._postgres


class Reads(Protocol):
    """What can run a query: all that most of storage needs to know of a database."""

    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Return the rows of a query as tuples in the order of its columns."""


@spelled(sqlite="json_array({all})", postgres="json_build_array({all})")
class JsonArray(FunctionElement[str]):
    """One row as a JSON array."""

    type = Text()
    inherit_cache = True


# Without json() a JSON array inside would arrive as quoted text.
@spelled(sqlite="json_group_array(json({all}))", postgres="CAST(json_agg({all}) AS TEXT)")
class JsonRows(FunctionElement[str]):
    """Many rows as a JSON array of their only column."""

    type = Text()
    inherit_cache = True


@spelled(sqlite="json(json_group_array({all}))", postgres="json_agg({all})")
class JsonNested(JsonRows):
    """Many rows as a JSON array, to stand inside another JSON array."""

    inherit_cache = True


# The list travels as JSON text on both databases: one parameter, one plan.
_ANY: Final = "{0} IN (SELECT value FROM json_each({1}))"
_ARRAY: Final = "ARRAY(SELECT CAST(v.x AS %s) FROM json_array_elements_text(CAST({1} AS json)) AS v(x))"


@spelled(sqlite=_ANY, postgres=f"{{0}} = ANY ({_ARRAY % 'bigint'})")
class AnyNumber(FunctionElement[bool]):
    """`column IN (a list given as one parameter)`, so that the length of the list is no part of the shape."""

    type = Boolean()
    inherit_cache = True


@spelled(sqlite=_ANY, postgres=f"{{0}} = ANY ({_ARRAY % 'text'})")
class AnyText(AnyNumber):
    """The same for texts."""

    inherit_cache = True


def any_number(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a number is among those given (by `listed`) under this name."""
    return AnyNumber(column, bindparam(name, type_=Text()))


def any_text(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a text is among those given (by `listed`) under this name."""
    return AnyText(column, bindparam(name, type_=Text()))


def listed(values: Sequence[int] | Sequence[str]) -> str:
    """Return a list of values as the parameter of `any_number` or `any_text`."""
    return json.dumps(list(values))


def rows_json(row: ColumnElement[str], where: ColumnElement[bool], outer: Table, *joined: Any) -> ColumnElement[str]:
    """Return many rows about a row of `outer` as one JSON text; their order is not defined."""
    statement = select(JsonRows(row)).where(where)
    if joined:
        statement = statement.select_from(*joined)
    return statement.correlate(outer).scalar_subquery()


def number(name: str) -> ColumnElement[int]:
    """Return a whole-number parameter; wide on purpose, so that no client's number is too large for the driver."""
    return bindparam(name, type_=BigInteger())


def words(name: str) -> ColumnElement[str]:
    """Return a text parameter."""
    return bindparam(name, type_=Text())


def flag(name: str) -> ColumnElement[bool]:
    """Return a yes-or-no parameter."""
    return bindparam(name, type_=Boolean())


def turned(column: ColumnElement[Any], descending: bool, present: bool = False) -> ColumnElement[Any]:
    """Return an order in which missing values come first ascending and last descending, on both databases.

    Where nothing is missing (`present`, or the column says so) nothing is said of it, because PostgreSQL's plain
    indexes would not serve it then.
    """
    if present or (isinstance(column, Column) and not column.nullable):
        return column.desc() if descending else column.asc()
    return column.desc().nulls_last() if descending else column.asc().nulls_first()


def counted(statement: Select[Any]) -> Select[Any]:
    """Return the SELECT that counts the rows of another."""
    return select(func.count()).select_from(statement.order_by(None).subquery())


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of an ordered list: how many to pass over and how many to take at most."""

    offset: int = 0
    limit: int = 50

    def total(self, found: int) -> int | None:
        """Return how many rows there are in all where a page of `found` rows tells, None where one has to count."""
        ends_here = found < self.limit and (found or not self.offset)
        return self.offset + found if ends_here else None


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """One page of a list, and exactly how many rows there are in all."""

    rows: Sequence[T]
    total: int
