"""Webhooks as those who call them see them: which are on, what happened since, what came of each call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import exists, func, select

from dealwright.domain.text import fold
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, number, words
from dealwright.storage.schema import business_setting, event, webhook, webhook_call
from dealwright.storage.writes import Change, Insert, Remove

ERROR_LENGTH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook: whom it belongs to, what it is about and where it goes, and how far it is.

    It is told of what happened from `since` on and is through with `seq`; after a failure it waits until `due_at`.
    """

    id: int
    uid: str
    location_id: int
    owner_id: int
    action: int
    url: str
    secret: str
    active: bool
    error_count: int
    since: datetime
    due_at: datetime | None
    seq: int | None
    old_secret: str = ""
    old_secret_until: datetime | None = None

    def secrets(self, at: datetime, own: str) -> list[str]:
        """Return the secrets that sign at a moment, the present one (`own`) first."""
        is_old_valid = self.old_secret_until is not None and at < self.old_secret_until
        return [one for one in (own, self.old_secret if is_old_valid else "") if one]


class Happening(NamedTuple):
    """An event as far as it matters whom it is told to: its place in the order, when, of which kinds, about what."""

    seq: int
    at: datetime
    kinds: tuple[str, ...]
    subject: str
    subject_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a call: the status (None: no answer), what was wrong, how long it took. `seq` is None for a test."""

    at: datetime
    seq: int | None
    status: int | None
    error: str | None
    millis: int
    id: int = 0

    @property
    def is_well(self) -> bool:
        """Whether it was taken in."""
        return self.error is None


_NAMES: Final = ("id", "uid", "location_id", "owner_id", "action", "url", "secret", "active", "error_count")
_STATE: Final = ("since", "due_at", "seq", "created_at", "old_secret", "old_secret_until")
_HOOKS = select(*(webhook.c[name] for name in (*_NAMES, *_STATE)))
_ACTIVE = Query(_HOOKS.where(webhook.c.active).order_by(webhook.c.id))
_ONE = Query(_HOOKS.where(webhook.c.id == number("id")))
_IDS = Query(select(webhook.c.id).order_by(webhook.c.id))
_LAST = Query(select(func.max(event.c.seq)))
_BEFORE = Query(
    select(event.c.seq).where(event.c.seq.is_not(None), event.c.at < number("at")).order_by(event.c.seq.desc()).limit(1)
)
_AFTER = Query(
    select(event.c.seq, event.c.at, event.c.kinds, event.c.subject, event.c.subject_id)
    .where(event.c.seq > number("seq"))
    .order_by(event.c.seq)
    .limit(number("most"))
)
_SETTING = Query(
    select(business_setting.c.value).where(
        business_setting.c.location_id == number("location"), business_setting.c.name_fold == words("name")
    )
)
_CALLS = Query(
    select(*(webhook_call.c[name] for name in ("id", "at", "event_seq", "status", "error", "millis")))
    .where(webhook_call.c.webhook_id == number("hook"), webhook_call.c.id < number("before"))
    .order_by(webhook_call.c.id.desc())
    .limit(number("most"))
)
_TAKEN_IN = Query(
    select(webhook_call.c.id)
    .where(
        webhook_call.c.webhook_id == number("hook"),
        webhook_call.c.event_seq == number("seq"),
        webhook_call.c.error.is_(None),
    )
    .limit(1)
)
_CALL = Query(
    select(webhook_call.c.event_seq).where(
        webhook_call.c.id == number("call"), webhook_call.c.webhook_id == number("hook")
    )
)
_LATER = webhook_call.alias("later_call")
_FAILED = Query(
    select(func.min(event.c.at))
    .select_from(webhook_call.join(event, event.c.seq == webhook_call.c.event_seq))
    .where(
        webhook_call.c.webhook_id == number("hook"),
        webhook_call.c.error.is_not(None),
        ~exists().where(
            _LATER.c.webhook_id == webhook_call.c.webhook_id,
            _LATER.c.event_seq == webhook_call.c.event_seq,
            _LATER.c.error.is_(None),
            _LATER.c.event_seq.is_not(None),
        ),
    )
)
_OLD = Query(
    select(webhook_call.c.id)
    .where(webhook_call.c.at < number("before"))
    .order_by(webhook_call.c.id)
    .limit(number("most"))
)


def _hook(row: Sequence[Any]) -> Hook:
    since, due, seq, created, old, until = row[len(_NAMES) :]
    own = dict(zip(_NAMES, row, strict=False))
    own["active"] = bool(own["active"])
    begun = instant(created if since is None else since)
    return Hook(
        **own,
        since=begun,
        due_at=None if due is None else instant(due),
        seq=seq,
        old_secret=old,
        old_secret_until=None if until is None else instant(until),
    )


async def active(db: Database) -> list[Hook]:
    """Return the webhooks that are switched on."""
    return [_hook(row) for row in await db.rows(_ACTIVE)]


async def ids(db: Database) -> list[int]:
    """Return the ids of all webhooks, on or off."""
    return [row[0] for row in await db.rows(_IDS)]


async def read(db: Database, ident: int) -> Hook | None:
    """Return a webhook whoever asks, None where it is gone."""
    row = await db.first(_ONE, id=ident)
    return None if row is None else _hook(row)


async def last_seq(db: Database) -> int:
    """Return the number of the newest event that has one, 0 where there is none."""
    row = await db.first(_LAST)
    return (row[0] or 0) if row else 0


async def seq_before(db: Database, at: datetime) -> int:
    """Return the number of the newest event before a moment, 0 where there is none."""
    row = await db.first(_BEFORE, at=micros(at))
    return row[0] if row else 0


async def after(db: Database, seq: int, most: int) -> list[Happening]:
    """Return the events behind a number in their order, up to `most` of them."""
    rows = await db.rows(_AFTER, seq=seq, most=most)
    return [Happening(row[0], instant(row[1]), tuple(row[2].split(",")), row[3], row[4]) for row in rows]


async def was_taken_in(db: Database, ident: int, seq: int) -> bool:
    """Tell whether a webhook took in what it was told of an event, as far as its calls are remembered."""
    return await db.first(_TAKEN_IN, hook=ident, seq=seq) is not None


async def told_by(db: Database, ident: int, call_id: int) -> int | None:
    """Return the number of the event that a call of a webhook told of; None where there is none."""
    row = await db.first(_CALL, hook=ident, call=call_id)
    return row[0] if row else None


async def failed_since(db: Database, ident: int) -> datetime | None:
    """Return when the first event happened that a webhook was told of and never took in; None where all is well."""
    row = await db.first(_FAILED, hook=ident)
    return None if row is None or row[0] is None else instant(row[0])


async def setting(db: Database, location_id: int, name: str) -> str:
    """Return a setting of a location, whoever asks; "" where there is none."""
    row = await db.first(_SETTING, location=location_id, name=fold(name))
    return (row[0] or "") if row else ""


async def calls(db: Database, ident: int, before: int, most: int) -> list[Reply]:
    """Return the calls of a webhook with ids below `before`, the newest first."""
    rows = await db.rows(_CALLS, hook=ident, before=before, most=most)
    return [
        Reply(id=row[0], at=instant(row[1]), seq=row[2], status=row[3], error=row[4], millis=row[5]) for row in rows
    ]


async def old_calls(db: Database, before: datetime, most: int) -> list[int]:
    """Return the ids of calls that were made before a moment."""
    return [row[0] for row in await db.rows(_OLD, before=micros(before), most=most)]


def called(hook: Hook, reply: Reply) -> Insert:
    """Return the write that notes a call."""
    error = None if reply.error is None else reply.error[:ERROR_LENGTH]
    row = {"webhook_id": hook.id, "at": micros(reply.at), "event_seq": reply.seq}
    return Insert(webhook_call, {**row, "status": reply.status, "error": error, "millis": reply.millis})


def passed(hook: Hook, seq: int) -> Change:
    """Return the write that a webhook is through with the events up to a number, unless it was sent back meanwhile."""
    return Change(webhook, {"seq": seq}, _here(hook))


def sent_back(change: Change, seq: int) -> Change:
    """Return the write of a changed webhook that has it look again at the events behind a number as well."""
    return replace(change, values={**change.values, "seq": seq})


def _here(hook: Hook) -> dict[str, object]:
    """Return the condition that a webhook is where it was when it was read."""
    return {"id": hook.id, "seq": hook.seq}


def succeeded(hook: Hook, reply: Reply) -> Change:
    """Return the write of a call that was taken in, unless the webhook was sent back meanwhile."""
    row = {"seq": reply.seq, "error_count": 0, "due_at": None, "last_at": micros(reply.at)}
    return Change(webhook, row, _here(hook), add={"version": 1})


def failed(hook: Hook, reply: Reply, due: datetime | None) -> Change:
    """Return the write of a call that was not taken in: when it is tried again; without that it goes off."""
    error = (reply.error or "")[:ERROR_LENGTH]
    row = {"error_count": hook.error_count + 1, "last_error": error, "last_at": micros(reply.at)}
    if due is not None:
        return Change(webhook, {**row, "due_at": micros(due)}, {**_here(hook), "active": True})
    gone = {**row, "due_at": None, "active": False}
    return Change(webhook, gone, {**_here(hook), "active": True}, add={"version": 1})


def ended(hook: Hook, why: str) -> Change:
    """Return the write that switches a webhook off without a call."""
    row = {"active": False, "due_at": None, "last_error": why[:ERROR_LENGTH]}
    return Change(webhook, row, {"id": hook.id, "active": True}, add={"version": 1})


def calls_forgotten(ids: Sequence[int]) -> Remove:
    """Return the write that forgets calls."""
    return Remove(webhook_call, {"id": list(ids)})


def calls_removed(ident: int) -> Remove:
    """Return the write that forgets every call of a webhook."""
    return Remove(webhook_call, {"webhook_id": ident})
