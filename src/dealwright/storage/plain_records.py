"""Records with few rules of their own as stored: settings, reminders, documents, proposals, forms and webhooks.

What a kind of them holds is said once, in `plain_kinds`; here they are read and written whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.text import fold
from dealwright.domain.values import instant, join, micros, split
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, stamp_column
from dealwright.storage.query import Query, any_number, listed, number
from dealwright.storage.schema import contact
from dealwright.storage.sight import contact_visible_to, seeing, sight_of
from dealwright.storage.writes import Change, Insert, Made, Remove, Write

Visible = Callable[[str, bool], ColumnElement[bool]]
"""The condition that a record is there for somebody with a shape of sight; in the trash, or out of it."""

_STAMPS: Final = ("id", "uid", "version", "system_id", "created_at", "updated_at", "created_by", "updated_by")


@dataclass(frozen=True, eq=False, kw_only=True)
class PlainKind:
    """One kind of record: its table, who sees which, and what its fields are.

    `links` maps a field to the attribute of Rules in which its id must be found, `parents` to the table in which it
    must be alive. `mappings` are kept as JSON. `shown` are columns that are read beside the fields, by dotted path.
    """

    table: Table
    visible: Visible
    texts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    instants: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, Table] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    shown: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What events call it: its table."""
        return str(self.table.name)

    @property
    def on_contact(self) -> bool:
        """Whether it hangs on a contact."""
        return "contact_id" in self.table.c

    @property
    def has_trash(self) -> bool:
        """Whether what is deleted can come back."""
        return "deleted_at" in self.table.c

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that a deed may set."""
        plain = (*self.texts, *self.flags, *self.numbers, *self.instants, *self.amounts, *self.mappings)
        hanging = ("contact_id",) if self.on_contact else ()
        return ("system_id", *plain, *self.links, *self.parents, *self.files, *hanging)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRecord:
    """A record: its stamps, its fields by name, and the card of its contact."""

    id: int
    uid: str
    version: int
    system_id: str | None
    created_at: datetime
    updated_at: datetime
    created_by: int | None
    updated_by: int | None
    values: Mapping[str, Any]
    contact: Brief | None = None


def _columns(kind: PlainKind) -> list[Any]:
    table = kind.table
    plain = [name for name in kind.fields if name not in (*_STAMPS, *kind.amounts)]
    parts = [table.c[f"{name}_{part}"] for name in kind.amounts for part in ("units", "nanos")]
    shown = [column.label(path.replace(".", "__")) for path, column in kind.shown.items()]
    card = contact.alias("hanging_contact")
    cards = select(brief_row(card)).where(card.c.id == table.c.contact_id) if kind.on_contact else None
    hanging = [cards.correlate(table).scalar_subquery().label("card")] if cards is not None else []
    return [*(table.c[name] for name in (*_STAMPS, *plain)), *parts, *shown, *hanging, stamp_column().label("stamp")]


@cache
def _one(kind: PlainKind, sight: str, trashed: bool = False) -> Query:
    visible = kind.visible(sight, trashed)
    return Query(select(*_columns(kind)).where(kind.table.c.id == number("id"), visible))


@cache
def _many(kind: PlainKind, sight: str) -> Query:
    return Query(select(*_columns(kind)).where(any_number(kind.table.c.id, "ids"), kind.visible(sight, False)))


def _record(kind: PlainKind, query: Query, row: Sequence[Any]) -> PlainRecord:
    found = dict(zip(query.keys, row, strict=True))
    stamps = {name: found[name] for name in _STAMPS}
    stamps |= {name: instant(found[name]) for name in ("created_at", "updated_at")}
    values = {name: found[name] for name in kind.fields if name not in kind.amounts}
    values |= {name: bool(found[name]) for name in kind.flags}
    values |= {name: None if found[name] is None else instant(found[name]) for name in kind.instants}
    values |= {name: _amount(found[f"{name}_units"], found[f"{name}_nanos"]) for name in kind.amounts}
    values |= {name: msgspec.json.decode(found[name]) for name in kind.mappings}
    values |= {path: found[path.replace(".", "__")] for path in kind.shown}
    card = found.get("card")
    return PlainRecord(**stamps, values=values, contact=brief_of(msgspec.json.decode(card)) if card else None)


def _amount(units: int | None, nanos: int | None) -> Decimal | None:
    return None if units is None or nanos is None else join(units, nanos)


async def read(db: Database, actor: Actor, kind: PlainKind, ident: int, trashed: bool = False) -> PlainRecord:
    """Return a record; NotFound when it is not there for this person."""
    query = _one(kind, sight_of(actor), trashed)
    row = await db.first(query, id=ident, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound(kind.subject)
    check_stamp(actor, row[query.keys.index("stamp")])
    return _record(kind, query, row)


async def read_many(db: Database, actor: Actor, kind: PlainKind, ids: Sequence[int]) -> list[PlainRecord]:
    """Return the records that are there for this person, in the order of the ids."""
    query = _many(kind, sight_of(actor))
    rows = await db.rows(query, ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][query.keys.index("stamp")])
    found = {one.id: one for one in (_record(kind, query, row) for row in rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


# What a deed names ---------------------------------------------------------------------------------------------


@cache
def _contact(sight: str) -> Query:
    card = contact.alias("named_contact")
    found = select(brief_row(card)).where(card.c.id == number("contact"), contact_visible_to(sight, card))
    return Query(select(found.scalar_subquery().label("card"), stamp_column().label("stamp")))


async def named_contact(db: Database, actor: Actor, contact_id: int) -> Brief | None:
    """Return the card of a contact if it is there for this person."""
    row = await db.first(_contact(sight_of(actor)), contact=contact_id, **seeing(actor))
    assert row is not None
    check_stamp(actor, row[1])
    return brief_of(msgspec.json.decode(row[0])) if row[0] else None


@cache
def _alive(table: Table) -> Query:
    return Query(select(table.c.id).where(table.c.id == number("id"), table.c.deleted_at.is_(None)))


async def is_alive(db: Database, table: Table, ident: int) -> bool:
    """Tell whether a record is there, out of the trash."""
    return await db.first(_alive(table), id=ident) is not None


# Writes --------------------------------------------------------------------------------------------------------


def stored(kind: PlainKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that hold these fields of a record."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        if name in kind.amounts:
            columns[f"{name}_units"], columns[f"{name}_nanos"] = (None, None) if value is None else split(value)
        elif name in kind.mappings:
            columns[name] = msgspec.json.encode(value).decode()
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
        if f"{name}_fold" in kind.table.c:
            columns[f"{name}_fold"] = fold(value)
    return columns


def made(kind: PlainKind) -> Made:
    """Return the id that the record of `inserted` will get."""
    return Made(kind.subject)


def inserted(kind: PlainKind, stamps: Mapping[str, Any], values: Mapping[str, Any]) -> Insert:
    """Return the write of a new record; `stamps` are the columns with which every record begins."""
    return Insert(kind.table, {**stamps, **stored(kind, values)}, made=kind.subject)


def updated(kind: PlainKind, before: PlainRecord, stamps: Mapping[str, Any], values: Mapping[str, Any]) -> Change:
    """Return the guarded write of the fields that differ."""
    where = {"id": before.id, "version": before.version}
    return Change(kind.table, {**stamps, **stored(kind, values)}, where, add={"version": 1}, expect=True)


def gone(kind: PlainKind, before: PlainRecord, stamps: Mapping[str, Any], at: datetime) -> Write:
    """Return the write that moves a record to the trash, or takes it away for good where there is none."""
    if kind.has_trash:
        return updated(kind, before, {**stamps, "deleted_at": micros(at)}, {})
    return Remove(kind.table, {"id": before.id})


def returned(kind: PlainKind, before: PlainRecord, stamps: Mapping[str, Any]) -> Change:
    """Return the write that takes a record back from the trash."""
    return updated(kind, before, {**stamps, "deleted_at": None}, {})
