"""Letters to contacts (contacts-tasks-cases §2, contact/mailsmtp): how one reads, sending, how far it is."""

from __future__ import annotations

from dealwright.actions import mailings
from dealwright.actions.mailings import LOOK, SEND, Mailing
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, nothing, one, text
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.work import Work


@routes.post("crm/contact/mailsmtp/preview", right=LOOK)
async def preview(call: Call) -> Answer:
    """Answer how a template reads for a contact: 400 without either, 404 for a contact out of sight."""
    template, contact = call.bag.text("template") or "", ident(call, "contactId")
    if not template.strip():
        raise bad_argument()
    return text(await mailings.preview(call.db, call.actor, template, contact))


@routes.post("crm/contact/mailsmtp/send", right=SEND)
async def send(call: Call) -> Answer:
    """Have a letter sent to contacts and answer how far that is: 400 without contacts or a body, 403."""
    bag = call.bag
    mailing = Mailing(
        contact_ids=bag.integers("contactIds"),
        subject=bag.text("subject") or "",
        body=bag.text("body") or "",
        file_ids=bag.integers("fileIDs"),
        keeps=bag.boolean("storeInHistory"),
    )
    return one(_progress(await mailings.start(call.db, call.actor, mailing)))


@routes.get("crm/contact/mailsmtp/status", right=LOOK)
async def status(call: Call) -> Answer:
    """Answer how far the caller's last mailing is, nothing where there is none."""
    found = await mailings.latest(call.db, call.actor)
    return nothing() if found is None else one(_progress(found))


@routes.put("crm/contact/mailsmtp/cancel", right=SEND)
async def cancel(call: Call) -> Answer:
    """End the caller's last mailing and answer how far it came; letters that are out stay out."""
    found = await mailings.cancel(call.db, call.actor)
    return nothing() if found is None else one(_progress(found))


def _progress(work: Work) -> Shown:
    """Return a mailing as progress (§2); its status counts the letters."""
    counts = {"recipientCount": len(work.input["contacts"]), "deliveryCount": work.done, "estimatedTime": "00:00:00"}
    return {
        "id": str(work.id),
        "status": counts,
        "error": work.error,
        "percentage": work.percentage,
        "isCompleted": work.is_finished,
    }
