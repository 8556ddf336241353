"""Importing tables: started with a file or an address, done chunk by chunk, each written with how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import IO, Any, Final

from dealwright.actions import (
    files,
    import_cases,
    import_contacts,
    import_deals,
    import_leads,
    import_lists,
    import_tables,
    import_tasks,
    plain_records,
    work,
    work_files,
)
from dealwright.actions.import_steps import Outcome, Trial
from dealwright.actions.import_tables import Sample, Table
from dealwright.actions.plain_entities import IMPORT_FILE
from dealwright.actions.work_runs import Run, Worker
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, NotFound, Problem, invalid
from dealwright.domain.file import Purpose, extension_of
from dealwright.domain.importing import Order, checked, columns_of, kept
from dealwright.domain.table import Dialect, Row, head_of, rows
from dealwright.domain.text import fold
from dealwright.domain.work import SHOWN_VALUE, Work
from dealwright.fetching import Bounds, Unfetchable, streamed
from dealwright.storage import plain_records as plain_store
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids

CHUNK: Final = 1000
CHUNK_LENGTH: Final = 1 << 22
LOOKED_AT: Final = 20_000
SOURCES: Final = (Purpose.IMPORT, Purpose.ATTACHMENT)
PROBLEMS_KEPT: Final = 10_000
FETCHED: Final = Bounds(size=1 << 30, seconds=600.0)
RIGHTS: Final[Mapping[str, str]] = {
    "contact": "Coworker-Create",
    "opportunity": "CrmOpportunity-Create",
    "lead": "CrmOpportunity-Create",
    "case": "Case-Create",
    "task": "CoworkerTask-Create",
}

Step = Callable[[Database, Actor, Order, Sequence[Row], Ids], Awaitable[Outcome]]
Take = Callable[[Sequence[Row], int, int], Awaitable[int | None]]
"""Takes a chunk, with the number of the last row looked at and the turn; returns what row it had to stop before."""


@dataclass(frozen=True, slots=True)
class Subject:
    """How one kind of record is imported: in how many turns, which rows belong to each, what a chunk comes to.

    `first` is what a chunk comes to in the first turn where that is something else. With `meets` a trial has to know
    whom it has met so far.
    """

    step: Step
    turns: int = 1
    first: Step | None = None
    belongs: Callable[[Order, Row, int], bool] = lambda order, row, turn: True
    meets: bool = False


SUBJECTS: Final[Mapping[str, Subject]] = {
    "contact": Subject(import_contacts.step, import_contacts.TURNS, belongs=import_contacts.belongs, meets=True),
    "opportunity": Subject(import_deals.step),
    "lead": Subject(import_leads.step, import_leads.TURNS, import_leads.meet, meets=True),
    "case": Subject(import_cases.step),
    "task": Subject(import_tasks.step),
}
KINDS: Final = tuple(f"import.{subject}" for subject in SUBJECTS)


async def start(db: Database, actor: Actor, order: Order, source: int | str) -> Work:
    """Start importing from a file of this person's (its id) or from an address (a text); return the work.

    Refuses with Forbidden who may not create such records or complete the lists, with NotFound an unknown file, and
    with Invalid an order that cannot be carried out ("columns", "delimiter", "encoding" …).
    """
    given = await _given(db, actor, order, source)
    return await work.start(db, actor, f"import.{order.subject}", given, _files(source))


async def start_by_head(
    db: Database, actor: Actor, file_id: int, names: Mapping[str, str], said: Mapping[str, int]
) -> Work:
    """Start importing leads from a file of this person's whose head says what is in which column; return the work.

    `said` are the location into whose stages they come and the import file that is done then.

    `names` are fields by folded heading; beside them custom fields of opportunities are known by their labels. What is
    wrong with the table is known when the work is done. Refuses with Forbidden and NotFound.
    """
    actor.require(RIGHTS["lead"])
    await _file(db, actor, file_id)
    return await work.start(db, actor, "import.lead", {"file_id": file_id, "names": dict(names), **said}, [file_id])


async def start_or_join(db: Database, actor: Actor, order: Order, source: int | str) -> Work:
    """Start as `start` does, or return this person's import of that kind of record that is not finished yet."""
    given = await _given(db, actor, order, source)
    return await work.start_or_join(db, actor, f"import.{order.subject}", given, _files(source))


def _files(source: int | str) -> list[int]:
    return [source] if isinstance(source, int) else []


