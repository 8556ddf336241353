"""How a list of writes becomes one data-modifying statement for PostgreSQL.

Every part is a common table expression. The guards come first; when they do not hold, the parts that insert from
them insert nothing. The text depends only on the shape of the list: it is composed once, and the driver prepares
it once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, SmallInteger, Table

from dealwright.storage.writes import Change, Hold, Index, IndexMany, Insert, InsertMany, Made, Remove, Sweep, Write

ALWAYS = "(SELECT 1) AS g"
SHAPES = 2048


class Statement:
    """A list of writes as one statement: its text, its arguments, how many guards it has, the ids it makes."""

    __slots__ = ("arguments", "guards", "made", "text")

    def __init__(self, text: str, guards: int, made: tuple[str, ...], arguments: list[Any]) -> None:
        self.text = text
        self.guards = guards
        self.made = made
        self.arguments = arguments


def statement(writes: Sequence[Write], stamp: int | None) -> Statement:
    """Return the one statement that does all the writes under their guards."""
    ordered = [*_guards(writes), *(write for write in writes if not _is_guard(write))]
    text, guards, made = _composed(tuple(map(_shape, ordered)), stamp is not None)
    arguments = [] if stamp is None else [stamp]
    for write in ordered:
        arguments += _arguments(write)
    return Statement(text, guards, made, arguments)


def _is_guard(write: Write) -> bool:
    return type(write) is Hold or (type(write) is Change and write.expect)


def _guards(writes: Sequence[Write]) -> list[Write]:
    """Return the guards, those first that change nothing: each depends on the one before it."""
    return sorted((write for write in writes if _is_guard(write)), key=lambda write: type(write) is Change)


# The shape of a write: everything of it but its values -------------------------------------------------------

Condition = tuple[tuple[str, str], ...]
Shape = tuple[Any, ...]


def _how(value: Any) -> str:
    """Tell how a value is given: as itself, a list, nothing, or the id of a row made beside it."""
    if value is None:
        return "none"
    if type(value) is Made:
        return f"made_{value.name}"
    return "list" if isinstance(value, (list, tuple)) else "value"


def _condition(where: Mapping[str, Any]) -> Condition:
    return tuple((column, _how(value)) for column, value in where.items())


def _columns(values: Mapping[str, Any]) -> Condition:
    return tuple((column, f"made_{value.name}" if type(value) is Made else "value") for column, value in values.items())


def _shape(write: Write) -> Shape:
    if type(write) is Insert:
        return Insert, write.table, _columns(write.values), write.made
    if type(write) is Change:
        return Change, write.table, _columns(write.values), tuple(write.add), _condition(write.where), write.expect
    if type(write) is InsertMany:
        first = write.rows[0] if write.rows else ()
        hows = tuple(_how(value) if type(value) is Made else "value" for value in first)
        return InsertMany, write.table, tuple(zip(write.columns, hows, strict=False)), tuple(write.keys)
    if type(write) is Remove or type(write) is Hold:
        return type(write), write.table, _condition(write.where)
    if type(write) is Sweep:
        return Sweep, tuple(write.postgres), tuple(write.given)
    return _index_shape(write)


def _index_shape(write: Write) -> Shape:
    if type(write) is IndexMany:
        return IndexMany, write.subject
    assert isinstance(write, Index)
    return Index, write.subject, _how(write.id), bool(write.words)


def _arguments(write: Write) -> list[Any]:
    if type(write) is Insert:
        return [value for value in write.values.values() if type(value) is not Made]
    if type(write) is Change:
        values = [value for value in write.values.values() if type(value) is not Made]
        return [*values, *write.add.values(), *_keys(write.where)]
    if type(write) is InsertMany:
        columns = zip(*write.rows, strict=True)
        return [list(column) for column in columns if type(column[0]) is not Made]
    if type(write) is Remove or type(write) is Hold:
        return _keys(write.where)
    if type(write) is Sweep:
        return list(write.given.values())
    return _index_arguments(write)


def _index_arguments(write: Write) -> list[Any]:
    if type(write) is IndexMany:
        return [[ident for ident, _ in write.rows], [" ".join(words) for _, words in write.rows]]
    assert isinstance(write, Index)
    ident = [] if type(write.id) is Made else [write.id]
    return [*ident, list(write.words)] if write.words else ident


def _keys(where: Mapping[str, Any]) -> list[Any]:
    return [
        list(value) if isinstance(value, tuple) else value
        for value in where.values()
        if value is not None and type(value) is not Made
    ]


# The text of a list of shapes --------------------------------------------------------------------------------


class _Composer:
    def __init__(self, stamped: bool) -> None:
        self.parts: list[str] = []
        self.made: list[str] = []
        self.results: list[str] = []
        self.count = 0
        self.guard = ALWAYS
        if stamped:
            self.parts.append(f"rules_guard AS (SELECT 1 FROM rules WHERE stamp = {self.next()}::bigint)")
            self.guard = "rules_guard"
            self.results.append("EXISTS (SELECT 1 FROM rules_guard)")

    def next(self) -> str:
        self.count += 1
        return f"${self.count}"

    def add(self, body: str) -> str:
        name = f"w{len(self.parts)}"
        self.parts.append(f"{name} AS ({body})")
        return name

    def value(self, table: Table, column: str, how: str) -> str:
        if how.startswith("made_"):
            return f"(SELECT id FROM {how})"
        return f"{self.next()}::{_type(table, column)}"

    def where(self, table: Table, condition: Condition) -> str:
        return " AND ".join(self._equal(table, column, how) for column, how in condition)

    def _equal(self, table: Table, column: str, how: str) -> str:
        if how == "none":
            return f"{column} IS NULL"
        if how == "list":
            return f"{column} = ANY ({self.next()}::{_type(table, column)}[])"
        return f"{column} = {self.value(table, column, how)}"

    @property
    def guarded(self) -> str:
        return "" if self.guard == ALWAYS else f" AND EXISTS (SELECT 1 FROM {self.guard})"


def _type(table: Table, column: str) -> str:
    kind = table.c[column].type
    if isinstance(kind, (BigInteger, SmallInteger, Integer)):
        return "bigint"
    if isinstance(kind, Boolean):
        return "boolean"
    return "bytea" if isinstance(kind, LargeBinary) else "text"


@lru_cache(maxsize=SHAPES)
def _composed(shapes: tuple[Shape, ...], stamped: bool) -> tuple[str, int, tuple[str, ...]]:
    """Return the text of the statement, the number of its guards and the names of the ids it makes."""
    built = _Composer(stamped)
    for kind, *rest in shapes:
        _ADD[kind](built, *rest)
    ids = [f"(SELECT id FROM made_{name})" for name in built.made]
    text = f"WITH {', '.join(built.parts)} SELECT {', '.join([*built.results, *ids]) or '1'}"
    return text, len(built.results), tuple(built.made)


def _insert(built: _Composer, table: Table, values: Condition, made: str | None) -> None:
    columns = [column for column, _ in values]
    if made is not None:
        sequence = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) AS id FROM {built.guard}"
        built.parts.append(f"made_{made} AS MATERIALIZED ({sequence})")
        built.made.append(made)
        columns.insert(0, "id")
    expressions = [built.value(table, column, how) for column, how in values]
    if made is not None:
        expressions.insert(0, f"(SELECT id FROM made_{made})")
    source = f"SELECT {', '.join(expressions)} FROM {built.guard}"
    built.add(f"INSERT INTO {table.name} ({', '.join(columns)}) {source}")


def _insert_many(built: _Composer, table: Table, columns: Condition, keys: tuple[str, ...]) -> None:
    arrays: list[str] = []
    names: list[str] = []
    expressions: list[str] = []
    for place, (column, how) in enumerate(columns):
        if how.startswith("made_"):
            expressions.append(f"(SELECT id FROM {how})")
            continue
        arrays.append(f"{built.next()}::{_type(table, column)}[]")
        names.append(f"c{place}")
        expressions.append(f"v.c{place}")
    source = f"unnest({', '.join(arrays)}) AS v({', '.join(names)}), {built.guard}"
    into = f"INSERT INTO {table.name} ({', '.join(column for column, _ in columns)})"
    built.add(f"{into} SELECT {', '.join(expressions)} FROM {source}{_on_conflict(columns, keys)}")


def _on_conflict(columns: Condition, keys: tuple[str, ...]) -> str:
    if not keys:
        return ""
    others = [f"{column} = excluded.{column}" for column, _ in columns if column not in keys]
    action = f"UPDATE SET {', '.join(others)}" if others else "NOTHING"
    return f" ON CONFLICT ({', '.join(keys)}) DO {action}"


def _change(
    built: _Composer, table: Table, values: Condition, add: tuple[str, ...], where: Condition, expect: bool
) -> None:
    sets = [f"{column} = {built.value(table, column, how)}" for column, how in values]
    sets += [f"{column} = {column} + {built.next()}::bigint" for column in add]
    condition = built.where(table, where)
    name = built.add(f"UPDATE {table.name} SET {', '.join(sets)} WHERE {condition}{built.guarded} RETURNING 1")
    if expect:
        built.guard = name
        built.results.append(f"EXISTS (SELECT 1 FROM {name})")


def _hold(built: _Composer, table: Table, where: Condition) -> None:
    built.guard = built.add(f"SELECT 1 FROM {table.name} WHERE {built.where(table, where)}{built.guarded} FOR UPDATE")
    built.results.append(f"EXISTS (SELECT 1 FROM {built.guard})")


def _remove(built: _Composer, table: Table, where: Condition) -> None:
    built.add(f"DELETE FROM {table.name} WHERE {built.where(table, where)}{built.guarded}")


def _index(built: _Composer, subject: str, ident: str, found: bool) -> None:
    table, key = f"{subject}_search", f"{subject}_id"
    place = f"(SELECT id FROM {ident})" if ident.startswith("made_") else f"{built.next()}::bigint"
    if not found:
        built.add(f"DELETE FROM {table} WHERE {key} = {place}{built.guarded}")
        return
    source = f"SELECT {place}, array_to_tsvector({built.next()}::text[]) FROM {built.guard}"
    conflict = f"ON CONFLICT ({key}) DO UPDATE SET words = excluded.words"
    built.add(f"INSERT INTO {table} ({key}, words) {source} {conflict}")


def _index_many(built: _Composer, subject: str) -> None:
    arrays = f"unnest({built.next()}::bigint[], {built.next()}::text[]) AS v(id, words)"
    source = f"SELECT v.id, array_to_tsvector(string_to_array(v.words, ' ')) FROM {arrays}, {built.guard}"
    built.add(f"INSERT INTO {subject}_search ({subject}_id, words) {source}")


def _sweep(built: _Composer, parts: tuple[str, ...], names: tuple[str, ...]) -> None:
    places = {name: built.next() for name in names}
    named = re.compile(rf"(?<!:):({'|'.join(names)})\b")
    for part in parts:
        guarded = part.replace("{guard}", f"EXISTS (SELECT 1 FROM {built.guard})")
        built.parts.append(named.sub(lambda found: places[found[1]], guarded))


_ADD: dict[type[Any], Any] = {
    Insert: _insert,
    InsertMany: _insert_many,
    Change: _change,
    Hold: _hold,
    Remove: _remove,
    Index: _index,
    IndexMany: _index_many,
    Sweep: _sweep,
}
