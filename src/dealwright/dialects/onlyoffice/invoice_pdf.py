"""Invoices on paper (invoices-reports-voip §2): made here, where the vendor asks a document server."""

from __future__ import annotations

from dealwright.actions import invoice_pdf
from dealwright.actions.invoices import READ
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one, text
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.file_shown import file_shown
from dealwright.dialects.onlyoffice.invoice import ONE, found
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import encoded


@routes.get(f"{ONE}/pdf", right=READ)
async def get_pdf(call: Call) -> Answer:
    """Answer the file of an invoice's PDF: 400 for id 0, 404, 403."""
    number = ident(call, "invoiceid")
    await found(call, number)
    _, file = await invoice_pdf.paper_of(call.db, call.actor, number)
    return one(file_shown(call.portal, file))


@routes.post("crm/invoice/converter/data", right=READ)
async def post_converter_data(call: Call) -> Answer:
    """Answer where an invoice's PDF is, ready at once (§2): 400 without `invoiceId`, 404, 403.

    A client that goes on asking with what it was answered gets the same again.
    """
    number = call.bag.integer("invoiceId")
    if number <= 0:
        raise bad_argument()
    await found(call, number)
    _, file = await invoice_pdf.paper_of(call.db, call.actor, number)
    shown = file_shown(call.portal, file)
    revision = call.bag.text("revisionId") or f"{number}-{file.id}"
    return one({"storageUrl": shown["viewUrl"], "revisionId": revision, "invoiceId": number, "fileId": file.id})


@routes.get("crm/invoice/jsondata/{invoiceid:[0-9]+}", right=READ)
async def get_json_data(call: Call) -> Answer:
    """Answer what stands on an invoice on paper, as JSON text (§2): 400 for id 0, 404, 403."""
    full = await found(call, ident(call, "invoiceid"))
    return text(encoded(invoice_pdf.document(call.db.rules, full)).decode())
