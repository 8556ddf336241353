"""Every statement of a deed fails once: the answer is an error, nothing has changed, and a repeat works."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities as deals
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage import schema, sqlite_writes
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from tests.cast import Cast, company

WATCHED = (
    *(schema.opportunity, schema.opportunity_share, schema.opportunity_member, schema.stage_visit, schema.event),
    *(schema.stage_total_delta, schema.outbox, schema.task),
)


async def everything(db: Database) -> list[Any]:
    """All rows that a deed on a deal can touch."""
    return [[tuple(row) for row in await db.rows(Query(select(table)))] for table in WATCHED]


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[tuple[Database, Cast]]:
    """The company at work on the database at `url`."""
    db = await connect(url)
    try:
        yield db, await company(db)
    finally:
        await db.close()


async def target(db: Database, crew: Cast, creates: bool) -> int | None:
    """The id of a deal to change, or None where the deed makes one."""
    if creates:
        return None
    first = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    return (await deals.create(db, crew.mia, Change(stage_id=first, title="Old"))).opportunity.id


class FailingCursor:
    """A cursor whose N-th statement fails as a full disk would make it fail."""

    def __init__(self, cursor: sqlite3.Cursor, left: int) -> None:
        self._cursor, self._left = cursor, left

    def _spend(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise sqlite3.OperationalError("disk I/O error")

    def execute(self, *args: Any) -> Any:
        self._spend()
        return self._cursor.execute(*args)

    def executemany(self, *args: Any) -> Any:
        self._spend()
        return self._cursor.executemany(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def failing(cursor: sqlite3.Cursor, number: int) -> sqlite3.Cursor:
    """The cursor, whose statement of this number will fail."""
    wrapped: Any = FailingCursor(cursor, number)
    return cast(sqlite3.Cursor, wrapped)


def full_change(db: Database, crew: Cast) -> Change:
    """A change that touches every table a deed on a deal can touch."""
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[7]
    sharing = Sharing(True, (crew.noah.uid,))
    return Change(stage_id=stage.id, title="New", amount=Decimal(5), sharing=sharing, notify=True)


async def deed(db: Database, crew: Cast, ident: int | None) -> Any:
    """Create a deal (no id), or change one."""
    if ident is None:
        return await deals.create(db, crew.mia, full_change(db, crew))
    return await deals.change(db, crew.mia, ident, full_change(db, crew))


@pytest.mark.parametrize("creates", [True, False], ids=["create", "change"])
async def test_on_sqlite_any_statement_may_fail(
    sqlite_url: str, creates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(sqlite_url) as (db, crew):
        ident, execute, failures = await target(db, crew, creates), sqlite_writes.execute, 0
        for number in range(1, 60):
            before = await everything(db)
            with monkeypatch.context() as broken:
                broken.setattr(
                    sqlite_writes, "execute", lambda cursor, *rest, n=number: execute(failing(cursor, n), *rest)
                )
                try:
                    await deed(db, crew, ident)
                    break
                except sqlite3.OperationalError:
                    failures += 1
            assert await everything(db) == before
        assert failures >= 8
        assert await everything(db) != before


@pytest.mark.parametrize("creates", [True, False], ids=["create", "change"])
async def test_on_postgres_any_part_of_the_statement_may_fail(postgres_url: str, creates: bool) -> None:
    untouched = {"opportunity_member", "task"}
    touched = [table.name for table in WATCHED if table.name not in untouched]
    async with at_work(postgres_url) as (db, crew):
        ident = await target(db, crew, creates)
        await db.text("CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN RAISE 'disk full'; END $$ LANGUAGE plpgsql")
        for table in [*touched, "opportunity_search"]:
            before = await everything(db)
            await db.text(f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION fail()")
            with pytest.raises(Exception, match="disk full"):
                await deed(db, crew, ident)
            await db.text(f"DROP TRIGGER fail ON {table}")
            assert await everything(db) == before, table
        await deed(db, crew, ident)
        assert await everything(db) != before
