"""One invoice: read, create, replace, move, delete, set its dates (invoices-reports-voip §2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from dealwright.actions import invoice_settings, invoices
from dealwright.actions.deed import now
from dealwright.actions.invoices import CREATE, DELETE, EDIT, READ
from dealwright.dialects.onlyoffice import invoice_body as body
from dealwright.dialects.onlyoffice import invoice_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, nothing, one
from dealwright.dialects.onlyoffice.failures import Failure, bad_argument, denied, missing
from dealwright.dialects.onlyoffice.opportunity import NEVER, ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.invoice import Invoice, InvoiceChange, Line, Status
from dealwright.storage import invoice_items as items
from dealwright.storage.invoices import FullInvoice

ONE: Final = "crm/invoice/{invoiceid:[0-9]+}"
SAMPLE_LANGUAGE: Final = "en-US"
SAMPLE_DAYS: Final = timedelta(days=30)


@routes.get(ONE, right=READ)
async def get(call: Call) -> Answer:
    """Answer one invoice: 400 for id 0, 404 for a missing one, 403 for one that the caller does not see."""
    return one(shown.invoice(call, await found(call, ident(call, "invoiceid"))))


@routes.get("crm/invoice/bynumber", right=READ)
async def get_by_number(call: Call) -> Answer:
    """Answer the invoice of a number: 400 without one, 404 for an unknown one, 403 for a hidden one."""
    number = _number(call)
    try:
        full = await invoices.get_by_number(call.db, call.actor, number)
    except NotFound:
        there = await invoices.is_taken(call.db, call.actor, number)
        raise denied() if there else missing() from None
    return one(shown.invoice(call, full))


@routes.get("crm/invoice/bynumber/exist", right=READ)
async def get_number_exists(call: Call) -> Answer:
    """Answer whether a number is taken, whoever sees the invoice: 400 without one."""
    return one(await invoices.is_taken(call.db, call.actor, _number(call)))


@routes.get("crm/invoice/sample", right=READ)
async def get_sample(call: Call) -> Answer:
    """Answer what a new invoice begins with: the next number, today, due in thirty days, one empty line."""
    rules, at = call.db.rules, now()
    automatic = invoice_settings.numbering(rules).automatic
    blank = Invoice(
        id=0,
        uid="",
        version=1,
        created_at=at,
        updated_at=at,
        created_by=call.actor.id,
        number=await invoices.next_number(call.db) if automatic else "",
        issued_at=at,
        due_at=at + SAMPLE_DAYS,
        language=SAMPLE_LANGUAGE,
        currency=rules.default_currency,
        terms=invoice_settings.terms(rules),
        lines=(Line(quantity=Decimal(1)),),
    )
    return one(shown.invoice(call, FullInvoice(blank)))


@routes.post("crm/invoice", right=CREATE)
async def post(call: Call) -> Answer:
    """Make a draft (§2): 400 for what is missing or wrong, a taken number included, 403 for a hidden contact."""
    change, number = body.said(call), call.bag.text("number")
    if not number:
        raise bad_argument()
    change.number = number
    try:
        full = await invoices.create(call.db, call.actor, change)
    except Invalid as refusal:
        raise await body.refused(call, change, refusal) from None
    return one(shown.invoice(call, full))


@routes.put("crm/invoice/{id:[0-9]+}", right=EDIT)
async def put(call: Call) -> Answer:
    """Replace a draft and its lines, the number apart (§2): 404 also for one that is not the caller's to change."""
    number = call.bag.integer("id")
    before = await found(call, number, hidden=missing())
    if not before.invoice.edited_by(call.actor):
        raise missing()
    change = body.said(call)
    try:
        full = await invoices.change(call.db, call.actor, number, change)
    except Forbidden:
        raise missing() from None
    except Invalid as refusal:
        raise await body.refused(call, change, refusal) from None
    return one(shown.invoice(call, full))


@routes.put(r"crm/invoice/status/{status:[\w\d-]+}", right=EDIT)
async def put_status(call: Call) -> Answer:
    """Move invoices to a status and answer those that moved, and the items with a stock among what they sell (§2).

    What cannot be moved there, or not by the caller, is left as it is. 400 without ids, and for no such status.
    """
    number, ids = call.bag.enum("status", body.STATUSES), call.bag.integers("invoiceids")
    if not ids or number not in list(Status):
        raise bad_argument()
    moved = await invoices.move_many(call.db, call.actor, ids, Status(number))
    sold = {key for full in moved for key, item in full.items.items() if item.tracked}
    counted = await items.read_many(call.db, None, sorted(sold)) if Status(number) in _COUNTING else []
    return one({"key": shown.invoice_rows(call, moved), "value": [shown.item_shown(call, full) for full in counted]})


_COUNTING: Final = {Status.SENT, Status.REJECTED}


@routes.delete(ONE, right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete an invoice and answer it: 400 for id 0, 404, and 403 for one that is not the caller's."""
    number = ident(call, "invoiceid")
    await found(call, number)
    return one(shown.invoice_base(call, await invoices.delete(call.db, call.actor, number)))


@routes.delete("crm/invoice", right=DELETE)
async def delete_many(call: Call) -> Answer:
    """Delete invoices and answer those that were the caller's to delete: 400 without ids."""
    ids = call.bag.integers("invoiceids")
    if not ids:
        raise bad_argument()
    return everything(shown.invoice_rows(call, await invoices.delete_many(call.db, call.actor, ids)))


@routes.put(f"{ONE}/creationdate", right=EDIT)
async def put_creation_date(call: Call) -> Answer:
    """Set when an invoice was made: 404 for a missing one, 403 for one that is not the caller's."""
    return await _dated(call, InvoiceChange(created_at=call.date("creationDate") or NEVER))


@routes.put(f"{ONE}/lastmodifeddate", right=EDIT)
async def put_last_modified_date(call: Call) -> Answer:
    """Set when an invoice was last touched (spelled as the contract does); refuses as above."""
    return await _dated(call, InvoiceChange(updated_at=call.date("lastModifedDate") or NEVER))


async def _dated(call: Call, change: InvoiceChange) -> Answer:
    number = ident(call, "invoiceid")
    await found(call, number)
    await invoices.set_dates(call.db, call.actor, number, change)
    return nothing()


async def found(call: Call, number: int, hidden: Failure | None = None) -> FullInvoice:
    """Return an invoice; refuses with 404 a missing one, with 403 (or as told) one that the caller does not see."""
    try:
        return await invoices.get(call.db, call.actor, number)
    except NotFound:
        there = await invoices.exists_for_anybody(call.db, number)
        raise (hidden or denied()) if there else missing() from None


def _number(call: Call) -> str:
    number = call.bag.text("number")
    if not number:
        raise bad_argument()
    return number
