"""Who may see opportunities (opportunities §2.2 routes 3–5 and §3.2)."""

from __future__ import annotations

from dealwright.actions import opportunities
from dealwright.actions.opportunities import EDIT
from dealwright.dialects.onlyoffice import opportunity_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.opportunity import ONE, ident
from dealwright.dialects.onlyoffice.opportunity_body import sharing
from dealwright.dialects.onlyoffice.opportunity_lists import found_ids
from dealwright.dialects.onlyoffice.routes import routes


@routes.put(f"{ONE}/access", right=EDIT)
async def put_access(call: Call) -> Answer:
    """Set who sees one opportunity (route 3): 400 for id 0, 404, and 403 for who may not share it."""
    deal = await opportunities.share(call.db, call.actor, ident(call), sharing(call.bag))
    return shown.single(call, deal)


@routes.put("crm/opportunity/access", right=EDIT)
async def put_access_of_many(call: Call) -> Answer:
    """Set who sees the named opportunities (route 5); those that the caller may not share are passed over."""
    return await _shared(call, call.bag.integers("opportunityid"))


@routes.put("crm/opportunity/filter/access", right=EDIT)
async def put_access_of_matches(call: Call) -> Answer:
    """Set who sees all opportunities that match (route 4); those that the caller may not share are passed over."""
    return await _shared(call, await found_ids(call))


async def _shared(call: Call, ids: list[int]) -> Answer:
    return shown.all_changed(call, await opportunities.share_many(call.db, call.actor, ids, sharing(call.bag)))
