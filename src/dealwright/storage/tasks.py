"""Tasks as stored: read with what they hang on, written as decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import exists, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.task import Task
from dealwright.domain.text import fold
from dealwright.domain.values import instant, micros
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, any_number, listed, number, words
from dealwright.storage.schema import case, contact, opportunity
from dealwright.storage.schema import task as t
from dealwright.storage.sight import case_visible_to, contact_visible_to, seeing, sight_of, task_visible_to, visible_to
from dealwright.storage.writes import Change, Insert, Write, versioned


@dataclass(slots=True)
class FullTask:
    """A task with the card of its contact, whoever may see the contact itself, and titles of deal and case if seen."""

    task: Task
    contact: Brief | None = None
    opportunity_title: str | None = None
    case_title: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What a change of a task says that it hangs on, by id; None where nothing is said."""

    contact: int | None = None
    deal: int | None = None
    case: int | None = None


@dataclass(slots=True)
class Loaded:
    """A task as a change needs it: beside the task the records that the change names, if they are seen."""

    full: FullTask
    contact: Brief | None
    opportunity_id: int | None
    opportunity_title: str | None
    case_id: int | None
    case_title: str | None


_COLUMNS = tuple(Task.__slots__)
_WIDTH = len(_COLUMNS)
_STAMP = _WIDTH + 3
_TIMES = ("created_at", "updated_at", "deadline")
_FLAGS = ("closed", "notify", "display_to_everyone", "reminded")
_NEVER = instant(0)


def _columns(sight: str) -> list[Any]:
    card, deal, about = contact.alias("task_contact"), opportunity.alias("task_deal"), case.alias("task_case")
    on_contact = select(brief_row(card)).where(card.c.id == t.c.contact_id, card.c.deleted_at.is_(None))
    on_deal = select(deal.c.title).where(deal.c.id == t.c.opportunity_id, visible_to(sight, deal))
    on_case = select(about.c.title).where(about.c.id == t.c.case_id, case_visible_to(sight, about))
    hanging = [statement.correlate(t).scalar_subquery() for statement in (on_contact, on_deal, on_case)]
    return [*(t.c[name] for name in _COLUMNS), *hanging, stamp_column().label("stamp")]


def _named(sight: str) -> list[Any]:
    card, deal, about = contact.alias("named_contact"), opportunity.alias("named_deal"), case.alias("named_case")
    seen = select(brief_row(card)).where(card.c.id == number("contact"), contact_visible_to(sight, card))
    one = (deal.c.id == number("deal"), visible_to(sight, deal))
    that = (about.c.id == number("case"), case_visible_to(sight, about))
    of_deal = (select(deal.c.id).where(*one), select(deal.c.title).where(*one))
    parts = (seen, *of_deal, select(about.c.id).where(*that), select(about.c.title).where(*that))
    return [part.scalar_subquery().label(f"named_{place}") for place, part in enumerate(parts)]


