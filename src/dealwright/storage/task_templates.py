"""Task templates as stored: read whole with their tasks, written as decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.task_template import TaskTemplate, TemplateTask
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, any_number, any_text, listed, number
from dealwright.storage.rules_loading import stamps
from dealwright.storage.schema import task_template as task_table
from dealwright.storage.schema import task_template_container as table
from dealwright.storage.small_records import columns_of
from dealwright.storage.writes import Change, Insert, Made, Remove, Write

NEW: Final = Made("task_template")
_COLUMNS: Final = ("id", "uid", "version", "subject", "title", "created_at", "updated_at", "created_by", "updated_by")
_TASK: Final = tuple(TemplateTask.__slots__)
_FLAGS: Final = ("notify", "deadline_fixed")

_ONE = Query(
    select(stamp_column().label("stamp"), *(table.c[name] for name in _COLUMNS)).where(table.c.id == number("id"))
)
_ALL = Query(
    select(*(table.c[name] for name in _COLUMNS)).where(any_text(table.c.subject, "subjects")).order_by(table.c.id)
)
_TASKS = Query(
    select(task_table.c.container_id, *(task_table.c[name] for name in _TASK))
    .where(any_number(task_table.c.container_id, "templates"))
    .order_by(task_table.c.id)
)
_OF_TASK = Query(select(task_table.c.container_id).where(task_table.c.id == number("id")))


async def read(db: Database, actor: Actor, template_id: int) -> TaskTemplate:
    """Return a template; NotFound when there is none."""
    row = await db.first(_ONE, id=template_id)
    if row is None:
        await confirm(db, actor)
        raise NotFound("task template")
    check_stamp(actor, row[0])
    [found] = await _whole(db, [row[1:]])
    return found


async def read_all(db: Database, subjects: Sequence[str]) -> list[TaskTemplate]:
    """Return the templates for these subjects, the oldest first."""
    return await _whole(db, await db.rows(_ALL, subjects=listed(subjects)))


async def template_of(db: Database, task_id: int) -> int:
    """Return the id of the template that a task belongs to; NotFound when there is no such task."""
    row = await db.first(_OF_TASK, id=task_id)
    if row is None:
        raise NotFound("task of a template")
    return int(row[0])


async def _whole(db: Database, rows: Sequence[Sequence[Any]]) -> list[TaskTemplate]:
    records = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    tasks: dict[int, list[TemplateTask]] = {record["id"]: [] for record in records}
    for owner, *values in await db.rows(_TASKS, templates=listed(list(tasks))) if records else ():
        tasks[owner].append(_task(dict(zip(_TASK, values, strict=True))))
    return [
        TaskTemplate(
            **{name: record[name] for name in ("id", "uid", "version", "subject", "title")},
            stamps=stamps(record),
            tasks=tuple(tasks[record["id"]]),
        )
        for record in records
    ]


def _task(values: Mapping[str, Any]) -> TemplateTask:
    flags: dict[str, Any] = {name: bool(values[name]) for name in _FLAGS}
    return TemplateTask(**{**values, **flags})


def inserted(columns: Mapping[str, Any]) -> Insert:
    """Return the write of a new template, whose id will be known as `task_template`."""
    return Insert(table, columns, made=NEW.name)


def updated(template: TaskTemplate, columns: Mapping[str, Any]) -> Change:
    """Return the guarded write of some columns of a template that was loaded."""
    where = {"id": template.id, "version": template.version}
    return Change(table, columns, where, add={"version": 1}, expect=True)


def removed(template: TaskTemplate) -> list[Write]:
    """Return the writes that take a template away with its tasks."""
    tasks = Remove(task_table, {"container_id": template.id})
    return [tasks, Remove(table, {"id": template.id})]


def tasks_replaced(
    template_id: int | Made,
    before: Sequence[TemplateTask],
    after: Sequence[TemplateTask],
    stamps: Mapping[str, Any],
    fresh: Sequence[Mapping[str, Any]],
) -> list[Write]:
    """Return the writes that make the tasks of a template what they are afterwards.

    `stamps` are the columns of a change, `fresh` those of each new task; their ids will be known as `task0`, ….
    """
    old, kept = {task.id: task for task in before}, {task.id for task in after}
    writes: list[Write] = [Remove(task_table, {"id": one}) for one in old if one not in kept]
    changed = [task for task in after if task.id and old[task.id] != task]
    writes += [Change(task_table, {**_columns(task), **stamps}, {"id": task.id}) for task in changed]
    new = [task for task in after if not task.id]
    for place, (task, own) in enumerate(zip(new, fresh, strict=False)):
        writes.append(Insert(task_table, {**own, **_columns(task), "container_id": template_id}, made=f"task{place}"))
    return writes


def _columns(task: TemplateTask) -> dict[str, Any]:
    return columns_of(task, _TASK[1:])
