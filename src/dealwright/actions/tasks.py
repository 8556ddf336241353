"""Deeds on tasks: read, find, create, change, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.actions.task_letters import letters
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Forbidden, Invalid, Outdated, Problem, invalid
from dealwright.domain.task import Task, TaskChange, changed, checked, differences
from dealwright.domain.values import UNSET
from dealwright.storage import task_lists
from dealwright.storage import tasks as store
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page
from dealwright.storage.rules import Rules
from dealwright.storage.task_lists import TaskCriteria, TaskOrder
from dealwright.storage.tasks import FullTask, Loaded, Named
from dealwright.storage.writes import Made, Write

READ, LIST = "CoworkerTask-Read", "CoworkerTask-List"
CREATE, EDIT, DELETE = "CoworkerTask-Create", "CoworkerTask-Edit", "CoworkerTask-Delete"
MOST = 100
"""How many tasks can be made at once."""


async def get(db: Database, actor: Actor, task_id: int) -> FullTask:
    """Return a task this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, task_id)


async def get_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullTask]:
    """Return the tasks of these ids that this person may see, in the order of the ids."""
    actor.require(READ)
    return await store.read_many(db, actor, ids)


async def find(
    db: Database,
    actor: Actor,
    criteria: TaskCriteria,
    page: Page,
    order: TaskOrder = TaskOrder.DEADLINE,
    descending: bool = False,
    open_first: bool = False,
) -> Found[FullTask]:
    """Return a page of the tasks that match and this person may see, and exactly how many there are.

    `open_first` lists closed tasks after open ones, whatever the order.
    """
    actor.require(LIST)
    return await task_lists.find(db, actor, criteria, page, order, descending, open_first)


async def create(db: Database, actor: Actor, change: TaskChange) -> FullTask:
    """Make a task from a change that names at least its title; return it.

    Without a word about them the caller is responsible and the portal's first location is its place. Refuses with
    Forbidden and Invalid.
    """
    [made] = await create_many(db, actor, [change])
    return made


async def create_many(db: Database, actor: Actor, changes: Sequence[TaskChange]) -> list[FullTask]:
    """Make several tasks, at most `MOST`, all of them or none; return them in their order. Refuses as `create`."""
    actor.require(CREATE)
    if len(changes) > MOST:
        raise invalid("tasks", "out_of_range", f"at most {MOST} tasks are made at once", len(changes))
    for change in changes:
        checked(change)

    async def deed(_: int) -> list[FullTask]:
        at, named = now(), dict.fromkeys(map(_named, changes))
        loaded = {one: await store.prepare(db, actor, one) for one in named}
        plans = [planned(db, actor, loaded[_named(one)], one, at, f"task{n}") for n, one in enumerate(changes)]
        made = await written(db, list(chain.from_iterable(writes for _full, writes in plans)), actor)
        for place, (full, _writes) in enumerate(plans):
            full.task.id = made[f"task{place}"]
        return [full for full, _writes in plans]

    return await attempted(deed) if changes else []


async def change(db: Database, actor: Actor, task_id: int, change: TaskChange, version: int | None = None) -> FullTask:
    """Change a task and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Refuses with Forbidden (no right, or seen but
    neither made nor done by this person), NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(_: int) -> FullTask:
        loaded = await store.load(db, actor, task_id, _named(change))
        _check(actor, loaded.full.task, version)
        return await _change(db, actor, loaded, change, now())

    async with db.turns.of("task", task_id):
        return await attempted(deed)


async def delete(db: Database, actor: Actor, task_id: int, version: int | None = None) -> FullTask:
    """Move a task to the trash and return it as it was. Refuses as `change`."""
    actor.require(DELETE)

    async def deed(_: int) -> FullTask:
        full = await store.read(db, actor, task_id)
        _check(actor, full.task, version)
        at, gone = now(), replace(full.task, updated_by=actor.id)
        event = happened(actor, at, "task", ["task.deleted"])
        await written(db, [store.trashed(gone, gone.version, at), recorded(event, task_id)], actor)
        return full

    async with db.turns.of("task", task_id):
        return await attempted(deed)


async def restore(db: Database, actor: Actor, task_id: int) -> FullTask:
    """Take a task back from the trash and return it.

    Refuses with Forbidden, NotFound and Conflict, and with Invalid ("task": "not_allowed") while the record it hangs
    on is in the trash too: it comes back with that.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullTask:
        full, hangs_on_trash = await store.read_trashed(db, actor, task_id)
        _check(actor, full.task, None)
        if hangs_on_trash:
            raise invalid("task", "not_allowed", "what it belongs to is in the trash", task_id)
        at, back = now(), replace(full.task, updated_by=actor.id)
        event = happened(actor, at, "task", ["task.restored"])
        await written(db, [store.returned(back, back.version, at), recorded(event, task_id)], actor)
        return await store.read(db, actor, task_id)

    async with db.turns.of("task", task_id):
        return await attempted(deed)


