"""Telling webhooks again: one call, or everything that was not taken in since a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dealwright.actions.deed import attempted, happened, now, posted, recorded, written
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.actions.rule_deeds import touched
from dealwright.actions.webhook_calls import KEPT, REPLAY
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, invalid
from dealwright.storage import plain_records as store
from dealwright.storage import webhooks
from dealwright.storage.database import Database

EDIT: Final = "WebHook-Edit"


async def again(db: Database, actor: Actor, ident: int, call_id: int) -> None:
    """Have a webhook told soon of the event that one of its calls told of, whether it is on or not.

    It goes beside the others, once, and counts neither as error nor as progress; the answer is in the calls. What is
    waiting for its turn and is taken in this way is not told once more. Refuses with Forbidden, NotFound, and with
    Invalid ("call_id") what is no call of it that told of an event.
    """
    actor.require(EDIT)
    await store.read(db, actor, WEBHOOK.kind, ident)
    seq = await webhooks.told_by(db, ident, call_id)
    if seq is None:
        raise invalid("call_id", "unknown", "is no call of this webhook that told of an event", call_id)
    await db.apply([posted(REPLAY, {"webhook_id": ident, "seq": seq}, now())])


async def anew(db: Database, actor: Actor, ident: int, since: datetime | None = None) -> datetime | None:
    """Have a webhook told, in order, of everything since a moment that it did not take in; return that moment.

    Without one it is that of the first event in the calls that are kept which it was told of and never took in; None
    where there is none, and nothing is done. What happened before it was made is never told. Refuses with Forbidden,
    NotFound, with Conflict while it is off, and with Invalid ("since") a moment to come or before the calls kept.
    """
    actor.require(EDIT)
    _check(since)

    async def deed(_: int) -> datetime | None:
        before = await store.read(db, actor, WEBHOOK.kind, ident)
        if not before.values["active"]:
            raise Conflict("the webhook is switched off; switch it on first")
        asked = since or await webhooks.failed_since(db, ident)
        if asked is None:
            return None
        start = max(asked, before.created_at)
        at, fresh = now(), {"since": start, "error_count": 0, "due_at": None}
        change = store.updated(WEBHOOK.kind, before, touched(actor, at), fresh)
        event = happened(actor, at, WEBHOOK.subject, ["webhook.replayed"], None, {"since": start.isoformat()})
        back = webhooks.sent_back(change, await webhooks.seq_before(db, start))
        await written(db, [back, recorded(event, ident)], actor)
        return start

    async with db.turns.of(WEBHOOK.subject, ident):
        return await attempted(deed)


def _check(since: datetime | None) -> None:
    at = now()
    if since is not None and not at - KEPT <= since <= at:
        raise invalid("since", "out_of_range", f"must lie in the last {KEPT.days} days", since.isoformat())
