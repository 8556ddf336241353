"""What runs beside the requests: events are numbered, totals folded, due letters sent; at least once."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from dealwright import mail
from dealwright.actions import (
    attempts,
    automation,
    exports,
    files,
    follow_ups,
    imports,
    invitations,
    mailings,
    reminders,
    reports,
    task_letters,
    webhook_calls,
    work,
)
from dealwright.actions.deed import now
from dealwright.actions.webhook_calls import Caller, Hooks, Shown
from dealwright.actions.work_runs import Worker, Works
from dealwright.config import Settings
from dealwright.storage import events, leases, outbox
from dealwright.storage.database import Database
from dealwright.storage.folding import Summary
from dealwright.storage.outage import outage_of
from dealwright.storage.outbox import Parcel
from dealwright.storage.summaries import SUMMARIES

LEASE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 1.0
GATHER_SECONDS: Final = 0.05
FOLD_SECONDS: Final = 1.0
STOP_SECONDS: Final = 10.0
AT_ONCE: Final = 8
DELIVERY_SECONDS: Final = 60.0
DELIVERY_LEASE: Final = 90.0
ATTEMPTS: Final = 12
FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 6 * 3600.0
SWEEP_SECONDS: Final = 3600.0
HOOK_SECONDS: Final = 0.2
"""How long webhooks wait for events to get their numbers."""

_log = logging.getLogger(__name__)
_AT_WORK: Final[ContextVar[bool]] = ContextVar("at_work", default=False)

Deliver = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Takes the payload of a parcel; raises Undeliverable for good, anything else to be tried again."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that is done whenever it is due: `is_due` only looks, `work` does some and tells whether to go on.

    Without a lease (None) every process may do it at the same time.
    """

    name: str
    is_due: Callable[[], Awaitable[bool]]
    work: Callable[[], Awaitable[bool | None]]
    pause: float = GATHER_SECONDS
    lease: float | None = LEASE_SECONDS


def _folding(db: Database, name: str, summary: Summary) -> Job:
    return Job(f"fold {name}", lambda: summary.is_unfolded(db), lambda: summary.fold(db), pause=FOLD_SECONDS)


