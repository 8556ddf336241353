"""Reading invoices: with their lines, who they go to, and what a change of one points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.errors import NotFound
from dealwright.domain.invoice import Invoice, Line, Status, Tax, priced
from dealwright.domain.text import fold
from dealwright.domain.values import instant, join
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, json_rows, stamp_column
from dealwright.storage.query import JsonArray, JsonRows, Query, any_number, listed, number, rows_json, words
from dealwright.storage.schema import contact, contact_info, invoice_item, invoice_line, opportunity, opportunity_member
from dealwright.storage.schema import invoice as i
from dealwright.storage.schema import invoice_tax as tax
from dealwright.storage.sight import (
    EVERYTHING,
    contact_visible_to,
    invoice_visible_to,
    seeing,
    sight_of,
    visible_to,
)


@dataclass(slots=True)
class SoldItem:
    """What a line sells, as its item is now; `tracked`: it has a stock that counts."""

    title: str
    sku: str | None
    tracked: bool


@dataclass(slots=True)
class FullInvoice:
    """An invoice with the cards of its contact and consignee, whoever may see the contacts themselves.

    `items` are those of its lines; the title of its deal is there only if the deal is seen. A draft's costs and taxes
    are by the taxes of now, any other's as they were when it was sent.
    """

    invoice: Invoice
    contact: Brief | None = None
    consignee: Brief | None = None
    opportunity_title: str | None = None
    items: Mapping[int, SoldItem] = field(default_factory=dict)

    @property
    def tracked(self) -> frozenset[int]:
        """The items of its lines that have a stock."""
        return frozenset(ident for ident, item in self.items.items() if item.tracked)


@dataclass(slots=True)
class Party:
    """A contact that an invoice may go to: its card and its addresses."""

    brief: Brief
    addresses: tuple[ContactInfo, ...]


@dataclass(slots=True)
class OnSale:
    """An item as a new line takes it over."""

    id: int
    title: str
    price: Decimal
    tracked: bool
    tax1_id: int | None
    tax2_id: int | None


@dataclass(slots=True)
class Wanted:
    """What a change of an invoice points at: numbers of contacts, of a deal and of items."""

    contact_id: int | None = None
    consignee_id: int | None = None
    opportunity_id: int | None = None
    items: Sequence[int] = ()


@dataclass(slots=True)
class Refs:
    """What of the wanted is there for this person, and all taxes; `takes_part` tells whom the deal is about."""

    parties: Mapping[int, Party]
    items: Mapping[int, OnSale]
    taxes: Mapping[int, Tax]
    opportunity_title: str | None
    opportunity_found: bool
    participants: frozenset[int]


_COLUMNS = tuple(name for name in Invoice.__slots__ if name not in {"rate", "cost", "lines"})
_AMOUNTS: Final = ("rate_units", "rate_nanos", "cost_units", "cost_nanos")
_WIDTH = len(_COLUMNS) + len(_AMOUNTS)
_LINE = ("id", "item_id", "tax1_id", "tax2_id", "position", "description")
LATEST: Final = 50
_decode = msgspec.json.decode


def _lines() -> ColumnElement[str]:
    first, second = tax.alias("first_tax"), tax.alias("second_tax")
    numbers = ("quantity_units", "quantity_nanos", "price_units", "price_nanos", "discount_units", "discount_nanos")
    tracked = invoice_item.c.tracked & invoice_item.c.deleted_at.is_(None)
    sold = (invoice_item.c.title, invoice_item.c.sku, tracked)
    taxes = (one.c[name] for one in (first, second) for name in ("name", "rate_units", "rate_nanos"))
    joined = (
        invoice_line.outerjoin(invoice_item, invoice_item.c.id == invoice_line.c.item_id)
        .outerjoin(first, first.c.id == invoice_line.c.tax1_id)
        .outerjoin(second, second.c.id == invoice_line.c.tax2_id)
    )
    row = JsonArray(*(invoice_line.c[name] for name in (*_LINE, *numbers)), *sold, *taxes)
    return rows_json(row, invoice_line.c.invoice_id == i.c.id, i, joined)


def _columns(sight: str) -> list[Any]:
    billed, consigned = contact.alias("billed"), contact.alias("consigned")
    deal = opportunity.alias("invoiced_deal")
    hanging = (
        select(brief_row(billed)).where(billed.c.id == i.c.contact_id),
        select(brief_row(consigned)).where(consigned.c.id == i.c.consignee_id),
        select(deal.c.title).where(deal.c.id == i.c.opportunity_id, visible_to(sight, deal)),
    )
    found = [statement.correlate(i).scalar_subquery() for statement in hanging]
    return [*(i.c[name] for name in (*_COLUMNS, *_AMOUNTS)), *found, _lines(), stamp_column().label("stamp")]


@cache
def _one(sight: str, trashed: bool) -> Query:
    return Query(select(*_columns(sight)).where(i.c.id == number("id"), invoice_visible_to(sight, trashed=trashed)))


@cache
def _by_number(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(i.c.number_fold == words("number"), invoice_visible_to(sight)))


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns(sight)).where(any_number(i.c.id, "ids"), invoice_visible_to(sight)))


def _full(row: Sequence[Any]) -> FullInvoice:
    values = dict(zip(_COLUMNS, row, strict=False))
    for name in ("created_at", "updated_at", "issued_at", "due_at"):
        values[name] = instant(values[name])
    for name in ("billing_address", "delivery_address"):
        values[name] = _decode(values[name]) if values[name] else None
    frozen = {int(key): Tax(name, Decimal(rate)) for key, (name, rate) in _decode(values["taxes"]).items()}
    values["status"], values["taxes"] = Status(values["status"]), frozen
    values["taken"] = {int(item): Decimal(amount) for item, amount in _decode(values["taken"]).items()}
    rate_units, rate_nanos, cost_units, cost_nanos = row[len(_COLUMNS) : _WIDTH]
    lines = sorted(json_rows(row[_WIDTH + 3]), key=lambda line: (line[4], line[0]))
    own = Invoice(
        **values,
        rate=join(rate_units, rate_nanos),
        cost=join(cost_units, cost_nanos),
        lines=tuple(map(_line, lines)),
    )
    if own.status is Status.DRAFT:
        own = priced(own, _taxes_of(lines))
    items = {line[1]: SoldItem(line[12], line[13], bool(line[14])) for line in lines if line[1] is not None}
    return FullInvoice(own, _brief(row[_WIDTH]), _brief(row[_WIDTH + 1]), row[_WIDTH + 2], items)


def _line(row: Sequence[Any]) -> Line:
    values = dict(zip(_LINE, row, strict=False))
    return Line(**values, quantity=join(*row[6:8]), price=join(*row[8:10]), discount=join(*row[10:12]))


def _taxes_of(lines: Sequence[Any]) -> dict[int, Tax]:
    places = [(line[which], line[at : at + 3]) for line in lines for which, at in ((2, 15), (3, 18))]
    return {one: Tax(name, join(units, nanos)) for one, (name, units, nanos) in places if one is not None}


def _brief(text: str | None) -> Brief | None:
    return brief_of(_decode(text)) if text else None


async def read(db: Database, actor: Actor, invoice_id: int, trashed: bool = False) -> FullInvoice:
    """Return an invoice, out of the trash or in it; NotFound when it is not there for this person."""
    return await _found(db, actor, await db.first(_one(sight_of(actor), trashed), id=invoice_id, **seeing(actor)))


async def read_by_number(db: Database, actor: Actor, said: str) -> FullInvoice:
    """Return the invoice of a number, case and accents aside; NotFound when it is not there for this person."""
    return await _found(db, actor, await db.first(_by_number(sight_of(actor)), number=fold(said), **seeing(actor)))


async def _found(db: Database, actor: Actor, row: Sequence[Any] | None) -> FullInvoice:
    if row is None:
        await confirm(db, actor)
        raise NotFound("invoice")
    check_stamp(actor, row[_WIDTH + 4])
    return _full(row)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullInvoice]:
    """Return the invoices that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + 4])
    found = {full.invoice.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def reread(db: Database, invoice_id: int) -> FullInvoice:
    """Return an invoice that was written just now, under whatever rules; NotFound when it is gone already."""
    row = await db.first(_one(EVERYTHING, False), id=invoice_id)
    if row is None:
        raise NotFound("invoice")
    return _full(row)


# What a change points at -------------------------------------------------------------------------------------


def _party_row() -> ColumnElement[str]:
    address = JsonArray(*(contact_info.c[name] for name in ("id", "data", "category", "is_primary")))
    addresses = rows_json(
        address, (contact_info.c.contact_id == contact.c.id) & (contact_info.c.kind == int(Info.ADDRESS)), contact
    )
    return JsonArray(brief_row(contact), addresses)


@cache
def _refs(sight: str) -> Query:
    deal, member = opportunity.alias("wanted_deal"), opportunity_member.alias("wanted_member")
    seen_deal = (deal.c.id == number("deal"), visible_to(sight, deal))
    own = select(deal.c.contact_id).where(*seen_deal, deal.c.contact_id.is_not(None))
    members = select(member.c.contact_id).join(deal, deal.c.id == member.c.opportunity_id).where(*seen_deal)
    everybody = own.union(members).subquery()
    item_row = JsonArray(
        *(invoice_item.c[name] for name in ("id", "title", "price_units", "price_nanos", "tracked")),
        *(invoice_item.c[name] for name in ("tax1_id", "tax2_id")),
    )
    parts = (
        select(JsonRows(_party_row())).where(any_number(contact.c.id, "contacts"), contact_visible_to(sight)),
        select(JsonRows(item_row)).where(any_number(invoice_item.c.id, "items"), invoice_item.c.deleted_at.is_(None)),
        select(JsonRows(JsonArray(tax.c.id, tax.c.name, tax.c.rate_units, tax.c.rate_nanos))),
        select(deal.c.title).where(*seen_deal),
        select(deal.c.id).where(*seen_deal),
        select(JsonRows(JsonArray(everybody.c.contact_id))),
    )
    columns = [part.scalar_subquery().label(f"wanted_{place}") for place, part in enumerate(parts)]
    return Query(select(stamp_column().label("stamp"), *columns))


async def refs(db: Database, actor: Actor, wanted: Wanted) -> Refs:
    """Return what a change of an invoice points at, as far as it is there for this person."""
    contacts = [one for one in (wanted.contact_id, wanted.consignee_id) if one is not None]
    given = {"contacts": listed(contacts), "items": listed(wanted.items), "deal": wanted.opportunity_id}
    row = await db.first(_refs(sight_of(actor)), **given, **seeing(actor))
    assert row is not None
    check_stamp(actor, row[0])
    parties = [_party(found) for found in json_rows(row[1])]
    return Refs(
        {party.brief.id: party for party in parties},
        {one[0]: OnSale(one[0], one[1], join(one[2], one[3]), bool(one[4]), *one[5:]) for one in json_rows(row[2])},
        {one: Tax(name, join(units, nanos)) for one, name, units, nanos in json_rows(row[3])},
        row[4],
        row[5] is not None,
        frozenset(found[0] for found in json_rows(row[6])),
    )


def _party(row: Sequence[Any]) -> Party:
    brief, addresses = row
    found = _decode(addresses) if isinstance(addresses, str) else addresses
    infos = [
        ContactInfo(id=ident, kind=Info.ADDRESS, data=data, category=category, is_primary=bool(primary))
        for ident, data, category, primary in found or ()
    ]
    return Party(brief_of(brief), tuple(sorted(infos, key=lambda one: one.id)))


_TAKEN = Query(select(i.c.number_fold).where(i.c.deleted_at.is_(None), i.c.number_fold == words("number")))
_LATEST = Query(
    select(i.c.number)
    .where(i.c.number_fold >= words("first"), i.c.number_fold < words("beyond"))
    .order_by(i.c.id.desc())
    .limit(LATEST)
)
_EXISTS = Query(select(i.c.id).where(i.c.id == number("id"), i.c.deleted_at.is_(None)))


async def is_taken(db: Database, said: str) -> bool:
    """Tell whether a living invoice has this number, whoever sees it."""
    return await db.first(_TAKEN, number=fold(said)) is not None


async def latest_numbers(db: Database, prefix: str) -> list[str]:
    """Return the numbers of the newest invoices whose numbers begin like this, the newest first, the trash included."""
    folded = fold(prefix)
    return [row[0] for row in await db.rows(_LATEST, first=folded, beyond=f"{folded}\U0010ffff")]


_OF_LINE = Query(
    select(invoice_line.c.invoice_id)
    .join(i, i.c.id == invoice_line.c.invoice_id)
    .where(invoice_line.c.id == number("line"), i.c.deleted_at.is_(None))
)


async def invoice_of_line(db: Database, line_id: int) -> int | None:
    """Return the id of the living invoice that a line stands on, whoever sees it."""
    row = await db.first(_OF_LINE, line=line_id)
    return None if row is None else int(row[0])


async def exists_for_anybody(db: Database, invoice_id: int) -> bool:
    """Tell whether an invoice is there at all: for the contracts that answer hidden and missing differently."""
    return await db.first(_EXISTS, id=invoice_id) is not None
