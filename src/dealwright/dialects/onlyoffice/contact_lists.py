"""Finding persons and companies (contacts-tasks-cases §2): the contract's filters as criteria of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from dealwright.actions import contacts
from dealwright.actions.contacts import LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import contact_rows
from dealwright.dialects.onlyoffice.contact_shown import kind_of
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import TooWide
from dealwright.storage.query import Page

VIEWS: Final = Names({"All": 0, "Company": 1, "Person": 2, "WithOpportunity": 3})
ORDERS: Final = {
    "displayname": ContactOrder.DISPLAY_NAME,
    "firstname": ContactOrder.DISPLAY_NAME,
    "created": ContactOrder.CREATED,
    "history": ContactOrder.UPDATED,
    "id": ContactOrder.ID,
}
"""What the database orders by: a person's display name begins with the first name."""
WIDEST: Final = 10_000
"""Contacts that one call reads or changes at most where the contract knows no page; more are refused with 503."""


@routes.get("crm/contact/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the contacts that match, the newest first unless told, with the exact total (§2).

    An order that is none of the contract's sorts by that member of the answer (conventions §7); so do the contact
    type and the last name, which leaves out contacts without one.
    """
    page, criteria = call.page, criteria_of(call)
    if page.sort_by and page.sort_by.lower() not in ORDERS:
        rows = await contact_rows(call, await every(call, criteria))
        return listed(rows, page.unfiltered(), kind_of, len(rows))
    order = ORDERS[page.sort_by.lower() or "created"]
    descending = page.descending or not page.sort_by
    found = await contacts.find(call.db, call.actor, criteria, Page(page.start, page.rows), order, descending)
    return many(await contact_rows(call, found.rows), page, found.total, kind_of)


async def every(call: Call, criteria: ContactCriteria) -> Sequence[FullContact]:
    """Return all contacts that match and are there for the caller, if they are not too many."""
    found = await contacts.find(call.db, call.actor, criteria, Page(0, WIDEST), ContactOrder.ID)
    if found.total > WIDEST:
        raise TooWide
    return found.rows


def criteria_of(call: Call) -> ContactCriteria:
    """Return the filter set (§2) as criteria; a status or type below 0 is none, 0 asks for contacts without one."""
    bag, view = call.bag, call.bag.enum("contactListView", VIEWS)
    status, kind = bag.nullable_integer("contactStage"), bag.nullable_integer("contactType")
    manager = bag.nullable_guid("responsibleid")
    first, last = call.date("fromDate"), call.date("toDate")
    return ContactCriteria(
        text=call.page.search or None,
        is_company={1: True, 2: False}.get(view),
        has_deal=True if view == VIEWS.numbers["WithOpportunity"] else None,
        tags=[fold(title) for title in bag.texts("tags")] or None,
        status_id=status if status is not None and status >= 0 else None,
        type_id=kind if kind is not None and kind >= 0 else None,
        manager="" if manager == NO_GUID else manager,
        is_shared=bag.nullable_boolean("isShared"),
        created_from=micros(first) if first else None,
        created_to=micros(end_of_day(last, call.portal.zone)) if last else None,
    )


def end_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Return the last microsecond of the day on which an instant falls in the portal's zone."""
    return datetime.combine(at.astimezone(zone).date(), time.max, zone).astimezone(UTC)