async def _given(db: Database, actor: Actor, order: Order, source: int | str) -> dict[str, Any]:
    checked(order, [(one.id, one.subject) for one in db.rules.fields.values()])
    actor.require(RIGHTS[order.subject])
    import_lists.check(actor, order)
    _check_people(db, order)
    if isinstance(source, str):
        return {"order": order.plain(), "address": source}
    await _file(db, actor, source)
    return {"order": order.plain(), "file_id": source}


def _check_people(db: Database, order: Order) -> None:
    unknown = [one for one in (*order.managers, *order.shared_with) if one not in db.rules.users_by_uid]
    if unknown:
        raise Invalid(*(Problem("managers", "unknown", "is nobody here", one) for one in unknown))


async def _file(db: Database, actor: Actor, file_id: int) -> None:
    file = await files.get(db, actor, file_id)
    if file.purpose not in SOURCES or file.created_by != actor.id:
        raise NotFound("file")


async def upload(db: Database, actor: Actor, title: str, data: bytes | AsyncIterator[bytes]) -> int:
    """Keep a table to be imported and return its id. Refuses with Forbidden who may create nothing at all."""
    if not any(actor.may(right) for right in RIGHTS.values()):
        actor.require(RIGHTS["contact"])
    return (await files.keep(db, actor, Purpose.IMPORT, title, _media_type(title), data)).id


def _media_type(title: str) -> str | None:
    return None if extension_of(title) == "xlsx" else "text/csv"


async def sample(db: Database, actor: Actor, file_id: int, dialect: Dialect, index: int) -> Sample:
    """Return a row of data (from 0; beyond the end the last one). Refuses with NotFound and Invalid."""
    dialect.checked()
    await _file(db, actor, file_id)
    return await import_tables.sample((await files.opened(db, actor, file_id))[1], dialect, index)


def worker(bounds: Bounds = FETCHED) -> Worker:
    """Return who does imports; `bounds` are those of tables that are fetched from addresses."""

    async def run_import(run: Run) -> Mapping[str, Any]:
        run.actor.require(RIGHTS[run.work.kind.removeprefix("import.")])
        order = kept(run.input["order"]) if "order" in run.input else None
        sent = (await files.opened(run.db, run.actor, await _source(run, bounds)))[1]
        async with import_tables.opened(sent, order.dialect.sheet if order else "", pause=run.check) as table:
            order = await _by_head(run, table) if order is None else order
            await _Import(run, replace(order, dialect=table.dialect(order.dialect)), table.file).go()
        await run.repeated(partial(_imported, run))
        return {name: run.cursor.get(name, 0) for name in ("imported", "skipped", "overwritten")}

    return run_import


async def _imported(run: Run) -> None:
    """Note with the record that handed the table over that it is imported, if it holds the same file still."""
    ident, kind = run.input.get("import_file_id"), IMPORT_FILE.kind
    try:
        before = await plain_store.read(run.db, run.actor, kind, ident) if ident else None
    except NotFound:
        return
    if before is not None and before.values["file_id"] == run.input["file_id"]:
        after = {**plain_records.fields_of(kind, before), "imported": True}
        await plain_records.altered(run.db, run.actor, IMPORT_FILE, before, after)


async def _by_head(run: Run, table: Table) -> Order:
    """Return the order that a table's own head gives. Refuses with Invalid one that names nobody."""
    dialect = await asyncio.to_thread(table.guessed)
    head, fields = await asyncio.to_thread(head_of, table.file, dialect), run.db.rules.fields_of("opportunity")
    names = {**{fold(one.label): f"custom.{one.id}" for one in fields}, **run.input["names"]}
    order = Order(
        subject="lead", columns=columns_of(head, names), dialect=dialect, location_id=run.input.get("location_id")
    )
    return checked(order, [(one.id, one.subject) for one in fields])


async def _source(run: Run, bounds: Bounds) -> int:
    """Return the id of the file; what an address answers with is kept as one first."""
    given = run.input.get("file_id", run.cursor.get("file_id"))
    if given is not None:
        return int(given)
    address = str(run.input["address"])
    title = address.partition("?")[0].rstrip("/").rpartition("/")[2] or "import.csv"
    return await work_files.kept(run, Purpose.IMPORT, title, _media_type(title), _fetched(address, bounds), {})


async def _fetched(address: str, bounds: Bounds) -> AsyncIterator[bytes]:
    try:
        async for piece in streamed(address, bounds):
            yield piece
    except Unfetchable as error:
        raise invalid("address", "format", str(error), address[:SHOWN_VALUE]) from None


