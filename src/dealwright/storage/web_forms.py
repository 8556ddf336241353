"""What a public form made before, found by the identities it would make it under again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, listed
from dealwright.storage.schema import contact, opportunity

_CONTACTS = Query(select(contact.c.id).where(any_text(contact.c.uid, "uids")))
_DEALS = Query(select(opportunity.c.id).where(any_text(opportunity.c.uid, "uids")))


async def contact_of(db: Database, uids: Sequence[str]) -> int | None:
    """Return the contact with one of these identities, in the trash or not; None where there is none."""
    row = await db.first(_CONTACTS, uids=listed(uids))
    return None if row is None else int(row[0])


async def deal_of(db: Database, uids: Sequence[str]) -> int | None:
    """Return the deal with one of these identities, in the trash or not; None where there is none."""
    row = await db.first(_DEALS, uids=listed(uids))
    return None if row is None else int(row[0])
