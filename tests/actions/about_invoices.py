"""Records that the tests of deeds on invoices share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dealwright.actions import invoice_items, invoice_taxes, invoices
from dealwright.actions.invoice_taxes import FullTax
from dealwright.domain.actor import Actor
from dealwright.domain.invoice import InvoiceChange, Line, Status
from dealwright.domain.invoice_item import ItemChange, TaxChange
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import FullItem
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.query import Page
from tests.actions.about_contacts import firm
from tests.cast import Cast

ISSUED = datetime(2031, 1, 2, tzinfo=UTC)
DUE = datetime(2031, 2, 1, tzinfo=UTC)


async def tax(db: Database, cast: Cast, name: str = "VAT", rate: str = "20") -> FullTax:
    """Make a tax."""
    return await invoice_taxes.create(db, cast.carl, TaxChange(name=name, rate=Decimal(rate)))


async def item(db: Database, cast: Cast, title: str = "Desk", **values: Any) -> FullItem:
    """Make an item; with a `stock` it is tracked."""
    said: dict[str, Any] = {"title": title, "price": Decimal("10.50"), "tracked": "stock" in values, **values}
    return await invoice_items.create(db, cast.carl, ItemChange(**said))


def line(sold: FullItem | None = None, quantity: str = "2", **values: Any) -> Line:
    """Return a line at 10.50 unless told."""
    said = {"quantity": Decimal(quantity), "price": Decimal("10.50"), **values}
    return Line(item_id=sold.item.id if sold else None, **said)


async def draft(db: Database, actor: Actor, contact_id: int | None = None, **values: Any) -> FullInvoice:
    """Make a draft with one line, to a company that everybody may change, unless told."""
    if contact_id is None:
        contact_id = (await firm(db, actor)).contact.id
    said: dict[str, Any] = {
        **{"contact_id": contact_id, "currency": "EUR", "issued_at": ISSUED, "due_at": DUE},
        **{"lines": [line()], **values},
    }
    return await invoices.create(db, actor, InvoiceChange(**said))


async def sent(db: Database, actor: Actor, full: FullInvoice) -> FullInvoice:
    """Send an invoice."""
    return (await invoices.move(db, actor, full.invoice.id, Status.SENT))[0]


async def stock(db: Database, cast: Cast, sold: FullItem) -> Decimal:
    """The present stock of an item."""
    return (await invoice_items.get(db, cast.carl, sold.item.id)).item.stock


async def numbers(
    db: Database, actor: Actor, order: InvoiceOrder = InvoiceOrder.NUMBER, descending: bool = False, **criteria: Any
) -> list[str]:
    """The numbers of the invoices that match."""
    found = await invoices.find(db, actor, InvoiceCriteria(**criteria), Page(), order, descending)
    assert found.total == len(found.rows)
    return [full.invoice.number for full in found.rows]
