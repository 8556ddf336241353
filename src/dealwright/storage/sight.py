"""Permission is the query: the one predicate of who sees which record, used by every read and every write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_, select, true

from dealwright.domain.actor import Actor, Sight
from dealwright.domain.contact import Share
from dealwright.storage.query import any_number, listed, number, words
from dealwright.storage.schema import (
    case,
    case_share,
    contact,
    contact_manager,
    invoice,
    opportunity,
    opportunity_share,
    task,
    team_user,
)

EVERYTHING = "everything"
WIDE = (EVERYTHING, Sight.ALL.name)
"""The shapes of sight of those who see all deals, or all but private ones."""


def sight_of(actor: Actor) -> str:
    """Return the shape of a person's sight: part of the shape of every query about deals."""
    return EVERYTHING if actor.is_crm_admin else actor.sight.name


def seeing(actor: Actor) -> dict[str, Any]:
    """Return the parameters that `visible_to` needs for a person."""
    return {"me": actor.uid, "me_id": actor.id, "my_teams": listed(actor.teams)}


def visible_to(sight: str, table: Any = opportunity, trashed: bool = False) -> ColumnElement[bool]:
    """Return the condition that a deal is there for somebody with this shape of sight; in the trash, or out of it."""
    alive: ColumnElement[bool] = table.c.deleted_at.is_not(None) if trashed else table.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    shares = select(opportunity_share.c.opportunity_id).where(
        opportunity_share.c.opportunity_id == table.c.id, opportunity_share.c.user_uid == words("me")
    )
    shared = or_(not_(table.c.private), exists(shares.correlate(table)))
    own = or_(table.c.responsible == words("me"), table.c.created_by == number("me_id"))
    narrowed = {
        Sight.ALL.name: true(),
        Sight.OWN.name: own,
        Sight.TEAM.name: or_(own, any_number(table.c.team_id, "my_teams")),
    }[sight]
    return and_(alive, shared, narrowed)


def hidden_from(sight: str) -> ColumnElement[bool]:
    """Return the condition that a deal out of the trash is there, but not for somebody with this shape of sight.

    Only for people whose sight is not narrowed: theirs are few, and an index holds who they are among.
    """
    return and_(opportunity.c.private, opportunity.c.deleted_at.is_(None), not_(visible_to(sight)))


def listed_on() -> Select[tuple[int]]:
    """Return the SELECT of the ids of the deals that this person is listed on, in the trash or not."""
    return select(opportunity_share.c.opportunity_id).where(opportunity_share.c.user_uid == words("me"))


def contact_visible_to(sight: str, table: Any = contact, trashed: bool = False) -> ColumnElement[bool]:
    """Return the condition that a contact is there for somebody with this shape of sight; in or out of the trash."""
    alive: ColumnElement[bool] = table.c.deleted_at.is_not(None) if trashed else table.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    return and_(alive, or_(table.c.sharing != int(Share.NOBODY), _managed(table)))


def contact_editable_to(sight: str, table: Any = contact) -> ColumnElement[bool]:
    """Return the condition that a contact is there and somebody with this shape of sight may change it."""
    alive: ColumnElement[bool] = table.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    return and_(alive, or_(table.c.sharing == int(Share.WRITE), _managed(table)))


def is_invoiced(table: Any = contact) -> ColumnElement[bool]:
    """Return the condition that an invoice names a contact, as who pays or who gets the goods: then it must stay."""
    own = or_(invoice.c.contact_id == table.c.id, invoice.c.consignee_id == table.c.id)
    return exists(select(invoice.c.id).where(own, invoice.c.deleted_at.is_(None)).correlate(table))


def _managed(table: Any) -> ColumnElement[bool]:
    manages = select(contact_manager.c.contact_id).where(
        contact_manager.c.contact_id == table.c.id, contact_manager.c.user_uid == words("me")
    )
    return exists(manages.correlate(table))


def case_visible_to(sight: str, table: Any = case, trashed: bool = False) -> ColumnElement[bool]:
    """Return the condition that a case is there for somebody with this shape of sight; in the trash, or out of it.

    A case has no team and nobody responsible: to who sees a team's alone it is there where somebody of the team made
    it, to who sees the own alone where that person did.
    """
    alive: ColumnElement[bool] = table.c.deleted_at.is_not(None) if trashed else table.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    shares = select(case_share.c.case_id).where(
        case_share.c.case_id == table.c.id, case_share.c.user_uid == words("me")
    )
    shared = or_(not_(table.c.private), exists(shares.correlate(table)))
    own = table.c.created_by == number("me_id")
    mates = select(team_user.c.user_id).where(any_number(team_user.c.team_id, "my_teams"))
    narrowed = {
        Sight.ALL.name: true(),
        Sight.OWN.name: own,
        Sight.TEAM.name: or_(own, table.c.created_by.in_(mates)),
    }[sight]
    return and_(alive, shared, narrowed)


def task_visible_to(sight: str, trashed: bool = False) -> ColumnElement[bool]:
    """Return the condition that a task is there, in or out of the trash: one's own, a free one, or of a seen record."""
    alive: ColumnElement[bool] = task.c.deleted_at.is_not(None) if trashed else task.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    own = or_(task.c.responsible == words("me"), task.c.created_by == number("me_id"))
    free = and_(*(task.c[name].is_(None) for name in ("contact_id", "opportunity_id", "case_id")))
    on_contact = exists(select(contact.c.id).where(contact.c.id == task.c.contact_id, contact_visible_to(sight)))
    on_deal = exists(select(opportunity.c.id).where(opportunity.c.id == task.c.opportunity_id, visible_to(sight)))
    on_case = exists(select(case.c.id).where(case.c.id == task.c.case_id, case_visible_to(sight)))
    hanging = (found.correlate(task) for found in (on_contact, on_deal, on_case))
    return and_(alive, or_(own, free, *hanging))


def invoice_visible_to(sight: str, table: Any = invoice, trashed: bool = False) -> ColumnElement[bool]:
    """Return the condition that an invoice is there: one's own, or one to a contact that is seen."""
    alive: ColumnElement[bool] = table.c.deleted_at.is_not(None) if trashed else table.c.deleted_at.is_(None)
    if sight == EVERYTHING:
        return alive
    billed = contact.alias("billed_contact")
    on_contact = exists(select(billed.c.id).where(billed.c.id == table.c.contact_id, contact_visible_to(sight, billed)))
    return and_(alive, or_(table.c.created_by == number("me_id"), on_contact.correlate(table)))


__all__ = [
    "EVERYTHING",
    "case_visible_to",
    "contact_editable_to",
    "contact_visible_to",
    "invoice_visible_to",
    "is_invoiced",
    "seeing",
    "sight_of",
    "task_visible_to",
    "visible_to",
]
