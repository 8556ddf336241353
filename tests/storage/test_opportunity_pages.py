"""Pages by keyset: every order, both directions, missing values and all, is walked to its end without a slip."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.domain.actor import Actor
from dealwright.domain.opportunity import Change, Opportunity, Sharing
from dealwright.domain.pipeline import Outcome
from dealwright.domain.text import fold
from dealwright.storage import opportunity_pages as pages
from dealwright.storage.database import Database, connect
from dealwright.storage.keyset import Place
from dealwright.storage.opportunities import read_many
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.opportunity_pages import By, Key, find_places
from dealwright.storage.sight import EVERYTHING
from tests.cast import Cast, company

DEALS = 40
FAR_BELOW = Decimal(-(10**15))
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
ORDERS: dict[By, Callable[[Opportunity], Any]] = {
    By.ID: lambda deal: deal.id,
    By.TITLE: lambda deal: fold(deal.title),
    By.AMOUNT: lambda deal: FAR_BELOW if deal.amount is None else deal.amount,
    By.EXPECTED: lambda deal: deal.expected_close or LONG_AGO,
    By.CREATED: lambda deal: deal.created_at,
    By.UPDATED: lambda deal: deal.updated_at,
}


@pytest.fixture
async def cast(staffed: Database) -> Cast:
    return await company(staffed)


async def fill(db: Database, cast: Cast) -> None:
    dice = random.Random(7)
    stages = [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(DEALS):
        said = Change(
            stage_id=dice.choice(stages[-3:]),
            title=dice.choice([None, "Ärger", "arger", "Zebra", f"Desk {number}"]),
            amount=dice.choice([None, Decimal(0), Decimal("-1.5"), Decimal("2.25"), Decimal(dice.randint(1, 9))]),
            expected_close=dice.choice([None, start, start + timedelta(days=dice.randint(0, 5))]),
        )
        if number % 10 == 9:
            said.sharing = Sharing(True, (cast.noah.uid,))
        await deals.create(db, cast.noah, said)


async def walk(db: Database, actor: Actor, criteria: Criteria, keys: tuple[Key, ...], size: int) -> list[int]:
    """All ids of a list, page by page."""
    ids: list[int] = []
    after: Place | None = None
    while page := await find_places(db, actor, criteria, keys, after, size):
        assert len(page) <= size
        ids += [int(place[-1] or 0) for place in page]
        after = page[-1]
    return ids


def in_order(records: list[Opportunity], keys: tuple[Key, ...]) -> list[int]:
    """The same ids as Python's own stable sort has them."""
    found = sorted(records, key=lambda deal: deal.id, reverse=keys[-1].descending)
    for key in reversed(keys):
        found.sort(key=ORDERS[key.by], reverse=key.descending)
    return [deal.id for deal in found]


async def test_every_order_is_walked_to_its_end(db: Database, cast: Cast) -> None:
    await fill(db, cast)
    everything = [deal.opportunity for deal in await read_many(db, cast.olga, range(1, DEALS + 1))]
    assert len(everything) == DEALS
    turned = [Key(by, descending) for by in ORDERS for descending in (False, True)]
    orders = [(key,) for key in turned] + list(itertools.permutations(turned, 2))
    for keys in orders:
        if len({key.by for key in keys}) == len(keys) and keys[0].by is not By.ID:
            assert await walk(db, cast.olga, Criteria(), keys, 7) == in_order(everything, keys), keys


async def test_what_is_hidden_from_somebody_is_on_no_page(db: Database, cast: Cast) -> None:
    await fill(db, cast)
    order = (Key(By.AMOUNT, True), Key(By.EXPECTED))
    assert len(await walk(db, cast.noah, Criteria(), order, 5)) == DEALS
    assert len(await walk(db, cast.mia, Criteria(), order, 5)) == DEALS - DEALS // 10


async def test_criteria_hold_on_every_page(db: Database, cast: Cast) -> None:
    await fill(db, cast)
    everything = [deal.opportunity for deal in await read_many(db, cast.olga, range(1, DEALS + 1))]
    won = [deal for deal in everything if deal.outcome is Outcome.WON]
    assert 0 < len(won) < DEALS
    criteria = Criteria(stage_ids=[won[0].stage_id], outcome=Outcome.WON)
    order = (Key(By.AMOUNT, True),)
    assert await walk(db, cast.olga, criteria, order, 3) == in_order(won, order)
    both = Criteria(stage_ids=list({deal.stage_id for deal in everything}), title_words=["desk"])
    desks = [deal for deal in everything if "desk" in (deal.title or "").lower()]
    assert await walk(db, cast.olga, both, (Key(By.TITLE),), 3) == in_order(desks, (Key(By.TITLE),))


async def test_a_stage_is_walked_in_the_order_of_its_cards(db: Database, cast: Cast) -> None:
    await fill(db, cast)
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[-1].id
    cards = [deal.opportunity for deal in await read_many(db, cast.olga, range(1, DEALS + 1))]
    there = sorted((card for card in cards if card.stage_id == stage), key=lambda card: card.position or 0)
    walked = await walk(db, cast.olga, Criteria(stage_ids=[stage]), (Key(By.POSITION),), 2)
    assert walked == [card.id for card in there]


async def test_every_page_of_an_indexed_order_comes_from_that_index(sqlite_url: str) -> None:
    """A plan that sorts would read the whole table for every page."""
    db = await connect(sqlite_url)
    orders = {By.TITLE: (False, False), By.AMOUNT: (False,) * 3, By.EXPECTED: (True, False), By.CREATED: (False,) * 2}
    for by, missing in orders.items():
        shape = pages.Shape(EVERYTHING, (), 0, False, (Key(by, by is By.AMOUNT),))
        for query in (pages.first(shape), pages.following(shape, missing)):
            text = query.sqlite.text
            plan = [row[3] for row in await db.text(f"EXPLAIN QUERY PLAN {text}", *[1] * text.count("?"))]
            touched = [step for step in plan if " opportunity" in step]
            assert touched
            assert all(f"ix_opportunity_{by.value}" in step for step in touched)
            assert plan[-1] == "USE TEMP B-TREE FOR ORDER BY" or len(plan) == 1
    await db.close()
