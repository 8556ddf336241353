"""Lines of invoices, one by one (invoices-reports-voip §2)."""

from __future__ import annotations

from typing import Final

from dealwright.actions import invoices
from dealwright.actions.invoices import EDIT
from dealwright.dialects.onlyoffice import invoice_body as body
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one
from dealwright.dialects.onlyoffice.failures import bad_argument, broken
from dealwright.dialects.onlyoffice.invoice import found
from dealwright.dialects.onlyoffice.invoice_shown import line_shown
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import Invalid

ONE: Final = "crm/invoiceline/{id:[0-9]+}"


@routes.post("crm/invoiceline", right=EDIT)
async def post(call: Call) -> Answer:
    """Add a line to a draft and answer it: 400, 404 for a missing invoice, 403 for one that cannot be changed."""
    number = _invoice(call)
    line = body.line(call.bag)
    await found(call, number)
    _, made = await invoices.add_line(call.db, call.actor, number, line)
    return one(line_shown(number, made))


@routes.put(ONE, right=EDIT)
async def put(call: Call) -> Answer:
    """Replace a line of a draft and answer it; refuses as `post`, with 404 also for a line of another invoice."""
    ident(call, "id")
    number, line = _invoice(call), body.line(call.bag, call.bag.integer("id"))
    await found(call, number)
    return one(line_shown(number, await invoices.change_line(call.db, call.actor, line, number)))


@routes.delete(ONE, right=EDIT)
async def delete(call: Call) -> Answer:
    """Take a line out of a draft and answer its id: 404, 403, and 500 for the last one, as the contract has it."""
    number = ident(call, "id")
    try:
        await invoices.remove_line(call.db, call.actor, number)
    except Invalid:
        raise broken("The last line of an invoice cannot be deleted.") from None
    return one(number)


def _invoice(call: Call) -> int:
    number = call.bag.integer("invoiceId")
    if number <= 0:
        raise bad_argument()
    return number
