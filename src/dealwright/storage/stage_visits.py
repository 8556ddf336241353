"""The history of stages as records: read where the deal is there for the person, written as decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.pipeline import StageVisit
from dealwright.domain.values import instant
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, any_number, listed, number
from dealwright.storage.rules_loading import stamps
from dealwright.storage.schema import opportunity, stage_visit
from dealwright.storage.sight import seeing, sight_of, visible_to

_NAMES: Final = tuple(column.name for column in stage_visit.c)
_PLAIN: Final = ("id", "uid", "system_id", "opportunity_id", "from_stage_id", "to_stage_id", "user_id")


def visible(sight: str) -> ColumnElement[bool]:
    """Return the condition that a step is there for somebody: its deal is, or it belongs to none."""
    deal = exists(select(opportunity.c.id).where(opportunity.c.id == stage_visit.c.opportunity_id, visible_to(sight)))
    return or_(stage_visit.c.opportunity_id.is_(None), deal.correlate(stage_visit))


@cache
def _many(sight: str) -> Query:
    columns = (stamp_column().label("stamp"), *(stage_visit.c[name] for name in _NAMES))
    return Query(select(*columns).where(any_number(stage_visit.c.id, "ids"), visible(sight)))


@cache
def _of_deal(sight: str) -> Query:
    columns = (stamp_column().label("stamp"), *(stage_visit.c[name] for name in _NAMES))
    of_deal = stage_visit.c.opportunity_id == number("deal")
    return Query(select(*columns).where(of_deal, visible(sight)).order_by(stage_visit.c.id))


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[StageVisit]:
    """Return the steps that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    found = {visit.id: visit for visit in _visits(actor, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def read(db: Database, actor: Actor, visit_id: int) -> StageVisit:
    """Return one step; NotFound when it is not there for this person."""
    visits = await read_many(db, actor, [visit_id])
    if not visits:
        await confirm(db, actor)
        raise NotFound("stage visit")
    return visits[0]


async def read_of_deal(db: Database, actor: Actor, opportunity_id: int) -> list[StageVisit]:
    """Return the steps of a deal, oldest first; none where the deal is not there for this person."""
    return _visits(actor, await db.rows(_of_deal(sight_of(actor)), deal=opportunity_id, **seeing(actor)))


def _visits(actor: Actor, rows: Sequence[Sequence[Any]]) -> list[StageVisit]:
    if rows:
        check_stamp(actor, rows[0][0])
    return [_visit(dict(zip(_NAMES, row[1:], strict=True))) for row in rows]


def _visit(row: dict[str, Any]) -> StageVisit:
    times = {name: None if row[name] is None else instant(row[name]) for name in ("from_time", "to_time")}
    plain = {name: row[name] for name in _PLAIN}
    return StageVisit(stamps=stamps(row), from_time=times["from_time"], to_time=times["to_time"], **plain)
