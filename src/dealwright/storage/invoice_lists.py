"""Finding invoices: one set of criteria for every face, whole pages and keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.invoices import FullInvoice, read_many
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.query import Found, Page, Query, any_number, counted, listed, number, words
from dealwright.storage.schema import contact
from dealwright.storage.schema import invoice as i
from dealwright.storage.search import occurs
from dealwright.storage.sight import invoice_visible_to, seeing, sight_of


class InvoiceOrder(Enum):
    """What a list of invoices can be ordered by; every order ends with the id."""

    ID = "id"
    NUMBER = "number_fold"
    ISSUED = "issued_at"
    DUE = "due_at"
    STATUS = "status"
    CONTACT = "contact"


KEYSET_ORDERS: Final = (InvoiceOrder.ID, InvoiceOrder.NUMBER, InvoiceOrder.ISSUED, InvoiceOrder.DUE)
"""The orders that have an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCriteria:
    """Which invoices; None means any. All bounds are inclusive.

    `text` is a part of the number or of the contact's name, case and accents aside.
    """

    ids: Sequence[int] | None = None
    statuses: Sequence[int] | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    currency: str | None = None
    issued_from: datetime | None = None
    issued_to: datetime | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    text: str | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of the criteria that are set: with the order, the shape of the query."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def given(self) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        values = {name: getattr(self, name) for name in self.shape}
        values = {name: micros(one) if isinstance(one, datetime) else one for name, one in values.items()}
        for name in ("ids", "statuses"):
            if name in values:
                values[name] = listed(values[name])
        if self.text is not None:
            values["text"] = fold(self.text)
        return values


def _named() -> Any:
    named = select(contact.c.id).where(contact.c.id == i.c.contact_id, occurs(contact.c.display_fold, "text"))
    return or_(occurs(i.c.number_fold, "text"), named.correlate(i).exists())


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(i.c.id, "ids"),
    "statuses": lambda: any_number(i.c.status, "statuses"),
    "contact_id": lambda: i.c.contact_id == number("contact_id"),
    "opportunity_id": lambda: i.c.opportunity_id == number("opportunity_id"),
    "currency": lambda: i.c.currency == words("currency"),
    "issued_from": lambda: i.c.issued_at >= number("issued_from"),
    "issued_to": lambda: i.c.issued_at <= number("issued_to"),
    "due_from": lambda: i.c.due_at >= number("due_from"),
    "due_to": lambda: i.c.due_at <= number("due_to"),
    "text": _named,
}


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(i.c.id).where(invoice_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


def _columns(order: InvoiceOrder) -> list[Any]:
    if order is InvoiceOrder.CONTACT:
        name = select(contact.c.display_fold).where(contact.c.id == i.c.contact_id)
        return [name.correlate(i).scalar_subquery(), i.c.id]
    return list(dict.fromkeys((i.c[order.value], i.c.id)))


@cache
def _page(sight: str, shape: tuple[str, ...], order: InvoiceOrder, descending: bool) -> Query:
    columns = [column.desc() if descending else column.asc() for column in _columns(order)]
    statement = _filtered(sight, shape).order_by(*columns)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


@cache
def _count(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(counted(_filtered(sight, shape)), heavy=True)


async def find(
    db: Database, actor: Actor, criteria: InvoiceCriteria, page: Page, order: InvoiceOrder, descending: bool
) -> Found[FullInvoice]:
    """Return a page of the invoices that match and are there for this person, and exactly how many there are."""
    given = {**criteria.given(), **seeing(actor)}
    query = _page(sight_of(actor), criteria.shape, order, descending)
    ids = [row[0] for row in await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)]
    all_there_are = page.total(len(ids))
    if all_there_are is None:
        all_there_are = await total(db, actor, criteria)
    return Found(await read_many(db, actor, ids), all_there_are)


async def total(db: Database, actor: Actor, criteria: InvoiceCriteria) -> int:
    """Return exactly how many invoices match and are there for this person."""
    rows = await db.rows(_count(sight_of(actor), criteria.shape), **criteria.given(), **seeing(actor))
    return int(rows[0][0])


def _keys(order: InvoiceOrder, descending: bool) -> list[Ordered]:
    return [Ordered(i.c[name], descending) for name in dict.fromkeys((order.value, "id"))]


@cache
def _first(sight: str, shape: tuple[str, ...], order: InvoiceOrder, descending: bool) -> Query:
    return Query(first_page(_filtered(sight, shape), _keys(order, descending)), heavy=True)


@cache
def _following(sight: str, shape: tuple[str, ...], order: InvoiceOrder, descending: bool) -> Query:
    keys = _keys(order, descending)
    return Query(next_page(_filtered(sight, shape), keys, (False,) * len(keys)), heavy=True)


async def find_places(
    db: Database,
    actor: Actor,
    criteria: InvoiceCriteria,
    order: InvoiceOrder,
    descending: bool,
    after: Place | None,
    limit: int,
) -> list[Place]:
    """Return the places of the invoices that match and follow `after` (None: from the beginning), at most `limit`.

    `order` is one of `KEYSET_ORDERS`; `after` is a place of the very same order.
    """
    make = _first if after is None else _following
    query = make(sight_of(actor), criteria.shape, order, descending)
    given = {**criteria.given(), **seeing(actor), **placed(after or ())}
    return [tuple(row) for row in await db.rows(query, **given, page_limit=limit)]
