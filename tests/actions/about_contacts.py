"""Records and questions that the tests of deeds on contacts share."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import contacts, opportunities
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Change
from dealwright.storage import schema
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.query import Page, Query
from tests.cast import Cast

FIRST = Page()
EVENTS = Query(
    select(
        *(schema.event.c[name] for name in ("deed_id", "kinds", "subject", "subject_id", "before", "after"))
    ).order_by(schema.event.c.id)
)


async def person(db: Database, actor: Actor, first: str = "Ann", last: str = "Lee", **values: Any) -> FullContact:
    """Make a person."""
    return await contacts.create(db, actor, ContactChange(first_name=first, last_name=last, **values))


async def firm(db: Database, actor: Actor, name: str = "Acme", **values: Any) -> FullContact:
    """Make a company."""
    return await contacts.create(db, actor, ContactChange(is_company=True, name=name, **values))


async def deal(db: Database, cast: Cast, **values: Any) -> int:
    """Make a deal by Mia and return its id."""
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0]
    made = await opportunities.create(db, cast.mia, Change(stage_id=stage.id, title="Ten desks", **values))
    return made.opportunity.id


async def names_found(db: Database, actor: Actor, **criteria: Any) -> list[str]:
    """The names of the contacts that match, by name."""
    found = await contacts.find(db, actor, ContactCriteria(**criteria), FIRST)
    assert found.total == len(found.rows)
    return [full.contact.display_name for full in found.rows]


async def events(db: Database, subject: str, ident: int) -> list[tuple[str, Any, Any]]:
    """Kinds, before and after of the events about a record, oldest first."""
    rows = await db.rows(EVENTS)
    return [(row[1], json.loads(row[4]), json.loads(row[5])) for row in rows if (row[2], row[3]) == (subject, ident)]


def problems(caught: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    """Field and code of everything that was wrong."""
    return {(problem.field, problem.code) for problem in caught.value.problems}


async def outcome(db: Database, actor: Actor, verb: str, ident: int) -> str:
    """What comes of somebody's deed: ok, or the refusal's name."""
    try:
        if verb == "see":
            await contacts.get(db, actor, ident)
        elif verb == "list":
            return "ok" if await names_found(db, actor, ids=[ident]) else "NotFound"
        elif verb == "edit":
            await contacts.change(db, actor, ident, ContactChange(about=f"by {actor.name}"))
        else:
            await contacts.delete(db, actor, ident)
    except (Forbidden, NotFound) as refusal:
        return type(refusal).__name__
    return "ok"
