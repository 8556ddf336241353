"""Invoices, their lines, items and taxes as this dialect's objects (invoices-reports-voip §1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dealwright.actions.invoice_taxes import FullTax
from dealwright.actions.invoices import DELETE, EDIT
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import Amount, moment
from dealwright.dialects.onlyoffice.writing import contact_base, currency_by_code, maker
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.invoice import Invoice, Line, Status
from dealwright.domain.invoice_item import InvoiceItem, InvoiceTax
from dealwright.storage.invoice_items import FullItem
from dealwright.storage.invoices import FullInvoice

KIND: Final = "invoiceBase"
ITEM_KIND: Final = "invoiceItem"
TAX_KIND: Final = "invoiceTax"
"""What the list parameter `type` calls them (conventions §7)."""

TITLES: Final = {
    Status.DRAFT: "Draft",
    Status.SENT: "Billed",
    Status.REJECTED: "Rejected",
    Status.PAID: "Paid",
    Status.ARCHIVED: "Archived",
}


def invoice(call: Call, full: FullInvoice) -> Shown:
    """Return an invoice in its single form, with its lines (§1)."""
    shown = invoice_base(call, full)
    lines = {"invoiceLines": [line_shown(full.invoice.id, line) for line in full.invoice.lines]}
    return {**lines, **shown}


def invoice_rows(call: Call, found: Sequence[FullInvoice]) -> list[Shown]:
    """Return invoices in their list form (§1)."""
    return [invoice_base(call, full) for full in found]


def invoice_base(call: Call, full: FullInvoice) -> Shown:
    """Return an invoice without its lines; every member is always there (§1)."""
    portal, actor, own = call.portal, call.actor, full.invoice
    return {
        "status": {"id": int(own.status), "title": TITLES[own.status]},
        "number": own.number,
        "issueDate": moment(own.issued_at, portal.zone),
        "templateType": own.template,
        "contact": _contact(portal, actor, full.contact),
        "consignee": _contact(portal, actor, full.consignee),
        "entity": _entity(full),
        "dueDate": moment(own.due_at, portal.zone),
        "language": own.language,
        "currency": currency_by_code(portal, own.currency),
        "exchangeRate": Amount(own.rate),
        "purchaseOrderNumber": own.purchase_order,
        "terms": own.terms,
        "description": own.description,
        "fileID": own.file_id or 0,
        "createOn": moment(own.created_at, portal.zone),
        "createBy": maker(portal, own.created_by),
        "cost": Amount(own.cost),
        **_rights(actor, own),
        "id": own.id,
    }


def _rights(actor: Actor, own: Invoice) -> Shown:
    return {
        "canEdit": own.edited_by(actor) and actor.may(EDIT),
        "canDelete": own.managed_by(actor) and actor.may(DELETE),
    }


def _contact(portal: Portal, actor: Actor, brief: Brief | None) -> Shown | None:
    """Return who an invoice goes to; a contact that the caller does not see tells its name alone."""
    if brief is None:
        return None
    shown = contact_base(portal, actor, brief)
    if brief.seen_by(actor):
        return shown
    shown.pop("accessList", None)
    return shown | {"currency": None}


def _entity(full: FullInvoice) -> Shown | None:
    """Return the deal of an invoice; the title of one that the caller does not see is left empty."""
    ident = full.invoice.opportunity_id
    if ident is None:
        return None
    return {"entityType": "opportunity", "entityId": ident, "entityTitle": full.opportunity_title or ""}


def line_shown(invoice_id: int, line: Line) -> Shown:
    """Return a line; every member is always there (§1)."""
    return {
        "invoiceID": invoice_id,
        "invoiceItemID": line.item_id or 0,
        "invoiceTax1ID": line.tax1_id or 0,
        "invoiceTax2ID": line.tax2_id or 0,
        "sortOrder": line.position,
        "description": line.description or "",
        "quantity": Amount(line.quantity),
        "price": Amount(line.price),
        "discount": Amount(line.discount),
        "id": line.id,
    }


def item_shown(call: Call, full: FullItem) -> Shown:
    """Return an item; every member is always there (§1)."""
    portal, own, keeps = call.portal, full.item, call.actor.is_crm_admin
    return {
        "title": own.title,
        "stockKeepingUnit": own.sku or "",
        "description": own.description or "",
        "price": Amount(own.price),
        "currency": currency_by_code(portal, own.currency),
        "stockQuantity": Amount(own.stock),
        "trackInvenory": own.tracked,
        "invoiceTax1": _tax_of_item(call, full.tax1),
        "invoiceTax2": _tax_of_item(call, full.tax2),
        **_made(portal, own),
        "canEdit": keeps,
        "canDelete": keeps and not full.in_use,
        "id": own.id,
    }


def _tax_of_item(call: Call, tax: InvoiceTax | None) -> Shown | None:
    return None if tax is None else tax_shown(call, FullTax(tax, in_use=True))


def tax_shown(call: Call, full: FullTax) -> Shown:
    """Return a tax; every member is always there (§1)."""
    keeps, own = call.actor.is_crm_admin, full.tax
    return {
        "name": own.name,
        "description": own.description or "",
        "rate": Amount(own.rate),
        **_made(call.portal, own),
        "canEdit": keeps,
        "canDelete": keeps and not full.in_use,
        "id": own.id,
    }


def _made(portal: Portal, own: InvoiceItem | InvoiceTax) -> Shown:
    return {"createOn": moment(own.created_at, portal.zone), "createBy": maker(portal, own.created_by)}
