"""Calling webhooks: each is told what happened in the order in which it happened, at least once.

What a body looks like is for a face to say; whether the owner may see the record is asked when it is sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from dealwright.actions.deed import new_uid, now, posted, recorded
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, RulesMoved
from dealwright.domain.event import Event
from dealwright.domain.webhook import EVENTS_BY_ACTION, FAILURES, signature, standard_signatures
from dealwright.fetching import Bounds, Unfetchable, post
from dealwright.storage import plain_records
from dealwright.storage import webhooks as store
from dealwright.storage.database import Database
from dealwright.storage.opportunities import confirm
from dealwright.storage.outage import outage_of
from dealwright.storage.webhooks import Happening, Hook, Reply
from dealwright.storage.writes import Write

VIA: Final = "webhook"
TEST: Final = "webhook.test"
REPLAY: Final = "webhook.replay"
NOTHING: Final = "There is nothing any more that its owner may be told."
SECRET: Final = "Webhooks.SharedSecret"  # noqa: S105
"""The setting of a location that signs for the webhooks without a secret of their own."""
SIGNATURE: Final = "X-Nexudus-Hook-Signature"
AT_ONCE: Final = 16
SLOW_AT_ONCE: Final = 8
"""How many of those called at once may be such as fail or answer late; the others have their places for themselves."""
SLOW_MILLIS: Final = 1000
BATCH: Final = 500
REMEMBERED: Final = 5000
"""How many events a webhook may be past without that being written down."""
TURN_SECONDS: Final = 5.0
STOP_SECONDS: Final = 8.0
CALL: Final = Bounds(size=0, seconds=10.0)
GONE: Final = 410
TRIES: Final = 5
KEPT: Final = timedelta(days=30)
SWEPT_AT_ONCE: Final = 1000
_MEDIA: Final = {"Content-Type": "application/json; charset=utf-8"}

_log = logging.getLogger(__name__)

Shown = Callable[[Database, Actor, Hook, Happening | None], Awaitable[bytes | None]]
"""Makes the body of a call, ASCII alone; None where there is nothing that the owner may be told. Without a happening
a body to try the webhook out with. May raise RulesMoved."""


async def test(db: Database, actor: Actor, ident: int) -> None:
    """Have a webhook called soon, whether it is on or not, with a record to try it out; the answer is in its calls.

    Refuses with Forbidden and NotFound.
    """
    actor.require("WebHook-Edit")
    await plain_records.read(db, actor, WEBHOOK.kind, ident)
    await db.apply([posted(TEST, {"webhook_id": ident}, now())])


async def calls(db: Database, actor: Actor, ident: int, before: int, most: int) -> list[Reply]:
    """Return the calls of a webhook with ids below `before`, the newest first. Refuses with Forbidden and NotFound."""
    actor.require("WebHook-Read")
    await plain_records.read(db, actor, WEBHOOK.kind, ident)
    return await store.calls(db, ident, before, most)


async def sweep(db: Database) -> int:
    """Forget calls of more than a month ago; return how many."""
    ids = await store.old_calls(db, now() - KEPT, SWEPT_AT_ONCE)
    if ids:
        await db.apply([store.calls_forgotten(ids)])
    return len(ids)


async def call(hook: Hook, secrets: Sequence[str], body: bytes, seq: int | None, bounds: Bounds = CALL) -> Reply:
    """Post a body to a webhook once and return what came of it."""
    began, at, status, error = time.perf_counter(), now(), None, None
    ident = f"{hook.uid}.{seq}" if seq is not None else new_uid()
    try:
        status = await post(hook.url, _headers(secrets, body, ident, int(at.timestamp())), body, bounds)
        if not 200 <= status < 300:
            error = f"The address answers {status}."
    except Unfetchable as trouble:
        error = str(trouble)
    return Reply(at=at, seq=seq, status=status, error=error, millis=int((time.perf_counter() - began) * 1000))


def _headers(secrets: Sequence[str], body: bytes, ident: str, timestamp: int) -> dict[str, str]:
    """Return the headers of a call; the vendor's form has room for one signature, which is by the newest secret."""
    headers = {**_MEDIA, "webhook-id": ident, "webhook-timestamp": str(timestamp)}
    if secrets:
        headers[SIGNATURE] = signature(secrets[0], body)
        headers["webhook-signature"] = standard_signatures(secrets, ident, timestamp, body)
    return headers


