"""What is to be sent after the commit: due rows, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, listed, number
from dealwright.storage.schema import outbox
from dealwright.storage.writes import Change

ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to send; `attempts` counts those that failed so far."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


_DUE = Query(
    select(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
    .where(outbox.c.done_at.is_(None), outbox.c.due_at <= number("now"), any_text(outbox.c.kind, "kinds"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(number("most"))
)


async def due(db: Database, kinds: Sequence[str], now: datetime, most: int) -> list[Parcel]:
    """Return up to `most` parcels of these kinds that are due, the longest waiting first."""
    rows = await db.rows(_DUE, now=micros(now), kinds=listed(kinds), most=most)
    return [Parcel(row[0], row[1], json.loads(row[2]), row[3]) for row in rows]


async def settle(db: Database, parcel: Parcel, at: datetime, error: str | None = None) -> None:
    """Note that a parcel was delivered, or (with the error) that it never will be."""
    row = {"done_at": micros(at), "last_error": None if error is None else error[:ERROR_LENGTH]}
    await db.write([Change(outbox, row, {"id": parcel.id}, add={"attempts": 1})], None)


async def postpone(db: Database, parcel: Parcel, until: datetime, error: str) -> None:
    """Note that a delivery failed and when to try again."""
    row = {"due_at": micros(until), "last_error": error[:ERROR_LENGTH]}
    await db.write([Change(outbox, row, {"id": parcel.id}, add={"attempts": 1})], None)
