"""Deeds on opportunity types, canned responses, task lists and their items: one set of deeds for all of them.

The records are read from `db.rules`; a deed's `values` are by our names, and what is not among them stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dealwright.actions.deed import attempted, happened, now, recorded
from dealwright.actions.rule_deeds import fresh, gone, made, refuse, touched
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, NotFound, Problem
from dealwright.domain.naming import found, name_problem, text_problems
from dealwright.storage import small_records as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Plain, Rules
from dealwright.storage.small_records import SmallRecord
from dealwright.storage.writes import Made, Write

LONGEST_DELAY: Final = 876_000


def _named(field: str, names: Iterable[str]) -> list[Problem]:
    using = list(names)
    listed = ", ".join(f"“{name}”" for name in using)
    return [Problem(field, "in_use", f"is used by {listed}", using)] if using else []


def _stages_with(field: str) -> Callable[[Rules, int], list[Problem]]:
    def problems(rules: Rules, ident: int) -> list[Problem]:
        return _named("stages", (stage.title for stage in rules.stages.values() if getattr(stage, field) == ident))

    return problems


def _list_in_use(rules: Rules, ident: int) -> list[Problem]:
    items = (item for item in rules.task_items.values() if item.values["task_list_id"] == ident)
    return [
        *_stages_with("task_list_id")(rules, ident),
        *_named("task_items", (item.values["name"] for item in items)),
    ]


def _free(_: Rules, __: int) -> list[Problem]:
    return []


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of small record as deeds know it: the stem of its rights, what events call it, who uses it."""

    record: SmallRecord
    stem: str
    subject: str
    users: Callable[[Rules, int], list[Problem]] = _free


OPPORTUNITY_TYPE: Final = Entity(store.KIND, "OpportunityType", "kind")
CANNED_RESPONSE: Final = Entity(
    store.CANNED_RESPONSE, "CannedResponse", "canned_response", _stages_with("canned_response_id")
)
TASK_LIST: Final = Entity(store.TASK_LIST, "TaskList", "task_list", _list_in_use)
TASK_ITEM: Final = Entity(store.TASK_ITEM, "TaskItem", "task_item")


async def create(db: Database, actor: Actor, entity: Entity, values: Mapping[str, Any]) -> Plain:
    """Make a record and return it; one that belongs to a location gets the first one where none is named.

    Refuses with Forbidden, and with Invalid (name, or an id that is not there).
    """
    actor.require(f"{entity.stem}-Create")
    given = _fields(entity, values)
    if "location_id" in entity.record.links:
        given.setdefault("location_id", db.rules.location.id)
    refuse([*_missing(given, ("name", *entity.record.links)), *_problems(db.rules, entity, given)])
    at, ident = now(), Made(entity.record.table.name)
    writes: list[Write] = [store.inserted(entity.record.table, {**fresh(actor, at), **given})]
    writes.append(made(actor, at, entity.subject, ident, given))
    ids = await db.apply_rules(writes, actor.stamp)
    return _all(db, entity)[ids[ident.name]]


async def change(db: Database, actor: Actor, entity: Entity, ident: int, values: Mapping[str, Any]) -> Plain:
    """Change a record and return it; what differs in nothing writes nothing. Refuses as `create`, with NotFound."""
    actor.require(f"{entity.stem}-Edit")
    given = _fields(entity, values)
    needed = [name for name in ("name", *entity.record.links) if name in given]
    refuse([*_missing(given, needed), *_problems(db.rules, entity, given)])
    before = _present(db, entity, ident)
    new = {name: value for name, value in given.items() if before.values[name] != store.column(value)}
    if not new:
        return before
    at = now()
    old = {name: _told(entity, name, before.values[name]) for name in new}
    event = happened(actor, at, entity.subject, [f"{entity.subject}.changed"], old, new)
    writes: list[Write] = [store.changed(entity.record.table, ident, {**new, **touched(actor, at)})]
    writes.append(recorded(event, ident))
    await db.apply_rules(writes, actor.stamp)
    return _all(db, entity)[ident]


async def delete(db: Database, actor: Actor, entity: Entity, ident: int) -> Plain:
    """Take a record away and return it as it was.

    Refuses with Forbidden, NotFound, and Invalid "in_use" naming what uses it (living deals, stages, items).
    """
    actor.require(f"{entity.stem}-Delete")

    async def deed(_: int) -> Plain:
        before = _present(db, entity, ident)
        refuse(entity.users(db.rules, ident))
        at = now()
        event = gone(actor, at, entity.subject, ident, {"name": before.values["name"]})
        writes: list[Write] = [*await _removal(db, entity, ident), event]
        await db.apply_rules(writes, actor.stamp)
        return before

    return await attempted(deed)


async def _removal(db: Database, entity: Entity, ident: int) -> list[Write]:
    if entity is CANNED_RESPONSE:
        return store.canned_response_removed(ident)
    if entity is not OPPORTUNITY_TYPE:
        return [store.removed(entity.record.table, ident)]
    if count := await store.deals_of_kind(db, ident):
        raise Invalid(Problem("opportunities", "in_use", f"{count} opportunities are of this type", count))
    return store.kind_removed(ident)


def _all(db: Database, entity: Entity) -> Mapping[int, Plain]:
    held: Mapping[int, Plain] = getattr(db.rules, entity.record.held_in)
    return held


def _present(db: Database, entity: Entity, ident: int) -> Plain:
    record = _all(db, entity).get(ident)
    if record is None:
        raise NotFound(entity.subject)
    return record


def _fields(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in entity.record.fields if name in values}


def _told(entity: Entity, name: str, value: object) -> object:
    return bool(value) if name in entity.record.flags else value


def _missing(given: Mapping[str, Any], needed: Iterable[str]) -> list[Problem]:
    return [Problem(name, "required", "is a required field") for name in needed if given.get(name) is None]


def _problems(rules: Rules, entity: Entity, given: Mapping[str, Any]) -> list[Problem]:
    record = entity.record
    problems = found(name_problem("name", given["name"])) if given.get("name") is not None else []
    problems += text_problems((name, given.get(name)) for name in record.texts)
    problems += [
        Problem(name, "out_of_range", f"must be from 0 to {LONGEST_DELAY}", given[name])
        for name in record.numbers
        if name in given and not 0 <= given[name] <= LONGEST_DELAY
    ]
    return problems + [
        Problem(name, "unknown", "is not there", given[name])
        for name, held_in in record.links.items()
        if given.get(name) is not None and given[name] not in getattr(rules, held_in)
    ]