@dataclass(frozen=True, slots=True)
class Caller:
    """How webhooks are called: what makes the bodies, how long is waited after failures, whither calls may go."""

    shown: Shown
    pause: Callable[[int], float]
    bounds: Bounds = CALL


class Hooks:
    """The webhooks as one process calls them; only one process at a time may. Each has a task of its own."""

    def __init__(self, db: Database, caller: Caller, freed: Callable[[], None] = lambda: None) -> None:
        self._db = db
        self._caller = caller
        self._freed = freed
        self._running: dict[int, asyncio.Task[None]] = {}
        self._looked_at: dict[int, tuple[int | None, int]] = {}
        self._served: dict[int, float] = {}
        self._slow: set[int] = set()
        self._resting: dict[int, float] = {}
        self._waiting: list[Hook] = []
        self._stopping = False

    async def is_due(self) -> bool:
        """Tell whether something happened that a webhook waits for, or is being told: both need the lease."""
        hooks = [] if self._stopping else await store.active(self._db)
        self._waiting = []
        if hooks:
            last, at = await store.last_seq(self._db), now()
            due = [hook for hook in hooks if (hook.due_at is None or hook.due_at <= at) and self._is_rested(hook.id)]
            waiting = [hook for hook in due if hook.id not in self._running and self._passed(hook) < last]
            self._waiting = sorted(waiting, key=lambda hook: self._served.get(hook.id, 0.0))
            self._slow |= {hook.id for hook in waiting if hook.error_count}
        return bool(self._waiting or self._running)

    async def work(self) -> None:
        """Begin with as many of those that wait as there is room for, those first that had their turn longest ago."""
        for hook in self._waiting:
            is_slow = hook.id in self._slow
            if len(self._running) >= AT_ONCE or (is_slow and len(self._running.keys() & self._slow) >= SLOW_AT_ONCE):
                continue
            self._served[hook.id] = asyncio.get_running_loop().time()
            self._running[hook.id] = asyncio.create_task(self._run(hook.id), name=f"webhook {hook.id}")

    async def stop(self) -> None:
        """Let the calls that are on their way come to an end, for some seconds; what is cut off is called again."""
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def try_out(self, parcel: Mapping[str, Any]) -> None:
        """Call a webhook once, as `test` asked for."""
        hook = await store.read(self._db, int(parcel["webhook_id"]))
        if hook is not None:
            reply = await self._called(hook, await self._body(hook, None) or b"[]", None)
            await self._db.apply([store.called(hook, reply)])

    async def replay(self, parcel: Mapping[str, Any]) -> None:
        """Tell a webhook of one event again, beside the others, as `webhook_replays.again` asked for."""
        hook, seq = await store.read(self._db, int(parcel["webhook_id"])), int(parcel["seq"])
        found = await store.after(self._db, seq - 1, 1) if hook is not None else []
        if hook is None or not found or found[0].seq != seq:
            return
        body = await self._body(hook, found[0])
        nothing = Reply(at=now(), seq=seq, status=None, error=NOTHING, millis=0)
        reply = nothing if body is None else await self._called(hook, body, seq)
        await self._db.apply([store.called(hook, reply)])

    async def _called(self, hook: Hook, body: bytes, seq: int | None) -> Reply:
        secrets = hook.secrets(now(), await self._secret(hook))
        reply = await call(hook, secrets, body, seq, self._caller.bounds)
        (self._slow.discard if reply.is_well and reply.millis < SLOW_MILLIS else self._slow.add)(hook.id)
        return reply

    async def _run(self, ident: int) -> None:
        until = asyncio.get_running_loop().time() + TURN_SECONDS
        try:
            while not self._stopping and asyncio.get_running_loop().time() < until and await self._step(ident):
                pass
        except Exception as error:
            # What came of a call could perhaps not be noted: it must not be made again and again for that.
            self._resting[ident] = asyncio.get_running_loop().time() + self._caller.pause(0)
            trace = None if outage_of(error) is not None else error
            _log.warning("The webhook %d is called later: %s", ident, error, exc_info=trace)
        finally:
            self._running.pop(ident, None)
            self._freed()

    async def _step(self, ident: int) -> bool:
        """Tell a webhook the next thing it is to know; return whether to go on."""
        hook = await store.read(self._db, ident)
        if hook is None or not hook.active:
            return False
        found = await self._next(hook)
        if found is None:
            return False
        body = await self._body(hook, found)
        if body is None:
            self._looked_at[ident] = hook.seq, found.seq
            return True
        reply = await self._called(hook, body, found.seq)
        await self._db.apply([*self._outcome(hook, reply), store.called(hook, reply)])
        return reply.is_well

    def _is_rested(self, ident: int) -> bool:
        return self._resting.get(ident, 0.0) <= asyncio.get_running_loop().time()

    def _passed(self, hook: Hook) -> int:
        """Return up to where a webhook is through; where it was sent back, what was looked at since counts no more."""
        before, seq = self._looked_at.get(hook.id, (hook.seq, 0))
        return max(hook.seq or 0, seq if before == hook.seq else 0)

    async def _next(self, hook: Hook) -> Happening | None:
        """Return the first event behind those it is through with that a webhook is about and has not taken in yet."""
        kinds = EVENTS_BY_ACTION.get(hook.action, ())
        seq = self._passed(hook) or await store.seq_before(self._db, hook.since)
        while batch := await store.after(self._db, seq, BATCH):
            for found in batch:
                if found.at < hook.since or not any(kind in kinds for kind in found.kinds):
                    continue
                if not await store.was_taken_in(self._db, hook.id, found.seq):
                    return found
            seq = batch[-1].seq
            self._looked_at[hook.id] = hook.seq, seq
        if seq - (hook.seq or 0) > REMEMBERED:
            await self._db.apply([store.passed(hook, seq)])
        return None

    async def _body(self, hook: Hook, found: Happening | None) -> bytes | None:
        """Return what a webhook's owner is told; one whose owner has left is told nothing any more."""
        for _ in range(TRIES):
            try:
                actor = self._db.rules.actor(hook.owner_id, VIA)
                if actor is None:
                    await self._end(hook)
                    return None
                await confirm(self._db, actor)
                return await self._caller.shown(self._db, actor, hook, found)
            except NotFound:
                return None
            except RulesMoved:
                await self._db.refresh()
        raise RulesMoved

    async def _end(self, hook: Hook) -> None:
        why = "Its owner is not there any more."
        await self._db.apply([store.ended(hook, why), _switched_off(hook, why)])

    async def _secret(self, hook: Hook) -> str:
        return hook.secret or await store.setting(self._db, hook.location_id, SECRET)

    def _outcome(self, hook: Hook, reply: Reply) -> list[Write]:
        if reply.is_well:
            return [store.succeeded(hook, reply)]
        if hook.error_count + 1 >= FAILURES or reply.status == GONE:
            why = reply.error or ""
            _log.warning("The webhook %d is switched off: %s", hook.id, why)
            return [store.failed(hook, reply, None), _switched_off(hook, why)]
        wait = timedelta(seconds=self._caller.pause(hook.error_count))
        return [store.failed(hook, reply, reply.at + wait)]


def _switched_off(hook: Hook, why: str) -> Write:
    happened = Event(
        deed_id=new_uid(),
        at=now(),
        actor_id=None,
        via=VIA,
        kinds=["webhook.changed"],
        subject="webhook",
        before={"active": True},
        after={"active": False, "last_error": why},
    )
    return recorded(happened, hook.id)


def allowing(private: bool) -> Bounds:
    """Return whither calls may go: into private networks only where that is allowed."""
    return replace(CALL, private=private)
