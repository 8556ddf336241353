"""Totals of stages, on both databases: exact for everybody at any moment, folded or not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities as deals
from dealwright.actions.deed import now
from dealwright.domain.actor import Actor, Sight
from dealwright.domain.errors import RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.opportunity_lists import Criteria, find
from dealwright.storage.query import Page, Query
from dealwright.storage.totals import SUMMARY, StageTotal, by_stage
from dealwright.storage.writes import InsertMany
from tests.cast import Cast

_SUMMARY = Query(select(schema.stage_total))
_DELTAS = Query(select(schema.stage_total_delta))
HUGE = Decimal("999999999999999.999999999")


def stages(db: Database) -> list[int]:
    return [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]


async def make(db: Database, actor: Actor, **values: Any) -> Deal:
    return await deals.create(db, actor, Change(**{"stage_id": stages(db)[0], "title": "Ten desks", **values}))


def added_up(found: Sequence[Deal], at: datetime) -> dict[int, StageTotal]:
    """The totals of these deals, added up one by one."""
    totals: dict[int, StageTotal] = {}
    for deal in (one.opportunity for one in found):
        total = totals.setdefault(deal.stage_id, StageTotal())
        total.deals += 1
        total.due += deal.follow_up_at is not None and deal.follow_up_at <= at and not deal.completed
        if deal.amount is not None:
            total.priced += 1
            code = deal.currency or ""
            total.amounts[code] = total.amounts.get(code, Decimal(0)) + deal.amount
    return totals


async def check(db: Database, actor: Actor) -> None:
    """Compare what the totals say with all the deals that this person sees."""
    at = now()
    seen = await find(db, actor, Criteria(), page=Page(0, 10_000))
    totals = await by_stage(db, actor, None, at)
    assert {one: total for one, total in totals.items() if total.deals} == added_up(seen, at)
    assert set(totals) == set(db.rules.stages)


def viewers(cast: Cast) -> list[Actor]:
    """People who see differently far: all, members, one's own, the team's."""
    narrowed = (replace(cast.noah, sight=Sight.OWN), replace(cast.noah, sight=Sight.TEAM))
    return [cast.carl, cast.mia, cast.noah, cast.rita, *narrowed]


@pytest.mark.parametrize("seed", range(3))
async def test_totals_are_exact_for_everybody_after_any_deeds(db: Database, cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    ids: list[int] = []
    people = [cast.mia, cast.noah]

    def said() -> dict[str, Any]:
        amount = dice.choice([None, Decimal(dice.randrange(-(10**12), 10**12)).scaleb(-dice.randrange(10))])
        users = dice.choice([(), (cast.noah.uid,), (cast.mia.uid, cast.noah.uid)])
        choices: dict[str, Any] = {
            "stage_id": dice.choice(stages(db)),
            "amount": amount,
            "currency": dice.choice([None, "EUR", "USD"]),
            "responsible": dice.choice([None, cast.mia.uid, cast.noah.uid]),
            "sharing": Sharing(dice.random() < 0.5, users),
            "follow_up_at": dice.choice([None, now() - timedelta(days=1), now() + timedelta(days=1)]),
        }
        return {name: choices[name] for name in dice.sample(sorted(choices), dice.randrange(1, 6))}

    for step in range(60):
        actor = dice.choice(people)
        if not ids or dice.random() < 0.4:
            ids.append((await make(db, actor, **said())).opportunity.id)
        elif dice.random() < 0.8:
            await deals.change(db, cast.olga, dice.choice(ids), Change(**said()))
        else:
            gone = ids.pop(dice.randrange(len(ids)))
            await deals.delete(db, cast.olga, gone)
            if dice.random() < 0.5:
                await deals.restore(db, cast.olga, gone)
                ids.append(gone)
        if step % 20 == 10:
            await SUMMARY.fold(db)
    for _ in range(2):
        for viewer in viewers(cast):
            await check(db, viewer)
        await SUMMARY.fold(db)


async def test_folding_changes_no_answer_and_leaves_nothing_that_came_to_nothing(db: Database, cast: Cast) -> None:
    first, second = stages(db)[:2]
    deal = await make(db, cast.mia, amount=Decimal("-0.1"), currency="EUR")
    assert await SUMMARY.is_unfolded(db)
    before = await by_stage(db, cast.mia, [first], now())
    await SUMMARY.fold(db)
    assert not await SUMMARY.is_unfolded(db)
    assert await by_stage(db, cast.mia, [first], now()) == before
    await deals.move(db, cast.mia, deal.opportunity.id, second)
    await SUMMARY.fold(db)
    assert [row[0] for row in await db.rows(_SUMMARY)] == [second]
    await SUMMARY.fold(db)
    await check(db, cast.mia)


async def test_folding_by_many_while_deals_come_counts_each_once(db: Database, cast: Cast) -> None:
    async def sell(number: int) -> None:
        await make(db, cast.mia, amount=Decimal(number), currency="EUR")

    async def keep_folding() -> None:
        for _ in range(8):
            await SUMMARY.fold(db)

    await asyncio.gather(*(sell(number) for number in range(30)), keep_folding(), keep_folding(), keep_folding())
    await check(db, cast.mia)
    await SUMMARY.fold(db)
    assert await db.rows(_DELTAS) == []
    await check(db, cast.mia)


async def test_sums_too_large_for_a_column_are_still_exact(db: Database, cast: Cast) -> None:
    first = stages(db)[0]
    rows = [(first, "EUR", "", 0, False, 1, 1, 10**15 - 1, 999_999_999)] * 10_000
    columns = ("stage_id", "currency", "responsible", "team_id", "private", "deals", "priced", "units", "nanos")
    await db.apply([InsertMany(schema.stage_total_delta, columns, rows)])
    await make(db, cast.mia, amount=Decimal(5), currency="USD")
    for _ in range(2):
        total = (await by_stage(db, cast.mia, [first], now()))[first]
        assert (total.deals, total.amounts) == (10_001, {"EUR": HUGE * 10_000, "USD": Decimal(5)})
        await SUMMARY.fold(db)
    assert [row[1] for row in await db.rows(_SUMMARY)] == ["USD"]


async def test_only_the_stages_asked_for_are_told(db: Database, cast: Cast) -> None:
    first, second, third = stages(db)[:3]
    for stage in (first, second):
        await make(db, cast.mia, stage_id=stage, sharing=Sharing(stage == first, (cast.mia.uid,)))
    totals = await by_stage(db, cast.mia, [second, third, 999], now())
    assert {stage: total.deals for stage, total in totals.items()} == {second: 1, third: 0, 999: 0}


async def test_a_deal_is_due_from_the_moment_of_its_follow_up_until_it_is_completed(db: Database, cast: Cast) -> None:
    first, at = stages(db)[0], datetime(2026, 3, 4, 12, tzinfo=UTC)
    deal = await make(db, cast.mia, follow_up_at=at)

    async def due(moment: datetime) -> int:
        return (await by_stage(db, cast.noah, [first], moment))[first].due

    assert [await due(at + timedelta(microseconds=shift)) for shift in (-1, 0, 1)] == [0, 1, 1]
    await deals.change(db, cast.mia, deal.opportunity.id, Change(completed=True))
    assert await due(at) == 0


async def test_totals_under_older_rules_are_not_told(db: Database, cast: Cast) -> None:
    before = cast.mia
    with pytest.raises(RulesMoved):
        await by_stage(db, replace(before, stamp=before.stamp - 1), None, now())
