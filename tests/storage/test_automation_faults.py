"""Every statement of a deed that sets a stage off fails once: nothing is half done, and a repeat works."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities as deals
from dealwright.domain.opportunity import Change
from dealwright.storage import schema, sqlite_writes
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.actions.about_automation import customer, deal, response, stage, task_list
from tests.cast import Cast
from tests.storage.test_faults import at_work, failing
from tests.support import consistency

WATCHED = (
    *(schema.opportunity, schema.opportunity_member, schema.stage_visit, schema.event, schema.stage_total_delta),
    *(schema.outbox, schema.task, schema.message, schema.contact, schema.contact_left),
)


async def everything(db: Database) -> list[Any]:
    """All rows that such a deed can touch."""
    return [[tuple(row) for row in await db.rows(Query(select(table)))] for table in WATCHED]


async def prepared(db: Database, crew: Cast, account: str, creates: bool) -> tuple[int | None, Change]:
    """A deal to be moved (None: to be made), and the change that takes it into a stage that sets everything off."""
    tasks = await task_list(db, crew, {"name": "Call", "notify": True}, "Write")
    text = await response(db, crew)
    there = await stage(db, crew, canned_response_id=text, task_list_id=tasks.id, **{account: True})
    ada = await customer(db, crew)
    change = Change(stage_id=there, title="New", responsible=crew.mia.uid)
    if creates:
        change.contact_id, change.members = ada, [ada]
        return None, change
    ident = await deal(db, crew, contact_id=ada)
    await deals.add_member(db, crew.mia, ident, ada)
    return ident, change


async def done(db: Database, crew: Cast, ident: int | None, change: Change) -> Any:
    """Create the deal (no id), or move it."""
    if ident is None:
        return await deals.create(db, crew.mia, change)
    return await deals.change(db, crew.mia, ident, change)


@pytest.mark.parametrize("creates", [True, False], ids=["create", "move"])
@pytest.mark.parametrize("account", ["DeactivateAccount", "DeleteAccount"])
async def test_on_sqlite_any_statement_may_fail(
    sqlite_url: str, account: str, creates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(sqlite_url) as (db, crew):
        ident, change = await prepared(db, crew, account, creates)
        execute, failures = sqlite_writes.execute, 0
        for number in range(1, 90):
            before = await everything(db)
            with monkeypatch.context() as broken:
                broken.setattr(
                    sqlite_writes, "execute", lambda cursor, *rest, n=number: execute(failing(cursor, n), *rest)
                )
                try:
                    await done(db, crew, ident, change)
                    break
                except sqlite3.OperationalError:
                    failures += 1
            assert await everything(db) == before
        assert failures >= 15
        assert await everything(db) != before
        await consistency.check(db)


@pytest.mark.parametrize("creates", [True, False], ids=["create", "move"])
@pytest.mark.parametrize("account", ["DeactivateAccount", "DeleteAccount"])
async def test_on_postgres_any_part_of_the_statement_may_fail(postgres_url: str, account: str, creates: bool) -> None:
    untouched = {"opportunity_member"} | ({"contact_left"} if account == "DeactivateAccount" else set())
    async with at_work(postgres_url) as (db, crew):
        ident, change = await prepared(db, crew, account, creates)
        await db.text("CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN RAISE 'disk full'; END $$ LANGUAGE plpgsql")
        for table in (table.name for table in WATCHED if table.name not in untouched):
            before = await everything(db)
            await db.text(f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION fail()")
            with pytest.raises(Exception, match="disk full"):
                await done(db, crew, ident, change)
            await db.text(f"DROP TRIGGER fail ON {table}")
            assert await everything(db) == before, table
        await done(db, crew, ident, change)
        assert await everything(db) != before
        await consistency.check(db)
