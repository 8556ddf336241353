"""Finding persons and companies (contacts-tasks-cases §2): the contract's filters as criteria of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from dealwright.actions import cases, contacts, opportunities
from dealwright.actions.contacts import DELETE, LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import all_deleted, contact_rows, contacts_with_tasks
from dealwright.dialects.onlyoffice.contact_shown import info_shown, kind_of
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.dialects.onlyoffice.writing import contact_base
from dealwright.domain.contact_info import Info, first_of
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
SEARCH_TYPES: Final = {
    -1: ContactCriteria(),
    0: ContactCriteria(is_company=True),
    1: ContactCriteria(is_company=False),
    2: ContactCriteria(is_company=False, has_company=False),
    3: ContactCriteria(has_company=False),
}
"""What `searchType` looks for: anybody, companies, persons, persons without a company, or those and companies."""
ENTITIES: Final = Names({"Any": -1, "Contact": 0, "Opportunity": 1, "Company": 4, "Person": 5, "Case": 7})
OF_PREFIX: Final = Page(0, 30)
WIDEST: Final = 10_000
"""Contacts that one call answers at most where the contract knows no page; more are refused with 503."""


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


@routes.delete("crm/contact/filter", right=DELETE)
async def delete_matches(call: Call) -> Answer:
    """Delete all contacts that match and are the caller's to delete, and answer them; no filter means every one (§2).

    Of the filter set this knows neither `responsibleid` nor `isShared`.
    """
    ids = await contacts.find_ids(call.db, call.actor, narrow_criteria_of(call))
    return all_deleted(call, await contacts.delete_many(call.db, call.actor, ids))


@routes.get("crm/contact/simple/filter", right=LIST)
async def get_simple_matches(call: Call) -> Answer:
    """Answer a page of the contacts that match with the task that is due next for each, by name unless told (§1)."""
    page = call.page
    order = ORDERS.get(page.sort_by.lower(), ContactOrder.DISPLAY_NAME)
    found = await contacts.find(
        call.db, call.actor, criteria_of(call), Page(page.start, page.rows), order, page.descending
    )
    return many(await contacts_with_tasks(call, found.rows), page, found.total)


@routes.get("crm/contact/byprefix", right=LIST)
async def get_by_prefix(call: Call) -> Answer:
    """Answer contacts by the beginning of a name, at most 30; `searchType` says of which kind (§2).

    With an `entityID` they are those of an opportunity or a case whose names hold the text as it is, with the total.
    Refuses with 400 an unknown `searchType`, and with 404 an opportunity or a case out of sight.
    """
    prefix, kind = call.bag.text("prefix") or "", call.bag.integer("searchType")
    if kind not in SEARCH_TYPES:
        raise bad_argument()
    entity = call.bag.integer("entityID")
    if entity > 0:
        rows = await _members(call, entity, prefix, kind)
        return listed(rows, call.page, kind_of, len(rows))
    criteria = replace(SEARCH_TYPES[kind], text=prefix or None)
    found = await contacts.find(call.db, call.actor, criteria, OF_PREFIX)
    return listed([_with_phone(call, full) for full in found.rows], call.page, kind_of)


async def _members(call: Call, entity: int, prefix: str, kind: int) -> list[Shown]:
    """Return the participants of an opportunity or a case."""
    wanted = call.bag.enum("entityType", ENTITIES)
    if wanted == ENTITIES.numbers["Opportunity"]:
        members = (await opportunities.get(call.db, call.actor, entity)).members
    elif wanted == ENTITIES.numbers["Case"]:
        members = (await cases.get(call.db, call.actor, entity)).members
    else:
        return []
    criteria = replace(SEARCH_TYPES[kind], ids=[brief.id for brief in members])
    found = await contacts.find(call.db, call.actor, criteria, Page(0, WIDEST))
    return [_with_phone(call, full) for full in found.rows if prefix in full.contact.display_name]


def _with_phone(call: Call, full: FullContact) -> Shown:
    """Return a contactBase with the first phone, where one is known (§2)."""
    shown, phone = contact_base(call.portal, call.actor, full.brief), first_of(full.infos, Info.PHONE)
    return shown if phone is None else {"phone": info_shown(phone)} | shown


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


def narrow_criteria_of(call: Call) -> ContactCriteria:
    """Return the filter set without who sees the contacts, as the deeds on all matches take it (§2)."""
    return replace(criteria_of(call), manager=None, is_shared=None)


def end_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Return the last microsecond of the day on which an instant falls in the portal's zone."""
    return datetime.combine(at.astimezone(zone).date(), time.max, zone).astimezone(UTC)
