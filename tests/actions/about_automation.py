"""What tests of automation share: stages that do something, a contact to do it to, and everything that came of it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Table, select

from dealwright.actions import contacts, small_records, stages
from dealwright.actions import opportunities as deals
from dealwright.actions.small_records import CANNED_RESPONSE, TASK_ITEM, TASK_LIST
from dealwright.domain.contact import ContactChange
from dealwright.domain.opportunity import Change
from dealwright.domain.pipeline import StageChange
from dealwright.storage import schema
from dealwright.storage.contacts import FullContact, read_known
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.rules import Plain
from tests.cast import Cast


async def stage(db: Database, cast: Cast, **values: Any) -> int:
    """The id of a new stage; flags are named as they are kept."""
    own = {name: values.pop(name) for name in list(values) if name[0].islower()}
    made = await stages.create(db, cast.olga, StageChange(title="Set off", extra=values, **own))
    return made.id


async def response(db: Database, cast: Cast, subject: str = "Welcome, {firstname}", message: str = "Hello") -> int:
    """The id of a new canned response."""
    values = {"name": "Welcome", "subject": subject, "message": message}
    return (await small_records.create(db, cast.olga, CANNED_RESPONSE, values)).id


async def task_list(db: Database, cast: Cast, *items: Any, active: bool = True, **extra: Any) -> Plain:
    """A new task list; each item is its name, or values by name. Noah does them unless told."""
    values = {"name": "Onboarding", "active": active, "extra": extra}
    made = await small_records.create(db, cast.olga, TASK_LIST, values)
    for item in items:
        said = item if isinstance(item, dict) else {"name": item}
        own = {"task_list_id": made.id, "responsible_id": cast.ids["noah"], "active": True, "delay_hours": 2}
        await small_records.create(db, cast.olga, TASK_ITEM, {**own, "notify": False, **said})
    return made


async def customer(db: Database, cast: Cast, **values: Any) -> int:
    """The id of a new contact, Ada Lovelace, by Mia."""
    change = ContactChange(**{"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", **values})
    return (await contacts.create(db, cast.mia, change)).contact.id


async def deal(db: Database, cast: Cast, **values: Any) -> int:
    """The id of a new deal by Mia, who owns it; in the first stage unless told."""
    first = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    change = Change(**{"stage_id": first, "title": "Ten desks", "responsible": cast.mia.uid, **values})
    return (await deals.create(db, cast.mia, change)).opportunity.id


async def rows(db: Database, table: Table) -> list[dict[str, Any]]:
    """Every row of a table, the oldest first."""
    query = Query(select(table).order_by(*table.primary_key.columns))
    return [dict(zip(query.keys, row, strict=True)) for row in await db.rows(query)]


async def letters(db: Database) -> list[dict[str, Any]]:
    """What is on its way to contacts: the facts of each letter."""
    return [json.loads(row["payload"]) for row in await rows(db, schema.outbox) if row["kind"] == "mail.letter"]


async def events(db: Database, subject: str, ident: int) -> list[dict[str, Any]]:
    """The events about a record, oldest first."""
    found = await rows(db, schema.event)
    return [row for row in found if (row["subject"], row["subject_id"]) == (subject, ident)]


async def person(db: Database, ident: int) -> FullContact | None:
    """A contact as it is, None in the trash."""
    return await read_known(db, ident)
