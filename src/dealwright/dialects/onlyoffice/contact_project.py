"""Contacts of projects (contacts-tasks-cases §2): a portal without projects knows none, whatever its number."""

from __future__ import annotations

from typing import Final, NoReturn

from dealwright.actions import contacts
from dealwright.actions.contacts import EDIT, LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact import ONE
from dealwright.dialects.onlyoffice.failures import bad_argument, missing
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes

PROJECT: Final = "crm/contact/project/{projectid:[0-9]+}"
LINK: Final = f"{ONE}/project/{{projectid:[0-9]+}}"


@routes.get(PROJECT, right=LIST)
async def get_contacts(call: Call) -> NoReturn:
    """Refuse a project of the number 0 with 400 and every other with 404."""
    ident(call, "projectid")
    raise missing()


@routes.post(PROJECT, right=EDIT)
async def post_contacts(call: Call) -> NoReturn:
    """Refuse as `get_contacts`, and with 400 a call without contacts."""
    ident(call, "projectid")
    if not call.bag.integers("contactid"):
        raise bad_argument()
    raise missing()


@routes.post(LINK, right=EDIT)
async def post_contact(call: Call) -> NoReturn:
    """Refuse as `get_contacts`, and with 400 and 404 a contact that is not there."""
    await _refused(call)


@routes.delete(LINK, right=EDIT)
async def delete_contact(call: Call) -> NoReturn:
    """Refuse as `post_contact`."""
    await _refused(call)


async def _refused(call: Call) -> NoReturn:
    number = ident(call, "contactid")
    ident(call, "projectid")
    await contacts.get(call.db, call.actor, number)
    raise missing()
