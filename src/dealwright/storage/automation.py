"""What automation asks: who a contact is, and what of it stands in a stage already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from dealwright.domain.contact import Share
from dealwright.domain.pipeline import Outcome
from dealwright.storage.database import Database
from dealwright.storage.opportunities import json_rows
from dealwright.storage.query import JsonArray, Query, number, rows_json, words
from dealwright.storage.schema import contact, contact_manager, opportunity, outbox
from dealwright.storage.writes import Hold, Remove, Write


@dataclass(frozen=True, slots=True)
class Standing:
    """A contact that is to come into a stage: whether one of its deals is open there, and the uids of all of them.

    `managers` are those who see a contact that is shared with nobody.
    """

    contact_id: int
    private: bool
    managers: tuple[str, ...]
    is_there: bool
    uids: frozenset[str]


_DEALS: Final = rows_json(
    JsonArray(
        opportunity.c.uid,
        opportunity.c.stage_id,
        opportunity.c.outcome,
        opportunity.c.completed,
        opportunity.c.deleted_at,
    ),
    opportunity.c.contact_id == contact.c.id,
    contact,
)
_MANAGERS: Final = rows_json(
    JsonArray(contact_manager.c.user_uid), contact_manager.c.contact_id == contact.c.id, contact
)
_STANDING: Final = Query(
    select(contact.c.id, contact.c.sharing, _MANAGERS.label("managers"), _DEALS.label("deals")).where(
        contact.c.uid == words("uid"), contact.c.deleted_at.is_(None)
    )
)
_UID: Final = Query(select(contact.c.uid).where(contact.c.id == number("id"), contact.c.deleted_at.is_(None)))


async def uid_of(db: Database, contact_id: int) -> str | None:
    """Return the uid of a contact, None where it is not there."""
    row = await db.first(_UID, id=contact_id)
    return None if row is None else str(row[0])


async def standing(db: Database, contact_uid: str, stage_id: int) -> Standing | None:
    """Return how a contact stands with a stage; None where the contact is not there."""
    row = await db.first(_STANDING, uid=contact_uid)
    if row is None:
        return None
    deals = json_rows(row[3])
    is_there = any(
        stage == stage_id and outcome == Outcome.OPEN and not completed and deleted is None
        for _, stage, outcome, completed, deleted in deals
    )
    managers = tuple(sorted(found[0] for found in json_rows(row[2])))
    return Standing(row[0], row[1] == Share.NOBODY, managers, is_there, frozenset(deal[0] for deal in deals))


def taken_up(about: str) -> list[Write]:
    """Return the writes with which a deed takes a parcel out of the outbox; they hold while it waits there."""
    return [Hold(outbox, {"about": about, "done_at": None}), Remove(outbox, {"about": about})]


_WAITING: Final = Query(select(outbox.c.id).where(outbox.c.about == words("about"), outbox.c.done_at.is_(None)))


async def is_waiting(db: Database, about: str) -> bool:
    """Tell whether a parcel is still in the outbox."""
    return await db.first(_WAITING, about=about) is not None
