"""Long work: started once, done by one, cut off and gone on with, cancelled, swept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import files as file_deeds
from dealwright.actions import people, work
from dealwright.actions.deed import now
from dealwright.actions.work_runs import Run, Worker, Works
from dealwright.domain.errors import Forbidden, NotFound, invalid
from dealwright.domain.file import Purpose
from dealwright.domain.people import UserChange
from dealwright.domain.tag import Tag
from dealwright.domain.work import RowProblem, State, Work
from dealwright.storage import files, leases, tags
from dealwright.storage import work as store
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Page
from dealwright.storage.writes import Lost
from tests.cast import Cast

ROWS = 5


async def count(run: Run) -> Mapping[str, Any]:
    """Make one tag per row, one row per step."""
    for row in range(run.cursor.get("row", 0), ROWS):
        made = tags.made("opportunity", f"row {row}")
        await run.advance(done=row + 1, total=ROWS, cursor={"row": row + 1}, writes=[made])
    return {"rows": ROWS}


@asynccontextmanager
async def working(db: Database, worker: Worker, holder: str = "here") -> AsyncIterator[Works]:
    works = Works(db, {"count": worker}, holder)
    stop = asyncio.Event()

    async def go_on() -> None:
        while not stop.is_set():
            if await works.is_due():
                await works.take()
            await asyncio.sleep(0.01)

    task = asyncio.create_task(go_on())
    try:
        yield works
    finally:
        stop.set()
        await task
        await works.stop()


async def ended(db: Database, ident: int, true: Callable[[Work], bool] = lambda found: found.is_finished) -> Work:
    deadline = asyncio.get_running_loop().time() + 10
    while not true(found := await store.read(db, ident)):
        assert asyncio.get_running_loop().time() < deadline, f"still {found.state}"
        await asyncio.sleep(0.01)
    return found


async def rows(db: Database, cast: Cast) -> list[str]:
    found: list[Tag] = await tags.read_all(db, cast.mia, "opportunity")
    return sorted(tag.title for tag in found)


ALL = [f"row {row}" for row in range(ROWS)]


async def test_a_work_is_done_to_its_end_and_tells_how_far_it_is(db: Database, cast: Cast) -> None:
    started = await work.start(db, cast.mia, "count", {"of": "tags"})
    assert (started.state, started.percentage) == (State.WAITING, 0.0)
    async with working(db, count):
        done = await ended(db, started.id)
    assert (done.state, done.done, done.percentage, done.result) == (State.DONE, ROWS, 100.0, {"rows": ROWS})
    assert await rows(db, cast) == ALL


async def test_what_was_cut_off_goes_on_where_it_was(db: Database, cast: Cast) -> None:
    begun = asyncio.Event()

    async def slow(run: Run) -> Mapping[str, Any]:
        for row in range(run.cursor.get("row", 0), 3):
            await run.advance(cursor={"row": row + 1}, writes=[tags.made("opportunity", f"row {row}")])
        begun.set()
        await asyncio.Event().wait()
        return {}

    started = await work.start(db, cast.mia, "count", {})
    works = Works(db, {"count": slow}, "here")
    assert await works.is_due()
    await works.take()
    await begun.wait()
    for task in works._running.values():
        task.cancel()
    async with working(db, count):
        done = await ended(db, started.id)
    assert done.state is State.DONE
    assert await rows(db, cast) == ALL


async def test_two_processes_never_do_one_step_twice(database_url: str, db: Database, cast: Cast) -> None:
    other = await connect(database_url)
    started = await work.start(db, cast.mia, "count", {})
    async with working(db, count, "here"), working(other, count, "there"):
        done = await ended(db, started.id)
    await other.close()
    assert done.state is State.DONE
    assert await rows(db, cast) == ALL


async def test_who_lost_the_lease_unknowingly_writes_nothing_more(db: Database, cast: Cast) -> None:
    started = await work.start(db, cast.mia, "count", {})
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def sleeper(run: Run) -> Mapping[str, Any]:
        asleep.set()
        await wake.wait()
        return await count(run)

    async with working(db, sleeper, "sleeper"):
        await asleep.wait()
        await leases.give_back(db, f"work {started.id}", "sleeper")
        async with working(db, count, "quick"):
            await ended(db, started.id)
        wake.set()
    assert await rows(db, cast) == ALL


async def test_a_cancelled_work_ends_and_keeps_what_it_did(db: Database, cast: Cast) -> None:
    halfway, go_on = asyncio.Event(), asyncio.Event()

    async def halting(run: Run) -> Mapping[str, Any]:
        await run.advance(done=1, total=2, cursor={"row": 1}, writes=[tags.made("opportunity", "row 0")])
        halfway.set()
        await go_on.wait()
        await run.advance(done=2, cursor={"row": 2}, writes=[tags.made("opportunity", "row 1")])
        return {}

    started = await work.start(db, cast.mia, "count", {})
    async with working(db, halting):
        await halfway.wait()
        assert (await work.cancel(db, cast.mia, started.id)).cancelled
        go_on.set()
        done = await ended(db, started.id)
    assert (done.state, done.done, done.percentage) == (State.CANCELLED, 1, 50.0)
    assert await rows(db, cast) == ["row 0"]


async def test_a_work_that_was_cancelled_before_it_began_never_begins(db: Database, cast: Cast) -> None:
    started = await work.start(db, cast.mia, "count", {})
    await work.cancel(db, cast.mia, started.id)
    async with working(db, count):
        assert (await ended(db, started.id)).state is State.CANCELLED
    assert await rows(db, cast) == []


async def test_a_refusal_fails_the_work_with_what_it_says(db: Database, cast: Cast) -> None:
    async def refusing(run: Run) -> Mapping[str, Any]:
        raise invalid("file", "format", "is no table")

    started = await work.start(db, cast.mia, "count", {})
    async with working(db, refusing):
        done = await ended(db, started.id)
    assert (done.state, done.error) == (State.FAILED, "file: is no table")


async def test_what_stumbles_is_tried_again_and_given_up_at_last(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Works, "_rest", lambda *_: None)
    tries = 0

    async def stumbling(run: Run) -> Mapping[str, Any]:
        nonlocal tries
        tries += 1
        await run.advance(done=1, total=2)
        await run.note({"tries": tries})
        raise ValueError("a stone")

    started = await work.start(db, cast.mia, "count", {})
    async with working(db, stumbling):
        done = await ended(db, started.id)
    assert (done.state, tries, done.done, done.cursor) == (State.FAILED, 6, 1, {"tries": 6})
    assert "stone" not in (done.error or "")


async def test_a_worker_acts_with_the_rights_its_person_has_now(db: Database, cast: Cast) -> None:
    narrowed = cast.mia.narrowed(cast.mia.rights - {"Coworker-Create"}, "native")
    started = await work.start(db, narrowed, "count", {})
    seen: list[tuple[bool, bool, str]] = []

    async def looking(run: Run) -> Mapping[str, Any]:
        seen.append((run.actor.may("Coworker-Create"), run.actor.may("Coworker-List"), run.actor.via))
        await people.change_user(db, cast.olga, cast.mia.id, UserChange(active=False))
        with pytest.raises(Forbidden):
            _ = run.actor
        return {}

    async with working(db, looking):
        await ended(db, started.id)
    assert seen == [(False, True, "native")]


async def test_a_step_is_decided_anew_when_the_rules_moved(db: Database, cast: Cast) -> None:
    tries = 0

    async def moving(run: Run) -> Mapping[str, Any]:
        async def step() -> None:
            nonlocal tries
            tries += 1
            actor = run.actor
            if tries == 1:
                await people.change_user(db, cast.olga, cast.mia.id, UserChange(title="Buyer"))
                run.db.rules = replace(run.db.rules, stamp=actor.stamp)
            await run.advance(done=1, writes=[tags.made("opportunity", "row 0")])

        await run.repeated(step)
        return {}

    started = await work.start(db, cast.mia, "count", {})
    async with working(db, moving):
        assert (await ended(db, started.id)).state is State.DONE
    assert (tries, await rows(db, cast)) == (2, ["row 0"])


async def test_only_one_of_a_kind_is_open_where_that_is_asked(db: Database, cast: Cast) -> None:
    first = await work.start_or_join(db, cast.mia, "count", {})
    both = await asyncio.gather(*(work.start_or_join(db, cast.mia, "count", {}) for _ in range(3)))
    assert {one.id for one in both} == {first.id}
    assert (await work.start_or_join(db, cast.noah, "count", {})).id != first.id
    async with working(db, count_nothing):
        await ended(db, first.id)
    assert (await work.start_or_join(db, cast.mia, "count", {})).id != first.id


async def test_others_do_not_see_it_and_administrators_do(db: Database, cast: Cast) -> None:
    started = await work.start(db, cast.mia, "count", {})
    assert (await work.status(db, cast.carl, started.id)).id == started.id
    assert [one.id for one in await work.list_for(db, cast.mia)] == [started.id]
    with pytest.raises(NotFound):
        await work.status(db, cast.noah, started.id)
    assert await work.list_for(db, cast.noah) == []
    assert await work.latest(db, cast.noah, "count") is None


async def test_problems_with_rows_are_kept_with_the_step(db: Database, cast: Cast) -> None:
    bad = RowProblem(row=2, field="email", code="format", message="is no e-mail", value="x")

    async def noting(run: Run) -> Mapping[str, Any]:
        await run.advance(done=1, failed=1, total=2, problems=[bad])
        return {}

    started = await work.start(db, cast.mia, "count", {})
    async with working(db, noting):
        done = await ended(db, started.id)
    assert (done.done, done.failed) == (1, 1)
    assert await work.problems(db, cast.mia, started.id, Page()) == [bad]


async def test_old_work_is_forgotten_and_new_is_not(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [(await file_deeds.keep(db, cast.mia, Purpose.IMPORT, "x.csv", None, b"x")).id for _ in range(2)]
    note = (await file_deeds.keep(db, cast.mia, Purpose.ATTACHMENT, "x.csv", None, b"x")).id
    old = await work.start(db, cast.mia, "count", {"file_id": tables[0], "rows": {"file_id": note}})
    new = await work.start(db, cast.mia, "count", {})
    kept = {tables[0]: False, tables[1]: True, note: True}
    async with working(db, count_nothing):
        await ended(db, old.id)
        await ended(db, new.id)
    late = now() - timedelta(days=8)
    await db.apply([store.finished(await store.read(db, old.id), {"finished_at": late})])
    assert await work.sweep(db) == 1
    assert [one.id for one in await work.list_for(db, cast.mia)] == [new.id]
    for ident, is_there in kept.items():
        assert (await files.read_known(db, ident) is not None) is is_there


async def count_nothing(run: Run) -> Mapping[str, Any]:
    """Advance once, without rows; a guard that is not the present one is lost."""
    with pytest.raises(Lost):
        await run.db.apply([store.moved(replace(run.work, version=0), {"done": 9})])
    await run.advance(done=1)
    return {}
