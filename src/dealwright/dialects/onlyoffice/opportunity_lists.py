"""Finding opportunities (opportunities §2.2 routes 7, 8, 15 and 16): the contract's filters as criteria of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dealwright.actions import opportunities
from dealwright.actions.opportunities import DELETE, LIST
from dealwright.dialects.onlyoffice import opportunity_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.failures import absent_reference
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.domain.pipeline import Outcome
from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros
from dealwright.storage.database import TooWide
from dealwright.storage.opportunities import Deal, read_many
from dealwright.storage.opportunity_lists import Criteria, Order, find, find_ids, looked_up, total
from dealwright.storage.query import Page

STAGE_TYPES: Final = Names(
    {"Open": 0, "ClosedAndWon": 1, "ClosedAndLost": 2},
    {"Successfully closed": 1, "Unsuccessfully closed": 2},
)
ORDERS: Final = {
    "title": Order.TITLE,
    "responsible": Order.RESPONSIBLE,
    "stage": Order.STAGE,
    "bidvalue": Order.AMOUNT,
    "dateandtime": Order.CLOSE,
    "id": Order.ID,
}
WIDEST: Final = 10_000
"""Deals that one call answers at most, where the contract knows no page; beyond that it refuses with 503."""
ALL: Final = Page(0, 2**31)
OF_PREFIX: Final = Page(0, 30)
WORDS_OF_PREFIX: Final = 20
"""Words of a prefix that are looked for at most."""


@routes.get("crm/opportunity/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the opportunities that match, with the exact total (route 8)."""
    criteria, page = await criteria_of(call), call.page
    if criteria is None:
        return shown.named(call, many([], page, 0))
    if page.sort_by and page.sort_by.lower() not in ORDERS:
        return await _sorted_by_member(call, criteria)
    order = ORDERS[page.sort_by.lower() or "stage"]
    descending = page.descending and bool(page.sort_by)
    criteria = await looked_up(call.db, criteria)
    deals = await find(call.db, call.actor, criteria, order, descending, Page(page.start, page.rows))
    count = page.total_of(len(deals))
    if count is None:
        count = await total(call.db, call.actor, criteria)
    return shown.named(call, many(shown.rows(call, deals), page, count, shown.KIND))


async def _sorted_by_member(call: Call, criteria: Criteria) -> Answer:
    deals = await _every(call, criteria, Order.ID)
    rows = shown.rows(call, deals)
    return shown.named(call, listed(rows, call.page.unfiltered(), shown.KIND, len(rows)))


@routes.delete("crm/opportunity/filter", right=DELETE)
async def delete_matches(call: Call) -> Answer:
    """Delete all opportunities that match and answer them (route 7); no filter at all means every one of them."""
    return shown.all_deleted(call, await opportunities.delete_many(call.db, call.actor, await found_ids(call)))


@routes.get("crm/opportunity/bycontact/{contactid:[0-9]+}", right=LIST)
async def get_by_contact(call: Call) -> Answer:
    """Answer the opportunities in which a contact takes part, by title (route 16)."""
    criteria = Criteria(participant_id=call.bag.integer("contactid"))
    deals = await _every(call, criteria, Order.TITLE)
    return shown.named(call, listed(shown.rows(call, deals), call.page, shown.KIND))


@routes.get("crm/opportunity/byprefix", right=LIST)
async def get_by_prefix(call: Call) -> Answer:
    """Answer opportunities by a part of their title (route 15): 500 without `prefix`, as the contract has it.

    Among those of a contact (`internalSearch`) the part must occur as it is; elsewhere each of its words, in
    any case, and at most 30 are answered.
    """
    prefix, contact = call.bag.text("prefix"), call.bag.integer("contactID")
    if prefix is None:
        raise absent_reference("Value cannot be null.")
    if contact > 0 and call.bag.boolean("internalSearch"):
        inside = Criteria(participant_id=contact, title_part=prefix or None)
        deals = await _every(call, inside, Order.TITLE)
        return shown.named(call, listed(shown.rows(call, deals), call.page, shown.KIND, len(deals)))
    words = fold(prefix).split()[:WORDS_OF_PREFIX]
    outside = Criteria(title_words=words or None, not_contact_id=contact if contact > 0 else None)
    deals = await find(call.db, call.actor, outside, Order.TITLE, False, OF_PREFIX)
    return shown.named(call, listed(shown.rows(call, deals), call.page, shown.KIND))


async def _every(call: Call, criteria: Criteria, order: Order) -> list[Deal]:
    ids = await find_ids(call.db, call.actor, criteria, order, False, Page(0, WIDEST + 1))
    if len(ids) > WIDEST:
        raise TooWide
    return await read_many(call.db, call.actor, ids)


async def found_ids(call: Call) -> list[int]:
    """Return the ids of all opportunities that match the filter set and are there for the caller (§2, filter set)."""
    criteria = await criteria_of(call)
    return [] if criteria is None else await find_ids(call.db, call.actor, criteria, Order.ID, False, ALL)


async def criteria_of(call: Call) -> Criteria | None:
    """Return the filter set (§2) as criteria, None where nothing can match.

    Nothing matches where a date bound or `contactAlsoIsParticipant` stands alone (§2.2 route 8), and where the
    text has no word in it: a mistake that must not select everything, least of all to be deleted.
    """
    bag, words = call.bag, search_words(call.page.search)
    first, last = call.date("fromDate"), call.date("toDate")
    responsible, stage = bag.guid("responsibleid"), bag.integer("opportunityStagesid")
    kind, also = bag.nullable_enum("stageType", STAGE_TYPES), bag.nullable_boolean("contactAlsoIsParticipant")
    contact, tags = bag.integer("contactid"), [fold(tag) for tag in bag.texts("tags")]
    if (call.page.search and not words) or (kind is not None and kind not in STAGE_TYPES.numbers.values()):
        return None
    criteria = Criteria(
        words=words or None,
        responsible=None if responsible == NO_GUID else responsible,
        stage_ids=[stage] if stage > 0 else None,
        outcome_of_stage=None if kind is None else Outcome(kind),
        contact_id=contact if contact > 0 else None,
        tags=tags or None,
        close_from=micros(first) if first and last else None,
        close_to=micros(last) if first and last else None,
    )
    if not criteria.shape and (also is not None or first or last):
        return None
    return await _with_participants(call, criteria) if also and contact > 0 else criteria


async def _with_participants(call: Call, criteria: Criteria) -> Criteria:
    """Look for a contact among the participants, if it takes part in any deal; else only primary contacts count."""
    member = Criteria(member_id=criteria.contact_id)
    takes_part = await find_ids(call.db, call.actor, member, Order.ID, False, Page(0, 1))
    return replace(criteria, contact_id=None, member_id=criteria.contact_id) if takes_part else criteria
