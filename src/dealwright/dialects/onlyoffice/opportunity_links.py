"""Contacts of an opportunity (opportunities §2.2 routes 12–14) and the same links from the contact's side."""

from __future__ import annotations

from typing import Final

from dealwright.actions import opportunities
from dealwright.actions.opportunities import EDIT, READ
from dealwright.dialects.onlyoffice import opportunity_shown as shown
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import contact_rows, single_contact
from dealwright.dialects.onlyoffice.contact_shown import kind_of
from dealwright.dialects.onlyoffice.envelope import Answer, listed
from dealwright.dialects.onlyoffice.failures import denied
from dealwright.dialects.onlyoffice.opportunity import ONE, ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.storage import contacts

LINK: Final = f"{ONE}/contact/{{contactid:[0-9]+}}"
BACK: Final = "crm/contact/{contactid:[0-9]+}/opportunity/{opportunityid:[0-9]+}"


@routes.get(f"{ONE}/contact", right=READ)
async def get_contacts(call: Call) -> Answer:
    """Answer the participants as full contacts (route 12): the primary one says `canEdit: false`; 404."""
    deal = await opportunities.get(call.db, call.actor, call.bag.integer("opportunityid"))
    found = await contacts.read_many(call.db, call.actor, [brief.id for brief in deal.members])
    rows = await contact_rows(call, found)
    for row in rows:
        if row["id"] == deal.opportunity.contact_id:
            row["canEdit"] = False
    return listed(rows, call.page, kind_of)


@routes.post(LINK, right=EDIT)
async def post_contact(call: Call) -> Answer:
    """Make a contact a participant and answer it (route 13): 400 for ids of 0, 404 for what is not there."""
    deal_id, contact_id = ident(call), ident(call, "contactid")
    await opportunities.add_member(call.db, call.actor, deal_id, contact_id)
    return await _contact(call, contact_id)


@routes.delete(LINK, right=EDIT)
async def delete_contact(call: Call) -> Answer:
    """Take a contact off the participants, the primary one too, and answer it (route 14); refuses as route 13."""
    deal_id, contact_id = ident(call), ident(call, "contactid")
    await opportunities.remove_member(call.db, call.actor, deal_id, contact_id)
    return await _contact(call, contact_id)


async def _contact(call: Call, contact_id: int) -> Answer:
    return await single_contact(call, await contacts.read(call.db, call.actor, contact_id))


@routes.post(BACK, right=EDIT)
async def post_opportunity(call: Call) -> Answer:
    """Make a contact a participant and answer the opportunity (§2); refuses as route 13."""
    deal_id, contact_id = ident(call), ident(call, "contactid")
    return shown.single(call, await opportunities.add_member(call.db, call.actor, deal_id, contact_id))


@routes.delete(BACK, right=EDIT)
async def delete_opportunity(call: Call) -> Answer:
    """Take a contact off the participants and answer the opportunity (§2.2 route 14).

    Refuses as route 13, and with 403 to let go of the primary contact.
    """
    deal_id, contact_id = ident(call), ident(call, "contactid")
    deal = await opportunities.get(call.db, call.actor, deal_id)
    if deal.opportunity.contact_id == contact_id:
        raise denied("Can't unlink base contact")
    return shown.single(call, await opportunities.remove_member(call.db, call.actor, deal_id, contact_id))
