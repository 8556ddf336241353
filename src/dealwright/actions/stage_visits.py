"""Deeds on the history of stages as records: what deals write by themselves, a client may write, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dealwright.actions.deed import attempted, now, written
from dealwright.actions.rule_deeds import (
    altered,
    differing,
    fresh,
    gone,
    made,
    mentioned,
    refuse,
    stamps_of,
    touched,
)
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, Problem
from dealwright.domain.naming import found, text_problem
from dealwright.domain.pipeline import StageVisit, VisitChange
from dealwright.storage import opportunities as deals
from dealwright.storage import stage_visits as store
from dealwright.storage.database import Database
from dealwright.storage.schema import stage_visit as table
from dealwright.storage.small_records import changed, columns_of, inserted, removed
from dealwright.storage.writes import Made, Write

FIELDS: Final = (*("opportunity_id", "from_stage_id", "to_stage_id", "from_time", "to_time", "user_id", "system_id"),)


async def get(db: Database, actor: Actor, visit_id: int) -> StageVisit:
    """Return a step whose deal this person may see. Refuses with Forbidden and NotFound."""
    actor.require("CrmOpportunityHistory-Read")
    return await store.read(db, actor, visit_id)


async def get_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[StageVisit]:
    """Return the steps of these ids whose deals this person may see, in the order of the ids. Forbidden."""
    actor.require("CrmOpportunityHistory-Read")
    return await store.read_many(db, actor, ids)


async def of_deal(db: Database, actor: Actor, opportunity_id: int) -> list[StageVisit]:
    """Return the steps of a deal, oldest first; none where it is out of sight. Forbidden."""
    actor.require("CrmOpportunityHistory-List")
    return await store.read_of_deal(db, actor, opportunity_id)


async def create(db: Database, actor: Actor, change: VisitChange) -> StageVisit:
    """Write a step of history and return it; the deal itself stays where it is.

    Refuses with Forbidden, and with Invalid (to_stage_id "required"; what points at nothing that is there).
    """
    actor.require("CrmOpportunityHistory-Create")
    at = now()
    new = replace(_blank(actor), **mentioned(change))
    refuse(await _problems(db, actor, new, FIELDS))
    facts, start = columns_of(new, FIELDS), fresh(actor, at)
    writes: list[Write] = [inserted(table, {**start, **facts})]
    writes.append(made(actor, at, "stage_visit", Made(table.name), facts))
    ids = await written(db, writes, actor)
    # Not read again: rules that moved meanwhile would make a face write it a second time.
    return replace(new, id=ids[table.name], uid=start["uid"], stamps=stamps_of(actor, at))


async def change(db: Database, actor: Actor, visit_id: int, change: VisitChange) -> StageVisit:
    """Change a step of history and return it. Refuses with Forbidden, NotFound and Invalid (as `create`)."""
    actor.require("CrmOpportunityHistory-Edit")

    async def deed(_: int) -> StageVisit:
        before = await store.read(db, actor, visit_id)
        after = replace(before, **mentioned(change))
        if names := differing(before, after, FIELDS):
            refuse(await _problems(db, actor, after, names))
            await written(db, _changes(actor, before, after, names), actor)
        return await store.read(db, actor, visit_id)

    return await attempted(deed)


def _changes(actor: Actor, before: StageVisit, after: StageVisit, names: Sequence[str]) -> list[Write]:
    at = now()
    row = changed(table, before.id, {**columns_of(after, names), **touched(actor, at)})
    return [replace(row, expect=True), altered(actor, at, "stage_visit", before, after, names)]


async def delete(db: Database, actor: Actor, visit_id: int) -> StageVisit:
    """Take a step of history away for good and return it as it was. Refuses with Forbidden and NotFound."""
    actor.require("CrmOpportunityHistory-Delete")

    async def deed(_: int) -> StageVisit:
        before = await store.read(db, actor, visit_id)
        event = gone(actor, now(), "stage_visit", visit_id, columns_of(before, FIELDS))
        await written(db, [removed(table, visit_id), event], actor)
        return before

    return await attempted(deed)


def _blank(actor: Actor) -> StageVisit:
    return StageVisit(id=0, uid="", to_stage_id=0, stamps=stamps_of(actor, now()))


async def _problems(db: Database, actor: Actor, visit: StageVisit, names: Sequence[str]) -> list[Problem]:
    """Return what is wrong with these fields. A stage that is gone may stay in history, not come into it."""
    problems = found(text_problem("system_id", visit.system_id))
    if not visit.to_stage_id and "to_stage_id" in names:
        return [*problems, Problem("to_stage_id", "required", "is a required field")]
    known = {"from_stage_id": db.rules.stages, "to_stage_id": db.rules.stages, "user_id": db.rules.users}
    problems += [
        Problem(name, "unknown", "is not there", ident)
        for name, there in known.items()
        if name in names and (ident := getattr(visit, name)) is not None and ident not in there
    ]
    if "opportunity_id" in names and visit.opportunity_id is not None:
        problems += await _unseen(db, actor, visit.opportunity_id)
    return problems


async def _unseen(db: Database, actor: Actor, opportunity_id: int) -> list[Problem]:
    try:
        await deals.read(db, actor, opportunity_id)
    except NotFound:
        return [Problem("opportunity_id", "unknown", "is no deal", opportunity_id)]
    return []
