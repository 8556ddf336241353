"""Contacts of a case (contacts-tasks-cases §6)."""

from __future__ import annotations

from typing import Final

from dealwright.actions import cases
from dealwright.actions.cases import EDIT, READ
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.case import ONE
from dealwright.dialects.onlyoffice.contact_answers import contact_rows, single_contact
from dealwright.dialects.onlyoffice.contact_shown import kind_of
from dealwright.dialects.onlyoffice.envelope import Answer, listed
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.storage import contacts

CONTACTS: Final = f"{ONE}/contact"


@routes.get(CONTACTS, right=READ)
async def get_contacts(call: Call) -> Answer:
    """Answer the participants as full contacts: 404 for a case that the caller does not see.

    The contract looks at no access to the case here; we do.
    """
    full = await cases.get(call.db, call.actor, call.bag.integer("caseid"))
    found = await contacts.read_many(call.db, call.actor, [brief.id for brief in full.members])
    return listed(await contact_rows(call, found), call.page, kind_of)


@routes.post(CONTACTS, right=EDIT)
async def post_contact(call: Call) -> Answer:
    """Make the contact `contactid` a participant and answer it: 400 for ids of 0, 404 for what is not there."""
    case_id, contact_id = ident(call, "caseid"), ident(call, "contactid")
    await cases.add_member(call.db, call.actor, case_id, contact_id)
    return await _contact(call, contact_id)


@routes.delete(f"{CONTACTS}/{{contactid:[0-9]+}}", right=EDIT)
async def delete_contact(call: Call) -> Answer:
    """Take a contact off the participants and answer it; refuses as `post_contact`."""
    case_id, contact_id = ident(call, "caseid"), ident(call, "contactid")
    await cases.remove_member(call.db, call.actor, case_id, contact_id)
    return await _contact(call, contact_id)


async def _contact(call: Call, contact_id: int) -> Answer:
    return await single_contact(call, await contacts.read(call.db, call.actor, contact_id))
