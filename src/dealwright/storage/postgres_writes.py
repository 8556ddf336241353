"""How a list of writes becomes one data-modifying statement for PostgreSQL.

Every part is a common table expression. The guards come first; when they do not hold, the parts that insert from
them insert nothing. The texts depend only on the shape of the list, so the driver prepares each shape once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, SmallInteger, Table

from dealwright.storage.writes import Change, Index, Insert, InsertMany, Made, Remove, Sweep, Write

Arguments = list[Any]


class Statement:
    """One statement under construction: its parts, its arguments and the ids it makes."""

    def __init__(self, stamp: int | None) -> None:
        self.parts: list[str] = []
        self.arguments: Arguments = []
        self.made: list[str] = []
        self.guard = "(SELECT 1) AS g"
        self.results: list[str] = []
        if stamp is not None:
            self.parts.append(f"rules_guard AS (SELECT 1 FROM rules WHERE stamp = {self.bind(stamp)}::bigint)")
            self.guard = "rules_guard"
            self.results.append("EXISTS (SELECT 1 FROM rules_guard)")

    def bind(self, value: Any) -> str:
        """Take one argument and return its placeholder."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def add(self, body: str) -> str:
        """Take one part and return its name."""
        name = f"w{len(self.parts)}"
        self.parts.append(f"{name} AS ({body})")
        return name

    def value(self, table: Table, column: str, value: Any) -> str:
        """Return the expression of a value for a column."""
        if isinstance(value, Made):
            return f"(SELECT id FROM made_{value.name})"
        return f"{self.bind(value)}::{_type(table, column)}"

    def where(self, table: Table, where: Mapping[str, Any]) -> str:
        """Return the condition that the columns hold these values."""
        return " AND ".join(self._equal(table, column, value) for column, value in where.items())

    def _equal(self, table: Table, column: str, value: Any) -> str:
        if isinstance(value, (list, tuple)):
            return f"{column} = ANY ({self.bind(list(value))}::{_type(table, column)}[])"
        return f"{column} IS NULL" if value is None else f"{column} = {self.value(table, column, value)}"

    @property
    def text(self) -> str:
        """The whole statement: one row with the truth of each guard, then the ids made."""
        ids = [f"(SELECT id FROM made_{name})" for name in self.made]
        return f"WITH {', '.join(self.parts)} SELECT {', '.join([*self.results, *ids]) or '1'}"


def _type(table: Table, column: str) -> str:
    kind = table.c[column].type
    if isinstance(kind, (BigInteger, SmallInteger, Integer)):
        return "bigint"
    if isinstance(kind, Boolean):
        return "boolean"
    return "bytea" if isinstance(kind, LargeBinary) else "text"


def statement(writes: Sequence[Write], stamp: int | None) -> Statement:
    """Return the one statement that does all the writes under their guards."""
    built = Statement(stamp)
    ordered = sorted(writes, key=lambda write: not (isinstance(write, Change) and write.expect))
    for write in ordered:
        if isinstance(write, Insert) and write.made is not None:
            sequence = f"SELECT nextval(pg_get_serial_sequence('{write.table.name}', 'id')) AS id FROM {built.guard}"
            built.parts.append(f"made_{write.made} AS MATERIALIZED ({sequence})")
            built.made.append(write.made)
        _ADD[type(write)](built, write)
    return built


def _insert(built: Statement, write: Insert) -> None:
    columns, values = list(write.values), write.values
    expressions = [built.value(write.table, column, values[column]) for column in columns]
    if write.made is not None:
        columns.insert(0, "id")
        expressions.insert(0, f"(SELECT id FROM made_{write.made})")
    source = f"SELECT {', '.join(expressions)} FROM {built.guard}"
    built.add(f"INSERT INTO {write.table.name} ({', '.join(columns)}) {source}")


def _insert_many(built: Statement, write: InsertMany) -> None:
    expressions, arrays, names = [], [], []
    for place, column in enumerate(write.columns):
        values = [row[place] for row in write.rows]
        if values and isinstance(values[0], Made):
            expressions.append(f"(SELECT id FROM made_{values[0].name})")
            continue
        arrays.append(f"{built.bind(values)}::{_type(write.table, column)}[]")
        names.append(f"c{place}")
        expressions.append(f"v.c{place}")
    source = f"unnest({', '.join(arrays)}) AS v({', '.join(names)}), {built.guard}"
    text = f"INSERT INTO {write.table.name} ({', '.join(write.columns)}) SELECT {', '.join(expressions)} FROM {source}"
    built.add(text + _on_conflict(write))


def _on_conflict(write: InsertMany) -> str:
    if not write.keys:
        return ""
    others = [f"{column} = excluded.{column}" for column in write.columns if column not in write.keys]
    action = f"UPDATE SET {', '.join(others)}" if others else "NOTHING"
    return f" ON CONFLICT ({', '.join(write.keys)}) DO {action}"


def _change(built: Statement, write: Change) -> None:
    sets = [f"{column} = {built.value(write.table, column, value)}" for column, value in write.values.items()]
    sets += [f"{column} = {column} + {built.bind(value)}::bigint" for column, value in write.add.items()]
    condition = built.where(write.table, write.where)
    guard = f" AND EXISTS (SELECT 1 FROM {built.guard})" if built.guard != "(SELECT 1) AS g" else ""
    text = f"UPDATE {write.table.name} SET {', '.join(sets)} WHERE {condition}{guard} RETURNING 1"
    name = built.add(text)
    if write.expect:
        built.guard = name
        built.results.append(f"EXISTS (SELECT 1 FROM {name})")


def _remove(built: Statement, write: Remove) -> None:
    condition = built.where(write.table, write.where)
    text = f"DELETE FROM {write.table.name} WHERE {condition} AND EXISTS (SELECT 1 FROM {built.guard})"
    built.add(text)


def _index(built: Statement, write: Index) -> None:
    table, key = f"{write.subject}_search", f"{write.subject}_id"
    if isinstance(write.id, Made):
        ident = f"(SELECT id FROM made_{write.id.name})"
    else:
        ident = f"{built.bind(write.id)}::bigint"
    if not write.words:
        built.add(f"DELETE FROM {table} WHERE {key} = {ident} AND EXISTS (SELECT 1 FROM {built.guard})")
        return
    words = f"array_to_tsvector({built.bind(list(dict.fromkeys(write.words)))}::text[])"
    source = f"INSERT INTO {table} ({key}, words) SELECT {ident}, {words} FROM {built.guard}"
    built.add(f"{source} ON CONFLICT ({key}) DO UPDATE SET words = excluded.words")


def _sweep(built: Statement, write: Sweep) -> None:
    names = re.compile(rf":({'|'.join(write.given)})\b")
    for part in write.postgres:
        guarded = part.replace("{guard}", f"EXISTS (SELECT 1 FROM {built.guard})")
        built.parts.append(names.sub(lambda found: built.bind(write.given[found[1]]), guarded))


_ADD: dict[type[Any], Any] = {
    Insert: _insert,
    InsertMany: _insert_many,
    Change: _change,
    Remove: _remove,
    Index: _index,
    Sweep: _sweep,
}
