"""Task templates in our own API: list, get, create, change, delete, and make their tasks for a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import task_templates as deeds
from dealwright.actions.tasks import CREATE as CREATE_TASKS
from dealwright.dialects.native import pages, tasks
from dealwright.dialects.native.changing import under_match
from dealwright.dialects.native.conditions import tag_of
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Instant, Listing
from dealwright.dialects.native.task_shapes import Task, Title
from dealwright.dialects.native.written import user_id
from dealwright.domain import task_template as domain
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.task_template import SUBJECTS, TemplateChange, TemplateTask
from dealwright.storage import task_templates as store
from dealwright.storage.rules import Rules
from dealwright.storage.tasks import Named

Subject = Literal["contact", "person", "company", "opportunity", "case"]
Seconds = Annotated[int, Meta(ge=-(10**10), le=10**10)]
TICKS: Final = 10_000_000
"""Ticks of a second."""
_PATH: Final = "/task-templates"
_ONE: Final = "/task-templates/{id}"
POINTERS: Final = {"responsible": "responsible_id", "offset_ticks": "due_after_seconds"}
"""Where our fields stand in the documents of this face."""


class TemplateQuery(Query):
    """What the list of templates may be asked with."""

    subject: Annotated[Subject, Meta(description="What they are for.")] | UnsetType = UNSET


class TaskOfTemplate(Struct, kw_only=True):
    """One task of a template. It is due `due_after_seconds` after the tasks are made, or after the midnight before.

    Without `responsible_id` it is for whoever makes the tasks.
    """

    id: int
    title: str
    description: str | None
    responsible_id: int | None
    category_id: int | None
    notify: bool
    due_after_seconds: int
    from_midnight: bool


class TaskOfTemplateSaid(Body, kw_only=True):
    """One task of a template; with the `id` of a present one it is that one, replaced."""

    id: Id | UnsetType = UNSET
    title: Title
    description: str | None = None
    responsible_id: Id | None = None
    category_id: Id | None = None
    notify: bool = False
    due_after_seconds: Seconds = 0
    from_midnight: bool = False


class TaskTemplate(Struct, kw_only=True):
    """Tasks that belong together, to be made for a record of its subject; `contact` is people and companies alike."""

    id: int
    uid: str
    version: int
    subject: Subject
    title: str
    tasks: list[TaskOfTemplate]
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class TaskTemplatePatch(Body):
    """What to change about a template (RFC 7396): absent members stay, `tasks` is replaced as a whole."""

    title: Title | UnsetType = UNSET
    tasks: Annotated[list[TaskOfTemplateSaid], Meta(max_length=domain.MOST)] | UnsetType = UNSET


class TaskTemplateDraft(TaskTemplatePatch, kw_only=True):
    """A new template."""

    subject: Subject
    title: Title


class Target(Body):
    """The record to make the tasks for: the one of them that the template is for."""

    contact_id: Id | UnsetType = UNSET
    opportunity_id: Id | UnsetType = UNSET
    case_id: Id | UnsetType = UNSET


def written(rules: Rules, template: domain.TaskTemplate) -> TaskTemplate:
    """Return a template as it goes over the wire."""
    subject: Subject = template.subject  # type: ignore[assignment]
    return TaskTemplate(
        id=template.id,
        uid=template.uid,
        version=template.version,
        subject=subject,
        title=template.title,
        tasks=[_task(rules, task) for task in template.tasks],
        created_at=template.stamps.created_at,
        created_by=template.stamps.created_by,
        updated_at=template.stamps.updated_at,
        updated_by=template.stamps.updated_by,
    )


def _task(rules: Rules, task: TemplateTask) -> TaskOfTemplate:
    return TaskOfTemplate(
        id=task.id,
        title=task.title,
        description=task.description,
        responsible_id=user_id(rules, task.responsible),
        category_id=task.category_id,
        notify=task.notify,
        due_after_seconds=task.offset_ticks // TICKS,
        from_midnight=task.deadline_fixed,
    )


def change_of(said: TaskTemplatePatch, rules: Rules) -> TemplateChange:
    """Return the change that a patch means. Refuses with Invalid people that are not there."""
    change = TemplateChange()
    if said.title is not UNSET:
        change.title = said.title
    if said.tasks is not UNSET:
        if problems := list(_people_problems(said.tasks, rules)):
            raise Invalid(*problems)
        change.tasks = [_said(one, rules.users) for one in said.tasks]
    return change


def _people_problems(tasks: list[TaskOfTemplateSaid], rules: Rules) -> Iterator[Problem]:
    for place, one in enumerate(tasks):
        if one.responsible_id is not None and one.responsible_id not in rules.users:
            yield Problem(f"tasks.{place}.responsible", "unknown", "is no user", one.responsible_id)


def _said(one: TaskOfTemplateSaid, users: Mapping[int, object]) -> TemplateTask:
    user = users.get(one.responsible_id or 0)
    return TemplateTask(
        id=0 if one.id is UNSET else one.id,
        title=one.title,
        description=one.description,
        responsible=getattr(user, "uid", None),
        category_id=one.category_id,
        notify=one.notify,
        offset_ticks=one.due_after_seconds * TICKS,
        deadline_fixed=one.from_midnight,
    )


async def list_task_templates(call: Call, query: TemplateQuery) -> Reply[Listing[TaskTemplate]]:
    """List task templates, the oldest first."""
    subjects = SUBJECTS if query.subject is UNSET else (query.subject,)
    found = await deeds.read_all(call.db, call.actor, subjects)
    return pages.whole([written(call.db.rules, template) for template in found])


async def get_task_template(call: Call) -> Reply[TaskTemplate]:
    """Get a task template."""
    return _shown(call, await deeds.get(call.db, call.actor, call.id))


async def create_task_template(call: Call, body: TaskTemplateDraft) -> Reply[TaskTemplate]:
    """Create a task template."""
    change = change_of(body, call.db.rules)
    change.subject = body.subject
    return _shown(call, await deeds.create(call.db, call.actor, change))


async def change_task_template(call: Call, body: TaskTemplatePatch) -> Reply[TaskTemplate]:
    """Change a task template by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    change = change_of(body, call.db.rules)
    template = await under_match(
        call,
        body,
        lambda version: deeds.change(call.db, call.actor, call.id, change, version),
        lambda: _present(call),
    )
    return _shown(call, template)


