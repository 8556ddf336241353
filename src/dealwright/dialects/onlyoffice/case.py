"""One case: read, create, replace, close, delete (contacts-tasks-cases §6)."""

from __future__ import annotations

from typing import Final

from dealwright.actions import cases
from dealwright.actions.cases import CREATE, DELETE, EDIT, READ
from dealwright.dialects.onlyoffice import case_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.failures import bad_argument, denied, missing
from dealwright.dialects.onlyoffice.opportunity_body import custom_values, sharing
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.case import CaseChange
from dealwright.domain.errors import NotFound
from dealwright.storage.cases import FullCase

ONE: Final = "crm/case/{caseid:[0-9]+}"


@routes.get(ONE, right=READ, checked=True)
async def get(call: Call) -> Answer:
    """Answer one case: 404 for a missing or hidden one, and for id 0."""
    return shown.single(call, await cases.get(call.db, call.actor, call.bag.integer("caseid")))


@routes.post("crm/case", right=CREATE)
async def post(call: Call) -> Answer:
    """Create a case: 400 without a title; participants that the caller does not see are left out."""
    change = _said(call)
    change.members = call.bag.integers("members")
    return shown.single(call, await cases.create(call.db, call.actor, change))


@routes.put(ONE, right=EDIT)
async def put(call: Call) -> Answer:
    """Replace a case; participants only where any are named, access only by whom may share it.

    Refuses with 400 without a title, before it looks for the case: 404 for a missing one, 403 for a hidden one.
    """
    change = _said(call)
    if members := call.bag.integers("members"):
        change.members = members
    return await _changed(call, change)


@routes.put(f"{ONE}/close", right=EDIT)
async def close(call: Call) -> Answer:
    """Close a case and answer it: 404 for a missing one, 403 for a hidden one."""
    return await _changed(call, CaseChange(closed=True))


@routes.put(f"{ONE}/reopen", right=EDIT)
async def reopen(call: Call) -> Answer:
    """Open a case again and answer it; refuses as `close`."""
    return await _changed(call, CaseChange(closed=False))


async def _changed(call: Call, change: CaseChange) -> Answer:
    number = call.bag.integer("caseid")
    try:
        changed: FullCase = await cases.change(call.db, call.actor, number, change)
    except NotFound:
        there = await cases.exists_for_anybody(call.db, number)
        raise denied() if there else missing() from None
    return shown.single(call, changed)


@routes.delete(ONE, right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete a case and answer it: 404 for a missing or hidden one."""
    return shown.deleted(call, await cases.delete(call.db, call.actor, call.bag.integer("caseid")))


@routes.put("crm/case", right=DELETE)
async def delete_many(call: Call) -> Answer:
    """Delete cases (a PUT indeed) and answer those that were there; for no ids nobody is deleted."""
    gone = await cases.delete_many(call.db, call.actor, call.bag.integers("casesids"))
    return shown.all_deleted(call, gone)


def _said(call: Call) -> CaseChange:
    """Return what a case shall be, its participants apart; refuses with 400 an empty title."""
    bag, title = call.bag, call.bag.text("title") or ""
    if not title.strip():
        raise bad_argument()
    return CaseChange(
        title=title,
        custom=custom_values(bag),
        sharing=sharing(bag),
        notify=bag.boolean("isNotify"),
        keeps_values=True,
    )
