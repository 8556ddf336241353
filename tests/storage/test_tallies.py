"""Tallies of deals and the pages that are found by them: as exact as counting, whichever way a page is found."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dealwright.actions import currencies, opportunities
from dealwright.domain.actor import Actor
from dealwright.domain.currency import Quote
from dealwright.domain.opportunity import Change, Opportunity, Sharing
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import EPOCH
from dealwright.storage import records, records_counts, records_walk, tallies
from dealwright.storage.database import Database
from dealwright.storage.opportunity_lists import Criteria, find
from dealwright.storage.query import Page, Query
from dealwright.storage.records_terms import Condition, Op, Sort
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import opportunity_tally as tally
from dealwright.storage.tallies import DAY, SUMMARY, Facet, day_of, first_of_day, size_of, units_of_size
from dealwright.storage.writes import Change as Write
from tests.cast import Cast
from tests.support import consistency

START = datetime(2031, 3, 1, tzinfo=UTC)
WHOLE = st.integers(-(10**18), 10**18)


@given(WHOLE, WHOLE)
def test_larger_amounts_are_in_no_lower_bucket(one: int, two: int) -> None:
    low, high = sorted((one, two))
    assert size_of(low) <= size_of(high)
    least, greatest = units_of_size(size_of(one))
    assert least <= one <= greatest
    assert size_of(least) == size_of(one) == size_of(greatest)
    assert size_of(least - 1) < size_of(one) < size_of(greatest + 1)


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_a_day_holds_all_its_instants_and_no_other(instant: int) -> None:
    day = day_of(instant)
    assert first_of_day(day) <= instant < first_of_day(day) + DAY == first_of_day(day + 1)
    assert day == (EPOCH + timedelta(microseconds=instant)).toordinal() - 1


def moment(rng: random.Random) -> datetime | None:
    """A moment at an edge of a day, or in it."""
    if rng.random() < 0.2:
        return None
    edge = rng.choice((0, 1, DAY - 1, DAY // 2))
    return START + timedelta(days=rng.randrange(6), microseconds=edge)


def amount(rng: random.Random) -> Decimal | None:
    if rng.random() < 0.2:
        return None
    return rng.choice((Decimal(0), Decimal("-0.5"), Decimal("999.99"), Decimal(1000), Decimal("1000.01"))) + Decimal(
        rng.randrange(-3, 2500)
    )


async def make(db: Database, rng: random.Random, cast: Cast, count: int) -> None:
    stages = [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]
    for _ in range(count):
        private = rng.random() < 0.3
        listed = (cast.mia.uid, *((cast.noah.uid,) if rng.random() < 0.5 else ()))
        change = Change(
            title="Ten desks",
            stage_id=rng.choice(stages),
            follow_up_at=moment(rng),
            amount=amount(rng),
            currency=rng.choice(("USD", "EUR")),
            lead_source=rng.choice((None, 1, 2)),
            sharing=Sharing(private, listed if private else ()),
        )
        made = (await opportunities.create(db, cast.mia, change)).opportunity
        if rng.random() < 0.1:
            await opportunities.delete(db, cast.mia, made.id)


async def spread(db: Database, rng: random.Random, somebody: Actor) -> None:
    """Let the deals look as if they had been made on several days, what was tallied of them with it."""
    writes: list[Any] = []
    for deal in await find(db, somebody, Criteria(), page=Page(0, 10_000)):
        before = deal.opportunity
        created = moment(rng) or START
        after = Opportunity(**{name: getattr(before, name) for name in before.__slots__} | {"created_at": created})
        micros = int((created - EPOCH) / timedelta(microseconds=1))
        writes += [Write(o, {"created_at": micros}, {"id": before.id}), *tallies.tallied(before, after, before.id)]
    for write in writes:
        await db.apply([write])


def value_of(deal: Opportunity, path: str) -> Any:
    if path == "amount":
        shown = deal.amount
        return None if shown is None else shown if deal.currency == "USD" else shown * 2
    return int(deal.outcome) if path == "outcome" else getattr(deal, path)


def matches(deal: Opportunity, condition: Condition) -> bool:
    value = value_of(deal, condition.path)
    if value is None:
        return False
    if condition.op is Op.GE:
        return bool(value >= condition.value)
    return bool(value <= condition.value) if condition.op is Op.LE else bool(value == condition.value)


def question(rng: random.Random, deals: Sequence[Opportunity]) -> list[Condition]:
    if rng.random() < 0.3:
        one = rng.choice(deals)
        paths = rng.sample(("stage_id", "outcome", "completed", "created_at", "lead_source"), 2)
        return [Condition(path, Op.EQ, value_of(one, path)) for path in paths if value_of(one, path) is not None]
    path = rng.choice(("created_at", "updated_at", "follow_up_at", "amount", "outcome", "completed", "lead_source"))
    if path in ("outcome", "lead_source"):
        return [Condition(path, Op.EQ, rng.choice((0, 1, 2)))]
    if path == "completed":
        return [Condition(path, Op.EQ, rng.choice((True, False)))]

    def value() -> Any:
        if path == "updated_at":
            return rng.choice(deals).updated_at
        return amount(rng) or Decimal(1000) if path == "amount" else moment(rng) or START

    low, high = Condition(path, Op.GE, value()), Condition(path, Op.LE, value())
    return rng.choice(([low], [high], [low, high], [Condition(path, Op.EQ, value())], [low, low]))


async def check(db: Database, actor: Actor, rng: random.Random, rounds: int) -> None:
    """Compare pages and totals of random lists with what all the deals that this person sees come to."""
    seen = [deal.opportunity for deal in await find(db, actor, Criteria(), page=Page(0, 10_000))]
    for _ in range(rounds):
        asked, down = question(rng, seen), rng.random() < 0.5
        true = sorted((deal.id for deal in seen if all(matches(deal, one) for one in asked)), reverse=down)
        page = Page(rng.choice((0, 1, 7)), rng.choice((1, 3, 200)))
        found = await records.find(db, actor, "opportunity", asked, Sort("id", down), page)
        expected: Sequence[int] = true[page.offset : page.offset + page.limit]
        assert (list(found.rows), found.total) == (list(expected), len(true)), asked


WAYS = {"walking": (0, 10**9, 10**9), "short walks": (0, 10**9, 12), "candidates": (0, 0, 0), "an index": (10**9, 0, 0)}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_a_page_finds_the_same(
    db: Database, cast: Cast, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in zip(("FEW", "REACH", "STEPS"), WAYS[way], strict=True):
        monkeypatch.setattr(records_walk, name, number)
    monkeypatch.setattr(records_walk, "SPARE", 2)
    monkeypatch.setattr(records_counts, "_MANY", 10)
    rng = random.Random(way)
    await currencies.set_rate(db, cast.olga, Quote("EUR", "USD", Decimal(2)))
    await make(db, rng, cast, 60)
    await spread(db, rng, cast.olga)
    for actor in (cast.olga, cast.mia, cast.noah):
        await check(db, actor, rng, 40)
    await SUMMARY.fold(db)
    assert not await SUMMARY.is_unfolded(db)
    await consistency.check(db)
    for actor in (cast.olga, cast.noah):
        await check(db, actor, rng, 40)


async def test_what_becomes_of_a_deal_becomes_of_its_tallies(db: Database, cast: Cast) -> None:
    rng = random.Random(7)
    await currencies.set_rate(db, cast.olga, Quote("EUR", "USD", Decimal(2)))
    await make(db, rng, cast, 12)
    ids = [deal.opportunity.id for deal in await find(db, cast.olga, Criteria(), page=Page(0, 100))]
    for ident in ids:
        outcome = rng.choice(list(Outcome))
        change = Change(amount=amount(rng), follow_up_at=moment(rng), outcome=outcome, lead_source=rng.choice((1, 2)))
        await opportunities.change(db, cast.olga, ident, change)
        await consistency.check(db)
    await opportunities.share_many(db, cast.olga, ids[:6], Sharing(True, (cast.noah.uid,)))
    await consistency.check(db)
    await SUMMARY.fold(db)
    await opportunities.share_many(db, cast.olga, ids[3:], Sharing(False, ()))
    await consistency.check(db)
    await opportunities.delete_many(db, cast.olga, ids[:9])
    await consistency.check(db)
    await opportunities.restore(db, cast.olga, ids[0])
    await SUMMARY.fold(db)
    await consistency.check(db)
    await check(db, cast.noah, rng, 40)


async def test_a_bucket_that_nothing_is_left_in_is_forgotten(db: Database, cast: Cast) -> None:
    stages = [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]
    made = await opportunities.create(db, cast.mia, Change(title="Ten desks", stage_id=stages[0], lead_source=1))
    await opportunities.change(db, cast.mia, made.opportunity.id, Change(lead_source=2))
    await SUMMARY.fold(db)
    rows = await db.rows(Query(select(tally.c.bucket).where(tally.c.facet == int(Facet.LEAD_SOURCE))))
    assert [row[0] for row in rows] == [2]
