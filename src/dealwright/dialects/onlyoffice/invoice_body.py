"""The body of POST and PUT invoice (invoices-reports-voip §2): what it says in our words, and how it is refused."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.onlyoffice.binding import Fields
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.failures import Failure, bad_argument, denied
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.domain.errors import Invalid
from dealwright.domain.invoice import InvoiceChange, Line
from dealwright.domain.values import UNSET
from dealwright.storage import contacts

STATUSES: Final = Names({"Draft": 1, "Sent": 2, "Rejected": 3, "Paid": 4, "Archived": 5}, {"Billed": 2})


def said(call: Call) -> InvoiceChange:
    """Return what an invoice shall be, its number apart; what is absent is reset.

    Refuses with 400 what is missing (issueDate, dueDate, contactId, currency, exchangeRate, terms, invoiceLines), and
    lines without an item.
    """
    bag, contact, terms = call.bag, call.bag.integer("contactId"), call.bag.text("terms")
    issued, due, rate = call.date("issueDate"), call.date("dueDate"), bag.decimal("exchangeRate")
    currency, lines = (bag.text("currency") or "").upper(), bag.records("invoiceLines")
    if contact <= 0 or issued is None or due is None or rate <= 0 or not (currency and terms and lines):
        raise bad_argument()
    return InvoiceChange(
        issued_at=issued,
        due_at=due,
        template=bag.integer("templateType"),
        contact_id=contact,
        consignee_id=_link(bag, "consigneeId"),
        opportunity_id=_link(bag, "entityId"),
        billing_address_id=_link(bag, "billingAddressID") or UNSET,
        delivery_address_id=_link(bag, "deliveryAddressID") or UNSET,
        language=bag.text("language") or None,
        currency=currency,
        rate=rate,
        purchase_order=bag.text("purchaseOrderNumber"),
        terms=terms,
        description=bag.text("description"),
        lines=[line(record) for record in lines],
    )


def line(fields: Fields, ident: int = 0) -> Line:
    """Return a line as it is said; refuses with 400 one without an item."""
    item = fields.integer("invoiceItemID")
    if item <= 0:
        raise bad_argument()
    return Line(
        id=ident,
        item_id=item,
        tax1_id=_link(fields, "invoiceTax1ID"),
        tax2_id=_link(fields, "invoiceTax2ID"),
        position=max(fields.integer("sortOrder"), 0),
        description=fields.text("description"),
        quantity=fields.decimal("quantity"),
        price=fields.decimal("price"),
        discount=fields.decimal("discount"),
    )


def _link(fields: Fields, name: str) -> int | None:
    number = fields.integer(name)
    return number if number > 0 else None


async def refused(call: Call, change: InvoiceChange, refusal: Invalid) -> Invalid | Failure:
    """Return how the contract refuses this: a contact that is there but hidden is 403, a missing one 400 (§2)."""
    for problem in refusal.problems:
        if (problem.field, problem.code) != ("contact_id", "unknown") or not isinstance(change.contact_id, int):
            continue
        if await contacts.exists_for_anybody(call.db, change.contact_id):
            return denied()
    return refusal
