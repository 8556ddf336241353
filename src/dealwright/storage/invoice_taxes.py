"""Taxes as stored: few, read all at once, really deleted when nothing alive uses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.invoice_item import InvoiceTax
from dealwright.domain.text import fold
from dealwright.domain.values import instant, join, micros, split
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import JsonArray, Query
from dealwright.storage.schema import invoice, invoice_item, invoice_line
from dealwright.storage.schema import invoice_tax as t
from dealwright.storage.writes import Insert, Made, Remove, Sweep, Write, versioned

NEW: Final = Made("invoice_tax")
_COLUMNS = tuple(name for name in InvoiceTax.__slots__ if name != "rate")
_STORED: Final = (*_COLUMNS, "rate_units", "rate_nanos")


def tax_row(table: Any = t) -> ColumnElement[str]:
    """Return a tax as one JSON row, for `tax_of_json`."""
    return JsonArray(*(table.c[name] for name in _STORED))


def tax_of_json(row: Sequence[Any]) -> InvoiceTax:
    """Return a tax from its stored columns."""
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at"):
        values[name] = instant(values[name])
    return InvoiceTax(**values, rate=join(*row[len(_COLUMNS) :][:2]))


def _used() -> ColumnElement[bool]:
    lines = (
        select(invoice_line.c.id)
        .join(invoice, invoice.c.id == invoice_line.c.invoice_id)
        .where(or_(invoice_line.c.tax1_id == t.c.id, invoice_line.c.tax2_id == t.c.id), invoice.c.deleted_at.is_(None))
    )
    items = select(invoice_item.c.id).where(
        or_(invoice_item.c.tax1_id == t.c.id, invoice_item.c.tax2_id == t.c.id), invoice_item.c.deleted_at.is_(None)
    )
    return or_(exists(lines.correlate(t)), exists(items.correlate(t)))


_ALL = Query(
    select(*(t.c[name] for name in _STORED), _used().label("used"), stamp_column().label("stamp")).order_by(
        t.c.name_fold, t.c.id
    )
)


async def read_all(db: Database, actor: Actor | None) -> dict[int, tuple[InvoiceTax, bool]]:
    """Return all taxes by name, each with whether anything alive uses it; under whatever rules where nobody asks."""
    rows = await db.rows(_ALL)
    if actor is not None and rows:
        check_stamp(actor, rows[0][len(_STORED) + 1])
    elif actor is not None:
        await confirm(db, actor)
    return {row[0]: (tax_of_json(row), bool(row[len(_STORED)])) for row in rows}


def stored(whole: InvoiceTax, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a tax."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        if name == "rate":
            columns["rate_units"], columns["rate_nanos"] = split(value)
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
    if "name" in columns:
        columns["name_fold"] = fold(whole.name)
    return columns


def inserted(whole: InvoiceTax) -> Insert:
    """Return the write of a new tax, whose id will be known as `invoice_tax`."""
    return Insert(t, stored(whole, [name for name in InvoiceTax.__slots__ if name != "id"]), made=NEW.name)


# A draft comes to something else with its taxes, so it counts their changes.
_COUNTED: Final = """UPDATE invoice SET version = version + 1 WHERE status = 1 AND id IN
    (SELECT invoice_id FROM invoice_line WHERE tax1_id = :id OR tax2_id = :id)"""


def updated(whole: InvoiceTax, names: Sequence[str], version: int) -> list[Write]:
    """Return the guarded writes of the fields that differ; the drafts that have the tax count the change."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    own = versioned(t, columns, whole.id, version)
    return [own, Sweep([_COUNTED], [f"drafts_counted AS ({_COUNTED} AND {{guard}})"], {"id": whole.id})]


# What lies in the trash lets go of the tax; what is alive holds it, so that its row cannot be deleted.
_LET_GO: Final = {
    "lines_let_go": """UPDATE invoice_line SET tax1_id = NULLIF(tax1_id, :id), tax2_id = NULLIF(tax2_id, :id)
        WHERE (tax1_id = :id OR tax2_id = :id)
        AND invoice_id IN (SELECT id FROM invoice WHERE deleted_at IS NOT NULL)""",
    "items_let_go": """UPDATE invoice_item SET tax1_id = NULLIF(tax1_id, :id), tax2_id = NULLIF(tax2_id, :id)
        WHERE (tax1_id = :id OR tax2_id = :id) AND deleted_at IS NOT NULL""",
}


def removed(whole: InvoiceTax) -> list[Write]:
    """Return the writes that delete a tax; Missing when anything alive uses it."""
    parts = [f"{name} AS ({text} AND {{guard}})" for name, text in _LET_GO.items()]
    return [Sweep(list(_LET_GO.values()), parts, {"id": whole.id}), Remove(t, {"id": whole.id})]
