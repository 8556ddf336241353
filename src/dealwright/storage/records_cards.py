"""Deals as lists of records show them: one row with the cards of contact and team and the custom values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import instant, join
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import JsonArray, Query, any_number, listed, number, rows_json
from dealwright.storage.records_subjects import COMPANY_NAME, SUBJECTS, team_names
from dealwright.storage.schema import contact, opportunity, opportunity_value, team
from dealwright.storage.sight import seeing, sight_of, visible_to

Card = dict[str, Any]
"""A deal by the names of its fields, dotted where they are a contact's or team's: instants, Decimals, plain values."""

_OWN: Final = (
    *("id", "uid", "system_id", "created_at", "updated_at", "updated_by", "title", "description", "stage_id"),
    *("position", "contact_id", "team_id", "kind_id", "responsible", "referrer_id", "agent_id", "currency"),
    *("outcome", "completed", "won_at", "lost_at", "moved_at", "follow_up_at", "reminded", "lead_source"),
    *("loss_reason", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
)
_JOINED: Final = {
    "contact.display_name": contact.c.display_name,
    "contact.is_company": contact.c.is_company,
    "contact.company_name": COMPANY_NAME,
    "contact.email": contact.c.email,
    "team.name": team.c.name,
    "team.description": team.c.description,
    "team.profile_website": team.c.profile_website,
}
_NAMES: Final = (*_OWN, *_JOINED)
_INSTANTS: Final = ("created_at", "updated_at", "won_at", "lost_at", "moved_at", "follow_up_at")
_FLAGS: Final = ("completed", "reminded", "contact.is_company")


def _rows(sight: str, trashed: bool = False) -> Select[Any]:
    subject = SUBJECTS["opportunity"]
    source: Any = opportunity
    for target, on in subject.joins.values():
        source = source.outerjoin(target, on)
    values = rows_json(
        JsonArray(opportunity_value.c.field_id, opportunity_value.c.value),
        opportunity_value.c.opportunity_id == opportunity.c.id,
        opportunity,
    )
    amount = (opportunity.c.amount_units, opportunity.c.amount_nanos)
    columns = (stamp_column(), *amount, values, *(opportunity.c[name] for name in _OWN), *_JOINED.values())
    labelled = [column.label(f"f{place}") for place, column in enumerate(columns)]
    return select(*labelled).select_from(source).where(visible_to(sight, trashed=trashed))


def _card(row: Sequence[Any]) -> Card:
    _, units, nanos, custom, *rest = row
    card = dict(zip(_NAMES, rest, strict=True))
    for name in _INSTANTS:
        if card[name] is not None:
            card[name] = instant(card[name])
    for name in _FLAGS:
        if card[name] is not None:
            card[name] = bool(card[name])
    card["amount"] = None if units is None else join(units, nanos)
    card["outcome"] = Outcome(card["outcome"])
    card["custom"] = dict(msgspec.json.decode(custom)) if custom and custom != "[]" else {}
    return card


@cache
def _one(sight: str, trashed: bool = False) -> Query:
    return Query(_rows(sight, trashed).where(opportunity.c.id == number("id")))


@cache
def _many(sight: str) -> Query:
    return Query(_rows(sight).where(any_number(opportunity.c.id, "ids")))


async def read(db: Database, actor: Actor, opportunity_id: int, trashed: bool = False) -> Card:
    """Return a deal as lists show it, in the trash or out of it.

    Refuses with NotFound what is not there for this person. Raises RulesMoved when the rules in hand are no longer
    those in force.
    """
    row = await db.first(_one(sight_of(actor), trashed), id=opportunity_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("opportunity")
    check_stamp(actor, row[0])
    return _card(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """Return those of the deals that are there for this person, in the order of the ids; otherwise as `read`."""
    if not ids:
        return []
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor))
    if rows:
        check_stamp(actor, rows[0][0])
    found = {card["id"]: card for card in map(_card, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


@cache
def _teams_of() -> Query:
    return Query(select(contact.c.id, team_names(contact.c.id).label("names")).where(any_number(contact.c.id, "ids")))


async def teams_of(db: Database, contact_ids: Sequence[int]) -> dict[int, str | None]:
    """Return the names of the teams that contacts are members of, comma separated, by contact."""
    rows = await db.rows(_teams_of(), ids=listed(sorted(set(contact_ids)))) if contact_ids else []
    return {row[0]: row[1] for row in rows}
