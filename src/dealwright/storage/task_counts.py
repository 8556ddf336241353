"""What is still to be done about contacts, as far as somebody sees it: how many tasks, and which comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import case, func, not_, select

from dealwright.domain.actor import Actor
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed, number
from dealwright.storage.schema import task as t
from dealwright.storage.sight import seeing, sight_of, task_visible_to


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is still to be done about a contact: how many tasks, and how many of them are late."""

    count: int = 0
    late: int = 0


@cache
def _to_do(sight: str) -> Query:
    late = func.sum(case((t.c.deadline < number("now"), 1), else_=0))
    waiting = (any_number(t.c.contact_id, "contacts"), not_(t.c.closed), task_visible_to(sight))
    return Query(select(t.c.contact_id, func.count(), late).where(*waiting).group_by(t.c.contact_id))


async def to_do(db: Database, actor: Actor, contact_ids: Sequence[int], at: datetime) -> Mapping[int, ToDo]:
    """Return the open tasks of those of the contacts that have any; late is what was due before an instant."""
    if not contact_ids:
        return {}
    given = {"contacts": listed(contact_ids), "now": micros(at), **seeing(actor)}
    rows = await db.rows(_to_do(sight_of(actor)), **given)
    return {contact: ToDo(int(count), int(late)) for contact, count, late in rows}


@cache
def _next(sight: str) -> Query:
    order = (t.c.deadline.asc().nulls_last(), t.c.id)
    place = func.row_number().over(partition_by=t.c.contact_id, order_by=order).label("place")
    waiting = (any_number(t.c.contact_id, "contacts"), not_(t.c.closed), task_visible_to(sight))
    ranked = select(t.c.contact_id, t.c.id, place).where(*waiting).subquery()
    return Query(select(ranked.c.contact_id, ranked.c.id).where(ranked.c.place == 1))


async def nearest(db: Database, actor: Actor, contact_ids: Sequence[int]) -> Mapping[int, int]:
    """Return the id of the open task that is due first, for those of the contacts that have any."""
    if not contact_ids:
        return {}
    rows = await db.rows(_next(sight_of(actor)), contacts=listed(contact_ids), **seeing(actor))
    return {contact: int(task) for contact, task in rows}
