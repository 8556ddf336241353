"""Running long work: by one process at a time, from where it was cut off, to an end of whatever kind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from dealwright.actions.deed import new_uid, now, recorded
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Forbidden, NotFound, Refusal, RulesMoved
from dealwright.domain.event import Event
from dealwright.domain.work import RowProblem, State, Work, shown
from dealwright.storage import leases
from dealwright.storage import work as store
from dealwright.storage.database import Database
from dealwright.storage.outage import outage_of
from dealwright.storage.writes import Clash, Lost, Missing, Write

T = TypeVar("T")
AT_ONCE: Final = 2
LEASE_SECONDS: Final = 10.0
BEAT_SECONDS: Final = 3.0
STOP_SECONDS: Final = 8.0
LOOKED_AT: Final = 50
ATTEMPTS: Final = 6
TRIES: Final = 12
INSIDE: Final = "something went wrong inside; the server's log says what"

_log = logging.getLogger(__name__)


class Halted(Exception):
    """This run is over: the work was cancelled, another process has it, or the server stops. Let it pass."""


class Run:
    """One run of a work, as its worker sees it.

    What a worker has done counts when `advance` has said so: the rows of a chunk are handed over with it and are
    written in the same transaction as the cursor from which the next run would go on.
    """

    def __init__(self, db: Database, work: Work, is_stopping: Callable[[], bool]) -> None:
        self.db = db
        self.work = work
        self._is_stopping = is_stopping

    @property
    def input(self) -> Mapping[str, Any]:
        """What the work was started with."""
        return self.work.input

    @property
    def cursor(self) -> Mapping[str, Any]:
        """Where to go on; empty at the beginning."""
        return self.work.cursor

    @property
    def actor(self) -> Actor:
        """Who started it, with the rights that person has now. Forbidden when nobody is left to act for."""
        work = self.work
        actor = self.db.rules.actor(work.created_by or 0, work.via)
        if actor is None:
            raise Forbidden("the person who started this is not there any more")
        return actor.narrowed(None if work.scope is None else frozenset(work.scope.split()), work.via)

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled, as far as this run has heard; `advance` and `check` listen."""
        return self.work.cancelled

    async def check(self) -> None:
        """Raise Halted when there is no point in going on; for workers that do much between two steps."""
        present = await self._present()
        if present.version != self.work.version:
            raise Halted
        self.work = present
        if present.cancelled or self._is_stopping():
            raise Halted

    async def advance(
        self,
        *,
        done: int | None = None,
        failed: int | None = None,
        total: int | None = None,
        cursor: Mapping[str, Any] | None = None,
        problems: Sequence[RowProblem] = (),
        writes: Sequence[Write] = (),
    ) -> None:
        """Commit these writes and how far the work is now, all or nothing; counts are totals, None leaves them.

        Only with a cursor the work has come further, for what stumbles next: without one a new run begins as this did.

        Raises Halted when this run is over (then nothing was written, unless it is the server that stops), and
        Lost, Clash or Missing when the writes have to be decided anew; `repeated` does so.
        """
        said = {"done": done, "failed": failed, "total": total, "cursor": cursor}
        values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        values |= {"updated_at": now(), **({} if cursor is None else {"attempts": 0})}
        stamp = self.actor.stamp if writes else None
        try:
            await self.db.apply([store.moved(self.work, values), *writes, *store.noted(self.work.id, problems)], stamp)
        except Lost:
            await self.check()
            raise
        self.work = replace(self.work, **values, version=self.work.version + 1)
        if self._is_stopping():
            raise Halted

    async def note(self, cursor: Mapping[str, Any]) -> None:
        """Commit to memory what the next run has to know, although the work has come no further."""
        await self._move(store.moved, {"cursor": cursor, "updated_at": now()})
        if self._is_stopping():
            raise Halted

    async def repeated(self, step: Callable[[], Awaitable[T]]) -> T:
        """Return what a step comes to, decided anew under the present rules as often as somebody was quicker."""
        for _ in range(TRIES):
            try:
                return await step()
            except (Lost, Clash, Missing, RulesMoved):
                await self.db.refresh()
        raise Conflict("too much changed at the same time")

    async def begin(self) -> None:
        """Note that somebody is at it, for the how manieth time since it last moved on."""
        await self._move(store.moved, {"state": State.RUNNING, "attempts": self.work.attempts + 1})

    async def end(self, state: State, error: str | None = None, result: Mapping[str, Any] | None = None) -> None:
        """Note the end."""
        at = now()
        values = {"state": state, "error": error, "result": result or {}, "finished_at": at, "updated_at": at}
        await self._move(store.finished, values, self._ended(state))

    def _ended(self, state: State) -> Write:
        work = self.work
        facts = {"kind": work.kind, "state": str(state), "done": work.done, "failed": work.failed}
        event = Event(
            deed_id=new_uid(),
            at=now(),
            actor_id=work.created_by,
            via=work.via,
            kinds=["work.finished"],
            subject="work",
            after=facts,
        )
        return recorded(event, work.id)

    async def _move(
        self, write: Callable[[Work, Mapping[str, Any]], Write], values: Mapping[str, Any], *more: Write
    ) -> None:
        try:
            await self.db.apply([write(self.work, values), *more])
        except Lost:
            await self.check()
            raise
        self.work = replace(self.work, **values, version=self.work.version + 1)

    async def _present(self) -> Work:
        try:
            return await store.read(self.db, self.work.id)
        except NotFound as error:
            raise Halted from error