async def exists_for_anybody(db: Database, task_id: int) -> bool:
    """Tell whether a task is there at all: for the contracts that answer hidden and missing differently."""
    return await store.exists_for_anybody(db, task_id)


def planned(
    db: Database, actor: Actor, loaded: Loaded, change: TaskChange, at: datetime, made: str
) -> tuple[FullTask, list[Write]]:
    """Return a new task, its id left open, and the writes that make it; its id will be known as `made`."""
    blank = replace(loaded.full.task, uid=new_uid(), created_at=at, created_by=actor.id, updated_by=actor.id)
    start = replace(blank, responsible=actor.uid, location_id=db.rules.location.id)
    new = _after(db.rules, replace(loaded, full=FullTask(start)), change)
    new.task.updated_at = at if change.updated_at is UNSET else change.updated_at
    event = happened(actor, at, "task", ["task.created"], None, values_of(new.task, differences(blank, new.task)))
    told = letters(db.rules, actor, blank, new.task, at)
    return new, [store.inserted(new.task, made), recorded(event, Made(made)), *told]


async def _change(db: Database, actor: Actor, loaded: Loaded, change: TaskChange, at: datetime) -> FullTask:
    old, new = loaded.full, _after(db.rules, loaded, change)
    names, version = differences(old.task, new.task), old.task.version
    if not names and change.updated_at is UNSET:
        return old
    new.task.version, new.task.updated_by = version + 1, actor.id
    new.task.updated_at = at if change.updated_at is UNSET else change.updated_at
    before, after = values_of(old.task, names), values_of(new.task, names)
    event = happened(actor, at, "task", ["task.changed"], before, after)
    told = letters(db.rules, actor, old.task, new.task, at)
    await written(db, [store.updated(new.task, names, version), recorded(event, new.task.id), *told], actor)
    return new


def _after(rules: Rules, loaded: Loaded, change: TaskChange) -> FullTask:
    """Return the task as it will be. Refuses with Invalid listing everything that is wrong."""
    before, after = loaded.full.task, changed(loaded.full.task, change)
    problems = _list_problems(rules, before, after)
    card, title, about = loaded.full.contact, loaded.full.opportunity_title, loaded.full.case_title
    if after.contact_id != before.contact_id:
        card, missing = loaded.contact, _missing("contact_id", after, loaded.contact)
        problems += [] if change.forgives_links else missing
        after.contact_id = card.id if card else None
    if after.opportunity_id != before.opportunity_id:
        title, missing = loaded.opportunity_title, _missing("opportunity_id", after, loaded.opportunity_id)
        problems += [] if change.forgives_links else missing
        after.opportunity_id = loaded.opportunity_id
    if after.case_id != before.case_id:
        about, missing = loaded.case_title, _missing("case_id", after, loaded.case_id)
        problems += [] if change.forgives_links else missing
        after.case_id = loaded.case_id
    if problems:
        raise Invalid(*problems)
    return FullTask(after, card, title, about)


def _missing(name: str, after: Task, found: Brief | int | None) -> list[Problem]:
    wanted = getattr(after, name)
    what = {"contact_id": "is no contact", "opportunity_id": "is no opportunity", "case_id": "is no case"}[name]
    return [Problem(name, "unknown", what, wanted)] if wanted is not None and found is None else []


def _list_problems(rules: Rules, before: Task, after: Task) -> list[Problem]:
    """Return what a task lacks, and what it points at that is in no list; what stays as it was is never wrong."""
    problems = [] if after.title else [Problem("title", "required", "is a required field", after.title)]
    item = rules.items.get(after.category_id or 0)
    if after.category_id not in (before.category_id, None) and (item is None or item.list != "task_category"):
        problems.append(Problem("category_id", "unknown", "is not in the list", after.category_id))
    if after.location_id not in (before.location_id, None) and after.location_id not in rules.locations:
        problems.append(Problem("location_id", "unknown", "is no location", after.location_id))
    return problems


def _named(change: TaskChange) -> Named:
    return Named(_number(change.contact_id), _number(change.opportunity_id), _number(change.case_id))


def _number(said: object) -> int | None:
    return said if isinstance(said, int) else None


def _check(actor: Actor, task: Task, version: int | None) -> None:
    if not task.edited_by(actor):
        raise Forbidden("this task is not yours to change")
    if version is not None and task.version != version:
        raise Outdated(f"the task is at version {task.version}, not {version}")
