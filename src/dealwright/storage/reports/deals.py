"""Deals as reports count them: by person, stage, outcome, chance and time; and how they went through the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, distinct, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.pipeline import Outcome
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, number
from dealwright.storage.reports.tally import Family, Priced, Scope
from dealwright.storage.schema import location, pipeline, stage, stage_visit
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import seeing, sight_of, visible_to

DAY: Final = 86_400_000_000

DEALS: Final = Family(
    source=o.outerjoin(stage, stage.c.id == o.c.stage_id)
    .outerjoin(pipeline, pipeline.c.id == stage.c.pipeline_id)
    .outerjoin(location, location.c.id == pipeline.c.location_id),
    visible=visible_to,
    keys={
        "person": o.c.responsible,
        "stage": o.c.stage_id,
        "outcome": o.c.outcome,
        "chance": o.c.probability,
    },
    times={
        "made": o.c.created_at,
        "won": func.coalesce(o.c.won_at, o.c.closed_at),
        "lost": func.coalesce(o.c.lost_at, o.c.closed_at),
        "expected": o.c.expected_close,
    },
    only={
        "open": lambda: o.c.outcome == int(Outcome.OPEN),
        "won": lambda: o.c.outcome == int(Outcome.WON),
        "lost": lambda: o.c.outcome == int(Outcome.LOST),
        "late": lambda: o.c.expected_close < number("at"),
    },
    by_manager=lambda: any_text(o.c.responsible, "managers"),
    price=Priced(o.c.amount_units, o.c.amount_nanos, func.coalesce(o.c.currency, location.c.currency)),
)


@dataclass(slots=True)
class Passage:
    """How deals went through a stage: how many ever entered it, and how many days those that left had stayed."""

    entered: int = 0
    days: Decimal | None = None


async def passages(db: Database, actor: Actor, scope: Scope) -> Mapping[int, Passage]:
    """Return by stage how the deals made in the span went through it."""
    shape = (sight_of(actor), scope.span is not None, scope.managers is not None)
    given = {**scope.given(), **seeing(actor)}
    found: dict[int, Passage] = {}
    for stage_id, deals in await db.rows(_entered(*shape), **given):
        found.setdefault(stage_id, Passage()).entered = int(deals)
    for stage_id, deals, micros in await db.rows(_left(*shape), **given):
        found.setdefault(stage_id, Passage()).days = Decimal(int(micros)) / DAY / int(deals)
    return found


def _steps(statement: Select[Any], sight: str, spanned: bool, managed: bool) -> Select[Any]:
    conditions = [visible_to(sight)]
    if spanned:
        conditions += [o.c.created_at >= number("span_start"), o.c.created_at < number("span_end")]
    if managed:
        conditions.append(any_text(o.c.responsible, "managers"))
    return statement.select_from(stage_visit.join(o, o.c.id == stage_visit.c.opportunity_id)).where(*conditions)


@cache
def _entered(sight: str, spanned: bool, managed: bool) -> Query:
    columns = stage_visit.c.to_stage_id, func.count(distinct(stage_visit.c.opportunity_id))
    return Query(_steps(select(*columns), sight, spanned, managed).group_by(stage_visit.c.to_stage_id), heavy=True)


@cache
def _left(sight: str, spanned: bool, managed: bool) -> Query:
    c = stage_visit.c
    statement = select(c.from_stage_id, func.count(), func.sum(c.to_time - c.from_time))
    timed = _steps(statement, sight, spanned, managed).where(c.from_stage_id.is_not(None), c.from_time <= c.to_time)
    return Query(timed.group_by(c.from_stage_id), heavy=True)
