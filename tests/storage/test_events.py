"""Events are numbered without gaps, in the order in which they became visible, by however many processes."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import asyncpg

from dealwright.actions.deed import happened, now, recorded
from dealwright.domain.actor import RIGHTS, Actor, Standing
from dealwright.storage import events
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from dealwright.storage.schema import event

SOMEBODY = Actor(1, "", "", "", Standing.OWNER, RIGHTS, 1)
NUMBERED = Query(event.select().with_only_columns(event.c.id, event.c.seq).order_by(event.c.id))


async def happen(db: Database, times: int = 1) -> None:
    for _ in range(times):
        await db.apply([recorded(happened(SOMEBODY, now(), "opportunity", ["opportunity.changed"]), 1)])


async def numbers(db: Database) -> list[int | None]:
    return [row[1] for row in await db.rows(NUMBERED)]


async def test_events_get_the_next_numbers_in_their_order(db: Database) -> None:
    assert not await events.is_unordered(db)
    assert await events.order(db) == 0
    await happen(db, 3)
    assert await events.is_unordered(db)
    assert await events.order(db) == 3
    await happen(db, 2)
    assert await events.order(db) == 2
    assert await numbers(db) == [1, 2, 3, 4, 5]
    assert not await events.is_unordered(db)


async def test_a_great_many_are_numbered_bit_by_bit(db: Database) -> None:
    await happen(db, 5)
    assert [await events.order(db, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await numbers(db) == [1, 2, 3, 4, 5]


async def test_an_event_that_is_committed_late_comes_later_and_is_not_skipped(postgres_url: str) -> None:
    db = await connect(postgres_url)
    slow = await asyncpg.connect(postgres_url)
    unfinished = slow.transaction()
    await unfinished.start()
    await slow.execute("INSERT INTO event (deed_id, at, subject_id, kinds) VALUES ('late', 1, 1, 'x')")
    await happen(db)
    assert await events.order(db) == 1
    assert await numbers(db) == [1]
    await unfinished.commit()
    await happen(db)
    assert await events.order(db) == 2
    assert await numbers(db) == [2, 1, 3]
    await slow.close()
    await db.close()


async def test_processes_that_number_at_the_same_time_leave_no_gap_and_no_pair(database_url: str) -> None:
    several = [await connect(database_url) for _ in range(3)]

    async def busy(db: Database) -> None:
        for _ in range(20):
            await asyncio.gather(happen(db, 3), events.order(db, limit=4))

    await asyncio.gather(*map(busy, several))
    while await events.order(several[0]):
        pass
    found = sorted(number for number in await numbers(several[0]) if number is not None)
    assert found[0] == 1
    assert all(later - earlier == 1 for earlier, later in pairwise(found))
    assert len(found) == 3 * 20 * 3
    for db in several:
        await db.close()