async def delete_task_template(call: Call) -> Reply[None]:
    """Delete a task template; the tasks that were made from it stay."""
    await under_match(
        call, None, lambda version: deeds.delete(call.db, call.actor, call.id, version), lambda: _present(call)
    )
    return Reply(None)


async def apply_task_template(call: Call, body: Target) -> Reply[Listing[Task]]:
    """Make the tasks of a template for a record, due from now on: all of them or none."""
    said = (body.contact_id, body.opportunity_id, body.case_id)
    target = Named(*(None if one is UNSET else one for one in said))
    found = await deeds.apply(call.db, call.actor, call.id, target)
    return pages.whole([tasks.written(call.db.rules, full) for full in found])


async def _present(call: Call) -> TaskTemplate:
    return written(call.db.rules, await store.read(call.db, call.actor, call.id))


def _shown(call: Call, template: domain.TaskTemplate) -> Reply[TaskTemplate]:
    return Reply(written(call.db.rules, template), tag_of(template.version), f"{_PATH}/{template.id}")


ROUTES: Final = (
    Route("GET", _PATH, list_task_templates, right=deeds.LIST),
    Route("POST", _PATH, create_task_template, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_task_template, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_task_template, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_task_template, 204, right=deeds.DELETE, guarded=True),
    Route("POST", f"{_ONE}/apply", apply_task_template, right=CREATE_TASKS),
)