Worker = Callable[[Run], Awaitable[Mapping[str, Any] | None]]
"""Does a work from `run.cursor` on and returns its result. A refusal ends it as failed, with what it says."""


class Works:
    """The long work of one process. Several processes may run it: a lease per work says who does which."""

    def __init__(
        self, db: Database, workers: Mapping[str, Worker], holder: str, freed: Callable[[], None] = lambda: None
    ) -> None:
        self._db = db
        self._workers = workers
        self._holder = holder
        self._freed = freed
        self._running: dict[int, asyncio.Task[None]] = {}
        self._resting: dict[int, float] = {}
        self._waiting: list[int] = []
        self._stopping = False

    async def is_due(self) -> bool:
        """Tell whether there is work that nobody here does, and somebody free."""
        if self._stopping or len(self._running) >= AT_ONCE:
            return False
        at = asyncio.get_running_loop().time()
        self._resting = {ident: until for ident, until in self._resting.items() if until > at}
        found = await store.open_ids(self._db, tuple(self._workers), LOOKED_AT)
        self._waiting = [one for one in found if one not in self._running and one not in self._resting]
        return bool(self._waiting)

    async def take(self) -> None:
        """Begin with as much of what was found as there is room for and nobody else has."""
        for ident in self._waiting:
            if len(self._running) >= AT_ONCE:
                return
            if await leases.take(self._db, _lease(ident), self._holder, LEASE_SECONDS):
                self._running[ident] = asyncio.create_task(self._run(ident), name=f"work {ident}")

    async def take_one(self, ident: int) -> None:
        """Begin with this work, unless it is being done, here or elsewhere, or rests after it stumbled."""
        at = asyncio.get_running_loop().time()
        if self._stopping or ident in self._running or self._resting.get(ident, at) > at:
            return
        if await leases.take(self._db, _lease(ident), self._holder, LEASE_SECONDS):
            self._running[ident] = asyncio.create_task(self._run(ident), name=f"work {ident}")

    async def stop(self) -> None:
        """Let every run come to the end of its step; what takes longer is cut off and goes on after the restart."""
        self._stopping = True
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _run(self, ident: int) -> None:
        beat = asyncio.create_task(self._beat(ident, asyncio.current_task()))
        try:
            await self._worked(ident)
        except Halted:
            pass
        except Exception as error:
            self._rest(ident, 0 if outage_of(error) is None else ATTEMPTS)
            _log.warning("Work %d is tried again: %s", ident, error)
        finally:
            beat.cancel()
            await self._leave(ident)

    async def _leave(self, ident: int) -> None:
        self._running.pop(ident, None)
        try:
            await leases.give_back(self._db, _lease(ident), self._holder)
        except Exception as error:
            _log.warning("The lease of work %d runs out by itself: %s", ident, error)
        self._freed()

    async def _beat(self, ident: int, task: asyncio.Task[Any] | None) -> None:
        """Renew the lease; when somebody else has it, the work is theirs."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                kept = await leases.take(self._db, _lease(ident), self._holder, LEASE_SECONDS)
            except Exception as error:
                _log.warning("The lease of work %d was not renewed: %s", ident, error)
                continue
            if not kept and task is not None:
                task.cancel()
                return

    async def _worked(self, ident: int) -> None:
        work = await store.read(self._db, ident)
        run = Run(self._db, work, lambda: self._stopping)
        if work.is_finished:
            return None
        if work.cancelled:
            return await run.end(State.CANCELLED)
        if work.attempts >= ATTEMPTS:
            return await run.end(State.FAILED, "it was cut off again and again")
        await run.begin()
        try:
            result = await self._workers[work.kind](run)
        except Halted:
            if run.cancelled:
                await run.end(State.CANCELLED)
        except Refusal as refusal:
            await run.end(State.FAILED, shown(refusal))
        except Exception as error:
            await self._stumbled(run, error)
        else:
            await run.end(State.DONE, None, result)

    async def _stumbled(self, run: Run, error: Exception) -> None:
        """Try again after a while; after several times in the same place, give up."""
        outage = outage_of(error)
        said = "stumbled" if outage is None else f"waits: {outage}"
        _log.warning("Work %d (%s) %s", run.work.id, run.work.kind, said, exc_info=error if outage is None else None)
        if run.work.attempts >= ATTEMPTS:
            await run.end(State.FAILED, outage.told if outage is not None else INSIDE)
        else:
            self._rest(run.work.id, run.work.attempts if outage is None else ATTEMPTS)

    def _rest(self, ident: int, attempts: int) -> None:
        self._resting[ident] = asyncio.get_running_loop().time() + 0.5 * 2**attempts


def _lease(ident: int) -> str:
    return f"work {ident}"