class Jobs:
    """The jobs of one process. Several processes may run them: a lease says who does which."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        post: Mapping[str, Deliver] | None = None,
        workers: Mapping[str, Worker] | None = None,
        shown: Shown | None = None,
    ) -> None:
        self._db = db
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{random.getrandbits(32):08x}"
        caller = Caller(shown or _nothing, pause_after, webhook_calls.allowing(settings.fetch_private))
        self._hooks = Hooks(db, caller, self._look_again)
        trials = {webhook_calls.TEST: self._hooks.try_out, webhook_calls.REPLAY: self._hooks.replay} if shown else {}
        self._post = Post(db, {**letters(db, settings), **errands(db), **trials, **(post or {})})
        self._works = Works(db, {**workers_of(settings), **(workers or {})}, self._holder, self._look_again)
        self._jobs = (
            Job("order events", lambda: events.is_unordered(db), lambda: _order(db)),
            *(_folding(db, name, summary) for name, summary in SUMMARIES.items()),
            Job("deliver", self._post.is_due, self._post.deliver, lease=DELIVERY_LEASE),
            Job("long work", self._works.is_due, self._works.take, lease=None),
            *((Job("webhooks", self._hooks.is_due, self._hooks.work, HOOK_SECONDS),) if shown else ()),
            *reminding(db, settings),
            Sweeping("old work", lambda: work.sweep(db)).job,
            Sweeping("failed sign-ins", lambda: attempts.sweep(db)).job,
            Sweeping("calls of webhooks", lambda: webhook_calls.sweep(db)).job,
            Sweeping("files", files.Sweeper(db).sweep).job,
            Sweeping("uploads", files.Collector(db, settings.upload_hours).sweep).job,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._alarms: list[asyncio.Event] = []
        self._held: dict[str, float] = {}
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin; must be called on the running event loop."""
        for job in self._jobs:
            alarm = asyncio.Event()
            self._alarms.append(alarm)
            self._tasks.append(asyncio.create_task(self._run(job, alarm), name=f"job: {job.name}"))
        self._db.after_write.append(self._wake)

    async def stop(self) -> None:
        """Let what is being done be finished, for some seconds; give the leases back."""
        self._stopping.set()
        self._db.after_write.remove(self._wake)
        for alarm in self._alarms:
            alarm.set()
        await asyncio.gather(self._works.stop(), self._hooks.stop())
        _, unfinished = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in unfinished:
            task.cancel()
        if self._held:
            try:
                await leases.release(self._db, self._holder)
            except Exception as error:
                _log.warning("The leases of this process run out by themselves: %s", error)

    def _wake(self) -> None:
        if _AT_WORK.get():
            return  # what a job writes is no reason to look again
        self._look_again()

    def _look_again(self) -> None:
        for alarm in self._alarms:
            alarm.set()

    async def _run(self, job: Job, alarm: asyncio.Event) -> None:
        _AT_WORK.set(True)
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._turn(job)
                failures = 0
            except Exception as error:
                failures += 1
                known = failures > 1 or outage_of(error) is not None
                _log.warning("The job “%s” failed: %s", job.name, error, exc_info=not known)
            await self._rest(alarm, job.pause, failures)

    async def _turn(self, job: Job) -> None:
        more: bool | None = True
        while more and not self._stopping.is_set() and await job.is_due() and await self._holds(job):
            more = await job.work()

    async def _holds(self, job: Job) -> bool:
        if job.lease is None:
            return True
        at = asyncio.get_running_loop().time()
        if at < self._held.get(job.name, 0.0):
            return True
        if await leases.take(self._db, job.name, self._holder, job.lease):
            self._held[job.name] = at + job.lease / 3
            return True
        self._held.pop(job.name, None)
        return False

    async def _rest(self, alarm: asyncio.Event, gather: float, failures: int) -> None:
        """Wait for a write of this process or for the next look; then a moment more, to do many at once."""
        pause = min(POLL_SECONDS * 2**failures, 60.0)
        if await _set_within(alarm, pause):
            alarm.clear()
            await _set_within(self._stopping, pause if failures else gather)


class Sweeping:
    """A job of every hour: `sweep` forgets some of what is old and tells how much that was."""

    def __init__(self, name: str, sweep: Callable[[], Awaitable[int]]) -> None:
        self._sweep = sweep
        self._next = 0.0
        self.job = Job(f"sweep {name}", self._is_due, self._work)

    async def _is_due(self) -> bool:
        return asyncio.get_running_loop().time() >= self._next

    async def _work(self) -> bool:
        if await self._sweep():
            return True
        self._next = asyncio.get_running_loop().time() + SWEEP_SECONDS
        return False


def workers_of(settings: Settings) -> dict[str, Worker]:
    """Return who does which kind of long work."""
    importing = imports.worker(replace(imports.FETCHED, private=settings.fetch_private))
    mailing = mailings.worker(settings.mail_transport != "none")
    return {
        reports.KIND: reports.run,
        mailings.KIND: mailing,
        **exports.WORKERS,
        **dict.fromkeys(imports.KINDS, importing),
    }


def reminding(db: Database, settings: Settings) -> Sequence[Job]:
    """Return the jobs that remind people; none where no mail leaves, so that nothing counts as told."""
    if settings.mail_transport == "none":
        return ()
    return (
        Job("follow-ups", lambda: follow_ups.is_due(db), lambda: follow_ups.tell(db)),
        Job("reminders", lambda: reminders.is_due(db), lambda: reminders.write(db)),
    )


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def _nothing(*_: object) -> None:
    return None


async def _order(db: Database) -> bool:
    return await events.order(db) >= events.BATCH


