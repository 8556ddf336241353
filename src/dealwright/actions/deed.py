"""What every deed does alike: try under guards, write its event, try again when a guard was lost."""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict
from dealwright.domain.event import Event
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.opportunities import confirm
from dealwright.storage.schema import event as event_table
from dealwright.storage.schema import outbox
from dealwright.storage.writes import Clash, Insert, Lost, Made, Missing, Remove, Write

T = TypeVar("T")
ATTEMPTS: Final = 12
"""Tries of one deed. A lost guard means that another deed got through, so everybody gets on; only the crowd waits."""

# uuid4() asks the kernel each time, which costs more than the rest of an identity.
_random = random.Random()  # noqa: S311

_encode = msgspec.json.Encoder(decimal_format="string").encode


def now() -> datetime:
    """Return the present instant, to the microsecond."""
    return datetime.now(UTC)


def new_uid() -> str:
    """Return a fresh random identity (a UUID of version 4). It is a name, never a secret."""
    return str(uuid.UUID(int=_random.getrandbits(128), version=4))


def happened(
    actor: Actor,
    at: datetime,
    subject: str,
    kinds: Sequence[str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """Return the event of a deed by this person."""
    return Event(
        deed_id=new_uid(),
        at=at,
        actor_id=actor.by,
        via=actor.via,
        kinds=kinds,
        subject=subject,
        before=before or {},
        after=after or {},
    )


def recorded(event: Event, subject_id: int | Made) -> Insert:
    """Return the write of an event about one subject."""
    return Insert(
        event_table,
        {
            "deed_id": event.deed_id,
            "at": micros(event.at),
            "actor_id": event.actor_id,
            "via": event.via,
            "kinds": ",".join(event.kinds),
            "subject": event.subject,
            "subject_id": subject_id,
            "before": _encode(event.before).decode(),
            "after": _encode(event.after).decode(),
        },
    )


def posted(kind: str, payload: Mapping[str, Any], due: datetime, about: str | None = None) -> Insert:
    """Return the write of something to be sent after the commit; `about` is what `unposted` takes it back by."""
    row = {"kind": kind, "payload": _encode(payload).decode(), "due_at": micros(due)}
    return Insert(outbox, row if about is None else {**row, "about": about})


def unposted(about: str) -> Remove:
    """Return the write that takes back what was to be sent about something and is not sent yet."""
    return Remove(outbox, {"about": about, "done_at": None})


async def attempted(deed: Callable[[int], Awaitable[T]]) -> T:
    """Run load-decide-apply until its guards hold; Conflict after `ATTEMPTS` tries.

    A clash over a place in a stage is only crowding: the deed is told how often, so that it can step aside.
    """
    crowded = lost = 0
    while True:
        try:
            return await deed(crowded)
        except (Lost, Missing) as error:
            lost += 1
            if lost >= ATTEMPTS:
                raise Conflict("the record changed at the same time; try again") from error
        except Clash as error:
            crowded += 1
            if "place" not in error.key and "position" not in error.key:
                raise
            if crowded >= ATTEMPTS:
                raise Conflict("too many cards move in this stage at once; try again") from error


def values_of(record: object, names: Sequence[str]) -> dict[str, Any]:
    """Return some fields of a record by name, as an event keeps them."""
    return {name: getattr(record, name) for name in names}


async def written(db: Database, writes: Sequence[Write], actor: Actor) -> Mapping[str, int]:
    """Apply the writes of a deed under the rules this person acts by; RulesMoved when they are others by now."""
    try:
        return await db.apply(writes, actor.stamp)
    except Lost:
        await confirm(db, actor)
        raise
