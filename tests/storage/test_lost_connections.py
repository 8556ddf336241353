"""A connection that is lost in the middle of a write: the deed is done once, whatever had landed."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from dealwright.actions import opportunities as deals
from dealwright.domain.opportunity import Change
from dealwright.storage import postgres
from dealwright.storage.database import connect
from dealwright.storage.postgres import PostgresDatabase
from tests.cast import company
from tests.support.postgres import PostgresServer


@pytest.mark.parametrize("landed", [True, False], ids=["after it landed", "before it landed"])
async def test_a_write_whose_answer_is_lost_is_done_once(
    postgres_url: str, landed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = await connect(postgres_url)
    assert isinstance(db, PostgresDatabase)
    cast = await company(db)
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    deal = await deals.create(db, cast.mia, Change(stage_id=stage, title="Old"))
    original, cuts = asyncpg.Connection.fetch, [1]

    async def fetch(self: Any, sql: str, *arguments: Any) -> Any:
        if "UPDATE opportunity" in sql and cuts:
            cuts.pop()
            if landed:
                await original(self, sql, *arguments)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return await original(self, sql, *arguments)

    monkeypatch.setattr(asyncpg.Connection, "fetch", fetch)
    changed = await deals.change(db, cast.mia, deal.opportunity.id, Change(title="New"))
    stored = await deals.get(db, cast.mia, deal.opportunity.id)
    assert (stored.opportunity.title, stored.opportunity.version) == ("New", 2)
    assert changed.opportunity.version == 2
    await db.close()


async def test_a_creation_whose_answer_is_lost_still_knows_its_id(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = await connect(postgres_url)
    cast = await company(db)
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    original, cuts = asyncpg.Connection.fetch, [1]

    async def fetch(self: Any, sql: str, *arguments: Any) -> Any:
        answer = await original(self, sql, *arguments)
        if "INSERT INTO opportunity" in sql and cuts:
            cuts.pop()
            raise asyncpg.InterfaceError("connection is closed")
        return answer

    monkeypatch.setattr(asyncpg.Connection, "fetch", fetch)
    deal = await deals.create(db, cast.mia, Change(stage_id=stage, title="Once"))
    assert await deals.get(db, cast.mia, deal.opportunity.id) == deal
    await db.close()


async def test_reads_wait_while_the_server_restarts(
    durable_postgres: PostgresServer, durable_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A crowded machine may take longer to recover than somebody who asks would like to wait.
    monkeypatch.setattr(postgres, "PATIENCE", (0.2,) * 200)
    db = await connect(durable_postgres_url)
    cast = await company(db)
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    deal = await deals.create(db, cast.mia, Change(stage_id=stage, title="Still there"))
    mia = cast.mia
    durable_postgres.kill()
    waiting = asyncio.create_task(deals.get(db, mia, deal.opportunity.id))
    await asyncio.to_thread(durable_postgres.start)
    assert (await waiting).opportunity.title == "Still there"
    await db.close()
