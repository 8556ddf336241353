"""What an import can be asked for besides: to complete lists, and only to try."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from dealwright.actions import contacts, imports, work
from dealwright.actions.work_runs import Run, Works
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid
from dealwright.domain.importing import Duplicates
from dealwright.domain.work import State
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.actions.test_imports import begun, done, finished, names, people, places, wrong
from tests.cast import Cast

LISTED = places("first_name", "last_name", "status", "type")
TABLE = "f,l,s,t\nAda,L,Warmer,Sponsor\nBo,M,WARMER,\nCy,N,Cold,Nobody’s\n"
TABLES = ("contact", "opportunity", "cases", "task", "tag", "list_item", "contact_info", "outbox")
WRITTEN = [Query(select(func.count()).select_from(schema.metadata.tables[name])) for name in TABLES]


def titles(db: Database, listing: str) -> list[str]:
    return [item.title for item in db.rules.items_of(listing)]


async def held(db: Database) -> list[Any]:
    found = []
    for query in WRITTEN:
        row = await db.first(query)
        assert row is not None
        found.append(row[0])
    return found


async def test_lists_are_completed_when_that_is_asked_for(db: Database, cast: Cast) -> None:
    before = titles(db, "contact_status")
    ended = await done(db, cast.carl, TABLE, columns=LISTED, makes=("status", "type"))
    assert (ended.done, ended.failed) == (3, 0)
    assert titles(db, "contact_status") == [*before, "Warmer"]
    assert {"Sponsor", "Nobody’s"} <= set(titles(db, "contact_type"))
    found = await people(db, cast.carl)
    assert db.rules.items[found["Bo M"].contact.status_id or 0].title == "Warmer"
    kinds = Query(select(schema.event.c.kinds, schema.event.c.actor_id).where(schema.event.c.subject == "list_item"))
    assert [tuple(row) for row in await db.rows(kinds)] == [("list_item.created", cast.carl.id)] * 3


async def test_without_being_asked_for_a_missing_entry_is_a_problem_of_its_row(db: Database, cast: Cast) -> None:
    ended = await done(db, cast.carl, TABLE, columns=LISTED, makes=("type",))
    assert await wrong(db, cast.carl, ended) == [(2, "status", "unknown"), (3, "status", "unknown")]
    assert "Warmer" not in titles(db, "contact_status")


async def test_a_title_that_cannot_be_is_a_problem_of_its_row(db: Database, cast: Cast) -> None:
    table = f"f,l,s,t\nAda,L,{'x' * 300},\nBo,M,Fine,\n"
    for trial in (True, False):
        ended = await done(db, cast.carl, table, columns=LISTED, makes=("status",), is_trial=trial)
        assert await wrong(db, cast.carl, ended) == [(2, "status", "unknown")]
        assert ended.done == 1


async def test_categories_of_tasks_are_completed_too(db: Database, cast: Cast) -> None:
    ended = await done(
        db, cast.carl, "t,c\nCall,Errand\n", subject="task", columns=places("title", "category"), makes=("category",)
    )
    assert (ended.done, ended.failed) == (1, 0)
    assert "Errand" in titles(db, "task_category")


async def test_who_does_not_keep_the_lists_may_not_have_them_completed(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await begun(db, cast.mia, TABLE, columns=LISTED, makes=("status",))
    with pytest.raises(Invalid) as refused:
        await begun(db, cast.carl, TABLE, columns=LISTED, makes=("category",))
    assert refused.value.problems[0].field == "create_missing"


# Trials -------------------------------------------------------------------------------------------------------


async def test_a_trial_says_what_the_import_would_come_to_and_writes_nothing(db: Database, cast: Cast) -> None:
    await contacts.create(db, cast.mia, ContactChange(first_name="Old", last_name="One", email="old@x.example"))
    rows = [f"F{row},L{row},Co {row % 3},p{row}@x.example,red" for row in range(1500)]
    rows += ["New,One,,old@x.example,", "Twice,Here,,P7@x.example,", ",,,nobody@x.example,", "A,B,,bad@x.example,\0"]
    table = "\n".join(["f,l,c,e,t", *rows])
    columns = places("first_name", "last_name", "company_name", "email", "tag")
    before = await held(db)
    for duplicates in Duplicates:
        tried = await done(db, cast.mia, table, columns=columns, duplicates=duplicates, is_trial=True)
        assert tried.state is State.DONE
        assert await held(db) == before
        expected = {Duplicates.SKIP: (1500, 2, 0), Duplicates.OVERWRITE: (1500, 0, 2), Duplicates.CLONE: (1502, 0, 0)}
        assert tuple(tried.result.values()) == expected[duplicates]
        assert {row for row, _, _ in await wrong(db, cast.mia, tried)} == {1504, 1505}
    done_so = await done(db, cast.mia, table, columns=columns)
    assert tuple(done_so.result.values()) == (1500, 2, 0)
    assert len(await names(db, cast.mia)) == 1504


async def test_a_trial_tells_what_may_not_be_overwritten(db: Database, cast: Cast) -> None:
    hers = ContactChange(first_name="Ada", email="ada@x.example", sharing=Share.READ, managers=[cast.noah.uid])
    await contacts.create(db, cast.noah, hers)
    table = "f,l,c,e\nEvil,L,,ada@x.example\n"
    tried = await done(db, cast.mia, table, duplicates=Duplicates.OVERWRITE, is_trial=True)
    assert (tried.done, tried.failed) == (0, 1)


async def test_a_trial_of_leads_meets_their_contacts(db: Database, cast: Cast) -> None:
    columns = places("title", "contact_email", "amount")
    table = "t,e,a\nTen desks,ann@x.example,5\n,bob@x.example,\nTwo desks,ANN@x.example,much\nBad,,1\n"
    before = await held(db)
    tried = await done(db, cast.carl, table, subject="lead", columns=columns, is_trial=True)
    assert await held(db) == before
    ended = await done(db, cast.carl, table, subject="lead", columns=columns)
    assert (tried.done, tried.failed) == (ended.done, ended.failed) == (2, 2)
    assert await wrong(db, cast.carl, tried) == await wrong(db, cast.carl, ended)


@pytest.mark.parametrize(
    ("subject", "columns", "table"),
    [
        ("opportunity", ("title", "tag", "amount"), "t,g,a\nOne,red,5\n,x,\n"),
        ("case", ("title", "tag"), "t,g\nOne,red\n,x\n"),
        ("task", ("title", "category"), "t,c\nOne,Errand\n,x\n"),
    ],
)
async def test_a_trial_of_every_kind_writes_nothing(
    db: Database, cast: Cast, subject: str, columns: tuple[str, ...], table: str
) -> None:
    before, makes = await held(db), ("category",) if subject == "task" else ()
    tried = await done(db, cast.carl, table, subject=subject, columns=places(*columns), is_trial=True, makes=makes)
    assert (tried.done, tried.failed) == (1, 1)
    assert await held(db) == before


@pytest.mark.parametrize("duplicates", [Duplicates.SKIP, Duplicates.OVERWRITE])
async def test_a_trial_that_was_cut_off_still_knows_whom_it_met(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, duplicates: Duplicates
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 4)
    rows = [f"F{row},L,Co,p{row % 8}@x.example" for row in range(16)]
    table = "\n".join(["f,l,c,e", *rows])
    started = await begun(db, cast.mia, table, duplicates=duplicates, is_trial=True)
    await cut_off(db, after=3)
    assert (await work.status(db, cast.mia, started.id)).done == 8
    tried = await finished(db, cast.mia, started.id)
    told = [tried.result[name] for name in ("imported", "skipped", "overwritten")]
    assert told == ([8, 8, 0] if duplicates is Duplicates.SKIP else [8, 0, 8])


async def test_a_trial_of_leads_that_was_cut_off_still_knows_their_contacts(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 4)
    table = "\n".join(["t,e", *(f"Deal {row},p{row}@x.example" for row in range(8))])
    columns = places("title", "contact_email")
    started = await begun(db, cast.carl, table, subject="lead", columns=columns, is_trial=True)
    await cut_off(db, after=4)
    assert (await work.status(db, cast.carl, started.id)).done == 4
    tried = await finished(db, cast.carl, started.id)
    assert (tried.done, tried.failed) == (8, 0)


async def cut_off(db: Database, after: int) -> None:
    """Begin with what waits, and cut it off when it has moved on so often."""
    worker, reached = imports.worker(), asyncio.Event()

    async def cut(run: Run) -> Mapping[str, Any] | None:
        left, advance = after, run.advance

        async def some(**said: Any) -> None:
            nonlocal left
            if not left:
                reached.set()
                await asyncio.Event().wait()
            left -= 1
            await advance(**said)

        run.advance = some  # type: ignore[method-assign]
        return await worker(run)

    works = Works(db, dict.fromkeys(imports.KINDS, cut), "here")
    assert await works.is_due()
    await works.take()
    await reached.wait()
    for task in works._running.values():
        task.cancel()
    await works.stop()
