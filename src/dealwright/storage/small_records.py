"""The small records of a portal as rows: how their fields become columns, and who points at them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Table, func, select

from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, number
from dealwright.storage.schema import canned_response, kind, opportunity, reminder, task_item, task_list
from dealwright.storage.writes import Change, Insert, Remove, Write


def column(value: Any) -> Any:
    """Return a field's value as it is stored: instants as numbers, names as theirs, lists and mappings as JSON."""
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list, Mapping)):
        return json.dumps(list(value) if not isinstance(value, Mapping) else dict(value))
    return value


def columns_of(record: object, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a record."""
    return {name: column(getattr(record, name)) for name in names}


def inserted(table: Table, values: Mapping[str, Any]) -> Insert:
    """Return the write of a new record, whose id will be known by the table's name."""
    return Insert(table, {name: column(value) for name, value in values.items()}, made=table.name)


def changed(table: Table, ident: int, values: Mapping[str, Any]) -> Change:
    """Return the write of some columns of a record."""
    return Change(table, {name: column(value) for name, value in values.items()}, {"id": ident})


def removed(table: Table, ident: int) -> Remove:
    """Return the write that takes a record away for good."""
    return Remove(table, {"id": ident})


@dataclass(frozen=True, slots=True)
class SmallRecord:
    """One kind of small record: its table, the attribute of Rules that holds it, and what its fields are.

    All have a name. `links` maps a field to the attribute of Rules in which its id must be found.
    """

    table: Table
    held_in: str
    texts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that a deed may set."""
        return ("name", *self.texts, *self.flags, *self.numbers, *self.mappings, *self.links)


_AT_LOCATION: Final = {"location_id": "locations"}
KIND: Final = SmallRecord(kind, "kinds", ("notes_template", "system_id"), links=_AT_LOCATION)
CANNED_RESPONSE: Final = SmallRecord(
    canned_response, "canned_responses", ("subject", "message", "system_id"), links=_AT_LOCATION
)
TASK_LIST: Final = SmallRecord(
    task_list, "task_lists", ("system_id",), ("active",), mappings=("extra",), links=_AT_LOCATION
)
TASK_ITEM: Final = SmallRecord(
    task_item,
    "task_items",
    ("system_id",),
    flags=("active", "notify", "display_to_everyone"),
    numbers=("delay_hours",),
    links={"task_list_id": "task_lists", "responsible_id": "users"},
)

_OF_KIND = Query(
    select(func.count())
    .select_from(opportunity)
    .where(opportunity.c.kind_id == number("kind"), opportunity.c.deleted_at.is_(None)),
    heavy=True,
)


async def deals_of_kind(db: Database, kind_id: int) -> int:
    """Return how many living deals are of an opportunity type."""
    row = await db.first(_OF_KIND, kind=kind_id)
    assert row is not None
    return int(row[0])


def canned_response_removed(ident: int) -> list[Write]:
    """Return the writes that take a canned response away; reminders forget it."""
    freed = Change(reminder, {"canned_response_id": None}, {"canned_response_id": ident})
    return [freed, removed(canned_response, ident)]


def kind_removed(kind_id: int) -> list[Write]:
    """Return the writes that take an opportunity type away; deals in the trash (they have no place) forget it."""
    freed = Change(opportunity, {"kind_id": None}, {"kind_id": kind_id, "position": None})
    return [freed, removed(kind, kind_id)]
