"""Exporting records: what somebody sees, page by page into tables, kept as a file."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from functools import partial
from typing import IO, Any, Final

from dealwright.actions import work, work_files
from dealwright.actions.deed import now
from dealwright.actions.export_columns import TABLES
from dealwright.actions.work_runs import Run, Worker
from dealwright.domain.actor import Actor
from dealwright.domain.errors import invalid
from dealwright.domain.file import Purpose
from dealwright.domain.pipeline import Outcome
from dealwright.domain.table import Written
from dealwright.domain.values import instant, micros
from dealwright.domain.work import Work
from dealwright.storage import (
    case_lists,
    contact_lists,
    contact_pages,
    invoice_items,
    invoice_lists,
    note_lists,
    opportunity_pages,
    task_lists,
)
from dealwright.storage import cases as case_store
from dealwright.storage import contacts as contact_store
from dealwright.storage import invoices as invoice_store
from dealwright.storage import notes as note_store
from dealwright.storage import opportunities as deal_store
from dealwright.storage import opportunity_lists as deal_lists
from dealwright.storage import tasks as task_store
from dealwright.storage.case_lists import CaseCriteria, CaseOrder
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import ItemCriteria, ItemOrder
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.keyset import Place
from dealwright.storage.note_lists import NoteCriteria, NoteOrder
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.opportunity_pages import By, Key
from dealwright.storage.task_lists import TaskCriteria, TaskOrder

PAGE: Final = 500
BREATH: Final = 20
"""Records that are read and written in one go, before others have their turn."""
PIECE: Final = 1 << 18
KIND: Final = "export"
WHOLE: Final = "export.whole"

Asked = Any
"""Criteria of whichever kind of record."""
Places = Callable[[Database, Actor, Asked, Place | None, int], Awaitable[list[Place]]]


@dataclass(frozen=True, slots=True)
class Subject:
    """How one kind of record is walked through: who may, what it is asked for by, its pages, its count, its rows."""

    right: str
    criteria: type[Any]
    places: Places
    total: Callable[[Database, Actor, Any], Awaitable[int]]
    read: Callable[[Database, Actor, Sequence[int]], Awaitable[Sequence[object]]]


def _by_id(find: Callable[..., Awaitable[list[Place]]], order: Enum) -> Places:
    async def places(db: Database, actor: Actor, criteria: Asked, after: Place | None, limit: int) -> list[Place]:
        return await find(db, actor, criteria, order, False, after, limit)

    return places


async def _deal_places(db: Database, actor: Actor, criteria: Asked, after: Place | None, limit: int) -> list[Place]:
    return await opportunity_pages.find_places(db, actor, criteria, (Key(By.ID),), after, limit)


async def _item_places(db: Database, _: Actor, criteria: Asked, after: Place | None, limit: int) -> list[Place]:
    return await invoice_items.find_places(db, criteria, ItemOrder.ID, False, after, limit)


async def _item_total(db: Database, _: Actor, criteria: Asked) -> int:
    return await invoice_items.total(db, criteria)


SUBJECTS: Final[Mapping[str, Subject]] = {
    "contact": Subject(
        "Coworker-List",
        ContactCriteria,
        _by_id(contact_pages.find_places, ContactOrder.ID),
        contact_lists.total_of,
        contact_store.read_many,
    ),
    "opportunity": Subject("CrmOpportunity-List", Criteria, _deal_places, deal_lists.total, deal_store.read_many),
    "case": Subject(
        "Case-List",
        CaseCriteria,
        _by_id(case_lists.find_places, CaseOrder.ID),
        case_lists.total,
        case_store.read_many,
    ),
    "task": Subject(
        "CoworkerTask-List",
        TaskCriteria,
        _by_id(task_lists.find_places, TaskOrder.ID),
        task_lists.total,
        task_store.read_many,
    ),
    "history": Subject(
        "CoworkerNote-List",
        NoteCriteria,
        _by_id(note_lists.find_places, NoteOrder.ID),
        note_lists.total,
        note_store.read_many,
    ),
    "invoice": Subject(
        "Invoice-List",
        InvoiceCriteria,
        _by_id(invoice_lists.find_places, InvoiceOrder.ID),
        invoice_lists.total,
        invoice_store.read_many,
    ),
    "invoice_item": Subject("Invoice-List", ItemCriteria, _item_places, _item_total, invoice_items.read_many),
}
TITLES: Final = {
    "contact": "Contacts",
    "opportunity": "Opportunities",
    "case": "Cases",
    "task": "Tasks",
    "history": "History",
    "invoice": "Invoices",
    "invoice_item": "Products and services",
}


async def start(db: Database, actor: Actor, subject: str, criteria: Asked = None) -> Work:
    """Start to export the records of a kind that match (None: all) and this person sees; return the work.

    `criteria` is what lists of that kind are asked for by. Refuses with Forbidden and Invalid ("subject").
    """
    return await work.start(db, actor, KIND, _given(actor, subject, criteria))


async def start_or_join(db: Database, actor: Actor, subject: str, criteria: Asked = None) -> Work:
    """Start as `start` does, or return this person's export of one kind that is not finished yet."""
    return await work.start_or_join(db, actor, KIND, _given(actor, subject, criteria))


