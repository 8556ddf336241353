"""Long work as stored: started, moved on under the guard of its version, finished, swept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from dealwright.domain.errors import NotFound
from dealwright.domain.file import Purpose
from dealwright.domain.values import instant, micros
from dealwright.domain.work import RowProblem, State, Work
from dealwright.storage.base import Database
from dealwright.storage.query import Page, Query, any_text, listed, number, words
from dealwright.storage.schema import file, work, work_problem
from dealwright.storage.writes import Change, Insert, InsertMany, Made, Remove, Write

NEW = Made("work")

_NAMES = tuple(one.name for one in fields(Work))
_JSON = frozenset({"input", "cursor", "result"})
_INSTANTS = frozenset({"created_at", "updated_at", "finished_at"})
_SELECT = select(*(work.c[name] for name in _NAMES))
_encode = msgspec.json.Encoder(decimal_format="string").encode


def _read(row: Sequence[Any]) -> Work:
    values = dict(zip(_NAMES, row, strict=True))
    for name in _JSON:
        values[name] = msgspec.json.decode(values[name])
    for name in _INSTANTS:
        values[name] = None if values[name] is None else instant(values[name])
    values["state"], values["cancelled"] = State(values["state"]), bool(values["cancelled"])
    return Work(**values)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in values.items():
        if name in _JSON:
            columns[name] = _encode(value).decode()
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
    return {name: str(value) if isinstance(value, State) else value for name, value in columns.items()}


def inserted(new: Work) -> Insert:
    """Return the write of a new work, whose id will be known as `work`."""
    values = {name: getattr(new, name) for name in _NAMES if name != "id"}
    return Insert(work, {**_stored(values), "updated_by": new.created_by}, made=NEW.name)


def moved(before: Work, values: Mapping[str, Any]) -> Change:
    """Return the guarded write of what changed in a work: nobody else moved it, nobody cancelled it."""
    guard = {"id": before.id, "version": before.version, "cancelled": False}
    return Change(work, _stored(values), guard, add={"version": 1}, expect=True)


def finished(before: Work, values: Mapping[str, Any]) -> Change:
    """Return the guarded write of the end of a work, cancelled meanwhile or not; its claim ends with it."""
    guard = {"id": before.id, "version": before.version}
    return Change(work, {**_stored(values), "claim": None}, guard, add={"version": 1}, expect=True)


def cancelled(ident: int) -> Change:
    """Return the write that asks a work to end; the version stays, so that what it is doing is not disturbed."""
    return Change(work, {"cancelled": True}, {"id": ident, "finished_at": None})


def noted(ident: int, problems: Sequence[RowProblem]) -> list[Write]:
    """Return the writes of what was wrong with rows."""
    if not problems:
        return []
    columns = ("work_id", "row", "field", "code", "message", "value")
    rows = [(ident, one.row, one.field, one.code, one.message, one.value) for one in problems]
    return [InsertMany(work_problem, columns, rows)]


_ONE = Query(_SELECT.where(work.c.id == number("id")))
_CLAIMED = Query(_SELECT.where(work.c.claim == words("claim")))
_LATEST = Query(
    _SELECT.where(work.c.kind == words("kind"), work.c.created_by == number("person"))
    .order_by(work.c.id.desc())
    .limit(1)
)
_OF_PERSON = Query(
    _SELECT.where(work.c.created_by == number("person"), work.c.id < number("before"))
    .order_by(work.c.id.desc())
    .limit(number("most"))
)
_OF_ALL = Query(_SELECT.where(work.c.id < number("before")).order_by(work.c.id.desc()).limit(number("most")))
_OPEN = Query(
    select(work.c.id)
    .where(work.c.finished_at.is_(None), any_text(work.c.kind, "kinds"))
    .order_by(work.c.id)
    .limit(number("most"))
)
_OLD = Query(
    select(work.c.id, work.c.input, work.c.cursor, work.c.result)
    .where(work.c.finished_at < number("before"))
    .order_by(work.c.id)
    .limit(number("most"))
)
_PROBLEMS = Query(
    select(
        *(work_problem.c[name] for name in ("row", "field", "code", "message", "value")),
    )
    .where(work_problem.c.work_id == number("work"))
    .order_by(work_problem.c.row, work_problem.c.id)
    .limit(number("limit"))
    .offset(number("offset"))
)


async def read(db: Database, ident: int) -> Work:
    """Return a work; NotFound."""
    row = await db.first(_ONE, id=ident)
    if row is None:
        raise NotFound("work")
    return _read(row)


async def claimed(db: Database, claim: str) -> Work | None:
    """Return the open work that holds this claim."""
    row = await db.first(_CLAIMED, claim=claim)
    return _read(row) if row is not None else None


async def latest(db: Database, kind: str, person: int) -> Work | None:
    """Return what this person started last of this kind."""
    row = await db.first(_LATEST, kind=kind, person=person)
    return _read(row) if row is not None else None


async def started_by(db: Database, person: int, before: int, most: int) -> list[Work]:
    """Return what this person started, the newest first, from below an id on."""
    return [_read(row) for row in await db.rows(_OF_PERSON, person=person, before=before, most=most)]


async def started(db: Database, before: int, most: int) -> list[Work]:
    """Return what anybody started, the newest first, from below an id on."""
    return [_read(row) for row in await db.rows(_OF_ALL, before=before, most=most)]


async def open_ids(db: Database, kinds: Sequence[str], most: int) -> list[int]:
    """Return the ids of works of these kinds that are not finished, the oldest first."""
    return [row[0] for row in await db.rows(_OPEN, kinds=listed(kinds), most=most)]


async def problems(db: Database, ident: int, page: Page) -> list[RowProblem]:
    """Return what was wrong with rows, by their numbers."""
    rows = await db.rows(_PROBLEMS, work=ident, limit=page.limit, offset=page.offset)
    names = ("row", "field", "code", "message", "value")
    return [RowProblem(**dict(zip(names, row, strict=True))) for row in rows]


async def old(db: Database, before: datetime, most: int) -> dict[int, list[int]]:
    """Return the works that were finished before this moment, each with the files it read and made."""
    rows = await db.rows(_OLD, before=micros(before), most=most)
    said = {ident: map(msgspec.json.decode, texts) for ident, *texts in rows}
    return {ident: [each["file_id"] for each in found if "file_id" in each] for ident, found in said.items()}


def swept(works: Mapping[int, Sequence[int]], at: datetime) -> list[Write]:
    """Return the writes that forget works and what was wrong with their rows; tables that came and went are trash."""
    ids, files = list(works), sorted({one for found in works.values() for one in found})
    passing = {"id": files, "purpose": [str(Purpose.IMPORT), str(Purpose.EXPORT)], "deleted_at": None}
    gone: list[Write] = [Change(file, {"deleted_at": micros(at)}, passing, add={"version": 1})] if files else []
    return [*gone, Remove(work_problem, {"work_id": ids}), Remove(work, {"id": ids})]