class _Import:
    def __init__(self, run: Run, order: Order, table: IO[bytes]) -> None:
        self.run = run
        self.order = order
        self.table = table
        self.subject = SUBJECTS[order.subject]
        self.ids = Trial(run.db) if order.is_trial else Ids(run.db)

    async def go(self) -> None:
        """Take the rows in as many turns as it needs, from where the work was cut off."""
        if "turn" not in self.run.cursor:
            total = await asyncio.to_thread(_counted, self.table, self.order.dialect)
            await self.run.advance(total=total, cursor={**self.run.cursor, "turn": 0, "row": 0})
        elif self.order.is_trial and self.subject.meets:
            await self._meet_again()
        for turn in range(self.run.cursor["turn"], self.subject.turns):
            start = self.run.cursor["row"] if turn == self.run.cursor["turn"] else 0
            await self._turn(turn, rows(self.table, self.order.dialect, start), self._committed)

    async def _meet_again(self) -> None:
        """Let a trial meet again whom it had met when it was cut off; that is written down nowhere."""
        seen = self.run.cursor["turn"], self.run.cursor["row"]
        for turn in range(seen[0] + 1):
            source = rows(self.table, self.order.dialect)
            await self._turn(turn, takewhile(partial(_is_before, seen, turn), source), self._met)

    async def _turn(self, turn: int, source: Iterator[Row], take: Take) -> None:
        while (taken := await asyncio.to_thread(self._taken, source, turn)) is not None:
            chunk, last = taken
            while chunk:
                stopped = await self.run.repeated(partial(take, chunk, last, turn))
                chunk = [] if stopped is None else [row for row in chunk if row.number >= stopped]

    def _taken(self, source: Iterator[Row], turn: int) -> tuple[list[Row], int] | None:
        """Return the next rows of this turn and the number of the last one looked at; None at the end."""
        chunk: list[Row] = []
        length = last = 0
        for row in source:
            last = row.number
            if not row.is_blank and self._belongs(row, turn):
                chunk.append(row)
                length += sum(map(len, row.cells))
            if len(chunk) >= CHUNK or length >= CHUNK_LENGTH or (not chunk and last % LOOKED_AT == 0):
                break
        return (chunk, last) if last else None

    def _belongs(self, row: Row, turn: int) -> bool:
        return turn == 0 if row.problem is not None else self.subject.belongs(self.order, row, turn)

    async def _committed(self, chunk: Sequence[Row], last: int, turn: int) -> int | None:
        """Write a chunk with how far the import is then; return the number of the row it had to stop before."""
        run = self.run
        if not self.order.is_trial:
            await import_lists.complete(run, self.order, chunk)
        outcome = await self._outcome(chunk, turn)
        upto = last if outcome.stopped_before is None else outcome.stopped_before - 1
        room = max(0, PROBLEMS_KEPT - run.work.failed)
        try:
            await run.advance(
                done=run.work.done + outcome.done + outcome.skipped + outcome.overwritten,
                failed=run.work.failed + outcome.failed,
                cursor=self._cursor(turn, upto, outcome),
                problems=outcome.problems[:room],
                writes=() if self.order.is_trial else outcome.writes,
            )
            self._note(outcome)
        finally:
            self._settle(outcome)
        return outcome.stopped_before

    async def _met(self, chunk: Sequence[Row], _: int, turn: int) -> int | None:
        """Note whom a chunk meets that is done already; return the number of the row it had to stop before."""
        await self.run.check()
        outcome = await self._outcome(chunk, turn)
        self._note(outcome)
        self._settle(outcome)
        return outcome.stopped_before

    async def _outcome(self, chunk: Sequence[Row], turn: int) -> Outcome:
        step = self.subject.first if turn == 0 and self.subject.first else self.subject.step
        return await step(self.run.db, self.run.actor, self.order, chunk, self.ids)

    def _note(self, outcome: Outcome) -> None:
        if isinstance(self.ids, Trial):
            self.ids.met |= outcome.met

    def _settle(self, outcome: Outcome) -> None:
        for stage, place in outcome.places:
            self.run.db.places.settle(stage, place)

    def _cursor(self, turn: int, row: int, outcome: Outcome) -> dict[str, Any]:
        before = self.run.cursor
        counts = {"imported": outcome.done, "skipped": outcome.skipped, "overwritten": outcome.overwritten}
        summed = {name: before.get(name, 0) + count for name, count in counts.items()}
        return {**before, "turn": turn, "row": row, **summed}


def _is_before(seen: tuple[int, int], turn: int, row: Row) -> bool:
    """Tell whether a row was taken in by then: the last turn, and the number of its last row."""
    return (turn, row.number) <= seen


def _counted(table: IO[bytes], dialect: Dialect) -> int:
    found = sum(1 for row in rows(table, dialect) if not row.is_blank)
    if not found:
        raise invalid("file", "required", "has no rows")
    return found
