"""The outbox hands out what is due, and leases say who may hand it on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from dealwright.actions.deed import now, posted
from dealwright.storage import leases, outbox
from dealwright.storage.database import Database

MINUTE = timedelta(minutes=1)


async def due(db: Database, *kinds: str, most: int = 10) -> list[outbox.Parcel]:
    return await outbox.due(db, kinds or ("mail.shared",), now(), most)


async def test_only_what_is_due_and_of_a_known_kind_is_handed_out_oldest_first(db: Database) -> None:
    await db.apply([posted("mail.shared", {"n": 1}, now() - MINUTE)])
    await db.apply([posted("mail.shared", {"n": 2}, now() - 2 * MINUTE)])
    await db.apply([posted("mail.shared", {"n": 3}, now() + MINUTE)])
    await db.apply([posted("webhook", {"n": 4}, now() - MINUTE)])
    assert [parcel.payload["n"] for parcel in await due(db)] == [2, 1]
    assert [parcel.payload["n"] for parcel in await due(db, "webhook")] == [4]
    assert len(await due(db, most=1)) == 1


async def test_what_is_settled_or_postponed_is_not_due_any_more(db: Database) -> None:
    await db.apply([posted("mail.shared", {}, now() - MINUTE)])
    [parcel] = await due(db)
    await outbox.postpone(db, parcel, now() + MINUTE, "nobody there")
    assert await due(db) == []
    await outbox.postpone(db, parcel, now() - MINUTE, "nobody there")
    [again] = await due(db)
    assert again.attempts == 2
    await outbox.settle(db, again, now())
    assert await due(db) == []


async def test_a_lease_has_one_holder_until_it_ends_or_is_given_back(db: Database) -> None:
    assert await leases.take(db, "job", "first", 60)
    assert await leases.take(db, "job", "first", 60)
    assert not await leases.take(db, "job", "second", 60)
    assert await leases.take(db, "other job", "second", 60)
    await leases.release(db, "first")
    assert await leases.take(db, "job", "second", 0.05)
    await asyncio.sleep(0.1)
    assert await leases.take(db, "job", "first", 60)


async def test_of_many_who_reach_for_a_lease_one_gets_it(db: Database) -> None:
    got = await asyncio.gather(*(leases.take(db, "job", f"process {number}", 60) for number in range(20)))
    assert got.count(True) == 1
