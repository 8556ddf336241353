"""Items for sale as stored: read with their taxes, found by a few criteria, written as decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final

import msgspec
from sqlalchemy import ColumnElement, Select, exists, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.invoice_item import InvoiceItem, InvoiceTax
from dealwright.domain.text import fold
from dealwright.domain.values import instant, join, micros, split
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Folded, Missing, missing_of, pages, read_places
from dealwright.storage.invoice_taxes import tax_of_json, tax_row
from dealwright.storage.keyset import Ordered, Place
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Found, Page, Query, any_number, counted, flag, listed, number, words
from dealwright.storage.schema import invoice, invoice_line, invoice_tax
from dealwright.storage.schema import invoice_item as t
from dealwright.storage.search import occurs
from dealwright.storage.writes import Change, Insert, Made, versioned

NEW: Final = Made("invoice_item")


@dataclass(slots=True)
class FullItem:
    """An item with its taxes; one on a living invoice is in use and must stay."""

    item: InvoiceItem
    tax1: InvoiceTax | None = None
    tax2: InvoiceTax | None = None
    in_use: bool = False


class ItemOrder(Enum):
    """What a list of items can be ordered by; every order ends with the id."""

    ID = "id"
    TITLE = "title_fold"
    SKU = "sku_fold"
    PRICE = "price"
    STOCK = "stock"
    CREATED = "created_at"


KEYSET_ORDERS: Final = (ItemOrder.ID, ItemOrder.TITLE, ItemOrder.CREATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCriteria(Criteria):
    """Which items; None means any. `text` is a part of the title or of the SKU, case and accents aside."""

    FOLDED: ClassVar[Folded] = {"sku": fold, "text": fold}

    ids: Sequence[int] | None = None
    tracked: bool | None = None
    sku: str | None = None
    text: str | None = None


_AMOUNTS: Final = ("price", "stock")
_COLUMNS = tuple(name for name in InvoiceItem.__slots__ if name not in _AMOUNTS)
_PAIRS = tuple(f"{name}_{part}" for name in _AMOUNTS for part in ("units", "nanos"))
_WIDTH = len(_COLUMNS) + len(_PAIRS)


def _in_use() -> ColumnElement[bool]:
    lines = (
        select(invoice_line.c.id)
        .join(invoice, invoice.c.id == invoice_line.c.invoice_id)
        .where(invoice_line.c.item_id == t.c.id, invoice.c.deleted_at.is_(None))
    )
    return exists(lines.correlate(t))


def _columns() -> list[Any]:
    taxes = [invoice_tax.alias(f"item_tax{place}") for place in (1, 2)]
    rows = [
        select(tax_row(one)).where(one.c.id == t.c[f"tax{place}_id"]).correlate(t).scalar_subquery()
        for place, one in enumerate(taxes, 1)
    ]
    own = (t.c[name] for name in (*_COLUMNS, *_PAIRS))
    return [*own, *rows, _in_use().label("in_use"), stamp_column().label("stamp")]


_MANY = Query(select(*_columns()).where(any_number(t.c.id, "ids"), t.c.deleted_at.is_(None)))


def _full(row: Sequence[Any]) -> FullItem:
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at"):
        values[name] = instant(values[name])
    values["tracked"] = bool(values["tracked"])
    price, stock = join(*row[len(_COLUMNS) :][:2]), join(*row[len(_COLUMNS) :][2:4])
    first, second = (tax_of_json(msgspec.json.decode(text)) if text else None for text in row[_WIDTH : _WIDTH + 2])
    return FullItem(InvoiceItem(**values, price=price, stock=stock), first, second, bool(row[_WIDTH + 2]))


async def read(db: Database, actor: Actor, item_id: int) -> FullItem:
    """Return an item; NotFound when there is none."""
    found = await read_many(db, actor, [item_id])
    if not found:
        await confirm(db, actor)
        raise NotFound("invoice_item")
    return found[0]


async def read_many(db: Database, actor: Actor | None, ids: Sequence[int]) -> list[FullItem]:
    """Return the items that are there, in the order of the ids; under whatever rules where nobody asks."""
    rows = await db.rows(_MANY, ids=listed(ids)) if ids else []
    if rows and actor is not None:
        check_stamp(actor, rows[0][_WIDTH + 3])
    found = {full.item.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


# Finding -----------------------------------------------------------------------------------------------------

_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(t.c.id, "ids"),
    "tracked": lambda: t.c.tracked == flag("tracked"),
    "sku": lambda: t.c.sku_fold == words("sku"),
    "text": lambda: or_(occurs(t.c.title_fold, "text"), occurs(t.c.sku_fold, "text")),
}


def _filtered(shape: tuple[str, ...]) -> Select[Any]:
    return select(t.c.id).where(t.c.deleted_at.is_(None), *(_CONDITIONS[name]() for name in shape))


@cache
def _page(shape: tuple[str, ...], order: ItemOrder, descending: bool) -> Query:
    names = (f"{order.value}_units", f"{order.value}_nanos") if order.value in _AMOUNTS else (order.value,)
    columns = [t.c[name] for name in dict.fromkeys((*names, "id"))]
    statement = _filtered(shape).order_by(*(column.desc() if descending else column for column in columns))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


@cache
def _count(shape: tuple[str, ...]) -> Query:
    return Query(counted(_filtered(shape)), heavy=True)


async def find(
    db: Database, actor: Actor, criteria: ItemCriteria, page: Page, order: ItemOrder, descending: bool
) -> Found[FullItem]:
    """Return a page of the items that match, and exactly how many there are."""
    query = _page(criteria.shape, order, descending)
    rows = await db.rows(query, **criteria.given(), page_limit=page.limit, page_offset=page.offset)
    all_there_are = page.total(len(rows))
    if all_there_are is None:
        all_there_are = await total(db, criteria)
    return Found(await read_many(db, actor, [row[0] for row in rows]), all_there_are)


async def total(db: Database, criteria: ItemCriteria) -> int:
    """Return exactly how many items match."""
    return int((await db.rows(_count(criteria.shape), **criteria.given()))[0][0])


@cache
def _places(shape: tuple[str, ...], order: ItemOrder, descending: bool, missing: Missing) -> Query:
    return pages(
        _filtered(shape), [Ordered(t.c[name], descending) for name in dict.fromkeys((order.value, "id"))], missing
    )


async def find_places(
    db: Database, criteria: ItemCriteria, order: ItemOrder, descending: bool, after: Place | None, limit: int
) -> list[Place]:
    """Return the places of the items that match and follow `after` (None: from the beginning), at most `limit`.

    `order` is one of `KEYSET_ORDERS`; `after` is a place of the very same order.
    """
    query = _places(criteria.shape, order, descending, missing_of(after))
    return await read_places(db, query, after, limit, **criteria.given())


# Writes ------------------------------------------------------------------------------------------------------


def stored(whole: InvoiceItem, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of an item."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        if name in _AMOUNTS:
            columns[f"{name}_units"], columns[f"{name}_nanos"] = split(value)
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
    for name in ("title", "sku"):
        if name in columns:
            columns[f"{name}_fold"] = fold(columns[name])
    return columns


def inserted(whole: InvoiceItem) -> Insert:
    """Return the write of a new item, whose id will be known as `invoice_item`."""
    return Insert(t, stored(whole, [name for name in InvoiceItem.__slots__ if name != "id"]), made=NEW.name)


def updated(whole: InvoiceItem, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    return versioned(t, columns, whole.id, version)


def trashed(whole: InvoiceItem, version: int, at: datetime) -> Change:
    """Return the guarded write that moves an item to the trash."""
    gone = {"deleted_at": micros(at), "updated_at": micros(at), "updated_by": whole.updated_by}
    return versioned(t, gone, whole.id, version)
