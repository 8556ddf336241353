"""Deeds on pipelines: create, change, make the default, delete. They are read from `db.rules`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dealwright.actions.deed import attempted, happened, now, recorded
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
from dealwright.domain.errors import Invalid, NotFound, Problem, invalid
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.pipeline import Pipeline, PipelineChange
from dealwright.storage.database import Database
from dealwright.storage.pipelines import default_pipeline_set
from dealwright.storage.rules import Rules
from dealwright.storage.schema import pipeline as table
from dealwright.storage.small_records import changed, columns_of, inserted, removed
from dealwright.storage.writes import Made, Write

FIELDS: Final = ("name", "location_id", "archived", "system_id")


async def create(db: Database, actor: Actor, change: PipelineChange) -> Pipeline:
    """Make a pipeline without stages and return it; it belongs to the first location where none is named.

    Refuses with Forbidden, and with Invalid (name, location_id).
    """
    actor.require("CrmBoard-Create")
    at = now()
    new = replace(_blank(db.rules, actor), **mentioned(change))
    refuse(_problems(db.rules, new))
    facts = columns_of(new, FIELDS)
    writes: list[Write] = [inserted(table, {**fresh(actor, at), **facts})]
    writes.append(made(actor, at, "pipeline", Made(table.name), facts))
    ids = await db.apply_rules(writes, actor.stamp)
    return db.rules.pipelines[ids[table.name]]


async def change(db: Database, actor: Actor, pipeline_id: int, change: PipelineChange) -> Pipeline:
    """Rename, archive or move a pipeline to another location; return it.

    Refuses with Forbidden, Invalid (name, location_id; "archived" where it is the portal's default), NotFound.
    """
    actor.require("CrmBoard-Edit")
    said, before = mentioned(change), db.rules.pipelines.get(pipeline_id)
    after = replace(before or _blank(db.rules, actor), **said)
    refuse([problem for problem in _problems(db.rules, after) if problem.field in said])
    if before is None:
        raise NotFound("pipeline")
    if after.archived and before.id == db.rules.default_pipeline.id:
        raise invalid("archived", "not_allowed", "the portal's default pipeline cannot be archived", True)
    names = differing(before, after, FIELDS)
    if not names:
        return before
    at = now()
    writes: list[Write] = [changed(table, before.id, {**columns_of(after, names), **touched(actor, at)})]
    writes.append(altered(actor, at, "pipeline", before, after, names))
    await db.apply_rules(writes, actor.stamp)
    return db.rules.pipelines[pipeline_id]


async def set_default(db: Database, actor: Actor, pipeline_id: int) -> Pipeline:
    """Make a pipeline the one that faces without pipelines show; Invalid where it is archived."""
    actor.require("CrmBoard-Edit")
    chosen, before = _present(db, pipeline_id), db.rules.default_pipeline
    if chosen.archived:
        raise invalid("archived", "not_allowed", "an archived pipeline cannot be the default", True)
    if chosen.id == before.id:
        return chosen
    event = happened(actor, now(), "pipeline", ["pipeline.default_set"], {"default": before.id}, {"default": chosen.id})
    await db.apply_rules([default_pipeline_set(chosen.id), recorded(event, chosen.id)], actor.stamp)
    return db.rules.pipelines[pipeline_id]


async def delete(db: Database, actor: Actor, pipeline_id: int) -> Pipeline:
    """Take away a pipeline without stages and return it as it was.

    Refuses with Forbidden, NotFound, and Invalid "in_use": field "stages" with their titles as the value, or
    "default" where it is the portal's default.
    """
    actor.require("CrmBoard-Delete")

    async def deed(_: int) -> Pipeline:
        before = _present(db, pipeline_id)
        _check_unused(db.rules, before)
        event = gone(actor, now(), "pipeline", before.id, columns_of(before, FIELDS))
        await db.apply_rules([removed(table, before.id), event], actor.stamp)
        return before

    return await attempted(deed)


def _present(db: Database, pipeline_id: int) -> Pipeline:
    pipeline = db.rules.pipelines.get(pipeline_id)
    if pipeline is None:
        raise NotFound("pipeline")
    return pipeline


def _check_unused(rules: Rules, pipeline: Pipeline) -> None:
    if titles := [stage.title for stage in rules.stages_of(pipeline.id)]:
        listed = ", ".join(f"“{title}”" for title in titles)
        raise Invalid(Problem("stages", "in_use", f"it still has the stages {listed}", titles))
    if pipeline.id == rules.default_pipeline.id:
        raise Invalid(Problem("default", "in_use", "it is the portal's default pipeline", pipeline.name))


def _blank(rules: Rules, actor: Actor) -> Pipeline:
    return Pipeline(id=0, uid="", location_id=rules.location.id, name="", stamps=stamps_of(actor, now()))


def _problems(rules: Rules, pipeline: Pipeline) -> list[Problem]:
    problems = found(name_problem("name", pipeline.name), text_problem("system_id", pipeline.system_id))
    if pipeline.location_id not in rules.locations:
        problems.append(Problem("location_id", "unknown", "is no location", pipeline.location_id))
    return problems
