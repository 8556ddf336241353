"""Made-up data is stored as if deeds had made it: totals, words, places, numbers and ids all agree."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from random import Random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select, text

from dealwright import seed
from dealwright.actions import opportunities as deals
from dealwright.actions.people import has_owner
from dealwright.domain.custom_field import value_problem
from dealwright.domain.opportunity import Change
from dealwright.seed import deals as making
from dealwright.seed import world
from dealwright.seed.deals import Order
from dealwright.storage import schema
from dealwright.storage.bulk import Loader, SqliteLoader, loader
from dealwright.storage.database import Database, connect, sqlite_path
from dealwright.storage.query import Query
from tests.cast import company
from tests.support import consistency

o, e = schema.opportunity, schema.event


async def rows(db: Database, *columns: Any) -> Sequence[Any]:
    return [tuple(row) for row in await db.rows(Query(select(*columns).order_by(columns[0])))]


async def count(db: Database, table: Any) -> int:
    [row] = await db.rows(Query(select(func.count()).select_from(table)))
    return int(row[0])


async def filled(url: str, deals: int = 1500, number: int = 1) -> Database:
    await seed.fill(url, deals, number, io.StringIO())
    return await connect(url)


async def test_what_is_kept_beside_the_deals_agrees_with_them(database_url: str) -> None:
    db = await filled(database_url)
    assert await count(db, o) == 1500
    await consistency.check(db)
    assert await count(db, text("contact_search")) == await count(db, schema.contact) == 450
    await db.close()


async def test_contacts_have_kinds_and_tags_and_deals_have_tasks(database_url: str) -> None:
    await seed.fill(database_url, 1000, 1, io.StringIO(), contacts=2000)
    db = await connect(database_url)
    contact, task = schema.contact, schema.task
    assert await count(db, contact) == 2000
    assert 400 < await count(db, schema.contact_tag) < 800
    tally = schema.contact_tally.c
    assert sum(contacts for _, contacts in await rows(db, tally.is_company, tally.contacts)) == 2000
    assert 600 < len([kind for _, kind in await rows(db, contact.c.id, contact.c.type_id) if kind]) < 1000
    assert 100 < await count(db, task) < 300
    about = await rows(db, task.c.id, task.c.opportunity_id, task.c.responsible, task.c.deadline)
    assert all(deal and somebody and due for _, deal, somebody, due in about)
    await db.close()


async def test_every_event_has_the_next_number(database_url: str) -> None:
    db = await filled(database_url)
    numbers = [row[0] for row in await rows(db, e.c.seq)]
    assert numbers[0] == 1
    assert all(later - earlier == 1 for earlier, later in pairwise(numbers))
    await db.close()


async def test_the_data_is_as_varied_as_life(database_url: str) -> None:
    db = await filled(database_url)
    found = await rows(db, o.c.id, o.c.currency, o.c.outcome, o.c.private, o.c.amount_units, o.c.amount_nanos)
    assert {row[1] for row in found} >= {"USD", "EUR", "GBP"}
    assert {row[2] for row in found} == {0, 1, 2}
    assert 0 < sum(1 for row in found if row[3]) < 100
    assert any(row[4] is None for row in found)
    assert any(row[5] for row in found)
    used = {row[1] for row in await rows(db, o.c.id, o.c.stage_id)}
    assert len({db.rules.stages[one].pipeline_id for one in used}) == 3
    for table in (schema.opportunity_member, schema.opportunity_tag, schema.opportunity_share, schema.contact_info):
        assert await count(db, table) > 0
    await db.close()


async def test_every_custom_value_is_one_that_the_field_allows(database_url: str) -> None:
    db = await filled(database_url)
    values = await rows(db, schema.opportunity_value.c.field_id, schema.opportunity_value.c.value)
    assert len({field for field, _ in values}) == 4
    assert not [1 for field, value in values if value_problem(db.rules.fields[field], value)]
    await db.close()


async def test_deeds_go_on_where_the_data_ends(database_url: str) -> None:
    db = await filled(database_url)
    cast = await company(db)
    last = max(row[0] for row in await rows(db, o.c.id))
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    deal = await deals.create(db, cast.mia, Change(stage_id=stage, title="The next one"))
    assert deal.opportunity.id > last
    moved = await deals.win(db, cast.mia, deal.opportunity.id)
    assert moved.opportunity.outcome == 1
    await consistency.check(db)
    await db.close()


async def test_more_data_goes_behind_what_is_there(database_url: str) -> None:
    db = await filled(database_url)
    cast = await company(db)
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    await deals.create(db, cast.mia, Change(stage_id=stage, title="In between"))
    await db.close()
    db = await filled(database_url, 500, 2)
    assert await count(db, o) == 2001
    assert await count(db, schema.pipeline) == 3
    numbers = [row[0] for row in await rows(db, e.c.seq)]
    assert numbers == list(range(1, len(numbers) + 1))
    await consistency.check(db)
    await db.close()


async def test_the_same_seed_makes_the_same_data_and_another_does_not(sqlite_url: str, postgres_url: str) -> None:
    columns = (o.c.id, o.c.title, o.c.amount_units, o.c.stage_id, o.c.position, o.c.created_at, o.c.uid)
    one, two = await filled(sqlite_url, 300), await filled(postgres_url, 300)
    assert await rows(one, *columns) == await rows(two, *columns)
    scene = await world.prepare(one, Random(1), 5, world.midnight())
    order = Order(1, 0, range(1, 31), range(1, 101), scene.since, scene.until)
    other = Order(2, 0, range(1, 31), range(1, 101), scene.since, scene.until)
    assert making.made(scene, order) == making.made(scene, order)
    assert making.made(scene, order) != making.made(scene, other)
    await one.close()
    await two.close()


async def test_nobody_in_it_can_sign_in_and_the_portal_still_waits_for_its_owner(database_url: str) -> None:
    db = await filled(database_url, 100)
    assert db.rules.users
    assert not any(db.rules.passwords.values())
    assert not has_owner(db)
    cast = await company(db)
    assert cast.olga.is_admin
    await db.close()


async def structure(url: str) -> set[str]:
    """The indexes and foreign keys of a database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(url))) as file:
            return {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    connection = await asyncpg.connect(url)
    found = await connection.fetch("SELECT indexdef FROM pg_indexes UNION SELECT conname FROM pg_constraint")
    await connection.close()
    return {row[0] for row in found}


async def test_a_seed_that_is_cut_off_is_made_good_by_the_next(database_url: str) -> None:
    before = await structure(database_url)
    store: Loader = await loader(database_url)
    await store.begin()
    await store.close()
    assert len(await structure(database_url)) < len(before)
    db = await filled(database_url, 50)
    await db.close()
    assert await structure(database_url) == before


async def test_a_chunk_that_cannot_be_stored_leaves_nothing_behind(sqlite_url: str) -> None:
    db = await connect(sqlite_url)
    scene = await world.prepare(db, Random(1), 5, world.midnight())
    store = await loader(sqlite_url)
    order = Order(1, 0, range(1, 31), [1, 2, 3, 3], scene.since, scene.until)
    with pytest.raises(sqlite3.IntegrityError):
        await store.store(making.made(scene, order))
    assert isinstance(store, SqliteLoader)
    for table in (o, schema.contact, schema.stage_total):
        assert await count(db, table) == 0
    await store.close()
    await db.close()