@cache
def _one(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(t.c.id == number("id"), task_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(any_number(t.c.id, "ids"), task_visible_to(sight)))


@cache
def _for_change(sight: str) -> Query:
    return Query(select(*_columns(sight), *_named(sight)).where(t.c.id == number("id"), task_visible_to(sight)))


@cache
def _for_creation(sight: str) -> Query:
    return Query(select(stamp_column().label("stamp"), *_named(sight)))


def _task(row: Sequence[Any]) -> Task:
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in _TIMES:
        values[name] = None if values[name] is None else instant(values[name])
    for name in _FLAGS:
        values[name] = bool(values[name])
    return Task(**values)


def _full(row: Sequence[Any]) -> FullTask:
    return FullTask(_task(row), _brief(row[_WIDTH]), *row[_WIDTH + 1 : _STAMP])


def _brief(text: str | None) -> Brief | None:
    return brief_of(msgspec.json.decode(text)) if text else None


async def read(db: Database, actor: Actor, task_id: int) -> FullTask:
    """Return a task; NotFound when it is not there for this person."""
    row = await db.first(_one(sight_of(actor)), id=task_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("task")
    check_stamp(actor, row[_STAMP])
    return _full(row)


@cache
def _trashed(sight: str) -> Query:
    parents = ((contact, "contact_id"), (opportunity, "opportunity_id"), (case, "case_id"))
    gone = [exists(select(one.c.id).where(one.c.id == t.c[key], one.c.deleted_at.is_not(None))) for one, key in parents]
    hangs = or_(*(one.correlate(t) for one in gone)).label("hangs_on_trash")
    there = (t.c.id == number("id"), task_visible_to(sight, trashed=True))
    return Query(select(*_columns(sight), hangs).where(*there))


async def read_trashed(db: Database, actor: Actor, task_id: int) -> tuple[FullTask, bool]:
    """Return a task in the trash, and whether what it hangs on is there too; NotFound when it is not there."""
    row = await db.first(_trashed(sight_of(actor)), id=task_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("task")
    check_stamp(actor, row[_STAMP])
    return _full(row), bool(row[_STAMP + 1])


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullTask]:
    """Return the tasks that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_STAMP])
    found = {full.task.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def load(db: Database, actor: Actor, task_id: int, named: Named) -> Loaded:
    """Return a task with the records that a change of it names; NotFound when it is not there."""
    query = _for_change(sight_of(actor))
    row = await db.first(query, id=task_id, **_given(named), **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("task")
    check_stamp(actor, row[_STAMP])
    card, *others = row[_STAMP + 1 :]
    return Loaded(_full(row), _brief(card), *others)


def _given(named: Named) -> dict[str, int | None]:
    return {"contact": named.contact, "deal": named.deal, "case": named.case}


async def prepare(db: Database, actor: Actor, named: Named) -> Loaded:
    """Return what the creation of a task names; its task holds nothing yet."""
    row = await db.first(_for_creation(sight_of(actor)), **_given(named), **seeing(actor))
    assert row is not None
    check_stamp(actor, row[0])
    blank = Task(id=0, uid="", version=1, created_at=_NEVER, updated_at=_NEVER)
    return Loaded(FullTask(blank), _brief(row[1]), *row[2:])


_BY_UID = Query(select(*(t.c[name] for name in _COLUMNS)).where(t.c.uid == words("uid"), t.c.deleted_at.is_(None)))


async def read_by_uid(db: Database, uid: str) -> Task | None:
    """Return a task whoever may see it, for what the house itself does; None where there is none."""
    row = await db.first(_BY_UID, uid=uid)
    return None if row is None else _task(row)


_EXISTS = Query(select(t.c.id).where(t.c.id == number("id"), t.c.deleted_at.is_(None)))


async def exists_for_anybody(db: Database, task_id: int) -> bool:
    """Tell whether a task is there at all: for the contracts that answer hidden and missing differently."""
    return await db.first(_EXISTS, id=task_id) is not None


# Writes ------------------------------------------------------------------------------------------------------


def stored(whole: Task, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a task."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "title" in columns:
        columns["title_fold"] = fold(whole.title)
    return columns


def inserted(whole: Task, made: str) -> Insert:
    """Return the write of a new task, whose id will be known by the name `made`."""
    return Insert(t, stored(whole, [name for name in _COLUMNS if name != "id"]), made=made)


def updated(whole: Task, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    return versioned(t, columns, whole.id, version)


def trashed(whole: Task, version: int, at: datetime) -> Write:
    """Return the write that moves a task to the trash."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": whole.updated_by}
    return versioned(t, gone, whole.id, version)


def returned(whole: Task, version: int, at: datetime) -> Write:
    """Return the write that takes a task back from the trash."""
    back = {"deleted_at": None, "updated_at": micros(at), "updated_by": whole.updated_by}
    return versioned(t, back, whole.id, version)
