"""Deeds on task templates: read, make, change, delete, and make their tasks for a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from dealwright.actions import tasks
from dealwright.actions.deed import attempted, now, written
from dealwright.actions.rule_deeds import altered, differing, fresh, gone, made, mentioned, refuse, stamps_of, touched
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Outdated, Problem, invalid
from dealwright.domain.task import TaskChange
from dealwright.domain.task_template import (
    SUBJECTS,
    TaskTemplate,
    TemplateChange,
    TemplateTask,
    deadline_of,
    template_problems,
    trimmed,
    with_task,
)
from dealwright.domain.values import UNSET
from dealwright.storage import task_templates as store
from dealwright.storage import tasks as task_store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.tasks import FullTask, Loaded, Named

LIST, READ = "TaskList-List", "TaskList-Read"
CREATE, EDIT, DELETE = "TaskList-Create", "TaskList-Edit", "TaskList-Delete"
FIELDS: Final = ("subject", "title", "tasks")

Alter = Callable[[Sequence[TemplateTask]], Sequence[TemplateTask]]
"""What becomes of the tasks of a template."""


async def get(db: Database, actor: Actor, template_id: int) -> TaskTemplate:
    """Return a template. Refuses with Forbidden and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, template_id)


async def get_of_task(db: Database, actor: Actor, task_id: int) -> TaskTemplate:
    """Return the template that a task belongs to. Refuses with Forbidden, and NotFound where there is no such task."""
    actor.require(READ)
    return await store.read(db, actor, await store.template_of(db, task_id))


async def read_all(db: Database, actor: Actor, subjects: Sequence[str] = SUBJECTS) -> list[TaskTemplate]:
    """Return the templates for these subjects, the oldest first. Refuses with Forbidden."""
    actor.require(LIST)
    return await store.read_all(db, subjects)


async def create(db: Database, actor: Actor, change: TemplateChange) -> TaskTemplate:
    """Make a template and return it. Refuses with Forbidden, and with Invalid (subject, title, tasks)."""
    actor.require(CREATE)

    async def deed(_: int) -> TaskTemplate:
        at = now()
        new = _after(db.rules, _blank(actor), change)
        facts = {"subject": new.subject, "title": new.title}
        writes = [store.inserted({**fresh(actor, at), **facts}), *_tasks_written(actor, None, new)]
        event = made(actor, at, "task_template", store.NEW, {**facts, "tasks": new.tasks})
        ids = await written(db, [*writes, event], actor)
        return await store.read(db, actor, ids[store.NEW.name])

    return await attempted(deed)


async def change(
    db: Database, actor: Actor, template_id: int, change: TemplateChange, version: int | None = None
) -> TaskTemplate:
    """Change a template and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Refuses with Forbidden, NotFound, Invalid
    (as `create`), Outdated and Conflict.
    """
    actor.require(EDIT)

    async def deed(_: int) -> TaskTemplate:
        before = await store.read(db, actor, template_id)
        _check_version(before, version)
        return await _changed(db, actor, before, _after(db.rules, before, change))

    async with db.turns.of("task_template", template_id):
        return await attempted(deed)


async def alter_tasks(db: Database, actor: Actor, template_id: int, alter: Alter) -> TaskTemplate:
    """Make the tasks of a template what `alter` makes of them; return it. Refuses as `change`."""
    actor.require(EDIT)

    async def deed(_: int) -> TaskTemplate:
        before = await store.read(db, actor, template_id)
        after = _after(db.rules, before, TemplateChange(tasks=alter(before.tasks)))
        return await _changed(db, actor, before, after)

    async with db.turns.of("task_template", template_id):
        return await attempted(deed)


async def put_task(db: Database, actor: Actor, template_id: int, task: TemplateTask) -> TemplateTask:
    """Put a task into a template, in the place of that of its id or at the end; return it. Refuses as `change`."""
    after = await alter_tasks(db, actor, template_id, lambda tasks: with_task(tasks, task))
    return next(one for one in reversed(after.tasks) if task.id in (0, one.id))


async def delete(db: Database, actor: Actor, template_id: int, version: int | None = None) -> TaskTemplate:
    """Take a template away with its tasks and return it as it was; what was made from it stays. Refuses as `change`."""
    actor.require(DELETE)

    async def deed(_: int) -> TaskTemplate:
        before = await store.read(db, actor, template_id)
        _check_version(before, version)
        facts = {"subject": before.subject, "title": before.title, "tasks": before.tasks}
        event = gone(actor, now(), "task_template", template_id, facts)
        await written(db, [*store.removed(before), event], actor)
        return before

    async with db.turns.of("task_template", template_id):
        return await attempted(deed)


