"""Deeds on stages: create, change, colour, reorder, delete. They are read from `db.rules`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded
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
from dealwright.domain.pipeline import Order, Stage, StageChange, joined, placed, renumbered, stage_problems
from dealwright.domain.values import UNSET
from dealwright.storage import pipelines as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.schema import stage as table
from dealwright.storage.small_records import changed, columns_of, inserted
from dealwright.storage.totals import StageTotal, by_stage
from dealwright.storage.writes import Made, Write

FIELDS: Final = (
    *("pipeline_id", "title", "description", "color", "probability", "outcome", "expected_days"),
    *("required_fields", "canned_response_id", "task_list_id", "extra", "system_id"),
)
NEW: Final = 0


async def create(db: Database, actor: Actor, change: StageChange, needs: Sequence[str] = ()) -> Stage:
    """Make a stage and return it: at the place asked for, else at the end; in the default pipeline unless told.

    `needs` are texts that the caller's contract wants filled beside the title. Refuses with Forbidden, and with
    Invalid (title, probability, expected_days, required_fields, pipeline_id, canned_response_id, task_list_id).
    """
    actor.require("CrmBoardColumn-Create")
    at = now()
    new = replace(_blank(db.rules, actor), **mentioned(change, "position"))
    refuse([*_problems(db.rules, new), *_empty(new, needs)])
    position = None if change.position is UNSET else change.position
    places = renumbered(joined(_others(db.rules, new.pipeline_id, NEW), NEW, position))
    facts = columns_of(new, FIELDS)
    writes: list[Write] = [inserted(table, {**fresh(actor, at), **facts, "position": places[NEW]})]
    writes += _shifts(db.rules, places)
    writes.append(made(actor, at, "stage", Made(table.name), facts))
    ids = await db.apply_rules(writes, actor.stamp)
    return db.rules.stages[ids[table.name]]


async def change(
    db: Database,
    actor: Actor,
    stage_id: int,
    change: StageChange,
    needs: Sequence[str] = (),
    only_unused: bool = False,
) -> Stage:
    """Change a stage and return it; into another pipeline it takes its deals along, to the end unless told.

    `only_unused` is for the contract that lets nobody change a stage with deals (opportunities §5): Invalid
    "in_use", field "opportunities". Otherwise refuses as `create`, and with NotFound.
    """
    actor.require("CrmBoardColumn-Edit")
    said, before = mentioned(change, "position"), db.rules.stages.get(stage_id)
    after = replace(before or _blank(db.rules, actor), **said)
    problems = [problem for problem in _problems(db.rules, after) if problem.field in said]
    refuse([*problems, *_empty(after, needs)])
    if before is None:
        raise NotFound("stage")
    if only_unused:
        await check_unused(db, before)
    return await _changed(db, actor, before, after, change)


async def _changed(db: Database, actor: Actor, before: Stage, after: Stage, change: StageChange) -> Stage:
    places = _places(db.rules, before, after, change)
    after = replace(after, position=places.get(after.id, before.position))
    names = differing(before, after, (*FIELDS, "position"))
    if not names:
        return before
    at = now()
    writes: list[Write] = [changed(table, before.id, {**columns_of(after, names), **touched(actor, at)})]
    writes += _shifts(db.rules, {key: place for key, place in places.items() if key != before.id})
    writes.append(altered(actor, at, "stage", before, after, names))
    await db.apply_rules(writes, actor.stamp)
    return db.rules.stages[before.id]


def _places(rules: Rules, before: Stage, after: Stage, change: StageChange) -> dict[int, int]:
    """Return the positions of the stages around one that changes its place; nothing where it stays."""
    others = _others(rules, after.pipeline_id, after.id)
    if after.pipeline_id != before.pipeline_id:
        left = renumbered(other for other, _ in _others(rules, before.pipeline_id, before.id))
        position = None if change.position is UNSET else change.position
        return {**left, **renumbered(joined(others, after.id, position))}
    return {} if change.position is UNSET else renumbered(placed(others, after.id, change.position))


async def set_color(db: Database, actor: Actor, stage_id: int, color: str) -> Stage:
    """Change the colour of a stage, in use or not; return it."""
    return await change(db, actor, stage_id, StageChange(color=color))


async def reorder(db: Database, actor: Actor, pipeline_id: int, ids: Sequence[int]) -> list[Stage]:
    """Put the stages of a pipeline into this order and return them all; those not named follow as they stood.

    Refuses with Forbidden, NotFound (no such pipeline) and Invalid ("ids", of no stage of this pipeline).
    """
    actor.require("CrmBoardColumn-Edit")
    if pipeline_id not in db.rules.pipelines:
        raise NotFound("pipeline")
    present = [stage.id for stage in db.rules.stages_of(pipeline_id)]
    refuse([Problem("ids", "unknown", "is no stage of this pipeline", one) for one in ids if one not in present])
    order = list(dict.fromkeys([*ids, *present]))
    if order != present:
        event = happened(actor, now(), "pipeline", ["stage.ordered"], {"stages": present}, {"stages": order})
        writes: list[Write] = [*_shifts(db.rules, renumbered(order)), recorded(event, pipeline_id)]
        await db.apply_rules(writes, actor.stamp)
    return list(db.rules.stages_of(pipeline_id))


async def delete(db: Database, actor: Actor, stage_id: int, move_to: int | None = None) -> Stage:
    """Take a stage away and return it as it was; `move_to` names a stage that its deals enter first.

    The move is one deed over all of them, with visits, totals and an event for each; what the other stage asks
    for or sets off by itself is left out. Deals in the trash forget the stage. Refuses with Forbidden, NotFound,
    Invalid "in_use" (field "opportunities", value: how many living deals) and Invalid "move_to".
    """
    actor.require("CrmBoardColumn-Delete")

    async def deed(_: int) -> Stage:
        before = _present(db, stage_id)
        target = _target(db.rules, before, move_to)
        writes = await _emptied(db, actor, before, target)
        rest = (other for other, _ in _others(db.rules, before.pipeline_id, before.id))
        writes += [*store.stage_removed(before.id), *_shifts(db.rules, renumbered(rest))]
        facts = {**columns_of(before, FIELDS), "moved_to": move_to}
        writes.append(gone(actor, now(), "stage", before.id, facts))
        await db.apply_rules(writes, actor.stamp)
        return before

    return await attempted(deed)


def _target(rules: Rules, before: Stage, move_to: int | None) -> Stage | None:
    if move_to is None:
        return None
    target = rules.stages.get(move_to)
    if target is None or target.id == before.id:
        raise invalid("move_to", "unknown", "is no other stage", move_to)
    return target


async def _emptied(db: Database, actor: Actor, source: Stage, target: Stage | None) -> list[Write]:
    if target is None:
        await check_unused(db, source)
        return []
    last = await store.last_place(db, target.id)
    return [store.all_moved(store.Exodus(source, target, last, now(), new_uid(), actor.id, actor.via))]


async def check_unused(db: Database, stage: Stage) -> None:
    """Refuse with Invalid "in_use" (field "opportunities") when living deals stand in a stage."""
    if count := await store.deals_in(db, stage.id):
        raise Invalid(Problem("opportunities", "in_use", f"{count} opportunities stand in “{stage.title}”", count))


async def totals(db: Database, actor: Actor, stage_ids: Sequence[int] | None = None) -> Mapping[int, StageTotal]:
    """Return what this person may know of the deals in stages (None: in all of them); nothing without the right."""
    if not actor.may("CrmOpportunity-List"):
        chosen = db.rules.stages if stage_ids is None else stage_ids
        return {one: StageTotal() for one in chosen}
    return await by_stage(db, actor, stage_ids, now())


def _present(db: Database, stage_id: int) -> Stage:
    stage = db.rules.stages.get(stage_id)
    if stage is None:
        raise NotFound("stage")
    return stage


def _blank(rules: Rules, actor: Actor) -> Stage:
    stamps = stamps_of(actor, now())
    return Stage(id=NEW, uid="", pipeline_id=rules.default_pipeline.id, title="", position=0, stamps=stamps)


def _others(rules: Rules, pipeline_id: int, stage_id: int) -> Order:
    return [(stage.id, stage.position) for stage in rules.stages_of(pipeline_id) if stage.id != stage_id]


def _shifts(rules: Rules, places: Mapping[int, int]) -> list[Write]:
    """Return the writes that renumber stages: no change of theirs, so no stamp of theirs moves."""
    stages = rules.stages
    moved = {key: place for key, place in places.items() if key in stages and stages[key].position != place}
    return [changed(table, key, {"position": place}) for key, place in moved.items()]


def _empty(stage: Stage, needs: Sequence[str]) -> list[Problem]:
    return [Problem(name, "required", "is a required field") for name in needs if not getattr(stage, name)]


def _problems(rules: Rules, stage: Stage) -> list[Problem]:
    links: dict[str, tuple[int | None, Mapping[int, Any]]] = {
        "pipeline_id": (stage.pipeline_id, rules.pipelines),
        "canned_response_id": (stage.canned_response_id, rules.canned_responses),
        "task_list_id": (stage.task_list_id, rules.task_lists),
    }
    return stage_problems(stage) + [
        Problem(name, "unknown", "is not there", ident)
        for name, (ident, there) in links.items()
        if ident is not None and ident not in there
    ]
