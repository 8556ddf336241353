"""Invoices in our own API: list, get, create, change, send and pay, the PDF, to the trash and back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import invoice_pdf
from dealwright.actions import invoices as deeds
from dealwright.actions.invoice_lines import filled
from dealwright.dialects.native import pages, times
from dealwright.dialects.native.invoice_shapes import (
    MEMBERS,
    Invoice,
    InvoiceDraft,
    InvoicePatch,
    InvoiceRestore,
    InvoiceStatus,
    StatusName,
)
from dealwright.dialects.native.invoice_words import POINTERS, STATUSES_BY_NAME, change_of, draft_of
from dealwright.dialects.native.invoice_words import invoice as written
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Download, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, CurrencyCode, Cursor, Id, Limit, Listing, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.dialects.wire import file_headers
from dealwright.domain.errors import invalid
from dealwright.domain.text import fold
from dealwright.storage import invoice_lists as lists
from dealwright.storage import invoices as store
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.invoices import FullInvoice

ORDERS: Final = {
    "id": InvoiceOrder.ID,
    "number": InvoiceOrder.NUMBER,
    "issued_on": InvoiceOrder.ISSUED,
    "due_on": InvoiceOrder.DUE,
}
SORTS: Final = pages.sorts_of(ORDERS)
_PATH: Final = "/invoices"
_ONE: Final = "/invoices/{id}"
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]


class InvoiceQuery(Query):
    """What one invoice may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class InvoiceListQuery(InvoiceQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: (
        Annotated[str, Meta(max_length=200, description="A part of the number or of the contact's name.")] | UnsetType
    ) = UNSET
    status: Annotated[list[StatusName], Meta(max_length=5, description="Any of these.")] | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    opportunity_id: Id | UnsetType = UNSET
    currency: CurrencyCode | UnsetType = UNSET
    issued_from: Annotated[date, Meta(description="Issued on this day or later.")] | UnsetType = UNSET
    issued_to: Annotated[date, Meta(description="Issued on this day or earlier.")] | UnsetType = UNSET
    due_from: Annotated[date, Meta(description="Due on this day or later.")] | UnsetType = UNSET
    due_to: Annotated[date, Meta(description="Due on this day or earlier.")] | UnsetType = UNSET


def _criteria(query: InvoiceListQuery, call: Call) -> InvoiceCriteria:
    plain = ("contact_id", "opportunity_id", "currency")
    said: dict[str, Any] = {name: value for name in plain if (value := getattr(query, name)) is not UNSET}
    for name in ("issued_from", "issued_to", "due_from", "due_to"):
        said[name] = _bound(call, query, name)
    return InvoiceCriteria(
        **said,
        statuses=None if query.status is UNSET else [int(STATUSES_BY_NAME[name]) for name in query.status],
        text=None if query.q is UNSET else fold(query.q),
    )


def _bound(call: Call, query: InvoiceListQuery, name: str) -> datetime | None:
    """Return where a day begins (or ends) in the portal's time zone."""
    day: date | UnsetType = getattr(query, name)
    if isinstance(day, UnsetType):
        return None
    zone, last = call.db.rules.zone, name.endswith("_to")
    clock = (23, 59, 59, 999_999) if last else (0, 0, 0, 0)
    return times.bound(name, datetime(day.year, day.month, day.day, *clock, tzinfo=zone))


_LIST: Final = Lister(
    name="invoices",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=lists.find_places,
    read_many=store.read_many,
    total=lists.total,
    written=written,
    members=MEMBERS,
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, store.read, MEMBERS)


async def list_invoices(call: Call, query: InvoiceListQuery) -> Reply[Listing[Invoice]]:
    """List invoices."""
    return await _LIST.page(call, query)


async def get_invoice(call: Call, query: InvoiceQuery) -> Reply[Invoice]:
    """Get an invoice.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    return await _SHELF.one(call, query)


async def create_invoice(call: Call, body: InvoiceDraft) -> Reply[Invoice]:
    """Create an invoice, a draft at first; without a number it gets the next one."""
    call.actor.require(deeds.CREATE)
    change, lines = draft_of(body, call.db.rules)
    change.lines = await filled(call.db, lines)
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change))


async def change_invoice(call: Call, body: InvoicePatch) -> Reply[Invoice]:
    """Change a draft by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    call.actor.require(deeds.EDIT)
    change, lines = change_of(body, call.db.rules)
    if lines is not None:
        change.lines = await filled(call.db, lines)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def move_invoice(call: Call, body: InvoiceStatus) -> Reply[Invoice]:
    """Send an invoice, note that it was paid or rejected, or take one of these back.

    What is sent leaves the stock and cannot be changed any more; what is rejected comes back to the stock and may be a
    draft again.
    """

    async def deed(version: int | None) -> FullInvoice:
        to = STATUSES_BY_NAME[body.status]
        full, moved = await deeds.move(call.db, call.actor, call.id, to, version)
        if not moved:
            raise invalid("status", "not_allowed", f"an invoice that is {full.invoice.status.name.lower()} stays so")
        return full

    return await _SHELF.under(call, deed)


async def get_invoice_pdf(call: Call) -> Reply[Download]:
    """Get an invoice as PDF, made anew where anything on it has changed."""
    file, pieces = await invoice_pdf.opened(call.db, call.actor, call.id)
    return Reply(Download(file_headers(file, in_place=True), pieces))


async def delete_invoice(call: Call) -> Reply[None]:
    """Move an invoice to the trash; what it had out of the stock comes back."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def restore_invoice(call: Call, body: InvoiceRestore) -> Reply[Invoice]:
    """Take an invoice back from the trash, unless its number was taken meanwhile.

    What was sent leaves the stock again.
    """
    return _SHELF.told(call, await deeds.restore(call.db, call.actor, call.id))


ROUTES: Final = (
    Route("GET", _PATH, list_invoices, right=deeds.LIST),
    Route("POST", _PATH, create_invoice, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_invoice, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_invoice, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_invoice, 204, right=deeds.DELETE, guarded=True),
    Route("POST", f"{_ONE}/status", move_invoice, right=deeds.EDIT, guarded=True),
    Route("POST", f"{_ONE}/restore", restore_invoice, right=deeds.DELETE, bodiless=True),
    Route("GET", f"{_ONE}/pdf", get_invoice_pdf, right=deeds.READ),
)
