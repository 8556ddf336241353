"""Entries of managed lists as rows: how often each is used, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.text import fold
from dealwright.storage.custom_fields import counted_up
from dealwright.storage.database import Database
from dealwright.storage.file_sight import note_visible_to
from dealwright.storage.query import Query, number
from dealwright.storage.rules import Item
from dealwright.storage.schema import contact, list_item, note, task, task_template, task_template_container
from dealwright.storage.sight import contact_visible_to, seeing, sight_of, task_visible_to
from dealwright.storage.writes import Change, Insert, Made, Remove, Write

NEW: Final = Made("list_item")
# Which records point at the entries of a list: their table, the column, and who sees them.
_USERS: Final[Mapping[str, tuple[Table, str, Callable[[str], ColumnElement[bool]]]]] = {
    "contact_status": (contact, "status_id", contact_visible_to),
    "contact_type": (contact, "type_id", contact_visible_to),
    "task_category": (task, "category_id", task_visible_to),
    "history_category": (note, "category_id", note_visible_to),
}


@cache
def _usage(name: str, sight: str) -> Query:
    table, column, visible = _USERS[name]
    chosen = (table.c[column].is_not(None), visible(sight))
    return Query(select(table.c[column], func.count()).where(*chosen).group_by(table.c[column]), heavy=True)


async def usage(db: Database, actor: Actor, name: str) -> Mapping[int, int]:
    """Return for the entries of a list how many of the records this person sees point at each; unused are left out."""
    if name not in _USERS:
        return {}
    return {item: int(count) for item, count in await db.rows(_usage(name, sight_of(actor)), **seeing(actor))}


@cache
def _in_use(name: str) -> Query:
    table, column, _ = _USERS[name]
    living = (table.c[column] == number("item"), table.c.deleted_at.is_(None))
    return Query(select(table.c.id).where(*living).limit(1), heavy=True)


async def is_used(db: Database, item: Item) -> bool:
    """Tell whether any living record points at an entry, whoever may see it."""
    return item.list in _USERS and await db.first(_in_use(item.list), item=item.id) is not None


def inserted(item: Item) -> Insert:
    """Return the write of a new entry, whose id will be known as `list_item`."""
    columns = {name: getattr(item, name) for name in Item.__slots__ if name != "id"}
    return Insert(list_item, {**columns, "title_fold": fold(item.title)}, made=NEW.name)


def updated(item: Item, names: list[str]) -> Change:
    """Return the write of the fields that differ."""
    columns: dict[str, Any] = {name: getattr(item, name) for name in names}
    if "title" in columns:
        columns["title_fold"] = fold(item.title)
    return Change(list_item, columns, {"id": item.id})


def removed(item: Item, move_to: int | None) -> list[Write]:
    """Return the writes that take an entry away; what pointed at it points at another one, or at none."""
    gone: list[Write] = [Remove(list_item, {"id": item.id})]
    if item.list == "task_category":
        gone = [*_templates_moved(item.id, move_to), *gone]
    if item.list not in _USERS:
        return gone
    table, column, _ = _USERS[item.list]
    return [Change(table, {column: move_to}, {column: item.id}, add={"version": 1}), *gone]


def _templates_moved(category_id: int, move_to: int | None) -> list[Write]:
    """Return the writes that give the tasks of templates another category; every template counts a new version."""
    templates = "SELECT container_id FROM task_template WHERE category_id = CAST(:category AS bigint)"
    moved = Change(task_template, {"category_id": move_to}, {"category_id": category_id})
    return [counted_up(task_template_container, templates, {"category": category_id}), moved]