class Post:
    """Delivers due parcels, each kind by its own hand, several at once, and tries again what failed."""

    def __init__(self, db: Database, hands: Mapping[str, Deliver]) -> None:
        self._db = db
        self._hands = hands
        self._waiting: list[Parcel] = []
        self._unnoted: set[int] = set()

    async def is_due(self) -> bool:
        """Tell whether something is to be delivered now."""
        self._waiting = await outbox.due(self._db, tuple(self._hands), now(), AT_ONCE)
        return bool(self._waiting)

    async def deliver(self) -> bool:
        """Deliver what was found due; there may be more."""
        await asyncio.gather(*(self.hand_over(parcel) for parcel in self._waiting))
        return len(self._waiting) == AT_ONCE

    async def hand_over(self, parcel: Parcel) -> None:
        """Deliver one parcel and note what came of it; what could not be noted then is not delivered again for that."""
        try:
            if parcel.id not in self._unnoted:
                async with asyncio.timeout(DELIVERY_SECONDS):
                    await self._hands[parcel.kind](parcel.payload)
        except mail.Undeliverable as error:
            _log.warning("Outbox row %d (%s) cannot be delivered: %s", parcel.id, parcel.kind, error)
            await outbox.settle(self._db, parcel, now(), str(error))
        except Exception as error:
            await self._again(parcel, f"{type(error).__name__}: {error}")
        else:
            self._unnoted.add(parcel.id)
            await outbox.settle(self._db, parcel, now())
            self._unnoted.discard(parcel.id)

    async def _again(self, parcel: Parcel, error: str) -> None:
        if parcel.attempts + 1 >= ATTEMPTS:
            _log.error("Outbox row %d (%s) is given up: %s", parcel.id, parcel.kind, error)
            await outbox.settle(self._db, parcel, now(), error)
            return
        wait = pause_after(parcel.attempts)
        _log.warning("Outbox row %d (%s) is tried again in %d s: %s", parcel.id, parcel.kind, wait, error)
        await outbox.postpone(self._db, parcel, now() + timedelta(seconds=wait), error)


def pause_after(attempts: int) -> float:
    """Return the seconds until the next try: 15, 60, 240 … up to six hours, each up to a quarter longer by chance."""
    return min(FIRST_PAUSE * 4.0**attempts, LONGEST_PAUSE) * random.uniform(1.0, 1.25)  # noqa: S311


def letters(db: Database, settings: Settings) -> dict[str, Deliver]:
    """Return the hands that turn parcels into letters; where mail is off, letters are let go unsent."""
    send = mail.transport(settings)

    def hand(kind: str) -> Deliver:
        async def deliver(facts: Mapping[str, Any]) -> None:
            if send is not None:
                await send(mail.written(kind, facts, await _address_of(db, facts), settings))

        return deliver

    async def remind(said: Mapping[str, Any]) -> None:
        task = await task_letters.still_due(db, said)
        if task is not None:
            facts = {**task_letters.facts_of(db.rules, task), "to_uid": task.responsible}
            await hand("mail.task_due")(facts)

    async def follow_up(said: Mapping[str, Any]) -> None:
        if (facts := await follow_ups.still_due(db, said)) is not None:
            await hand(follow_ups.LETTER)(facts)

    async def invite(said: Mapping[str, Any]) -> None:
        if send is not None and (facts := await invitations.letter(db, said)) is not None:
            await hand(invitations.LETTER)(facts)

    async def write(facts: Mapping[str, Any]) -> None:
        if send is not None:
            await send(mail.letter(facts, await mailings.attachments(db, facts["files"]), settings))

    own = {task_letters.REMINDER: remind, mailings.LETTER: write, follow_ups.LETTER: follow_up}
    own[invitations.LETTER] = invite
    return {**{kind: hand(kind) for kind in mail.KINDS}, **own}


def errands(db: Database) -> dict[str, Deliver]:
    """Return the hands that do what a deed left to be done in the house."""
    return {automation.ASSIGN: lambda said: automation.assign(db, said)}


async def _address_of(db: Database, facts: Mapping[str, Any]) -> str:
    """Return the address a letter names, else that of the person it is for."""
    return str(facts["to"]) if "to" in facts else await _email_of(db, str(facts["to_uid"]))


async def _email_of(db: Database, uid: str) -> str:
    user = db.rules.users_by_uid.get(uid)
    if user is None:
        await db.refresh()
        user = db.rules.users_by_uid.get(uid)
    if user is None or not user.active or not user.email:
        raise mail.Undeliverable("the person it is for is not there any more")
    return user.email
