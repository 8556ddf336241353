"""Realistic data in any amount, for trials and measurements; nobody in it can sign in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from random import Random
from typing import IO, Final

from dealwright.seed import deals, world
from dealwright.seed.deals import Order
from dealwright.seed.world import Person, World
from dealwright.storage.bulk import Chunk, Loader, loader
from dealwright.storage.database import Database, connect

CHUNK: Final = 5_000
CONTACTS_EACH: Final = 0.3
PEOPLE: Final = (5, 120)
DEALS_PER_PERSON: Final = 5_000
COMPANY_DAYS: Final = 420
COMPANY_PIPELINES: Final = ("Memberships",)


async def fill(url: str, count: int, seed: int, screen: IO[str], contacts: int | None = None) -> str:
    """Store `count` made-up deals and return a sentence about it. The same seed on the same day: the same data.

    `contacts` is how many there are to be with them; three for ten deals where nothing is said.
    """
    started = time.monotonic()
    db = await connect(url)
    try:
        people = min(PEOPLE[1], max(PEOPLE[0], count // DEALS_PER_PERSON))
        scene = await world.prepare(db, Random(seed), people, world.midnight())  # noqa: S311
    finally:
        await db.close()
    store = await loader(url)
    try:
        await store.begin()
        await _stream(store, scene, count, CONTACTS_EACH if contacts is None else contacts / count, seed, screen)
        _say(screen, "making the indexes …")
        await store.finish()
    finally:
        await store.close()
    seconds = time.monotonic() - started
    _say(screen, "", end="")
    return f"Stored {count:,} deals in {seconds:,.0f} s ({count / seconds:,.0f} each second)."


async def company(db: Database, url: str, people: Sequence[tuple[int, str]], count: int) -> None:
    """Give these people (id and uid) a small company's worth of contacts and deals in two pipelines."""
    rng = Random("company")  # noqa: S311
    scene = await world.prepare(db, rng, 0, time.time_ns() // 1000, COMPANY_DAYS, COMPANY_PIPELINES)
    scene = replace(scene, people=tuple(_seller(scene, *each) for each in enumerate(people)))
    store = await loader(url)
    try:
        await store.store(deals.made(scene, await _order(store, scene, CONTACTS_EACH, 0, 0, [count])))
    finally:
        await store.close()


def _seller(scene: World, place: int, person: tuple[int, str]) -> Person:
    currency = world.CURRENCIES[place % len(world.CURRENCIES)]
    return Person(*person, scene.teams[place % len(scene.teams)] if place % 2 else 0, currency)


async def _stream(store: Loader, scene: World, count: int, share: float, seed: int, screen: IO[str]) -> None:
    """Let one process make up the next chunk while the database takes this one."""
    bar = Bar(screen, count)
    sizes = list(_sizes(count))
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:

        async def begun(number: int) -> asyncio.Future[Chunk]:
            order = await _order(store, scene, share, seed, number, sizes)
            return loop.run_in_executor(aside, deals.made, scene, order)

        coming = await begun(0)
        for number, size in enumerate(sizes):
            chunk = await coming
            if number + 1 < len(sizes):
                coming = await begun(number + 1)
            await store.store(chunk)
            bar.step(size)


def _sizes(count: int) -> Iterator[int]:
    for start in range(0, count, CHUNK):
        yield min(CHUNK, count - start)


async def _order(store: Loader, scene: World, share: float, seed: int, number: int, sizes: list[int]) -> Order:
    """Return the order of a chunk: deals come in evenly over the years."""
    size, done, count = sizes[number], number * CHUNK, sum(sizes)
    span = scene.until - scene.since
    return Order(
        seed,
        number,
        await store.reserve("contact", max(6, int(size * share))),
        await store.reserve("opportunity", size),
        scene.since + span * done // count,
        scene.since + span * (done + size) // count,
    )


class Bar:
    """A progress bar on a terminal; elsewhere a line now and then."""

    WIDTH: Final = 30

    def __init__(self, screen: IO[str], whole: int) -> None:
        self._screen = screen
        self._whole = whole
        self._done = 0
        self._began = time.monotonic()
        self._told = 0

    def step(self, count: int) -> None:
        """Note that some more is done."""
        self._done += count
        rate = self._done / max(0.001, time.monotonic() - self._began)
        left = (self._whole - self._done) / rate
        text = f"{self._done:>10,} of {self._whole:,}  {rate:,.0f}/s  {left:,.0f} s left"
        if self._screen.isatty():
            full = self.WIDTH * self._done // self._whole
            _say(self._screen, f"[{'#' * full}{'.' * (self.WIDTH - full)}] {text}")
        elif (part := 10 * self._done // self._whole) > self._told:
            self._told = part
            self._screen.write(text.strip() + "\n")


def _say(screen: IO[str], text: str, end: str = "") -> None:
    if screen.isatty():
        screen.write(f"\r\x1b[K{text}{end}")
        screen.flush()
