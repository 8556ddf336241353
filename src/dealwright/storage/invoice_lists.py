"""Finding invoices: one set of criteria for every face, whole pages and keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Select, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.text import fold
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Finder, Folded
from dealwright.storage.invoices import FullInvoice, read_many
from dealwright.storage.keyset import Ordered
from dealwright.storage.query import Found, Page, Query, any_number, number, words
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
class InvoiceCriteria(Criteria):
    """Which invoices; None means any. All bounds are inclusive.

    `text` is a part of the number or of the contact's name, case and accents aside.
    """

    FOLDED: ClassVar[Folded] = {"text": fold}

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


def _keys(order: InvoiceOrder, descending: bool) -> list[Ordered]:
    return [Ordered(i.c[name], descending) for name in dict.fromkeys((order.value, "id"))]


_FINDER: Final = Finder[InvoiceCriteria, InvoiceOrder](_filtered, _keys)
find_places: Final = _FINDER.find_places
"""The order is one of `KEYSET_ORDERS`."""
total: Final = _FINDER.total


async def find(
    db: Database, actor: Actor, criteria: InvoiceCriteria, page: Page, order: InvoiceOrder, descending: bool
) -> Found[FullInvoice]:
    """Return a page of the invoices that match and are there for this person, and exactly how many there are."""
    given = {**criteria.given(), **seeing(actor)}
    query = _page(sight_of(actor), criteria.shape, order, descending)
    ids = [row[0] for row in await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)]
    whole = await _FINDER.total_beside(db, actor, criteria, page, len(ids))
    return Found(await read_many(db, actor, ids), whole)
