"""Deeds over many deals, on both databases: the same rows, events and totals as one by one, in few statements."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import many, opportunities, tasks
from dealwright.domain.errors import Conflict, Forbidden, NotFound, RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.task import TaskChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.writes import Sweep
from tests.actions.about_contacts import EVENTS, deal, events
from tests.cast import Cast
from tests.support.consistency import check

BY_HAND = {"uid", "position", "created_at", "updated_at", "moved_at", "deleted_at", "id"}


async def stored(db: Database, ident: int) -> dict[str, Any]:
    """The row of a deal without what differs from deal to deal."""
    query = Query(select(schema.opportunity).where(schema.opportunity.c.id == ident))
    row = await db.first(query)
    assert row is not None
    return {name: value for name, value in zip(query.keys, row, strict=True) if name not in BY_HAND}


async def priced(db: Database, cast: Cast, amount: str | None, currency: str = "EUR", **values: Any) -> int:
    """A deal of Mia's that is worth something."""
    return await deal(db, cast, amount=Decimal(amount) if amount else None, currency=currency, **values)


async def test_many_deals_go_to_the_trash_as_one_does(db: Database, cast: Cast) -> None:
    ids = [await priced(db, cast, "10.5"), await priced(db, cast, "-3.25", "USD"), await priced(db, cast, None)]
    alone, stays = await priced(db, cast, "10.5"), await priced(db, cast, "7")
    await opportunities.delete(db, cast.mia, alone)
    done = await opportunities.delete_many(db, cast.mia, [*ids, ids[0], 99999])
    assert (done.count, [one.opportunity.id for one in done.shown]) == (3, ids)
    assert await stored(db, ids[0]) == await stored(db, alone)
    for one in ids:
        assert (await events(db, "opportunity", one))[-1] == ("opportunity.deleted", {}, {})
        with pytest.raises(NotFound):
            await opportunities.get(db, cast.olga, one)
    assert (await opportunities.get(db, cast.mia, stays)).opportunity.version == 1
    deeds = [row[0] for row in await db.rows(EVENTS) if row[1] == "opportunity.deleted"]
    assert len(set(deeds)) == 2
    await check(db)


async def test_a_deal_of_many_comes_back_with_its_tasks(db: Database, cast: Cast) -> None:
    ident = await priced(db, cast, "10")
    task = await tasks.create(db, cast.mia, TaskChange(title="Call", opportunity_id=ident))
    await opportunities.delete_many(db, cast.mia, [ident])
    with pytest.raises(NotFound):
        await tasks.get(db, cast.mia, task.task.id)
    await opportunities.restore(db, cast.mia, ident)
    assert (await tasks.get(db, cast.mia, task.task.id)).task.opportunity_id == ident
    await check(db)


async def test_what_is_hidden_is_passed_over(db: Database, cast: Cast) -> None:
    hidden = await priced(db, cast, "10", sharing=Sharing(True, (cast.carl.uid,)))
    shown = await priced(db, cast, "20")
    assert (await opportunities.delete_many(db, cast.noah, [hidden, shown])).count == 1
    assert (await opportunities.get(db, cast.mia, hidden)).opportunity.version == 1
    with pytest.raises(Forbidden):
        await opportunities.delete_many(db, cast.rita, [hidden])


async def test_many_deals_are_shared_as_one_is(db: Database, cast: Cast) -> None:
    alone, other = await priced(db, cast, "10"), await priced(db, cast, "20")
    noahs = (await opportunities.create(db, cast.noah, Change(stage_id=first(db), title="Noah's"))).opportunity.id
    wish = Sharing(True, (cast.noah.uid,))
    await opportunities.share(db, cast.mia, alone, wish)
    done = await opportunities.share_many(db, cast.mia, [other, noahs, 99999], wish)
    assert [one.opportunity.id for one in done.shown] == [other]
    assert done.shown[0].shared_with == tuple(sorted((cast.mia.uid, cast.noah.uid)))
    assert (await stored(db, other)).items() - (await stored(db, alone)).items() == {("amount_units", 20)}
    assert (await events(db, "opportunity", other))[1:] == (await events(db, "opportunity", alone))[1:]
    await check(db)
    for wanted in (Sharing(True, (cast.carl.uid,)), Sharing(True, (cast.carl.uid,)), Sharing()):
        await opportunities.share(db, cast.mia, alone, wanted)
        await opportunities.share_many(db, cast.mia, [other], wanted)
    assert (await opportunities.get(db, cast.mia, other)).opportunity.version == 4
    assert (await events(db, "opportunity", other))[1:] == (await events(db, "opportunity", alone))[1:]
    await check(db)


def first(db: Database) -> int:
    """The first stage."""
    return db.rules.stages_of(db.rules.default_pipeline.id)[0].id


async def test_chunks_follow_each_other(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "CHUNK", 2)
    monkeypatch.setattr(many, "SHOWN", 3)
    ids = [await priced(db, cast, str(number)) for number in range(7)]
    done = await opportunities.delete_many(db, cast.mia, ids)
    assert (done.count, [one.opportunity.id for one in done.shown]) == (7, ids[:4])
    await check(db)


async def test_rules_that_move_meanwhile_end_the_deed(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "CHUNK", 1)
    ids, mia, write, sweeps = [await priced(db, cast, "1"), await priced(db, cast, "2")], cast.mia, db.write, []

    async def moved(writes: Any, stamp: int | None) -> Any:
        if isinstance(writes[0], Sweep):
            sweeps.append(writes)
            if len(sweeps) == 2:
                await db.apply_rules([], None)
        return await write(writes, stamp)

    monkeypatch.setattr(db, "write", moved)
    with pytest.raises(Conflict, match="only 1 "):
        await opportunities.delete_many(db, mia, ids)
    with pytest.raises(RulesMoved):
        await opportunities.delete_many(db, mia, ids)
    assert (await opportunities.get(db, cast.mia, ids[1])).opportunity.version == 1


async def test_totals_hold_while_others_work_on_the_same_deals(db: Database, cast: Cast) -> None:
    ids = [await priced(db, cast, str(number)) for number in range(40)]

    async def price(ident: int) -> None:
        try:
            await opportunities.change(db, cast.mia, ident, Change(amount=Decimal(1000 + ident)))
        except NotFound:
            return

    async def share(private: bool) -> None:
        await opportunities.share_many(db, cast.mia, ids, Sharing(private, (cast.noah.uid,)))

    await asyncio.gather(
        *(price(ident) for ident in ids),
        *(share(True), share(False), opportunities.delete_many(db, cast.mia, ids[::2])),
        return_exceptions=False,
    )
    await check(db)
    kept = [await opportunities.get(db, cast.mia, one) for one in ids[1::2]]
    assert all(bool(one.shared_with) is one.opportunity.private for one in kept)
