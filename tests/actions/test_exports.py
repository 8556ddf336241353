"""Exporting: what somebody sees, in tables that a spreadsheet opens and does not run."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import cases, contacts, exports, files, imports, opportunities, tasks, work
from dealwright.actions.deed import now
from dealwright.actions.work_runs import Run, Works
from dealwright.domain.actor import Actor
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import Info
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.importing import Duplicates, Order
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import Outcome
from dealwright.domain.task import TaskChange
from dealwright.domain.work import State, Work
from dealwright.storage import schema
from dealwright.storage import work as work_store
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.database import Database
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.query import Query
from dealwright.storage.task_lists import TaskCriteria
from tests.cast import Cast

Rows = list[dict[str, str]]


async def ended(db: Database, actor: Actor, ident: int) -> Work:
    works = Works(db, {**exports.WORKERS, **dict.fromkeys(imports.KINDS, imports.worker())}, "here")
    deadline = asyncio.get_running_loop().time() + 30
    while not (found := await work.status(db, actor, ident)).is_finished:
        assert asyncio.get_running_loop().time() < deadline
        if await works.is_due():
            await works.take()
        await asyncio.sleep(0.01)
    await works.stop()
    return found


def table(data: bytes) -> Rows:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def exported(db: Database, actor: Actor, subject: str, criteria: Any = None) -> Rows:
    done = await ended(db, actor, (await exports.start(db, actor, subject, criteria)).id)
    assert done.state is State.DONE
    assert done.done == done.total
    return table((await files.read(db, actor, done.result["file_id"]))[1])


def bytes_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def stage(db: Database) -> int:
    return db.rules.stages_of(db.rules.default_pipeline.id)[0].id


async def test_contacts_are_exported_with_what_is_known_of_them(db: Database, cast: Cast) -> None:
    engines = await contacts.create(db, cast.mia, ContactChange(is_company=True, name="Engines"))
    ada = ContactChange(
        first_name="Ada",
        last_name="Zoë",
        company_id=engines.contact.id,
        email="ada@x.example",
        firsts={(Info.PHONE, None): "+49 30"},
        address={"city": "London", "zip": "W1"},
        tags=["red", "blue"],
        about='two\nlines, "quoted"',
    )
    await contacts.create(db, cast.mia, ada)
    rows = {row["Last name"]: row for row in await exported(db, cast.mia, "contact")}
    assert rows[""]["Company"] == "Engines"
    assert rows[""]["Kind"] == "company"
    found = rows["Zoë"]
    assert (found["First name"], found["Company"], found["E-mail"]) == ("Ada", "Engines", "ada@x.example")
    assert (found["City"], found["Zip"], found["Tags"]) == ("London", "W1", "blue, red")
    assert (found["About"], found["Phone"], found["Created by"]) == ('two\nlines, "quoted"', "'+49 30", cast.mia.name)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_runs_as_a_formula(db: Database, cast: Cast, start: str) -> None:
    about = f"{start}HYPERLINK(1)"
    await contacts.create(db, cast.mia, ContactChange(first_name="Eve", about=about))
    [row] = await exported(db, cast.mia, "contact")
    assert row["About"] == "'" + about


async def test_only_what_is_seen_and_matches_is_exported(db: Database, cast: Cast) -> None:
    hidden = ContactChange(first_name="Hidden", sharing=Share.NOBODY, managers=[cast.noah.uid])
    await contacts.create(db, cast.noah, hidden)
    for name, tag in (("Ada", "red"), ("Bo", "blue")):
        await contacts.create(db, cast.mia, ContactChange(first_name=name, tags=[tag]))
    assert {row["First name"] for row in await exported(db, cast.mia, "contact")} == {"Ada", "Bo"}
    assert len(await exported(db, cast.noah, "contact")) == 3
    found = await exported(db, cast.mia, "contact", ContactCriteria(tags=["red"]))
    assert [row["First name"] for row in found] == ["Ada"]
    private = Change(stage_id=stage(db), title="Secret", sharing=Sharing(True, (cast.noah.uid,)))
    await opportunities.create(db, cast.noah, private)
    assert await exported(db, cast.mia, "opportunity") == []


async def test_deals_cases_and_tasks_are_exported(db: Database, cast: Cast) -> None:
    ada = (await contacts.create(db, cast.mia, ContactChange(first_name="Ada"))).contact.id
    deal = Change(
        stage_id=stage(db), title="Desks", amount=Decimal("12.50"), currency="EUR", contact_id=ada, members=[ada]
    )
    await opportunities.create(db, cast.mia, deal)
    await cases.create(db, cast.mia, CaseChange(title="Fair", members=[ada]))
    await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=ada, closed=True))
    [row] = await exported(db, cast.mia, "opportunity", Criteria(outcome=Outcome.OPEN))
    assert (row["Title"], row["Amount"], row["Currency"], row["Contact"]) == ("Desks", "12.5", "EUR", "Ada")
    assert [(row["Title"], row["Participants"]) for row in await exported(db, cast.mia, "case")] == [("Fair", "Ada")]
    [row] = await exported(db, cast.mia, "task", TaskCriteria(closed=True))
    assert (row["Title"], row["Contact"], row["Closed"]) == ("Call", "Ada", "yes")
    assert await exported(db, cast.mia, "task", TaskCriteria(closed=False)) == []


async def test_pages_follow_each_other_without_a_gap(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 3)
    for place in range(10):
        await cases.create(db, cast.mia, CaseChange(title=f"Case {place}"))
    assert [row["Title"] for row in await exported(db, cast.mia, "case")] == [f"Case {place}" for place in range(10)]


async def test_everything_is_exported_as_an_archive_of_tables(db: Database, cast: Cast) -> None:
    await contacts.create(db, cast.mia, ContactChange(first_name="Ada"))
    done = await ended(db, cast.carl, (await exports.start_whole(db, cast.carl)).id)
    file, data = await files.read(db, cast.carl, done.result["file_id"])
    assert file.title.endswith(".zip")
    assert file.media_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert set(archive.namelist()) == {f"{title}.csv" for title in exports.TITLES.values()}
    assert [row["First name"] for row in table(archive.read("Contacts.csv"))] == ["Ada"]


async def test_an_exported_file_belongs_to_who_asked(db: Database, cast: Cast) -> None:
    done = await ended(db, cast.mia, (await exports.start(db, cast.mia, "contact")).id)
    with pytest.raises(NotFound):
        await files.get(db, cast.noah, done.result["file_id"])


async def test_what_a_cut_off_run_left_is_removed_by_the_next(db: Database, cast: Cast) -> None:
    """A crash leaves bytes that began to arrive, or whole ones of which nobody was told."""
    begun = await exports.start(db, cast.mia, "contact")
    folder, key = Path(db.blobs.address), db.blobs.new_key()
    for left in (folder / "arriving" / key.replace("/", "-"), folder / key):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"half of a table")
    await db.apply([work_store.moved(begun, {"cursor": {"arriving": key}})])
    done = await ended(db, cast.mia, begun.id)
    [kept] = bytes_in(folder)
    file = await files.get(db, cast.mia, done.result["file_id"])
    assert kept == folder / file.key
    assert done.result == {"file_id": file.id, "title": "Contacts.csv"}


async def test_a_file_and_the_word_that_it_is_there_are_written_together(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await exports.start(db, cast.mia, "contact")
    advance, wrote = Run.advance, list[int]()

    async def cut_off(run: Run, **said: Any) -> None:
        if said.get("writes"):
            wrote.append(len(said["writes"]))
            await db.apply([work_store.cancelled(begun.id)])
        await advance(run, **said)

    monkeypatch.setattr(Run, "advance", cut_off)
    assert (await ended(db, cast.mia, begun.id)).state is State.CANCELLED
    assert wrote == [2]
    assert bytes_in(Path(db.blobs.address)) == []
    assert await db.rows(Query(select(schema.file.c.id))) == []


async def test_who_may_not_list_may_not_export(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await exports.start(db, cast.rita, "contact")
    with pytest.raises(Forbidden):
        await exports.start_whole(db, cast.rita)
    with pytest.raises(Invalid):
        await exports.start(db, cast.mia, "pigeon")


async def test_criteria_survive_being_written_down() -> None:
    asked: Mapping[str, Any] = {
        "opportunity": Criteria(outcome=Outcome.WON, words=["a"], stage_ids=[1], close_from=5),
        "contact": ContactCriteria(text="ada", tags=["x"], is_company=False, manager=""),
        "task": TaskCriteria(deadline_from=now(), closed=False),
    }
    for subject, criteria in asked.items():
        assert exports.criteria_of(subject, exports.plain_criteria(criteria)) == criteria


async def test_what_was_exported_can_be_imported_again(db: Database, cast: Cast) -> None:
    await contacts.create(db, cast.mia, ContactChange(first_name="=Ada", last_name="L", email="ada@x.example"))
    done = await ended(db, cast.mia, (await exports.start(db, cast.mia, "contact")).id)
    data = (await files.read(db, cast.mia, done.result["file_id"]))[1]
    heads = next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    columns = {"first_name": "First name", "last_name": "Last name", "email": "E-mail"}
    order = Order(
        subject="contact",
        columns=tuple((name, (heads.index(head),)) for name, head in columns.items()),
        duplicates=Duplicates.CLONE,
    )
    started = await imports.start(db, cast.mia, order, await imports.upload(db, cast.mia, "x.csv", data))
    assert (await ended(db, cast.mia, started.id)).done == 1
    assert {row["First name"] for row in await exported(db, cast.mia, "contact")} == {"'=Ada"}
