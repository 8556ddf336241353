"""Items for sale (invoices-reports-voip §2)."""

from __future__ import annotations

from typing import Final

from dealwright.actions import invoice_items as deeds
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, many, one
from dealwright.dialects.onlyoffice.failures import bad_argument, denied
from dealwright.dialects.onlyoffice.invoice_shown import ITEM_KIND, item_shown
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import Invalid
from dealwright.domain.invoice_item import ItemChange
from dealwright.storage.database import TooWide
from dealwright.storage.invoice_items import ItemCriteria, ItemOrder
from dealwright.storage.query import Page

ONE: Final = "crm/invoiceitem/{id:[0-9]+}"
ORDERS: Final = {
    "name": ItemOrder.TITLE,
    "price": ItemOrder.PRICE,
    "quantity": ItemOrder.STOCK,
    "sku": ItemOrder.SKU,
    "created": ItemOrder.CREATED,
    "id": ItemOrder.ID,
}
WIDEST: Final = 10_000
"""Items that are sorted in memory at most; more are refused with 503."""


@routes.get("crm/invoiceitem/filter", right=deeds.LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the items that match, by name unless told, with the exact total.

    The contract's `status` says nothing of an item.
    """
    call.bag.integer("status")
    criteria, page = criteria_of(call), call.page
    name = page.sort_by.lower()
    if name and name not in ORDERS:
        found = await deeds.find(call.db, call.actor, criteria, Page(0, WIDEST))
        if found.total > WIDEST:
            raise TooWide
        return listed([item_shown(call, full) for full in found.rows], page.unfiltered(), ITEM_KIND, found.total)
    order, cut = ORDERS[name or "name"], Page(page.start, page.rows)
    found = await deeds.find(call.db, call.actor, criteria, cut, order, page.descending and bool(name))
    return many([item_shown(call, full) for full in found.rows], page, found.total, ITEM_KIND)


def criteria_of(call: Call) -> ItemCriteria:
    """Return the filter as criteria."""
    return ItemCriteria(tracked=call.bag.nullable_boolean("inventoryStock"), text=call.page.search or None)


@routes.get("crm/invoiceitem/{invoiceitemid:[0-9]+}", right=deeds.READ)
async def get(call: Call) -> Answer:
    """Answer one item: 400 for id 0, 404 for a missing one."""
    return one(item_shown(call, await deeds.get(call.db, call.actor, ident(call, "invoiceitemid"))))


@routes.post("crm/invoiceitem", right=deeds.CREATE)
async def post(call: Call) -> Answer:
    """Make an item: 403, 400 (no title, a price that is not above 0, an unknown tax)."""
    return one(item_shown(call, await deeds.create(call.db, call.actor, _said(call))))


@routes.put(ONE, right=deeds.EDIT)
async def put(call: Call) -> Answer:
    """Replace an item: 404 for a missing one, else as `post`."""
    number, change = ident(call, "id"), _said(call)
    return one(item_shown(call, await deeds.change(call.db, call.actor, number, change)))


@routes.delete(ONE, right=deeds.DELETE)
async def delete(call: Call) -> Answer:
    """Delete an item and answer it: 404, and 403 also for one that stands on an invoice."""
    try:
        return one(item_shown(call, await deeds.delete(call.db, call.actor, ident(call, "id"))))
    except Invalid:
        raise denied() from None


@routes.delete("crm/invoiceitem", right=deeds.DELETE)
async def delete_many(call: Call) -> Answer:
    """Delete items and answer those that could be deleted: 403, 400 without ids."""
    ids = call.bag.integers("ids")
    if not ids:
        raise bad_argument()
    return everything([item_shown(call, full) for full in await deeds.delete_many(call.db, call.actor, ids)])


def _said(call: Call) -> ItemChange:
    bag = call.bag
    return ItemChange(
        title=bag.text("title") or "",
        sku=bag.text("sku"),
        description=bag.text("description"),
        price=bag.decimal("price"),
        stock=bag.decimal("stockQuantity"),
        tracked=bag.boolean("trackInventory"),
        tax1_id=_tax(call, "invoiceTax1id"),
        tax2_id=_tax(call, "invoiceTax2id"),
    )


def _tax(call: Call, name: str) -> int | None:
    number = call.bag.integer(name)
    return number if number > 0 else None
