"""Items for sale and taxes in our own API: list, get, create, change, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import invoice_items as deeds
from dealwright.actions import invoice_taxes as tax_deeds
from dealwright.actions.invoice_taxes import FullTax
from dealwright.dialects.native import pages
from dealwright.dialects.native.changing import under_match
from dealwright.dialects.native.conditions import tag_of
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
from dealwright.dialects.native.shapes import LIMIT, Cursor, Limit, Listing, Page, TotalName
from dealwright.storage import invoice_items as store
from dealwright.storage.invoice_items import FullItem, ItemCriteria, ItemOrder

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


async def list_invoice_items(call: Call, query: ItemListQuery) -> Reply[Listing[InvoiceItem]]:
    """List the items for sale."""
    db, actor, rules = call.db, call.actor, call.db.rules
    actor.require(deeds.LIST)
    by, descending = pages.order_of(query.sort, ORDERS)
    said = {name: value for name in ("sku", "tracked") if (value := getattr(query, name)) is not UNSET}
    criteria = ItemCriteria(**said, text=None if query.q is UNSET else query.q)
    this = pages.about("invoice-items", [query.sort], criteria.given())
    after = pages.after_of(query.cursor, this, rules)
    places = await store.find_places(db, criteria, by, descending, after, query.limit + 1)
    found = await store.read_many(db, actor, pages.ids_of(places, query.limit))
    page = pages.page_of(this, rules, pages.last_of(places, query.limit))
    if query.total == "exact":
        page.total = await store.total(db, criteria)
    return Reply(Listing(data=[item_written(full) for full in found], page=page))


async def get_invoice_item(call: Call) -> Reply[InvoiceItem]:
    """Get an item."""
    full = await deeds.get(call.db, call.actor, call.id)
    return Reply(item_written(full), tag_of(full.item.version))


async def create_invoice_item(call: Call, body: InvoiceItemDraft) -> Reply[InvoiceItem]:
    """Create an item; only CRM administrators do."""
    full = await deeds.create(call.db, call.actor, item_change_of(body))
    return Reply(item_written(full), tag_of(full.item.version), f"{_ITEMS}/{full.item.id}")


async def change_invoice_item(call: Call, body: InvoiceItemPatch) -> Reply[InvoiceItem]:
    """Change an item by a merge patch; only CRM administrators do."""
    change = item_change_of(body)
    return await _item_done(call, body, lambda version: deeds.change(call.db, call.actor, call.id, change, version))


async def delete_invoice_item(call: Call) -> Reply[None]:
    """Move an item to the trash, unless an invoice has it; only CRM administrators do."""
    await _item_done(call, None, lambda version: deeds.delete(call.db, call.actor, call.id, version))
    return Reply(None)


async def _item_done(
    call: Call, said: InvoiceItemPatch | None, deed: Callable[[int | None], Awaitable[FullItem]]
) -> Reply[InvoiceItem]:
    async def present() -> InvoiceItem:
        return item_written(await store.read(call.db, call.actor, call.id))

    full = await under_match(call, said, deed, present)
    return Reply(item_written(full), tag_of(full.item.version))


# Taxes ------------------------------------------------------------------------------------------------------


async def list_invoice_taxes(call: Call) -> Reply[Listing[InvoiceTax]]:
    """List all taxes by name."""
    found = await tax_deeds.find(call.db, call.actor)
    return Reply(Listing(data=[tax_written(full) for full in found], page=Page(next_cursor=None, has_more=False)))


async def get_invoice_tax(call: Call) -> Reply[InvoiceTax]:
    """Get a tax."""
    full = await tax_deeds.get(call.db, call.actor, call.id)
    return Reply(tax_written(full), tag_of(full.tax.version))


async def create_invoice_tax(call: Call, body: InvoiceTaxDraft) -> Reply[InvoiceTax]:
    """Create a tax; only CRM administrators do."""
    full = await tax_deeds.create(call.db, call.actor, tax_change_of(body))
    return Reply(tax_written(full), tag_of(full.tax.version), f"{_TAXES}/{full.tax.id}")


async def change_invoice_tax(call: Call, body: InvoiceTaxPatch) -> Reply[InvoiceTax]:
    """Change a tax by a merge patch; drafts follow it, what was sent does not. Only CRM administrators do."""
    change = tax_change_of(body)
    return await _tax_done(call, body, lambda version: tax_deeds.change(call.db, call.actor, call.id, change, version))


async def delete_invoice_tax(call: Call) -> Reply[None]:
    """Delete a tax for good, unless an item or an invoice has it; only CRM administrators do."""
    await _tax_done(call, None, lambda version: tax_deeds.delete(call.db, call.actor, call.id, version))
    return Reply(None)


async def _tax_done(
    call: Call, said: InvoiceTaxPatch | None, deed: Callable[[int | None], Awaitable[FullTax]]
) -> Reply[InvoiceTax]:
    async def present() -> InvoiceTax:
        return tax_written(await tax_deeds.get(call.db, call.actor, call.id))

    full = await under_match(call, said, deed, present)
    return Reply(tax_written(full), tag_of(full.tax.version))


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
