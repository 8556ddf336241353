"""Automation where many things happen at once: imports, two processes, a process that comes back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions.automation import Trigger, expected
from dealwright.actions.deed import now
from dealwright.config import Settings
from dealwright.domain.errors import Conflict
from dealwright.domain.values import micros
from dealwright.domain.work import State
from dealwright.jobs import Jobs
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from tests.actions.about_automation import customer, deal, events, letters, person, response, rows, stage, task_list
from tests.actions.test_imports import done, places
from tests.cast import Cast, company
from tests.support import consistency
from tests.support.waiting import until

COLUMNS = places("title", "stage", "contact")


async def named(db: Database, cast: Cast, *names: str) -> list[int]:
    """The ids of new contacts of these first names."""
    return [await customer(db, cast, first_name=one, last_name="", email=f"{one}@example.com") for one in names]


async def test_imported_deals_set_off_what_their_stage_does(db: Database, cast: Cast) -> None:
    tasks = (await task_list(db, cast, "Call")).id
    await stage(db, cast, canned_response_id=await response(db, cast), task_list_id=tasks, DeactivateAccount=True)
    ids = await named(db, cast, "Ada", "Bob")
    table = "title,stage,contact\nOne,Set off,Ada\nTwo,Set off,Bob\nThree,Set off,Ada\nFour,,Bob\n"
    ended = await done(db, cast.mia, table, subject="opportunity", columns=COLUMNS)
    assert (ended.state, ended.done, ended.failed) == (State.DONE, 4, 0)
    assert sorted(letter["to"] for letter in await letters(db)) == [*["Ada@example.com"] * 2, "Bob@example.com"]
    made = {row["title"]: row["id"] for row in await rows(db, schema.opportunity)}
    found = {(task["opportunity_id"], task["contact_id"]) for task in await rows(db, schema.task)}
    assert found == {(made["One"], ids[0]), (made["Two"], ids[1]), (made["Three"], ids[0])}
    for ident in ids:
        full = await person(db, ident)
        assert full is not None
        assert (full.contact.active, full.contact.version) == (False, 2)
        assert [row["via"] for row in await events(db, "contact", ident)][1:] == ["automation"]
    await consistency.check(db)


async def test_an_import_into_a_stage_that_deletes_tells_each_bad_row_once(db: Database, cast: Cast) -> None:
    await stage(db, cast, DeleteAccount=True)
    ada, bob = await named(db, cast, "Ada", "Bob")
    table = "title,stage,contact\nZero,,Ada\nOne,Set off,Ada\nTwo,,Bob\nThree,Set off,Bob\nFour,,Ada\n,,Nobody\n"
    ended = await done(db, cast.mia, table, subject="opportunity", columns=COLUMNS)
    assert (ended.done, ended.failed) == (4, 2)
    assert (await person(db, ada), await person(db, bob)) == (None, None)
    assert {row["contact_id"] for row in await rows(db, schema.opportunity)} == {None}
    await consistency.check(db)


@pytest.mark.parametrize("flag", ["DeleteAccount", "DeactivateAccount"])
async def test_deals_of_one_contact_enter_in_two_processes_at_once(database_url: str, flag: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(here)
    into = await stage(here, cast, **{flag: True})
    ada = await customer(here, cast)
    ids = [await deal(here, cast, contact_id=ada) for _ in range(6)]
    await there.refresh()

    async def moved(db: Database, ident: int) -> None:
        with suppress(Conflict):
            await deals.move(db, Cast(db, cast.ids).mia, ident, into)

    await asyncio.gather(*(moved(db, ident) for db, ident in zip([here, there] * 3, ids, strict=True)))
    kind = "contact.deleted" if flag == "DeleteAccount" else "contact.changed"
    assert [row["kinds"] for row in await events(here, "contact", ada)] == ["contact.created", kind]
    assert (await person(here, ada) is None) is (flag == "DeleteAccount")
    if flag == "DeleteAccount":
        assert {row["contact_id"] for row in await rows(here, schema.opportunity)} == {None}
    await consistency.check(here)
    await here.close()
    await there.close()


async def test_a_process_that_comes_back_does_what_was_left(database_url: str, tmp_path: Path) -> None:
    """It died right after the commits: a stage waits, a follow-up is due, letters are in the outbox."""
    before = await connect(database_url)
    cast = await company(before)
    text = await response(before, cast)
    into, waits = await stage(before, cast, canned_response_id=text), await stage(before, cast, SignUps=True)
    ada = await customer(before, cast)
    await deal(before, cast, contact_id=ada, stage_id=into, follow_up_at=now())
    [one] = await expected(before, cast.mia, Trigger.FORM_SUBMITTED, ada)
    await before.apply([one.posted])
    await before.close()

    db, folder = await connect(database_url), tmp_path / "mail"
    jobs = Jobs(db, Settings(mail_transport=f"file:{folder}"))
    jobs.start()

    async def settled() -> bool:
        box = await rows(db, schema.outbox)
        kinds = {row["kind"] for row in box if row["done_at"] is not None}
        return {"mail.letter", "opportunity.follow_up"} <= kinds and all(row["done_at"] for row in box)

    await until(settled)
    await jobs.stop()
    assert len(list(folder.glob("*.eml"))) == 2
    assert [row["contact_id"] for row in await rows(db, schema.opportunity) if row["stage_id"] == waits] == [ada]
    [reminded] = [row for row in await rows(db, schema.opportunity) if row["reminded"]]
    assert reminded["reminded_for"] == reminded["follow_up_at"] < micros(now())
    await db.close()
