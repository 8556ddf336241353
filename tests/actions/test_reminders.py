"""Reminders of a fixed day: they write to their contact once when it comes, filled in, and to nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import contacts, plain_records, reminders
from dealwright.actions.deed import now
from dealwright.actions.plain_entities import REMINDER
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from tests.actions.about_automation import customer, events, letters, response, rows
from tests.cast import Cast, company

HOUR = timedelta(hours=1)


async def reminder(db: Database, cast: Cast, contact_id: int | None, **values: Any) -> int:
    """The id of a new reminder to write an e-mail, due an hour ago."""
    own: dict[str, Any] = {"name": "Renewal", "type": 1, "action": 1, "contact_id": contact_id}
    own |= {"remind_at": now() - HOUR, "extra": {"Email": "Dear {firstname}"}}
    return (await plain_records.create(db, cast.mia, REMINDER, {**own, **values})).id


async def written(db: Database) -> list[dict[str, Any]]:
    """Look for reminders until none is due; return the letters there are then."""
    for _ in range(10):
        if not await reminders.is_due(db):
            return await letters(db)
        await reminders.write(db)
    raise AssertionError("it never ends")


async def test_when_the_day_comes_its_contact_is_written_to_once(db: Database, cast: Cast) -> None:
    ada = await customer(db, cast)
    ident = await reminder(db, cast, ada)
    for _ in range(2):
        [letter] = await written(db)
    assert (letter["to"], letter["subject"], letter["html"]) == ("ada@example.com", "Renewal", "Dear Ada")
    [kept] = await rows(db, schema.reminder)
    [message] = await rows(db, schema.message)
    assert (message["contact_id"], message["reminder_uid"], kept["version"]) == (ada, kept["uid"], 1)
    [event] = await events(db, "message", message["id"])
    assert (event["via"], event["actor_id"]) == ("automation", None)
    assert len(await events(db, "reminder", ident)) == 1


async def test_it_can_send_a_canned_response(db: Database, cast: Cast) -> None:
    text = await response(db, cast, "Hi {firstname}", "<p>{email}</p>")
    await reminder(db, cast, await customer(db, cast), action=2, canned_response_id=text)
    [letter] = await written(db)
    assert (letter["subject"], letter["html"]) == ("Hi Ada", "<p>ada@example.com</p>")


async def test_another_day_arms_it_again(db: Database, cast: Cast) -> None:
    ident = await reminder(db, cast, await customer(db, cast))
    assert len(await written(db)) == 1
    await plain_records.change(db, cast.mia, REMINDER, ident, {"name": "Other"})
    assert len(await written(db)) == 1
    await plain_records.change(db, cast.mia, REMINDER, ident, {"remind_at": now() - 2 * HOUR})
    assert len(await written(db)) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"type": 5},
        {"action": 3},
        {"remind_at": None},
        {"remind_at": now() + HOUR},
        {"remind_at": now() - 48 * HOUR},
        {"action": 2},
        {"extra": {}, "name": "Nothing to say", "action": 2},
    ],
)
async def test_what_is_not_meant_to_write_now_does_not(db: Database, cast: Cast, values: dict[str, Any]) -> None:
    await reminder(db, cast, await customer(db, cast), **values)
    assert await written(db) == []


@pytest.mark.parametrize("why", ["trash", "inactive", "nobody"])
async def test_where_there_is_nobody_to_write_to_the_day_passes(db: Database, cast: Cast, why: str) -> None:
    ada = await customer(db, cast, active=why != "inactive")
    said = {"Email": "Dear", "OnlySendToActiveCoworkers": True}
    await reminder(db, cast, None if why == "nobody" else ada, extra=said)
    if why == "trash":
        await contacts.delete(db, cast.mia, ada)
    assert await written(db) == []


async def test_two_processes_write_once(database_url: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(here)
    ada = await customer(here, cast)
    for _ in range(6):
        await reminder(here, cast, ada)
    while await reminders.is_due(here):
        await asyncio.gather(*(reminders.write(db) for db in (here, there, here, there)))
    assert len(await letters(here)) == 6
    await here.close()
    await there.close()
