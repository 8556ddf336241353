"""The fixtures hand every test a new portal of its own, on the database that they name."""

from __future__ import annotations

import pytest

from dealwright.storage.database import Database, connect
from dealwright.storage.schema import setting
from dealwright.storage.writes import Insert
from tests.support.postgres import PostgresServer


async def test_a_new_portal_has_its_nine_stages_on_either_database(db: Database, database_url: str) -> None:
    assert db.is_postgres == database_url.startswith("postgresql://")
    rows = await db.text("SELECT count(*) FROM stage")
    assert rows[0][0] == 9


@pytest.mark.parametrize("deal", ["first", "second"])
async def test_what_one_test_writes_the_next_does_not_see(db: Database, deal: str) -> None:
    count = "SELECT count(*) FROM setting WHERE name = 'left behind'"
    assert [tuple(row) for row in await db.text(count)] == [(0,)], f"the {deal} test"
    await db.apply([Insert(setting, {"name": "left behind", "value": deal})])
    assert [tuple(row) for row in await db.text(count)] == [(1,)]


async def test_a_portal_on_a_durable_server_survives_its_crash(
    durable_postgres: PostgresServer, durable_postgres_url: str
) -> None:
    durable_postgres.kill()
    durable_postgres.start()
    db = await connect(durable_postgres_url)
    assert db.is_postgres
    await db.close()