async def start_whole(db: Database, actor: Actor) -> Work:
    """Start to export everything this person sees, a table for each kind, or return the one that is not finished.

    Refuses with Forbidden who may not list one of the kinds.
    """
    for subject in SUBJECTS.values():
        actor.require(subject.right)
    return await work.start_or_join(db, actor, WHOLE, {})


def _given(actor: Actor, subject: str, criteria: Asked) -> dict[str, Any]:
    known = SUBJECTS.get(subject)
    if known is None:
        raise invalid("subject", "unknown", "is nothing that can be exported", subject)
    actor.require(known.right)
    return {"subject": subject, "criteria": {} if criteria is None else plain_criteria(criteria)}


def plain_criteria(criteria: Asked) -> dict[str, Any]:
    """Return what is set of criteria as plain JSON values, of which `criteria_of` makes them again."""
    values = {one.name: getattr(criteria, one.name) for one in fields(criteria)}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"at": micros(value)}
    if isinstance(value, Outcome):
        return {"outcome": int(value)}
    return list(value) if isinstance(value, (list, tuple)) else value


def criteria_of(subject: str, plain: Mapping[str, Any]) -> Asked:
    """Return the criteria that `plain_criteria` wrote down."""
    return SUBJECTS[subject].criteria(**{name: _full(value) for name, value in plain.items()})


def _full(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return instant(value["at"]) if "at" in value else Outcome(value["outcome"])


async def run(run: Run) -> Mapping[str, Any]:
    """Export records of one kind: the work that `start` starts. Its result holds `file_id` and `title`.

    An export that was cut off begins anew: it changes nothing, what it wrote is gone with it, and its file is there
    only when it is whole.
    """
    if "file_id" not in run.cursor:
        subject = str(run.input["subject"])
        criteria = criteria_of(subject, run.input["criteria"])
        await run.advance(done=0, total=await run.repeated(partial(_total, run, {subject: criteria})))
        with tempfile.TemporaryFile() as file:
            async for piece in _table(run, subject, criteria):
                await asyncio.to_thread(file.write, piece)
            await _keep(run, f"{TITLES[subject]}.csv", file)
    return run.cursor


async def run_whole(run: Run) -> Mapping[str, Any]:
    """Export everything: the work that `start_whole` starts. Its result holds `file_id` and `title`."""
    if "file_id" not in run.cursor:
        everything = {subject: known.criteria() for subject, known in SUBJECTS.items()}
        await run.advance(done=0, total=await run.repeated(partial(_total, run, everything)))
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for subject, criteria in everything.items():
                    await _zipped(run, subject, criteria, archive)
            await _keep(run, f"Export {now().astimezone(run.db.rules.zone):%Y-%m-%d %H-%M}.zip", file)
    return run.cursor


WORKERS: Final[Mapping[str, Worker]] = {KIND: run, WHOLE: run_whole}
"""Who does exports."""


async def _total(run: Run, asked: Mapping[str, Asked]) -> int:
    return sum([await SUBJECTS[subject].total(run.db, run.actor, criteria) for subject, criteria in asked.items()])


async def _keep(run: Run, title: str, file: IO[bytes]) -> None:
    file.seek(0)
    await work_files.kept(run, Purpose.EXPORT, title, None, _pieces(file), {"title": title})


async def _zipped(run: Run, subject: str, criteria: Asked, archive: zipfile.ZipFile) -> None:
    with archive.open(f"{TITLES[subject]}.csv", "w", force_zip64=True) as entry:
        async for piece in _table(run, subject, criteria):
            await asyncio.to_thread(entry.write, piece)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


async def _table(run: Run, subject: str, criteria: Asked) -> AsyncIterator[bytes]:
    """Run through a table, page by page; each page is a step of the work, so that it tells how far it is."""
    table, rules, out = TABLES[subject], run.db.rules, Written()
    out.put(table.head(rules))
    yield out.mark() + out.taken()
    after: Place | None = None
    while places := await run.repeated(partial(_places, run, subject, criteria, after)):
        found = 0
        async for record in _records(run, subject, [int(place[-1] or 0) for place in places]):
            out.put(table.row(rules, record))
            found += 1
        yield out.taken()
        after = places[-1]
        await run.advance(done=run.work.done + found)


async def _places(run: Run, subject: str, criteria: Asked, after: Place | None) -> list[Place]:
    """Return the places of the next page, as far as the person sees them now; nothing behind the end."""
    known, actor = SUBJECTS[subject], run.actor
    actor.require(known.right)
    return await known.places(run.db, actor, criteria, after, PAGE)


async def _records(run: Run, subject: str, ids: Sequence[int]) -> AsyncIterator[object]:
    """Yield the records of a page, a few at a time: on SQLite whoever waits is served in between."""
    for start in range(0, len(ids), BREATH):
        few = ids[start : start + BREATH]
        for record in await run.repeated(partial(_read, run, subject, few)):
            yield record
        await asyncio.sleep(0)


async def _read(run: Run, subject: str, ids: Sequence[int]) -> Sequence[object]:
    return await SUBJECTS[subject].read(run.db, run.actor, ids)
