"""One opportunity: read, create, replace, move, delete, date (opportunities §2 routes 1, 2, 6, 9–11, 17 and 18)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from dealwright.actions import opportunities
from dealwright.actions.opportunities import CREATE, DELETE, EDIT, READ
from dealwright.dialects.onlyoffice import opportunity_body as body
from dealwright.dialects.onlyoffice import opportunity_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, nothing
from dealwright.dialects.onlyoffice.failures import bad_argument, missing
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import Invalid

ONE: Final = "crm/opportunity/{opportunityid:[0-9]+}"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""What an absent date is stored as by the two date routes."""


def ident(call: Call, name: str = "opportunityid") -> int:
    """Return the id of a path; refuses 0 with 400 (opportunities §2.2)."""
    number = call.bag.integer(name)
    if number <= 0:
        raise bad_argument()
    return number


@routes.get(ONE, right=READ, checked=True)
async def get(call: Call) -> Answer:
    """Answer one opportunity (route 1): 400 for id 0, 404 for a missing or hidden one."""
    return shown.single(call, await opportunities.get(call.db, call.actor, ident(call)))


@routes.post("crm/opportunity", right=CREATE, words=body.WORDS)
async def post(call: Call) -> Answer:
    """Create an opportunity (route 10, §2.1 POST order). Refuses with 400, and 403 for a hidden contact."""
    change = body.creation(call)
    if not body.is_complete(change):
        raise bad_argument()
    try:
        deal = await opportunities.create(call.db, call.actor, change)
    except Invalid as refusal:
        raise await body.refused(call, change, refusal) from None
    return shown.single(call, deal)


@routes.put(ONE, right=EDIT, checked=True, words=body.WORDS)
async def put(call: Call) -> Answer:
    """Replace an opportunity (route 11, §2.1 PUT order).

    Refuses with 404 before anything that is wrong with its fields (400, or 403 for a hidden contact).
    """
    # The id 0 is no bad argument here: it is looked for like any other.
    number, change = call.bag.integer("opportunityid"), body.replacement(call)
    if not body.is_complete(change):
        await opportunities.get(call.db, call.actor, number)
        raise bad_argument()
    try:
        deal = await opportunities.change(call.db, call.actor, number, change)
    except Invalid as refusal:
        await opportunities.get(call.db, call.actor, number)
        raise await body.refused(call, change, refusal) from None
    return shown.single(call, deal)


@routes.put(f"{ONE}/stage/{{id:[0-9]+}}", right=EDIT)
async def put_stage(call: Call) -> Answer:
    """Move an opportunity: probability and close date follow the stage (route 2). Refuses with 400 and 404.

    The contract reads the parameter `stageid` alone; we take the path's id where it is absent.
    """
    number, stage = ident(call), ident(call, "stageid" if "stageid" in call.bag else "id")
    if stage not in call.db.rules.stages:
        raise missing()
    return shown.single(call, await opportunities.move(call.db, call.actor, number, stage))


@routes.delete(ONE, right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete an opportunity and answer it (route 9): 404 for a missing or hidden one."""
    return shown.deleted(call, await opportunities.delete(call.db, call.actor, call.bag.integer("opportunityid")))


@routes.put("crm/opportunity", right=DELETE)
async def delete_many(call: Call) -> Answer:
    """Delete opportunities (route 6, a PUT indeed) and answer those that were there: 400 for no ids."""
    ids = call.bag.integers("opportunityids")
    if not ids:
        raise bad_argument()
    return shown.all_deleted(call, await opportunities.delete_many(call.db, call.actor, ids))


@routes.put(f"{ONE}/creationdate", right=EDIT)
async def put_creation_date(call: Call) -> Answer:
    """Set when an opportunity was made (route 17): 404 for a missing or hidden one."""
    number, date = call.bag.integer("opportunityid"), call.date("creationDate") or NEVER
    await opportunities.set_dates(call.db, call.actor, number, created_at=date)
    return nothing()


@routes.put(f"{ONE}/lastmodifeddate", right=EDIT)
async def put_last_modified_date(call: Call) -> Answer:
    """Set when an opportunity was last touched (route 18, spelled as the contract does): 404 as above."""
    number, date = call.bag.integer("opportunityid"), call.date("lastModifedDate") or NEVER
    await opportunities.set_dates(call.db, call.actor, number, updated_at=date)
    return nothing()
