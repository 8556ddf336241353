"""One task: read, create, replace, close, delete, set its dates (contacts-tasks-cases §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from dealwright.actions import tasks
from dealwright.actions.tasks import CREATE, DELETE, EDIT, READ
from dealwright.dialects.onlyoffice import task_body as body
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, nothing
from dealwright.dialects.onlyoffice.failures import Failure, bad_argument, denied, missing
from dealwright.dialects.onlyoffice.opportunity import NEVER
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.task_shown import single_task, task_rows
from dealwright.domain.errors import Conflict, NotFound, RulesMoved
from dealwright.domain.task import TaskChange
from dealwright.storage.tasks import FullTask

ONE: Final = "crm/task/{taskid:[0-9]+}"


@routes.get(ONE, right=READ)
async def get(call: Call) -> Answer:
    """Answer one task: 404 for a missing one, 403 for one that the caller does not see."""
    number = call.bag.integer("taskid")
    try:
        found = await tasks.get(call.db, call.actor, number)
    except NotFound:
        raise await _not_there(call, number) from None
    return await single_task(call, found)


@routes.post("crm/task", right=CREATE)
async def post(call: Call) -> Answer:
    """Make a task. Refuses as `task_body.said`; a contact or deal that is not there is left out."""
    return await single_task(call, await tasks.create(call.db, call.actor, body.said_of_contact(call)))


@routes.post("crm/contact/task/group", right=CREATE)
async def post_group(call: Call) -> Answer:
    """Make one task for each of the contacts and answer them; refuses as `post`."""
    contacts, change = call.bag.integers("contactId"), body.said(call)
    changes = [replace(change, contact_id=contact) for contact in dict.fromkeys(contacts)]
    made: list[FullTask] = []
    try:
        for start in range(0, len(changes), tasks.MOST):
            made += await tasks.create_many(call.db, call.actor, changes[start : start + tasks.MOST])
    except RulesMoved:
        if not made:
            raise
        # The request must not be repeated from its start: some of the tasks are made.
        raise Conflict("the portal's rules changed meanwhile; not all tasks were made") from None
    return everything(await task_rows(call, made))


@routes.put(ONE, right=EDIT)
async def put(call: Call) -> Answer:
    """Replace a task, closed or not; one that is not there is made, as the contract has it.

    Refuses as `post`, and with 403 for one that is not the caller's.
    """
    number, change = call.bag.integer("taskid"), body.said_of_contact(call)
    try:
        return await single_task(call, await tasks.change(call.db, call.actor, number, change))
    except NotFound:
        if await tasks.exists_for_anybody(call.db, number):
            raise denied() from None
    call.actor.require(CREATE)
    return await single_task(call, await tasks.create(call.db, call.actor, change))


@routes.put(f"{ONE}/close", right=EDIT)
async def close(call: Call) -> Answer:
    """Close a task and answer it: 400 for a missing one, 403 for one that is not the caller's."""
    return await _closed(call, TaskChange(closed=True))


@routes.put(f"{ONE}/reopen", right=EDIT)
async def reopen(call: Call) -> Answer:
    """Open a task again and answer it; refuses as `close`."""
    return await _closed(call, TaskChange(closed=False))


async def _closed(call: Call, change: TaskChange) -> Answer:
    number = call.bag.integer("taskid")
    try:
        changed = await tasks.change(call.db, call.actor, number, change)
    except NotFound:
        there = await tasks.exists_for_anybody(call.db, number)
        raise denied() if there else bad_argument() from None
    return await single_task(call, changed)


@routes.delete(ONE, right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete a task and answer it: 404 for a missing one, 403 for one that is not the caller's."""
    number = call.bag.integer("taskid")
    try:
        gone = await tasks.delete(call.db, call.actor, number)
    except NotFound:
        raise await _not_there(call, number) from None
    return await single_task(call, gone)


@routes.put(f"{ONE}/creationdate", right=EDIT)
async def put_creation_date(call: Call) -> Answer:
    """Set when a task was made: 404, and 403 for one that is not the caller's."""
    return await _dated(call, TaskChange(created_at=_date(call, "creationDate")))


@routes.put(f"{ONE}/lastmodifeddate", right=EDIT)
async def put_last_modified_date(call: Call) -> Answer:
    """Set when a task was last touched (spelled as the contract does); refuses as above."""
    return await _dated(call, TaskChange(updated_at=_date(call, "lastModifedDate")))


async def _dated(call: Call, change: TaskChange) -> Answer:
    await tasks.change(call.db, call.actor, call.bag.integer("taskid"), change)
    return nothing()


def _date(call: Call, name: str) -> datetime:
    return call.date(name) or NEVER


async def _not_there(call: Call, number: int) -> Failure:
    """Return how the contract refuses a task that the caller does not find: 403 where it is hidden."""
    return denied() if await tasks.exists_for_anybody(call.db, number) else missing()
