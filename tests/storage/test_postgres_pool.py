"""The pool lends no more connections than it may, forgets nobody who waits, and loses no place to who gives up."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from dealwright.storage.postgres_pool import Connection, Pool


def pool(url: str, size: int, opened: list[Connection]) -> Pool:
    """A pool that notes every connection it opens."""

    async def connect() -> Connection:
        made: Connection = await asyncpg.connect(url)
        opened.append(made)
        return made

    return Pool(connect, size)


async def test_many_share_few_connections(postgres_url: str) -> None:
    opened: list[Connection] = []
    shared = pool(postgres_url, 3, opened)

    async def ask(number: int) -> int:
        async with shared.connection() as connection:
            return int(await connection.fetchval("SELECT $1::int", number))

    assert await asyncio.gather(*(ask(number) for number in range(60))) == list(range(60))
    assert len(opened) == 3
    await shared.close()
    assert all(connection.is_closed() for connection in opened)


async def test_who_gives_up_waiting_takes_no_place_along(postgres_url: str) -> None:
    opened: list[Connection] = []
    shared = pool(postgres_url, 1, opened)
    async with shared.connection():
        waiting = [asyncio.create_task(_use(shared)) for _ in range(4)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    waiting[1].cancel()  # its place may have been handed over already
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in done[:1]] == [True]
    assert done[2:] == [1, 1]
    assert await asyncio.wait_for(_use(shared), 60) == 1
    assert len(opened) <= 2
    await shared.close()


async def _use(shared: Pool) -> int:
    async with shared.connection() as connection:
        return int(await connection.fetchval("SELECT 1"))


async def test_a_cancelled_statement_costs_its_connection_and_no_place(postgres_url: str) -> None:
    opened: list[Connection] = []
    shared = pool(postgres_url, 1, opened)

    lent = asyncio.Event()
    task = asyncio.create_task(_sleep(shared, lent, 30))
    await lent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(_use(shared), 60) == 1
    assert len(opened) == 2
    await shared.close()


async def test_a_connection_that_cannot_be_made_frees_its_place(postgres_url: str) -> None:
    tries = [OSError("nobody there")]

    async def connect() -> Connection:
        if tries:
            raise tries.pop()
        made: Connection = await asyncpg.connect(postgres_url)
        return made

    shared = Pool(connect, 1)
    with pytest.raises(OSError, match="nobody"):
        await _use(shared)
    assert await _use(shared) == 1
    await shared.close()


async def test_closing_waits_for_what_runs(postgres_url: str) -> None:
    shared = pool(postgres_url, 2, [])
    lent = asyncio.Event()
    running = asyncio.create_task(_sleep(shared, lent, 0.3))
    await lent.wait()
    await shared.close()
    assert running.done() or await running == 1


async def _sleep(shared: Pool, lent: asyncio.Event, seconds: float) -> int:
    async with shared.connection() as connection:
        lent.set()
        await connection.execute(f"SELECT pg_sleep({seconds})")
        return 1
