"""Finding invoices (invoices-reports-voip §2): the contract's filter as criteria of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dealwright.actions import invoices
from dealwright.actions.invoices import LIST
from dealwright.dialects.onlyoffice import invoice_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.invoice_body import STATUSES
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.storage.database import TooWide
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.query import Page

CONTACTS: Final = ("contact", "person", "company")
ENTITIES: Final = ("", *CONTACTS, "opportunity", "case")
ORDERS: Final = {
    "number": InvoiceOrder.NUMBER,
    "issuedate": InvoiceOrder.ISSUED,
    "contact": InvoiceOrder.CONTACT,
    "duedate": InvoiceOrder.DUE,
    "status": InvoiceOrder.STATUS,
    "id": InvoiceOrder.ID,
}
WIDEST: Final = 10_000
"""Invoices that are sorted in memory at most; more are refused with 503."""


@routes.get("crm/invoice/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the invoices that match, by number unless told, with the exact total.

    Refuses with 400 a kind of entity that is none of the contract's.
    """
    criteria, page = criteria_of(call), call.page
    if criteria is None:
        return many([], page, 0, shown.KIND)
    name = page.sort_by.lower()
    if name and name not in ORDERS:
        found = await _every(call, criteria)
        return listed(shown.invoice_rows(call, found), page.unfiltered(), shown.KIND, len(found))
    order, cut = ORDERS[name or "number"], Page(page.start, page.rows)
    part = await invoices.find(call.db, call.actor, criteria, cut, order, page.descending and bool(name))
    return many(shown.invoice_rows(call, part.rows), page, part.total, shown.KIND)


@routes.get("crm/{entityType:(contact|person|company|opportunity)}/invoicelist/{entityid:[0-9]+}", right=LIST)
async def get_of_entity(call: Call) -> Answer:
    """Answer the invoices of a contact or an opportunity, by number: 400 for id 0."""
    kind, number = call.bag.text("entityType") or "", ident(call, "entityid")
    found = await _every(call, _about(InvoiceCriteria(), kind, number))
    return listed(shown.invoice_rows(call, found), call.page, shown.KIND)


async def _every(call: Call, criteria: InvoiceCriteria) -> list[FullInvoice]:
    found = await invoices.find(call.db, call.actor, criteria, Page(0, WIDEST), InvoiceOrder.NUMBER)
    if found.total > WIDEST:
        raise TooWide
    return list(found.rows)


def criteria_of(call: Call) -> InvoiceCriteria | None:
    """Return the filter as criteria, None where nothing can match (no invoice belongs to a case).

    Refuses with 400 a kind of entity that is none of the contract's.
    """
    bag, kind = call.bag, (call.bag.text("entityType") or "").lower()
    if kind not in ENTITIES:
        raise bad_argument()
    status, entity = bag.nullable_enum("status", STATUSES), bag.integer("entityid")
    if kind == "case" and entity > 0:
        return None
    criteria = InvoiceCriteria(
        statuses=[status] if status else None,
        currency=(bag.text("currency") or "").upper() or None,
        issued_from=call.date("issueDateFrom"),
        issued_to=call.date("issueDateTo"),
        due_from=call.date("dueDateFrom"),
        due_to=call.date("dueDateTo"),
        text=call.page.search or None,
    )
    return _about(criteria, kind, entity) if entity > 0 else criteria


def _about(criteria: InvoiceCriteria, kind: str, number: int) -> InvoiceCriteria:
    if kind == "opportunity":
        return replace(criteria, opportunity_id=number)
    return replace(criteria, contact_id=number) if kind in CONTACTS else criteria
