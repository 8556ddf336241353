"""Who may see cases (contacts-tasks-cases §6, as opportunities §3.2 has it)."""

from __future__ import annotations

from dealwright.actions import cases
from dealwright.actions.cases import EDIT
from dealwright.dialects.onlyoffice import case_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.case import ONE
from dealwright.dialects.onlyoffice.case_lists import found_ids
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.opportunity_body import sharing
from dealwright.dialects.onlyoffice.routes import routes


@routes.put(f"{ONE}/access", right=EDIT)
async def put_access(call: Call) -> Answer:
    """Set who sees one case: 400 for id 0, 404, and 403 for who may not share it."""
    full = await cases.share(call.db, call.actor, ident(call, "caseid"), sharing(call.bag))
    return shown.single(call, full)


@routes.put("crm/case/access", right=EDIT)
async def put_access_of_many(call: Call) -> Answer:
    """Set who sees the named cases; those that the caller may not share are passed over."""
    return await _shared(call, call.bag.integers("casesid"))


@routes.put("crm/case/filter/access", right=EDIT)
async def put_access_of_matches(call: Call) -> Answer:
    """Set who sees all cases that match; those that the caller may not share are passed over."""
    return await _shared(call, await found_ids(call))


async def _shared(call: Call, ids: list[int]) -> Answer:
    return shown.all_changed(call, await cases.share_many(call.db, call.actor, ids, sharing(call.bag)))
