"""Deeds over many rows: statements that both databases take, over the rows that a condition picks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, literal_column, select
from sqlalchemy.engine import Compiled, Dialect

from dealwright.domain.event import Event
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed, words
from dealwright.storage.schema import event
from dealwright.storage.writes import Sweep

TOLD: Final = """INSERT INTO event (deed_id, at, actor_id, via, subject, subject_id, kinds, before, after)
    SELECT CAST(:deed_id AS TEXT), CAST(:at AS BIGINT), CAST(:actor_id AS BIGINT), CAST(:via AS TEXT)"""
"""How the events of a deed begin; subject, its id, kinds, before and after follow."""
STAMPED: Final = "version = version + 1, updated_at = CAST(:at AS BIGINT), updated_by = CAST(:actor_id AS BIGINT)"
"""What every change of a record sets."""
_JOINED: Final = {False: "group_concat({}, ',')", True: "string_agg(CAST({} AS TEXT), ',')"}
_KEY: Final = {False: "rowid", True: "{}_id"}

Parts = Mapping[str, str]
"""Statements by a name that no other statement of the same list of writes has, in the order they are to run."""


def stamps(deed: Event) -> dict[str, Any]:
    """Return the parameters of `TOLD` and `STAMPED`: the events belong to this deed."""
    return {"deed_id": deed.deed_id, "at": micros(deed.at), "actor_id": deed.actor_id, "via": deed.via}


def joined(column: str, postgres: bool) -> str:
    """Return the aggregate that writes numbers one after the other with commas between."""
    return _JOINED[postgres].format(column)


def unworded(subject: str, picked: str, postgres: bool) -> str:
    """Return the statement that takes the picked records of a kind out of full-text search."""
    key = _KEY[postgres].format(subject)
    return f"DELETE FROM {subject}_search WHERE {key} IN (SELECT id FROM {picked})"


@cache
def _dialect(postgres: bool) -> Dialect:
    if postgres:
        from sqlalchemy.dialects.postgresql.base import PGDialect  # noqa: PLC0415 - each database loads its own

        made: Dialect = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
        return made
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.dialect(paramstyle="named", supports_native_boolean=True)


@dataclass(frozen=True, slots=True)
class Swept:
    """Statements for both databases; build them once for a shape, write them with their parameters."""

    sqlite: Sequence[str]
    postgres: Sequence[str]
    fixed: Mapping[str, Any]
    left: Query
    """Asks whether there is a row that the condition still picks."""

    def write(self, given: Mapping[str, Any]) -> Sweep:
        """Return the write; of the parameters only those go along that a statement mentions."""
        every = {**self.fixed, **given}
        found = every.keys() & set(re.findall(r"(?<!:):(\w+)", " ".join(self.postgres)))
        return Sweep(self.sqlite, self.postgres, {name: every[name] for name in sorted(found)})


@dataclass(frozen=True, slots=True)
class Picking:
    """Rows of a table that a condition picks and a deed changes (`sets`), and then more happens about them.

    The other statements find the rows as a table of this name: `id`, and as they were before the deed the `columns`,
    each an expression by its name. A row that somebody else changes at the same time is left alone: `Swept.left`
    tells which, to try them again.
    """

    name: str
    table: Table
    columns: Callable[[bool], Mapping[str, str]]
    sets: str

    def swept(self, where: ColumnElement[bool], parts: Callable[[bool], Parts]) -> Swept:
        """Return the statements; `parts` makes those that follow, for PostgreSQL or not."""
        name, table = self.name, self.table.name
        large = self._found(where, postgres=True)
        sqlite = [
            f"CREATE TEMP TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY, {', '.join(self._names)})",
            f"DELETE FROM {name}",
            f"INSERT INTO {name} {self._found(where, postgres=False)}",
            f"UPDATE {table} SET {self.sets} WHERE id IN (SELECT id FROM {name})",
            *parts(False).values(),
        ]
        changed = f"""UPDATE {table} SET {self.sets} FROM {name}_found AS f
            WHERE {table}.id = f.id AND {table}.version = f.was_version AND {{guard}} RETURNING f.*"""
        found = f"{name}_found AS MATERIALIZED ({large})"
        fixed = {key: value for key, value in (large.params or {}).items() if value is not None}
        return Swept(sqlite, [found, *named({name: changed, **parts(True)})], fixed, _left(self.table, where))

    @property
    def _names(self) -> list[str]:
        return ["was_version", *self.columns(False)]

    def _found(self, where: ColumnElement[bool], postgres: bool) -> Compiled:
        own, columns = self.table.c, self.columns(postgres)
        said: list[ColumnElement[Any]] = [literal_column(text).label(name) for name, text in columns.items()]
        # A condition is only what it means inside the SELECT: what it asks of other tables refers to this one.
        whole = select(own.id, own.version.label("was_version"), *said).where(where)
        return whole.compile(dialect=_dialect(postgres))


def _left(table: Table, where: ColumnElement[bool]) -> Query:
    return Query(select(table.c.id).where(where).limit(1))


_TOLD = Query(
    select(event.c.subject_id).where(
        event.c.subject == words("subject"), any_number(event.c.subject_id, "ids"), event.c.deed_id == words("deed")
    )
)


async def told(db: Database, deed: Event, ids: Sequence[int]) -> set[int]:
    """Return those of these records of the deed's kind about which it wrote an event."""
    rows = await db.rows(_TOLD, subject=deed.subject, ids=listed(ids), deed=deed.deed_id)
    return {row[0] for row in rows}


def named(parts: Parts) -> list[str]:
    """Return statements as the named parts of the one statement for PostgreSQL."""
    return [f"{name} AS ({text})" for name, text in parts.items()]
