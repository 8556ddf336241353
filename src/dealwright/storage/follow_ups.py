"""Follow-ups of deals that are due: found by an index that holds only those, and noted as told, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import select, text

from dealwright.domain.actor import Actor
from dealwright.domain.automation import VIA
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed, number
from dealwright.storage.schema import REMINDING, contact, opportunity
from dealwright.storage.sight import seeing, sight_of, visible_to
from dealwright.storage.sweeping import named
from dealwright.storage.writes import Sweep


@dataclass(frozen=True, slots=True)
class Due:
    """A deal whose follow-up is due, as it was found. `responsible` is the uid of who is to be told."""

    id: int
    version: int
    follow_up_at: datetime
    responsible: str

    @property
    def mark(self) -> tuple[int, int]:
        """What must still be so when it is noted."""
        return self.id, self.version


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What somebody who is responsible for a deal is told of it."""

    title: str | None
    contact: str | None
    follow_up_at: datetime


_DUE: Final = Query(
    select(opportunity.c.id, opportunity.c.version, opportunity.c.follow_up_at, opportunity.c.responsible)
    .where(text(REMINDING), opportunity.c.follow_up_at <= number("now"))
    .order_by(opportunity.c.follow_up_at)
    .limit(number("most"))
)


async def is_due(db: Database, now: datetime) -> bool:
    """Tell whether somebody is to be told of a deal."""
    return bool(await due(db, now, 1))


async def due(db: Database, now: datetime, most: int) -> list[Due]:
    """Return up to `most` deals of which somebody is to be told, the longest waiting first."""
    rows = await db.rows(_DUE, now=micros(now), most=most)
    return [Due(row[0], row[1], instant(row[2]), row[3]) for row in rows]


@cache
def _seen(sight: str) -> Query:
    return Query(select(opportunity.c.id).where(any_number(opportunity.c.id, "ids"), visible_to(sight)))


async def seen(db: Database, actor: Actor, ids: Sequence[int]) -> set[int]:
    """Return those of these deals that a person may see."""
    rows = await db.rows(_seen(sight_of(actor)), ids=listed(ids), **seeing(actor))
    return {row[0] for row in rows}


@cache
def _open(sight: str) -> Query:
    o = opportunity
    name = select(contact.c.display_name).where(contact.c.id == o.c.contact_id, contact.c.deleted_at.is_(None))
    columns = (o.c.title, name.correlate(o).scalar_subquery().label("contact_name"), o.c.follow_up_at, o.c.responsible)
    return Query(select(*columns, o.c.completed, o.c.outcome).where(o.c.id == number("id"), visible_to(sight)))


async def open_for(db: Database, actor: Actor, opportunity_id: int) -> FollowUp | None:
    """Return the follow-up of an open deal that this person is responsible for and sees, else None."""
    row = await db.first(_open(sight_of(actor)), id=opportunity_id, **seeing(actor))
    if row is None or row[2] is None or row[3] != actor.uid or row[4] or row[5]:
        return None
    return FollowUp(row[0], row[1], instant(row[2]))


# Notes of it ---------------------------------------------------------------------------------------------------

_TOLD: Final = "reminded_for = follow_up_at, reminded = true, version = version + 1"
_PASSED: Final = "reminded_for = follow_up_at"
_EVENT: Final = f"""INSERT INTO event (deed_id, at, actor_id, via, kinds, subject, subject_id, before, after)
    SELECT CAST(:deed AS TEXT) || '-' || id, CAST(:at AS BIGINT), NULL, '{VIA}', 'opportunity.reminded', 'opportunity',
    id, '{{}}', '{{"reminded":true}}' FROM reminded_deals"""
_LETTER: Final = """INSERT INTO outbox (kind, payload, due_at)
    SELECT CAST(:kind AS TEXT), payload, CAST(:at AS BIGINT) FROM reminded_deals"""
_LITE_SAID: Final = """SELECT o.id, v.value ->> 2 FROM json_each(:said) AS v
    JOIN opportunity AS o ON o.id = v.value ->> 0 AND o.version = v.value ->> 1"""
_POST_SAID: Final = """SELECT CAST(v.x ->> 0 AS BIGINT) AS deal, CAST(v.x ->> 1 AS BIGINT) AS was, v.x ->> 2 AS payload
    FROM json_array_elements(CAST(:said AS json)) AS v(x)"""


def told(letters: Mapping[tuple[int, int], Mapping[str, Any]], kind: str, at: datetime, deed: str) -> Sweep:
    """Return the write that posts a letter (by the mark of its deal) of this kind and notes that it was.

    A deal that was changed since it was found is left alone. Each has its event.
    """
    said = [[*mark, msgspec.json.encode(facts).decode()] for mark, facts in letters.items()]
    given = {"said": msgspec.json.encode(said).decode(), "at": micros(at), "kind": kind, "deed": deed}
    return _noted(_TOLD, {"deals_told": _EVENT, "letters_posted": _LETTER}, given)


def passed(marks: Sequence[tuple[int, int]]) -> Sweep:
    """Return the write that notes that nobody is there to be told; for everybody else the deals stay as they were."""
    return _noted(_PASSED, {}, {"said": msgspec.json.encode([[*mark, ""] for mark in marks]).decode()})


def _noted(sets: str, parts: Mapping[str, str], given: Mapping[str, Any]) -> Sweep:
    changed = f"""UPDATE opportunity SET {sets} FROM ({_POST_SAID}) AS said
        WHERE id = said.deal AND version = said.was AND {REMINDING} AND {{guard}} RETURNING id, payload"""
    sqlite = [
        "CREATE TEMP TABLE IF NOT EXISTS reminded_deals (id INTEGER PRIMARY KEY, payload)",
        "DELETE FROM reminded_deals",
        f"INSERT INTO reminded_deals {_LITE_SAID} WHERE {REMINDING}",
        f"UPDATE opportunity SET {sets} WHERE id IN (SELECT id FROM reminded_deals)",
        *parts.values(),
    ]
    # Both notes may stand in one list of writes for PostgreSQL: their parts have names of their own.
    name = "reminded_deals" if parts else "passed_deals"
    return Sweep(sqlite, named({name: changed, **parts}), given)
