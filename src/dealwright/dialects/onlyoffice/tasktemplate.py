"""Task template containers and their templates (contacts-tasks-cases §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.actions import list_items, task_templates
from dealwright.actions.task_templates import CREATE, DELETE, EDIT, LIST, READ
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, one
from dealwright.dialects.onlyoffice.failures import absent_reference, bad_argument, missing
from dealwright.dialects.onlyoffice.listitem import TASK, counted
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.dialects.onlyoffice.writing import person
from dealwright.domain.errors import NotFound
from dealwright.domain.task_template import SUBJECTS, TaskTemplate, TemplateChange, TemplateTask

CONTAINERS: Final = f"crm/{{entityType:({'|'.join(SUBJECTS)})}}/tasktemplatecontainer"
CONTAINER: Final = "crm/tasktemplatecontainer/{containerid:[0-9]+}"
TEMPLATES: Final = f"{CONTAINER}/tasktemplate"
TEMPLATE: Final = "crm/tasktemplatecontainer/tasktemplate/{id:[0-9]+}"
NO_OBJECT: Final = "Object reference not set to an instance of an object."

Used = Mapping[int, int]
"""How many tasks there are of each category."""


@routes.get(CONTAINERS, right=LIST)
async def get_containers(call: Call) -> Answer:
    """Answer the containers for a kind of record, the oldest first, with their templates."""
    found = await task_templates.read_all(call.db, call.actor, [call.bag.text("entityType") or ""])
    used = await _used(call)
    return listed([_container(call, template, used) for template in found], call.page)


@routes.post(CONTAINERS, right=CREATE)
async def post_container(call: Call) -> Answer:
    """Make a container without templates: 400 without a title."""
    change = TemplateChange(subject=call.bag.text("entityType") or "", title=call.bag.text("title") or "")
    return one(_container(call, await task_templates.create(call.db, call.actor, change), {}))


@routes.get(CONTAINER, right=READ)
async def get_container(call: Call) -> Answer:
    """Answer a container with its templates: 400 for id 0, 404 for a missing one."""
    found = await task_templates.get(call.db, call.actor, ident(call, "containerid"))
    return one(_container(call, found, await _used(call)))


@routes.put(CONTAINER, right=EDIT)
async def put_container(call: Call) -> Answer:
    """Rename a container: 400 for id 0 or no title, 404 for a missing one."""
    number, change = ident(call, "containerid"), TemplateChange(title=call.bag.text("title") or "")
    found = await task_templates.change(call.db, call.actor, number, change)
    return one(_container(call, found, await _used(call)))


@routes.delete(CONTAINER, right=DELETE)
async def delete_container(call: Call) -> Answer:
    """Delete a container with its templates and answer it: 400 for id 0, 500 for a missing one, as the contract has."""
    try:
        gone = await task_templates.delete(call.db, call.actor, ident(call, "containerid"))
    except NotFound:
        raise absent_reference(NO_OBJECT) from None
    return one(_container(call, gone, await _used(call)))


@routes.get(TEMPLATES, right=LIST)
async def get_templates(call: Call) -> Answer:
    """Answer the templates of a container: 400 for id 0, 404 for a missing container."""
    found = await task_templates.get(call.db, call.actor, ident(call, "containerid"))
    used = await _used(call)
    return listed([_template(call, found.id, task, used) for task in found.tasks], call.page)


@routes.post(TEMPLATES, right=EDIT)
async def post_template(call: Call) -> Answer:
    """Add a template to a container: 400 without title or category, 404 for a missing container or category."""
    return await _put(call, _said(call))


@routes.put(TEMPLATES, right=EDIT)
async def put_template(call: Call) -> Answer:
    """Replace a template of a container, its `id` in the body; refuses as POST, and with 404 for a missing one."""
    task = _said(call, call.bag.integer("id"))
    if task.id <= 0:
        raise bad_argument()
    present = await task_templates.get(call.db, call.actor, ident(call, "containerid"))
    if task.id not in {one.id for one in present.tasks}:
        raise missing()
    return await _put(call, task)


async def _put(call: Call, task: TemplateTask) -> Answer:
    number = ident(call, "containerid")
    kept = await task_templates.put_task(call.db, call.actor, number, task)
    return one(_template(call, number, kept, await _used(call)))


@routes.get(TEMPLATE, right=READ)
async def get_template(call: Call) -> Answer:
    """Answer one template: 400 for id 0, 404 for a missing one."""
    number = ident(call, "id")
    found = await task_templates.get_of_task(call.db, call.actor, number)
    return await _shown(call, found, number)


@routes.delete(TEMPLATE, right=EDIT)
async def delete_template(call: Call) -> Answer:
    """Delete one template and answer it: 400 for id 0, 404 for a missing one."""
    number = ident(call, "id")
    before = await task_templates.get_of_task(call.db, call.actor, number)
    await task_templates.alter_tasks(
        call.db, call.actor, before.id, lambda tasks: [task for task in tasks if task.id != number]
    )
    return await _shown(call, before, number)


async def _shown(call: Call, template: TaskTemplate, number: int) -> Answer:
    task = next(task for task in template.tasks if task.id == number)
    return one(_template(call, template.id, task, await _used(call)))


def _said(call: Call, number: int = 0) -> TemplateTask:
    """Return the template that the body describes; refuses with 400 (no title or category) and 404 (the category)."""
    bag = call.bag
    title, category, responsible = bag.text("title") or "", bag.integer("categoryid"), bag.guid("responsibleid")
    if not title.strip() or category <= 0:
        raise bad_argument()
    item = call.db.rules.items.get(category)
    if item is None or item.list != TASK.name:
        raise missing("Category is not found")
    return TemplateTask(
        id=number,
        title=title,
        description=bag.text("description"),
        responsible=None if responsible == NO_GUID else responsible,
        category_id=category,
        notify=bag.boolean("isNotify"),
        offset_ticks=bag.long_integer("offsetTicks"),
        deadline_fixed=bag.boolean("deadLineIsFixed"),
    )


async def _used(call: Call) -> Used:
    return await list_items.usage(call.db, call.actor, TASK.name)


def _container(call: Call, template: TaskTemplate, used: Used) -> Shown:
    """Return a container; its items are left out where there are none (§5)."""
    items = [_template(call, template.id, task, used) for task in template.tasks]
    shown: Shown = {"title": template.title, "entityType": template.subject.capitalize()}
    return shown | ({"items": items} if items else {}) | {"id": template.id}


def _template(call: Call, container: int, task: TemplateTask, used: Used) -> Shown:
    """Return a template: all members are always there; a category that is gone is none (§5)."""
    item = call.db.rules.items.get(task.category_id or 0)
    return {
        "containerID": container,
        "title": task.title,
        "description": task.description,
        "responsible": person(call.portal, task.responsible),
        "category": None if item is None else counted(item, used),
        "isNotify": task.notify,
        "offsetTicks": task.offset_ticks,
        "deadLineIsFixed": task.deadline_fixed,
        "id": task.id,
    }
