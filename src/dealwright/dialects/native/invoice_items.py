"""Items for sale and taxes in our own API: list, get, create, change, delete."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import invoice_items as deeds
from dealwright.actions import invoice_taxes as tax_deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.invoice_shapes import (
    InvoiceItem,
    InvoiceItemDraft,
    InvoiceItemPatch,
    InvoiceTax,
    InvoiceTaxDraft,
    InvoiceTaxPatch,
)
from dealwright.dialects.native.invoice_words import (
    ITEM_POINTERS,
    TAX_POINTERS,
    item_change_of,
    tax_change_of,
)
from dealwright.dialects.native.invoice_words import item as item_written
from dealwright.dialects.native.invoice_words import tax as tax_written
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Limit, Listing, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.storage import invoice_items as store
from dealwright.storage.invoice_items import ItemCriteria, ItemOrder

ORDERS: Final = {"id": ItemOrder.ID, "title": ItemOrder.TITLE, "created_at": ItemOrder.CREATED}
SORTS: Final = pages.sorts_of(ORDERS)
_ITEMS: Final = "/invoice-items"
_ITEM: Final = "/invoice-items/{id}"
_TAXES: Final = "/invoice-taxes"
_TAX: Final = "/invoice-taxes/{id}"


class ItemListQuery(Query):
    """What the list of items may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="A part of the title or of the SKU.")] | UnsetType = UNSET
    sku: Annotated[str, Meta(max_length=255, description="Exactly this SKU, case aside.")] | UnsetType = UNSET
    tracked: Annotated[bool, Meta(description="Those with a stock alone, or those without.")] | UnsetType = UNSET


def _criteria(query: ItemListQuery, _: Call) -> ItemCriteria:
    said = {name: value for name in ("sku", "tracked") if (value := getattr(query, name)) is not UNSET}
    return ItemCriteria(**said, text=None if query.q is UNSET else query.q)


_LIST: Final = Lister(
    name="invoice-items",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=lambda db, _, *asked: store.find_places(db, *asked),
    read_many=store.read_many,
    total=lambda db, _, criteria: store.total(db, criteria),
    written=item_written,
)
_SHELF: Final = Shelf(_ITEMS, item_written, deeds.get, store.read)


async def list_invoice_items(call: Call, query: ItemListQuery) -> Reply[Listing[InvoiceItem]]:
    """List the items for sale."""
    return await _LIST.page(call, query)


async def get_invoice_item(call: Call) -> Reply[InvoiceItem]:
    """Get an item."""
    return await _SHELF.one(call)


async def create_invoice_item(call: Call, body: InvoiceItemDraft) -> Reply[InvoiceItem]:
    """Create an item; only CRM administrators do."""
    return _SHELF.made(call, await deeds.create(call.db, call.actor, item_change_of(body)))


async def change_invoice_item(call: Call, body: InvoiceItemPatch) -> Reply[InvoiceItem]:
    """Change an item by a merge patch; only CRM administrators do."""
    change = item_change_of(body)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def delete_invoice_item(call: Call) -> Reply[None]:
    """Move an item to the trash, unless an invoice has it; only CRM administrators do."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


# Taxes ------------------------------------------------------------------------------------------------------


_TAX_SHELF: Final = Shelf(_TAXES, tax_written, tax_deeds.get, tax_deeds.get)


async def list_invoice_taxes(call: Call) -> Reply[Listing[InvoiceTax]]:
    """List all taxes by name."""
    found = await tax_deeds.find(call.db, call.actor)
    return pages.whole([tax_written(call.db.rules, full) for full in found])


async def get_invoice_tax(call: Call) -> Reply[InvoiceTax]:
    """Get a tax."""
    return await _TAX_SHELF.one(call)


async def create_invoice_tax(call: Call, body: InvoiceTaxDraft) -> Reply[InvoiceTax]:
    """Create a tax; only CRM administrators do."""
    return _TAX_SHELF.made(call, await tax_deeds.create(call.db, call.actor, tax_change_of(body)))


async def change_invoice_tax(call: Call, body: InvoiceTaxPatch) -> Reply[InvoiceTax]:
    """Change a tax by a merge patch; drafts follow it, what was sent does not. Only CRM administrators do."""
    change = tax_change_of(body)
    return await _TAX_SHELF.under(call, lambda v: tax_deeds.change(call.db, call.actor, call.id, change, v), body)


async def delete_invoice_tax(call: Call) -> Reply[None]:
    """Delete a tax for good, unless an item or an invoice has it; only CRM administrators do."""
    return await _TAX_SHELF.gone(call, lambda v: tax_deeds.delete(call.db, call.actor, call.id, v))


ROUTES: Final = (
    Route("GET", _ITEMS, list_invoice_items, right=deeds.LIST),
    Route("POST", _ITEMS, create_invoice_item, 201, right=deeds.CREATE, names=ITEM_POINTERS),
    Route("GET", _ITEM, get_invoice_item, right=deeds.READ, checked=True),
    Route("PATCH", _ITEM, change_invoice_item, right=deeds.EDIT, guarded=True, names=ITEM_POINTERS),
    Route("DELETE", _ITEM, delete_invoice_item, 204, right=deeds.DELETE, guarded=True),
    Route("GET", _TAXES, list_invoice_taxes, right=tax_deeds.LIST),
    Route("POST", _TAXES, create_invoice_tax, 201, right=tax_deeds.CREATE, names=TAX_POINTERS),
    Route("GET", _TAX, get_invoice_tax, right=tax_deeds.READ, checked=True),
    Route("PATCH", _TAX, change_invoice_tax, right=tax_deeds.EDIT, guarded=True, names=TAX_POINTERS),
    Route("DELETE", _TAX, delete_invoice_tax, 204, right=tax_deeds.DELETE, guarded=True),
)
