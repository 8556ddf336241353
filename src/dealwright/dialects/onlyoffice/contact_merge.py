"""Making one contact of two (contacts-tasks-cases §2, PUT contact/merge)."""

from __future__ import annotations

from dealwright.actions import contact_merge
from dealwright.actions.contacts import EDIT
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import single_contact
from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes


@routes.put("crm/contact/merge", right=EDIT)
async def put(call: Call) -> Answer:
    """Move everything of `fromcontactid` to `tocontactid`, and answer that; the former is deleted.

    Refuses with 400 ids of 0 or the same twice, with 404 a contact out of sight and with 403 one that is not the
    caller's to change.
    """
    gone, into = ident(call, "fromcontactid"), ident(call, "tocontactid")
    return await single_contact(call, await contact_merge.merge(call.db, call.actor, gone, into))
