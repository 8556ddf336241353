"""A database grows from empty to exactly the schema that the code describes, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, Table, inspect, text

from dealwright.storage import migrate, portal, totals
from dealwright.storage.database import Database, connect
from dealwright.storage.health import newest_step, present_step
from dealwright.storage.migrate import on_connection, upgrade
from dealwright.storage.schema import metadata
from tests.support import consistency

NAMES = Counter(str(index.name) for table in metadata.tables.values() for index in table.indexes)
TWINS = {name for name, count in NAMES.items() if count > 1}
"""Indexes described once for each database; the comparison would take either twin for either."""


def foreign(found: Any) -> bool:
    """Whether a difference is about what the comparison cannot know: the tables of search, the twins of indexes."""
    item = found[1] if isinstance(found, tuple) else None
    if isinstance(item, Index) and item.name in TWINS:
        return True
    name = item.name if isinstance(item, Table) else getattr(getattr(item, "table", None), "name", "")
    return "_search" in str(name) or "alembic" in str(name)


async def test_the_steps_lead_to_the_schema(database_url: str) -> None:
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found.extend(change for change in compare_metadata(context, metadata) if not foreign(change))

    await asyncio.to_thread(on_connection, database_url, compare)
    assert found == []


async def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    before = await present_step(database_url)
    await asyncio.to_thread(upgrade, database_url)
    assert before == newest_step() == await present_step(database_url)


async def test_a_new_portal_holds_what_it_should(db: Database) -> None:
    rules = db.rules
    stages = rules.stages_of(rules.default_pipeline.id)
    assert [stage.position for stage in stages] == [1, 100, 200, 300, 400, 500, 600, 700, 800]
    assert (len(rules.currencies), rules.default_currency, rules.location.name) == (74, "USD", "Main")
    assert (len(rules.numbers_of("lead_source")), len(rules.numbers_of("loss_reason"))) == (27, 21)
    assert len(rules.items_of("task_category")) == 12
    assert not rules.users


def test_a_step_that_fails_leaves_an_empty_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with monkeypatch.context() as broken:
        broken.setattr(portal, "STAGES", (("only",),))
        with pytest.raises(ValueError, match="unpack"):
            upgrade(url)
    tables: list[str] = []
    migrate.on_connection(url, lambda connection: tables.extend(inspect(connection).get_table_names()))
    assert tables == []
    upgrade(url)

    async def opened() -> int:
        db = await connect(url)
        stamp = db.rules.stamp
        await db.close()
        return stamp

    assert asyncio.run(opened()) == 1


HUGE = 999_999_999_999_999
DEALS: tuple[dict[str, Any], ...] = (
    {"amount_units": 5, "amount_nanos": 10, "currency": "USD", "follow_up_at": -1, "lead_source": 1},
    {"amount_units": -7, "amount_nanos": 1, "currency": None, "private": True, "won_at": 86_400_000_000, "outcome": 1},
    {"amount_units": 12345, "amount_nanos": 0, "currency": "EUR", "completed": True, "outcome": 2, "lost_at": 1},
    {"amount_units": 77, "amount_nanos": 0, "currency": "EUR", "deleted_at": 9, "lead_source": 2},
    *({"amount_units": HUGE, "amount_nanos": 999_999_999, "currency": "PLN", "responsible": "x"} for _ in range(9)),
    {},
)
PLAIN = {"private": False, "completed": False, "outcome": 0, "reminded": False}


def as_of_the_third_step(connection: Connection) -> None:
    """Bring a database back to nothing and forward to the third step, with some deals that were made then."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")
    stage = connection.execute(text("SELECT min(id) FROM stage")).scalar_one()
    for place, said in enumerate(DEALS):
        row = {**PLAIN, **said, "uid": f"deal-{place}", "stage_id": stage, "position": place, "version": 1}
        row |= dict.fromkeys(("created_at", "updated_at", "moved_at"), place * 40000000000)
        columns = ", ".join(row)
        connection.execute(text(f"INSERT INTO opportunity ({columns}) VALUES (:{', :'.join(row)})"), row)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_deals_of_an_older_portal_are_summed_up(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    await asyncio.to_thread(on_connection, url, as_of_the_third_step)
    await asyncio.to_thread(upgrade, url)
    db = await connect(url)
    await consistency.check(db)
    await totals.SUMMARY.fold(db)
    await consistency.check(db)
    await db.close()
