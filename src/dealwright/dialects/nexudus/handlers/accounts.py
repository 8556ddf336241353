"""The account of a customer, made where a body asks for it (related, Coworker: CreateUser, Password, UserId)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dealwright.actions import contacts, invitations, people
from dealwright.dialects.nexudus.handling import Call
from dealwright.dialects.nexudus.reading import Body
from dealwright.domain.contact import Contact, ContactChange
from dealwright.domain.people import UserChange
from dealwright.domain.values import UNSET


def said(call: Call, body: Body, present: Contact | None) -> UserChange | None:
    """Return the account that a body asks for; None where it asks for none, or asked before, or names a user.

    Refuses with Forbidden whoever may not make users, and with Invalid as actions.people.add_user.
    """
    asked_before = present is not None and present.extra.get("CreateUser")
    if not body.extras.get("CreateUser") or asked_before or body.extras.get("UserId"):
        return None
    call.actor.require("User-Create")
    values: Mapping[str, Any] = body.values
    found = invitations.account(values["email"] or "", values["display_name"], values.get("password") or UNSET)
    people.check(call.db, found, is_new=True)
    return found


async def make(call: Call, contact_id: int, account: UserChange | None, at: datetime) -> datetime:
    """Make the account and tie it to its customer; see actions.invitations.make. Return when that was written."""
    if account is None:
        return at
    user = await invitations.make(call.db, call.actor, account)
    tied = ContactChange(extra={"UserId": user.id})
    return (await contacts.change(call.db, call.actor, contact_id, tied)).contact.updated_at
