"""Reminders of a fixed day whose day has come, and the note that they are done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select, text

from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, number
from dealwright.storage.schema import WRITING, reminder
from dealwright.storage.writes import Change

_NAMES: Final = (
    *("id", "uid", "version", "name", "location_id", "contact_id", "action", "canned_response_id", "extra"),
    *("remind_at", "reminded_for", "updated_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReminder:
    """A reminder that is to write to its contact now, as it was found. `reminded_for` is as stored."""

    id: int
    uid: str
    version: int
    name: str
    location_id: int
    contact_id: int
    action: int
    canned_response_id: int | None
    extra: dict[str, Any]
    remind_at: datetime
    reminded_for: int | None
    updated_at: datetime


_DUE: Final = Query(
    select(*(reminder.c[name] for name in _NAMES))
    .where(text(WRITING), reminder.c.remind_at <= number("now"))
    .order_by(reminder.c.remind_at)
    .limit(number("most"))
)


async def due(db: Database, now: datetime, most: int) -> list[DueReminder]:
    """Return up to `most` reminders that are due, the longest waiting first."""
    rows = await db.rows(_DUE, now=micros(now), most=most)
    return [_due(dict(zip(_NAMES, row, strict=True))) for row in rows]


def _due(row: dict[str, Any]) -> DueReminder:
    times = {name: instant(row[name]) for name in ("remind_at", "updated_at")}
    return DueReminder(**{**row, **times, "extra": msgspec.json.decode(row["extra"])})


def done(one: DueReminder) -> Change:
    """Return the guarded write that notes a reminder as done for its day; for everybody else it stays as it was."""
    where = {"id": one.id, "version": one.version, "reminded_for": one.reminded_for}
    return Change(reminder, {"reminded_for": micros(one.remind_at)}, where, expect=True)
