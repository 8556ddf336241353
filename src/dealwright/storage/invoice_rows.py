"""The writes of an invoice: its row, its lines, what its sending does to the stock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from dealwright.domain.invoice import Invoice, Line
from dealwright.domain.text import fold
from dealwright.domain.values import micros, split
from dealwright.storage.schema import contact, invoice, invoice_line
from dealwright.storage.writes import Change, Insert, InsertMany, Made, Remove, Sweep, Write, versioned

NEW: Final = Made("invoice")
_AMOUNTS: Final = {"rate", "cost"}
_JSON: Final = {"billing_address", "delivery_address"}
_LINE: Final = ("item_id", "tax1_id", "tax2_id", "position", "description")


def stored(whole: Invoice, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of an invoice."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        if name in _AMOUNTS:
            columns[f"{name}_units"], columns[f"{name}_nanos"] = split(value)
        elif name in _JSON:
            columns[name] = None if value is None else json.dumps(dict(value), ensure_ascii=False)
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
    if "status" in columns:
        columns["status"] = int(whole.status)
    if "number" in columns:
        columns["number_fold"] = fold(whole.number)
    if "taken" in columns:
        columns["taken"] = json.dumps({str(item): str(amount) for item, amount in whole.taken.items()})
    if "taxes" in columns:
        columns["taxes"] = json.dumps({str(one): [tax.name, str(tax.rate)] for one, tax in whole.taxes.items()})
    return columns


def inserted(whole: Invoice) -> list[Write]:
    """Return the writes of a new invoice with its lines, whose id will be known as `invoice`.

    They hold only if its contact is alive; the contact counts the change, so that it is not deleted beside.
    """
    columns = stored(whole, [name for name in Invoice.__slots__ if name not in {"id", "lines"}])
    alive = Change(contact, {}, {"id": whole.contact_id, "deleted_at": None}, add={"version": 1}, expect=True)
    consigned = _counted([whole.consignee_id] if whole.consignee_id != whole.contact_id else [])
    return [alive, Insert(invoice, columns, made=NEW.name), *_lines_inserted(NEW, whole.lines), *consigned]


def updated(whole: Invoice, names: Sequence[str], version: int) -> Change:
    """Return the guarded write of the fields that differ."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    return versioned(invoice, columns, whole.id, version)


def turned_to(before: Invoice, after: Invoice) -> list[Write]:
    """Return the writes by which contacts that an invoice newly goes to count the change."""
    known = {before.contact_id, before.consignee_id}
    return _counted(one for one in (after.contact_id, after.consignee_id) if one not in known)


def _counted(contacts: Iterable[int | None]) -> list[Write]:
    ids = sorted({one for one in contacts if one is not None})
    return [Change(contact, {}, {"id": ids}, add={"version": 1})] if ids else []


def trashed(whole: Invoice, version: int, at: datetime) -> Change:
    """Return the guarded write that moves an invoice to the trash."""
    return _moved(whole, version, micros(at), at)


def restored(whole: Invoice, version: int, at: datetime) -> Change:
    """Return the guarded write that takes an invoice back from the trash."""
    return _moved(whole, version, None, at)


def _moved(whole: Invoice, version: int, deleted_at: int | None, at: datetime) -> Change:
    columns = {"deleted_at": deleted_at, "updated_at": micros(at), "updated_by": whole.updated_by}
    columns |= stored(whole, ["taken"])
    return versioned(invoice, columns, whole.id, version)


def illustrated(whole: Invoice, file_id: int) -> Change:
    """Return the write that keeps an invoice's file, if nobody has kept another one; it is no change of the invoice."""
    return Change(invoice, {"file_id": file_id}, {"id": whole.id, "file_id": whole.file_id}, expect=True)


def lined(whole: Invoice, before: Sequence[Line], after: Sequence[Line]) -> list[Write]:
    """Return the writes that make the lines of an invoice what they are afterwards; those without an id are new."""
    known = {line.id: line for line in before}
    writes: list[Write] = []
    if gone := sorted(set(known) - {line.id for line in after}):
        writes.append(Remove(invoice_line, {"invoice_id": whole.id, "id": gone}))
    differing = [line for line in after if line.id and line != known[line.id]]
    writes += [Change(invoice_line, _line(line), {"id": line.id, "invoice_id": whole.id}) for line in differing]
    return [*writes, *_lines_inserted(whole.id, [line for line in after if not line.id])]


def _lines_inserted(ident: int | Made, lines: Sequence[Line]) -> list[Write]:
    if not lines:
        return []
    rows = [{"invoice_id": ident, **_line(line)} for line in lines]
    return [InsertMany(invoice_line, tuple(rows[0]), [tuple(row.values()) for row in rows])]


def _line(line: Line) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(line, name) for name in _LINE}
    for name in ("quantity", "price", "discount"):
        columns[f"{name}_units"], columns[f"{name}_nanos"] = split(getattr(line, name))
    return columns


# The stock is moved by what is added to it, never set: two invoices that sell the same item never lose a count. The
# rows are locked in the order of their ids, so that two such moves wait for each other instead of dying together.
_MOVED = """stock_units = invoice_item.stock_units + m.units + (invoice_item.stock_nanos + m.nanos) / 1000000000,
    stock_nanos = (invoice_item.stock_nanos + m.nanos) % 1000000000, version = version + 1,
    updated_at = CAST(:at AS BIGINT), updated_by = CAST(:actor AS BIGINT)"""
_STOCKED_SQLITE = f"""UPDATE invoice_item SET {_MOVED} FROM (SELECT json_extract(value, '$[0]') AS id,
    json_extract(value, '$[1]') AS units, json_extract(value, '$[2]') AS nanos FROM json_each(:moves)) AS m
    WHERE invoice_item.id = m.id"""
_STOCKED_POSTGRES = (
    """stock_moves AS (SELECT CAST(x->>0 AS BIGINT) AS id, CAST(x->>1 AS BIGINT) AS units,
    CAST(x->>2 AS BIGINT) AS nanos FROM json_array_elements(CAST(:moves AS JSON)) AS x)""",
    """stock_locked AS MATERIALIZED (SELECT id FROM invoice_item WHERE {guard}
    AND id IN (SELECT id FROM stock_moves) ORDER BY id FOR UPDATE)""",
    f"""stock_moved AS (UPDATE invoice_item SET {_MOVED} FROM stock_moves AS m
    WHERE invoice_item.id = m.id AND m.id IN (SELECT id FROM stock_locked) AND {{guard}})""",
)


def stocked(moves: Mapping[int, Decimal], actor_id: int | None, at: datetime) -> list[Write]:
    """Return the write that adds these amounts (below 0: takes them) to the stock of items."""
    if not moves:
        return []
    rows = json.dumps([[item, *split(amount)] for item, amount in sorted(moves.items())])
    return [Sweep([_STOCKED_SQLITE], _STOCKED_POSTGRES, {"moves": rows, "at": micros(at), "actor": actor_id})]