async def apply(db: Database, actor: Actor, template_id: int, target: Named) -> list[FullTask]:
    """Make the tasks of a template for a contact, a deal or a case, from now on; return them in their order.

    Whoever calls is responsible where the template names nobody; a category that is gone is left out. Refuses with
    Forbidden, NotFound (the template), and Invalid: a `target` that is not there, or not what the template is for.
    """
    actor.require(READ)
    template = await store.read(db, actor, template_id)
    _check_target(template, target, await task_store.prepare(db, actor, target))
    at = now()
    changes = [_task_of(db.rules, task, target) for task in template.tasks]
    for change, task in zip(changes, template.tasks, strict=True):
        change.deadline = deadline_of(task, at, db.rules.zone)
    return await tasks.create_many(db, actor, changes)


def _task_of(rules: Rules, task: TemplateTask, target: Named) -> TaskChange:
    return TaskChange(
        title=task.title,
        description=task.description,
        responsible=UNSET if task.responsible is None else task.responsible,
        category_id=task.category_id if _is_category(rules, task.category_id) else None,
        contact_id=target.contact,
        opportunity_id=target.deal,
        case_id=target.case,
        notify=task.notify,
    )


def _check_target(template: TaskTemplate, target: Named, there: Loaded) -> None:
    """Refuse what the template is not for, and what is not there."""
    named = {"contact": target.contact, "opportunity": target.deal, "case": target.case}
    said = [name for name, ident in named.items() if ident is not None]
    wanted = "contact" if template.subject in ("person", "company") else template.subject
    if said != [wanted]:
        field = f"{said[0] if said else wanted}_id"
        raise invalid(field, "not_allowed" if said else "required", f"the template is for a {template.subject}")
    present = {"contact": there.contact, "opportunity": there.opportunity_id, "case": there.case_id}[wanted]
    if present is None:
        raise invalid(f"{wanted}_id", "unknown", f"is no {wanted}", named[wanted])
    is_company = {"person": False, "company": True}.get(template.subject)
    if there.contact is not None and is_company not in (None, there.contact.is_company):
        raise invalid("contact_id", "not_allowed", f"the template is for a {template.subject}", target.contact)


def _blank(actor: Actor) -> TaskTemplate:
    return TaskTemplate(id=0, uid="", version=1, subject="", title="", stamps=stamps_of(actor, now()))


def _after(rules: Rules, before: TaskTemplate, change: TemplateChange) -> TaskTemplate:
    """Return the template as it will be. Refuses with Invalid listing everything that is wrong."""
    after = replace(before, **mentioned(change, *(["subject"] if before.id else [])))
    refuse([*template_problems(after, {task.id for task in before.tasks}), *_category_problems(rules, before, after)])
    return replace(after, title=after.title.strip(), tasks=trimmed(after.tasks))


def _category_problems(rules: Rules, before: TaskTemplate, after: TaskTemplate) -> list[Problem]:
    """Return the categories that are in no list; what stays as it was is never wrong."""
    fine = {None, *(task.category_id for task in before.tasks)}
    return [
        Problem(f"tasks.{place}.category_id", "unknown", "is not in the list", task.category_id)
        for place, task in enumerate(after.tasks)
        if task.category_id not in fine and not _is_category(rules, task.category_id)
    ]


def _is_category(rules: Rules, item_id: int | None) -> bool:
    item = rules.items.get(item_id or 0)
    return item is not None and item.list == "task_category"


async def _changed(db: Database, actor: Actor, before: TaskTemplate, after: TaskTemplate) -> TaskTemplate:
    names = differing(before, after, FIELDS)
    if not names:
        return before
    at = now()
    columns: Mapping[str, Any] = {"title": after.title, **touched(actor, at)}
    event = altered(actor, at, "task_template", before, after, names)
    await written(db, [store.updated(before, columns), *_tasks_written(actor, before, after), event], actor)
    return await store.read(db, actor, before.id)


def _tasks_written(actor: Actor, before: TaskTemplate | None, after: TaskTemplate) -> list[Any]:
    at, old = now(), () if before is None else before.tasks
    columns = [fresh(actor, at) for task in after.tasks if not task.id]
    owner = store.NEW if before is None else before.id
    return store.tasks_replaced(owner, old, after.tasks, touched(actor, at), columns)


def _check_version(template: TaskTemplate, version: int | None) -> None:
    if version is not None and template.version != version:
        raise Outdated(f"the template is at version {template.version}, not {version}")
