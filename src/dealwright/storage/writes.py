"""Decided writes: values that say what to insert, change and remove, with the guards under which they hold.

A list of writes runs as one savepoint of a group commit on SQLite and as one data-modifying statement on
PostgreSQL. At most one `Change` of a list may be the guard (`expect=True`), with any number of `Hold` beside it: when
one of them hits no row, nothing of the list is written. `Made("x")` stands for the id that an
`Insert(..., made="x")` of the same list will get.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Made:
    """The id of a row that this list of writes inserts."""

    name: str


@dataclass(slots=True)
class Insert:
    """One new row."""

    table: Table
    values: Mapping[str, Any]
    made: str | None = None


@dataclass(slots=True)
class InsertMany:
    """Several new rows with the same columns; on a clash of keys the other columns are overwritten."""

    table: Table
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    keys: Sequence[str] = ()


@dataclass(slots=True)
class Change:
    """New values for the rows that match; `add` increments. Lists in `where` mean one of them."""

    table: Table
    values: Mapping[str, Any]
    where: Mapping[str, Any]
    add: Mapping[str, int] = field(default_factory=dict)
    expect: bool = False


def versioned(table: Table, values: Mapping[str, Any], ident: int, version: int) -> Change:
    """Return the guarded change of a record that must still be of this version; it gets the next one."""
    return Change(table, values, {"id": ident, "version": version}, add={"version": 1}, expect=True)


@dataclass(slots=True)
class Hold:
    """A row that must match and stay as it is until the list is done: a guard that changes nothing."""

    table: Table
    where: Mapping[str, Any]


@dataclass(slots=True)
class Remove:
    """The rows that match are deleted. Lists in `where` mean one of them."""

    table: Table
    where: Mapping[str, Any]


@dataclass(slots=True)
class Index:
    """The words under which full-text search finds a record (none: it is found no more)."""

    subject: str
    id: int | Made
    words: Sequence[str]


@dataclass(slots=True)
class IndexMany:
    """The words under which full-text search finds new records: (id, words) of each."""

    subject: str
    rows: Sequence[tuple[int, Sequence[str]]]


@dataclass(slots=True)
class Sweep:
    """Hand-written statements over many rows; `:name` stands for a value of `given`.

    SQLite runs its statements one after the other. For PostgreSQL each is a named part of the one statement
    (`name AS (…)`, names unlike those of other sweeps), which sees the rows as they were before; there `{guard}`
    is the condition that the guards of the list hold.
    """

    sqlite: Sequence[str]
    postgres: Sequence[str]
    given: Mapping[str, Any]


Write = Insert | InsertMany | Change | Hold | Remove | Index | IndexMany | Sweep


class Lost(Exception):
    """A guard did not hold: the row or the rules are no longer what was loaded; nothing was written."""


class Clash(Exception):
    """A unique key is taken; nothing was written. `key` is the constraint or its columns, as told."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Missing(Exception):
    """A row that the write points at is gone, or still pointed at; nothing was written."""


def replaced(
    table: Table, columns: tuple[str, str], ident: int | Made, before: Iterable[Any], after: Iterable[Any]
) -> list[Write]:
    """Return the writes that make the links of a record, rows of (record, other), what they are afterwards."""
    old, new = set(before), set(after)
    writes: list[Write] = []
    if gone := sorted(old - new):
        writes.append(Remove(table, {columns[0]: ident, columns[1]: gone}))
    if come := sorted(new - old):
        writes.append(InsertMany(table, columns, [(ident, one) for one in come], keys=columns))
    return writes


def revalued(
    table: Table, owner: str, ident: int | Made, before: Mapping[int, str], after: Mapping[int, str]
) -> list[Write]:
    """Return the writes that make the custom values of a record what they are afterwards; `owner` points at it."""
    writes: list[Write] = []
    if gone := sorted(set(before) - set(after)):
        writes.append(Remove(table, {owner: ident, "field_id": gone}))
    if new := [(ident, field, value) for field, value in after.items() if before.get(field) != value]:
        columns = (owner, "field_id", "value")
        writes.append(InsertMany(table, columns, new, keys=columns[:2]))
    return writes
