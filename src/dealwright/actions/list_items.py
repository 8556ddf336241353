"""Deeds on the lists that administrators manage: contact statuses and types, task and history categories.

The entries are read from `db.rules`; whoever has a right to the records reads the lists, CRM administrators keep them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dealwright.actions.deed import attempted, now, values_of
from dealwright.actions.rule_deeds import altered, differing, gone, made, mentioned, refuse
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, NotFound, Problem, invalid
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET, Unset
from dealwright.storage import list_items as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Item, Rules
from dealwright.storage.writes import Write

LISTS: Final = ("contact_status", "contact_type", "task_category", "history_category")
FIELDS: Final = ("list", "title", "description", "color", "image", "position")
LARGEST: Final = 2**31 - 1


@dataclass(slots=True, kw_only=True)
class ItemChange:
    """What a deed says about an entry; UNSET fields stay. A `position` of 0 means the end of the list."""

    title: str | Unset = UNSET
    description: str | Unset = UNSET
    color: str | Unset = UNSET
    image: str | Unset = UNSET
    position: int | Unset = UNSET


async def create(db: Database, actor: Actor, name: str, change: ItemChange, needs: Sequence[str] = ()) -> Item:
    """Make an entry of a list and return it; one of this title that is there already is returned as it is.

    `needs` are fields that the caller's contract wants filled beside the title. Refuses with Forbidden unless a CRM
    administrator asks, and with Invalid (title, position, texts).
    """
    _require(actor)
    new = replace(_blank(name), **mentioned(change))
    refuse([*_problems(new), *_empty(new, needs)])
    there = _titled(db.rules, name, new.title)
    if there is not None:
        return there
    last = max((item.position for item in db.rules.items_of(name)), default=0)
    new = replace(new, title=new.title.strip(), position=new.position or last + 1)
    event = made(actor, now(), "list_item", store.NEW, values_of(new, FIELDS))
    ids = await db.apply_rules([store.inserted(new), event], actor.stamp)
    return db.rules.items[ids[store.NEW.name]]


async def change(
    db: Database,
    actor: Actor,
    name: str,
    item_id: int,
    change: ItemChange,
    needs: Sequence[str] = (),
    only_unused: bool = False,
) -> Item:
    """Change an entry of a list and return it.

    `only_unused` is for the contract that lets nobody change an entry in use: Invalid "in_use", field "records".
    Otherwise refuses as `create`, with NotFound, and with Invalid "duplicate" where another one has the title.
    """
    _require(actor)
    said = mentioned(change)
    before = _found(db.rules, name, item_id)
    after = replace(before or _blank(name), **said)
    refuse([*(one for one in _problems(after) if one.field in said), *_empty(after, needs)])
    if before is None:
        raise NotFound("list item")
    if only_unused:
        await _check_unused(db, before)
    after = replace(after, title=after.title.strip())
    other = _titled(db.rules, name, after.title)
    if other is not None and other.id != item_id:
        raise invalid("title", "duplicate", "is the title of another entry", after.title)
    names = differing(before, after, FIELDS)
    if names:
        event = altered(actor, now(), "list_item", before, after, names)
        await db.apply_rules([store.updated(after, names), event], actor.stamp)
    return db.rules.items[item_id]


async def reorder(db: Database, actor: Actor, name: str, ids: Sequence[int]) -> list[Item]:
    """Give entries of a list the positions 1, 2, 3, … and return them in this order; others keep theirs.

    Refuses with Forbidden, and with NotFound when one is not there.
    """
    _require(actor)
    before = [_present(db.rules, name, one) for one in dict.fromkeys(ids)]
    at, writes = now(), list[Write]()
    for place, item in enumerate(before, 1):
        if item.position != place:
            after = replace(item, position=place)
            writes.append(store.updated(after, ["position"]))
            writes.append(altered(actor, at, "list_item", item, after, ["position"]))
    if writes:
        await db.apply_rules(writes, actor.stamp)
    return [db.rules.items[item.id] for item in before]


async def delete(db: Database, actor: Actor, name: str, item_id: int, move_to: int | None = None) -> Item:
    """Take an entry away and return it as it was; `move_to` names another one for what points at it.

    Refuses with Forbidden, NotFound, Invalid "in_use" (field "records", unless `move_to` is given), Invalid
    "not_allowed" (field "list") for the last entry, and Invalid "unknown" (field "move_to").
    """
    _require(actor)

    async def deed(_: int) -> Item:
        before = _present(db.rules, name, item_id)
        if len(db.rules.items_of(name)) == 1:
            raise invalid("list", "not_allowed", "the last entry cannot be deleted", name)
        if move_to is None:
            await _check_unused(db, before)
        elif move_to == item_id or _found(db.rules, name, move_to) is None:
            raise invalid("move_to", "unknown", "is no other entry of the list", move_to)
        event = gone(actor, now(), "list_item", item_id, values_of(before, FIELDS))
        await db.apply_rules([*store.removed(before, move_to), event], actor.stamp)
        return before

    return await attempted(deed)


async def usage(db: Database, actor: Actor, name: str) -> Mapping[int, int]:
    """Return for the entries of a list how many of the records this person sees point at each."""
    return await store.usage(db, actor, name)


async def _check_unused(db: Database, item: Item) -> None:
    if await store.is_used(db, item):
        raise invalid("records", "in_use", f"there are records with “{item.title}”", item.title)


def _require(actor: Actor) -> None:
    if not actor.is_crm_admin:
        raise Forbidden("only CRM administrators keep the lists")


def _blank(name: str) -> Item:
    if name not in LISTS:
        raise NotFound("list")
    return Item(id=0, list=name, number=None, title="", description="", color="", image="", position=0)


def _found(rules: Rules, name: str, item_id: int) -> Item | None:
    item = rules.items.get(item_id)
    return item if item is not None and item.list == name else None


def _present(rules: Rules, name: str, item_id: int) -> Item:
    item = _found(rules, name, item_id)
    if item is None:
        raise NotFound("list item")
    return item


def _titled(rules: Rules, name: str, title: str) -> Item | None:
    return next((item for item in rules.items_of(name) if fold(item.title) == fold(title)), None)


def _empty(item: Item, needs: Sequence[str]) -> list[Problem]:
    return [Problem(field, "required", "is a required field") for field in needs if not getattr(item, field)]


def _problems(item: Item) -> list[Problem]:
    texts = (text_problem(field, getattr(item, field)) for field in ("description", "color", "image"))
    problems = found(name_problem("title", item.title), *texts)
    if not 0 <= item.position <= LARGEST:
        problems.append(Problem("position", "out_of_range", f"must be from 0 to {LARGEST}", item.position))
    return problems
