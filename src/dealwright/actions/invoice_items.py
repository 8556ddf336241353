"""Deeds on items for sale: CRM administrators keep them, whoever may list invoices reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.actions.invoice_taxes import require_keeper
from dealwright.actions.rule_deeds import differing, refuse
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated, Problem, invalid
from dealwright.domain.invoice_item import ITEM_FIELDS, InvoiceItem, ItemChange, changed, item_problems
from dealwright.domain.values import UNSET
from dealwright.storage import invoice_items as store
from dealwright.storage import invoice_taxes
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import FullItem, ItemCriteria, ItemOrder
from dealwright.storage.query import Found, Page
from dealwright.storage.rules import Rules

LIST: Final = "Invoice-List"
READ: Final = "Invoice-Read"
CREATE, EDIT, DELETE = "Invoice-Create", "Invoice-Edit", "Invoice-Delete"


async def get(db: Database, actor: Actor, item_id: int) -> FullItem:
    """Return an item. Refuses with Forbidden and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, item_id)


async def find(
    db: Database,
    actor: Actor,
    criteria: ItemCriteria,
    page: Page,
    order: ItemOrder = ItemOrder.TITLE,
    descending: bool = False,
) -> Found[FullItem]:
    """Return a page of the items that match, and exactly how many there are. Refuses with Forbidden."""
    actor.require(LIST)
    return await store.find(db, actor, criteria, page, order, descending)


async def create(db: Database, actor: Actor, change: ItemChange) -> FullItem:
    """Make an item from a change that names at least its title and price, in the portal's currency unless told.

    Refuses with Forbidden and Invalid.
    """
    require_keeper(actor, CREATE)
    missing = [name for name in ("title", "price") if getattr(change, name) is UNSET]
    refuse([*(Problem(name, "required", "is a required field") for name in missing), *item_problems(change)])
    at = now()
    blank = InvoiceItem(id=0, uid=new_uid(), version=1, created_at=at, updated_at=at, created_by=actor.id)
    blank.currency = db.rules.default_currency
    item = changed(blank, change)
    item.updated_by = actor.id
    refuse(await _link_problems(db, actor, blank, item))
    event = happened(actor, at, "invoice_item", ["invoice_item.created"], None, values_of(item, ITEM_FIELDS))
    made = await written(db, [store.inserted(item), recorded(event, store.NEW)], actor)
    return await _reread(db, made[store.NEW.name])


async def change(db: Database, actor: Actor, item_id: int, change: ItemChange, version: int | None = None) -> FullItem:
    """Change an item and return it; what differs in nothing writes nothing.

    Refuses with Forbidden, NotFound, Invalid, Outdated and Conflict.
    """
    require_keeper(actor, EDIT)
    refuse(item_problems(change))

    async def deed(_: int) -> FullItem:
        before = await store.read(db, actor, item_id)
        _check_version(before.item, version)
        after = changed(before.item, change)
        refuse(await _link_problems(db, actor, before.item, after))
        names = differing(before.item, after, ITEM_FIELDS)
        if not names:
            return before
        after.updated_at, after.updated_by = now(), actor.id
        old, new = values_of(before.item, names), values_of(after, names)
        event = happened(actor, after.updated_at, "invoice_item", ["invoice_item.changed"], old, new)
        await written(db, [store.updated(after, names, before.item.version), recorded(event, item_id)], actor)
        return await _reread(db, item_id)

    async with db.turns.of("invoice_item", item_id):
        return await attempted(deed)


async def delete(db: Database, actor: Actor, item_id: int, version: int | None = None) -> FullItem:
    """Move an item to the trash and return it as it was.

    Refuses with Forbidden, NotFound, Outdated, Conflict, and Invalid "in_use" while an invoice has it.
    """
    require_keeper(actor, DELETE)

    async def deed(_: int) -> FullItem:
        before = await store.read(db, actor, item_id)
        _check_version(before.item, version)
        if before.in_use:
            raise invalid("invoices", "in_use", "invoices have this item", item_id)
        at = now()
        gone = store.trashed(replace(before.item, updated_by=actor.id), before.item.version, at)
        event = happened(actor, at, "invoice_item", ["invoice_item.deleted"])
        await written(db, [gone, recorded(event, item_id)], actor)
        return before

    async with db.turns.of("invoice_item", item_id):
        return await attempted(deed)


async def delete_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullItem]:
    """Move several items to the trash and return those that could be. Refuses with Forbidden."""
    require_keeper(actor, DELETE)
    gone = []
    for one in dict.fromkeys(ids):
        try:
            gone.append(await delete(db, actor, one))
        except (Forbidden, NotFound, Invalid):
            continue
    return gone


async def _link_problems(db: Database, actor: Actor, before: InvoiceItem, after: InvoiceItem) -> list[Problem]:
    """Return what an item points at that is not there; what stays as it was is never wrong."""
    problems = _currency_problems(db.rules, before, after)
    wanted = [name for name in ("tax1_id", "tax2_id") if getattr(after, name) not in (None, getattr(before, name))]
    if not wanted:
        return problems
    taxes = await invoice_taxes.read_all(db, actor)
    unknown = [(name, one) for name in wanted if (one := getattr(after, name)) not in taxes]
    return problems + [Problem(name, "unknown", "is no tax", one) for name, one in unknown]


def _currency_problems(rules: Rules, before: InvoiceItem, after: InvoiceItem) -> list[Problem]:
    if after.currency in (None, before.currency) or after.currency in rules.currencies:
        return []
    return [Problem("currency", "unknown", "is no currency", after.currency)]


async def _reread(db: Database, item_id: int) -> FullItem:
    """Return an item that was written just now, under whatever rules."""
    found = await store.read_many(db, None, [item_id])
    if not found:
        raise NotFound("invoice_item")
    return found[0]


def _check_version(item: InvoiceItem, version: int | None) -> None:
    if version is not None and item.version != version:
        raise Outdated(f"the item is at version {item.version}, not {version}")
