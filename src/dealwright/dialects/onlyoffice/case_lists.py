"""Finding cases (contacts-tasks-cases §6): the contract's filter as criteria of ours."""

from __future__ import annotations

from typing import Final

from dealwright.actions import cases
from dealwright.actions.cases import DELETE, LIST
from dealwright.dialects.onlyoffice import case_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.failures import absent_reference
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.text import fold
from dealwright.storage.case_lists import CaseCriteria, CaseOrder, find_ids
from dealwright.storage.cases import FullCase, read_many
from dealwright.storage.database import TooWide
from dealwright.storage.query import Page

ORDERS: Final = {
    "dateandtime": CaseOrder.CREATED,
    "title": CaseOrder.TITLE,
    "createby": CaseOrder.CREATOR,
    "id": CaseOrder.ID,
}
WIDEST: Final = 10_000
"""Cases that one call answers at most, where the contract knows no page; beyond that it refuses with 503."""
ALL: Final = Page(0, 2**31)
OF_PREFIX: Final = Page(0, 30)
WORDS_OF_PREFIX: Final = 20
"""Words of a prefix that are looked for at most."""


@routes.get("crm/case/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the cases that match, open ones first, by title unless told, with the exact total.

    An order that is none of the contract's sorts by that member of the answer (conventions §7).
    """
    page, criteria = call.page, criteria_of(call)
    if page.sort_by and page.sort_by.lower() not in ORDERS:
        rows = shown.rows(call, await _every(call, criteria))
        return listed(rows, page.unfiltered(), shown.KIND, len(rows))
    order, descending = ORDERS[page.sort_by.lower() or "title"], page.descending and bool(page.sort_by)
    cut = Page(page.start, page.rows)
    found = await cases.find(call.db, call.actor, criteria, cut, order, descending, open_first=True)
    return many(shown.rows(call, found.rows), page, found.total, shown.KIND)


@routes.delete("crm/case/filter", right=DELETE)
async def delete_matches(call: Call) -> Answer:
    """Delete all cases that match and answer them; no filter at all means every one of them."""
    return shown.all_deleted(call, await cases.delete_many(call.db, call.actor, await found_ids(call)))


@routes.get("crm/case/byprefix", right=LIST)
async def get_by_prefix(call: Call) -> Answer:
    """Answer at most 30 cases by a part of their title: 500 without `prefix`, as with opportunities.

    Among those of a contact (`contactID`) the part must occur as it is, and the total is told; elsewhere each of its
    words must, in any case.
    """
    prefix, contact = call.bag.text("prefix"), call.bag.integer("contactID")
    if prefix is None:
        raise absent_reference("Value cannot be null.")
    criteria = CaseCriteria(contact_id=contact, title_part=prefix or None) if contact > 0 else _with_words(prefix)
    found = await cases.find(call.db, call.actor, criteria, OF_PREFIX)
    return listed(shown.rows(call, found.rows), call.page, shown.KIND, found.total if contact > 0 else None)


def _with_words(prefix: str) -> CaseCriteria:
    return CaseCriteria(title_words=fold(prefix).split()[:WORDS_OF_PREFIX] or None)


async def found_ids(call: Call) -> list[int]:
    """Return the ids of all cases that match the filter and are there for the caller."""
    return await find_ids(call.db, call.actor, criteria_of(call), ALL)


async def _every(call: Call, criteria: CaseCriteria) -> list[FullCase]:
    ids = await find_ids(call.db, call.actor, criteria, Page(0, WIDEST + 1))
    if len(ids) > WIDEST:
        raise TooWide
    return await read_many(call.db, call.actor, ids)


def criteria_of(call: Call) -> CaseCriteria:
    """Return the filter (§6) as criteria; a text without any word in it finds nothing."""
    bag, contact = call.bag, call.bag.integer("contactid")
    return CaseCriteria(
        text=call.page.search or None,
        closed=bag.nullable_boolean("isClosed"),
        contact_id=contact if contact > 0 else None,
        tags=[fold(tag) for tag in bag.texts("tags")] or None,
    )
