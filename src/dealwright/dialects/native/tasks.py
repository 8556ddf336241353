"""Tasks in our own API: list, get, create, change, close and reopen, to the trash and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import tasks as deeds
from dealwright.dialects.native import members, pages, people, times
from dealwright.dialects.native.listing import uid_of
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, Somebody, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.dialects.native.stamps import stamps
from dealwright.dialects.native.task_shapes import MEMBERS, Task, TaskClosing, TaskDraft, TaskGroup, TaskPatch
from dealwright.dialects.native.written import user_id
from dealwright.domain.errors import Invalid, invalid
from dealwright.domain.task import TaskChange
from dealwright.storage import task_lists
from dealwright.storage import tasks as store
from dealwright.storage.rules import Rules
from dealwright.storage.task_lists import TaskCriteria, TaskOrder
from dealwright.storage.tasks import FullTask

ORDERS: Final = {
    "id": TaskOrder.ID,
    "due_at": TaskOrder.DEADLINE,
    "title": TaskOrder.TITLE,
    "created_at": TaskOrder.CREATED,
}
SORTS: Final = pages.sorts_of(ORDERS)
POINTERS: Final = {"deadline": "due_at", "responsible": "responsible_id"}
"""Where our fields stand in the documents of this face."""
_PLAIN: Final = (
    *("title", "description", "alert_minutes", "notify", "closed", "category_id", "contact_id", "opportunity_id"),
    *("case_id", "location_id", "system_id"),
)
_PATH: Final = "/tasks"
_ONE: Final = "/tasks/{id}"
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]
Versioned = Callable[[int | None], Awaitable[FullTask]]


class TaskQuery(Query):
    """What one task may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class TaskListQuery(TaskQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="A part of the title.")] | UnsetType = UNSET
    responsible: Somebody | UnsetType = UNSET
    category_id: Id | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    company_id: Annotated[Id, Meta(description="A company and the people who belong to it.")] | UnsetType = UNSET
    opportunity_id: Id | UnsetType = UNSET
    case_id: Id | UnsetType = UNSET
    closed: Annotated[bool, Meta(description="Closed tasks alone, or open ones.")] | UnsetType = UNSET
    due_from: Annotated[Instant, Meta(description="Due then or later.")] | UnsetType = UNSET
    due_to: Annotated[Instant, Meta(description="Due then or earlier.")] | UnsetType = UNSET


def _criteria(query: TaskListQuery, call: Call) -> TaskCriteria:
    said = ("category_id", "contact_id", "company_id", "opportunity_id", "case_id", "closed")
    plain = {name: value for name in said if (value := getattr(query, name)) is not UNSET}
    responsible = None if query.responsible is UNSET else uid_of(query.responsible, call.db.rules, call.actor)
    return TaskCriteria(
        **plain,
        responsible=responsible,
        deadline_from=times.bound("due_from", query.due_from),
        deadline_to=times.bound("due_to", query.due_to),
        title_part=None if query.q is UNSET else query.q,
    )


def written(rules: Rules, full: FullTask) -> Task:
    """Return a task as it goes over the wire."""
    own = full.task
    return Task(
        **stamps(own),
        title=own.title,
        description=own.description,
        due_at=own.deadline,
        alert_minutes=own.alert_minutes,
        notify=own.notify,
        closed=own.closed,
        responsible_id=user_id(rules, own.responsible),
        responsible_uid=own.responsible,
        category_id=own.category_id,
        contact_id=own.contact_id,
        opportunity_id=own.opportunity_id,
        case_id=own.case_id,
        location_id=own.location_id,
    )


def change_of(said: TaskPatch, rules: Rules) -> TaskChange:
    """Return the change that a patch means. Refuses with Invalid."""
    change = TaskChange()
    members.say(change, said, _PLAIN)
    problems = [
        *times.say(change, "deadline", said.due_at),
        *people.say(change, "responsible", said.responsible_id, rules),
    ]
    if problems:
        raise Invalid(*problems)
    return change


_LIST: Final = Lister(
    name="tasks",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=task_lists.find_places,
    read_many=store.read_many,
    total=task_lists.total,
    written=written,
    members=MEMBERS,
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, store.read, MEMBERS)


async def list_tasks(call: Call, query: TaskListQuery) -> Reply[Listing[Task]]:
    """List tasks.

    Tasks without a due date come first by `due_at`, and last where that order is turned round.
    """
    return await _LIST.page(call, query)


async def get_task(call: Call, query: TaskQuery) -> Reply[Task]:
    """Get a task.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    return await _SHELF.one(call, query)


async def create_task(call: Call, body: TaskDraft) -> Reply[Task]:
    """Create a task; with `notify` its responsible is told by mail, unless that is you."""
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change_of(body, call.db.rules)))


async def create_tasks(call: Call, body: TaskGroup) -> Reply[Listing[Task]]:
    """Create the same task for each of some contacts: for all of them or for none."""
    if body.contact_id is not UNSET:
        raise invalid("contact_id", "not_allowed", "each task has one of contact_ids")
    change = change_of(body, call.db.rules)
    changes = [replace(change, contact_id=contact) for contact in dict.fromkeys(body.contact_ids)]
    return pages.whole([written(call.db.rules, full) for full in await deeds.create_many(call.db, call.actor, changes)])


async def change_task(call: Call, body: TaskPatch) -> Reply[Task]:
    """Change a task by a merge patch; `If-Match` guards against overwriting somebody else's change.

    Another due date, alert or responsible sets its reminders anew.
    """
    change = change_of(body, call.db.rules)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def close_task(call: Call, body: TaskClosing) -> Reply[Task]:
    """Close a task; a closed one stays as it is."""
    return await _closed(call, True)


async def reopen_task(call: Call, body: TaskClosing) -> Reply[Task]:
    """Open a closed task again."""
    return await _closed(call, False)


async def _closed(call: Call, closed: bool) -> Reply[Task]:
    change = TaskChange(closed=closed)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v))


async def delete_task(call: Call) -> Reply[None]:
    """Move a task to the trash."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def restore_task(call: Call, body: TaskClosing) -> Reply[Task]:
    """Take a task back from the trash; one that went there with its contact, opportunity or case comes back with it."""
    return _SHELF.told(call, await deeds.restore(call.db, call.actor, call.id))


ROUTES: Final = (
    Route("GET", _PATH, list_tasks, right=deeds.LIST),
    Route("POST", _PATH, create_task, 201, right=deeds.CREATE, names=POINTERS),
    Route("POST", f"{_PATH}/group", create_tasks, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_task, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_task, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_task, 204, right=deeds.DELETE, guarded=True),
    Route("POST", f"{_ONE}/close", close_task, right=deeds.EDIT, guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/reopen", reopen_task, right=deeds.EDIT, guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/restore", restore_task, right=deeds.DELETE, bodiless=True, names={"task": ""}),
)
