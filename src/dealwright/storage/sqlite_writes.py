"""How a list of writes is executed on SQLite, statement by statement inside a savepoint."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dealwright.storage.writes import (
    Change,
    Clash,
    Hold,
    Index,
    IndexMany,
    Insert,
    InsertMany,
    Lost,
    Made,
    Missing,
    Remove,
    Sweep,
    Write,
)

Ids = dict[str, int]


def execute(cursor: sqlite3.Cursor, writes: Sequence[Write], stamp: int | None) -> Ids:
    """Run the writes; return the ids they made. Raises Lost, Clash or Missing; the caller rolls back."""
    made: Ids = {}
    try:
        if stamp is not None:
            _check_stamp(cursor, stamp)
        for write in writes:
            _RUN[type(write)](cursor, write, made)
    except sqlite3.IntegrityError as error:
        raise _named(error) from error
    return made


def _check_stamp(cursor: sqlite3.Cursor, stamp: int) -> None:
    if cursor.execute("SELECT stamp FROM rules").fetchone()[0] != stamp:
        raise Lost("the rules have changed")


def _named(error: sqlite3.IntegrityError) -> Clash | Missing:
    text = str(error)
    if text.startswith("UNIQUE"):
        return Clash(text.partition(": ")[2])
    return Missing(text)


def _known(value: Any, made: Ids) -> Any:
    return made[value.name] if isinstance(value, Made) else value


@lru_cache(maxsize=2048)
def _insert_text(table: str, columns: tuple[str, ...], keys: tuple[str, ...] = ()) -> str:
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    if keys:
        others = [f"{column} = excluded.{column}" for column in columns if column not in keys]
        action = f"UPDATE SET {', '.join(others)}" if others else "NOTHING"
        text += f" ON CONFLICT ({', '.join(keys)}) DO {action}"
    return text


def _insert(cursor: sqlite3.Cursor, write: Insert, made: Ids) -> None:
    text = _insert_text(write.table.name, tuple(write.values))
    cursor.execute(text, [_known(value, made) for value in write.values.values()])
    if write.made is not None and cursor.lastrowid is not None:
        made[write.made] = cursor.lastrowid


def _insert_many(cursor: sqlite3.Cursor, write: InsertMany, made: Ids) -> None:
    text = _insert_text(write.table.name, tuple(write.columns), tuple(write.keys))
    cursor.executemany(text, ([_known(value, made) for value in row] for row in write.rows))


def _where(where: Mapping[str, Any], made: Ids) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for column, value in where.items():
        if isinstance(value, (list, tuple)):
            parts.append(f"{column} IN ({', '.join('?' * len(value))})")
            values.extend(value)
        elif value is None:
            parts.append(f"{column} IS NULL")
        else:
            parts.append(f"{column} = ?")
            values.append(_known(value, made))
    return " AND ".join(parts), values


def _change(cursor: sqlite3.Cursor, write: Change, made: Ids) -> None:
    sets = [f"{column} = ?" for column in write.values]
    sets += [f"{column} = {column} + ?" for column in write.add]
    condition, keys = _where(write.where, made)
    values = [_known(value, made) for value in write.values.values()]
    text = f"UPDATE {write.table.name} SET {', '.join(sets)} WHERE {condition}"
    cursor.execute(text, [*values, *write.add.values(), *keys])
    if write.expect and cursor.rowcount != 1:
        raise Lost("the row has changed")


def _hold(cursor: sqlite3.Cursor, write: Hold, made: Ids) -> None:
    condition, keys = _where(write.where, made)
    if cursor.execute(f"SELECT 1 FROM {write.table.name} WHERE {condition}", keys).fetchone() is None:
        raise Lost("the row has changed")


def _remove(cursor: sqlite3.Cursor, write: Remove, made: Ids) -> None:
    condition, keys = _where(write.where, made)
    cursor.execute(f"DELETE FROM {write.table.name} WHERE {condition}", keys)


def _index(cursor: sqlite3.Cursor, write: Index, made: Ids) -> None:
    table, key = f"{write.subject}_search", _known(write.id, made)
    cursor.execute(f"DELETE FROM {table} WHERE rowid = ?", (key,))
    if write.words:
        text = f"INSERT INTO {table} (rowid, words) VALUES (?, ?)"
        cursor.execute(text, (key, " ".join(write.words)))


def _index_many(cursor: sqlite3.Cursor, write: IndexMany, _: Ids) -> None:
    text = f"INSERT INTO {write.subject}_search (rowid, words) VALUES (?, ?)"
    cursor.executemany(text, ((ident, " ".join(words)) for ident, words in write.rows))


def _sweep(cursor: sqlite3.Cursor, write: Sweep, _: Ids) -> None:
    for statement in write.sqlite:
        cursor.execute(statement, dict(write.given))


_RUN: dict[type[Any], Any] = {
    Insert: _insert,
    InsertMany: _insert_many,
    Change: _change,
    Hold: _hold,
    Remove: _remove,
    Index: _index,
    IndexMany: _index_many,
    Sweep: _sweep,
}
