"""Calls as stored: read with the card of their contact, found by a few criteria and by telephone number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.call import TAIL, Call, CallStatus, digits_of, is_same_number
from dealwright.domain.contact import Brief
from dealwright.domain.contact_info import Info
from dealwright.domain.errors import NotFound
from dealwright.domain.values import instant, join, micros, split
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Finder
from dealwright.storage.keyset import Ordered
from dealwright.storage.opportunities import brief_of, brief_row, check_stamp, confirm, stamp_column
from dealwright.storage.query import Found, Page, Query, any_number, flag, listed, number, words
from dealwright.storage.schema import call as c
from dealwright.storage.schema import contact, contact_info
from dealwright.storage.sight import EVERYTHING, contact_visible_to, seeing, sight_of
from dealwright.storage.writes import Change, Insert, Made

NEW: Final = Made("call")
MANY: Final = 200
"""How many contacts with a similar number are looked at."""
PARTS: Final = 10_000
"""How many parts are shown with a page of calls."""


@dataclass(slots=True)
class FullCall:
    """A call with the card of its contact, whoever may see the contact itself."""

    call: Call
    contact: Brief | None = None


class CallOrder(Enum):
    """What a list of calls can be ordered by; every order ends with the id."""

    ID = ("id",)
    DIALED = ("dialed_at", "id")
    SECONDS = ("seconds", "id")
    PRICE = ("price_units", "price_nanos", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCriteria(Criteria):
    """Which calls; None means any. Both bounds are inclusive, `mine` are those that this uid took or nobody did.

    `number_part` is a part of either number as it was written.
    """

    status: int | None = None
    answered_by: str | None = None
    mine: str | None = None
    contact_id: int | None = None
    dialed_from: datetime | None = None
    dialed_to: datetime | None = None
    number_part: str | None = None
    parent_id: int | None = None
    is_part: bool | None = None


def call_visible_to(sight: str) -> ColumnElement[bool]:
    """Return the condition that a call is there: one's own, one with nobody known, or with a contact that is seen."""
    if sight == EVERYTHING:
        return c.c.id.is_not(None)
    own = or_(c.c.answered_by == words("me"), c.c.created_by == number("me_id"))
    seen = exists(select(contact.c.id).where(contact.c.id == c.c.contact_id, contact_visible_to(sight)))
    return or_(own, c.c.contact_id.is_(None), seen.correlate(c))


_PRICE: Final = ("price_units", "price_nanos")
_PLAIN: Final = tuple(name for name in Call.__slots__ if name != "price")
_TIMES: Final = ("created_at", "updated_at", "dialed_at")
_WIDTH: Final = len(_PLAIN) + len(_PRICE)


def _columns() -> list[Any]:
    card = contact.alias("call_contact")
    with_whom = select(brief_row(card)).where(card.c.id == c.c.contact_id, card.c.deleted_at.is_(None))
    stored = [c.c[name] for name in (*_PLAIN, *_PRICE)]
    return [*stored, with_whom.correlate(c).scalar_subquery(), stamp_column().label("stamp")]


@cache
def _many(sight: str) -> Query:
    return Query(select(*_columns()).where(any_number(c.c.id, "ids"), call_visible_to(sight)))


@cache
def _by_external_id(sight: str) -> Query:
    return Query(select(*_columns()).where(c.c.external_id == words("external_id"), call_visible_to(sight)))


_TAKEN = Query(select(c.c.id).where(c.c.external_id == words("external_id")))


def _full(row: Sequence[Any]) -> FullCall:
    values: dict[str, Any] = dict(zip(_PLAIN, row, strict=False))
    values |= {name: instant(values[name]) for name in _TIMES}
    values["status"] = None if values["status"] is None else CallStatus(values["status"])
    units, nanos, card = row[len(_PLAIN) : _WIDTH + 1]
    return FullCall(Call(**values, price=join(units, nanos)), brief_of(msgspec.json.decode(card)) if card else None)


async def read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullCall]:
    """Return the calls that are there for this person, in the order of the ids."""
    rows = await db.rows(_many(sight_of(actor)), ids=listed(ids), **seeing(actor)) if ids else []
    if rows:
        check_stamp(actor, rows[0][_WIDTH + 1])
    found = {full.call.id: full for full in map(_full, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


@cache
def _parts(sight: str) -> Query:
    columns = (c.c.id, c.c.parent_id)
    found = select(*columns).where(any_number(c.c.parent_id, "parents"), call_visible_to(sight))
    return Query(found.order_by(c.c.dialed_at, c.c.id).limit(PARTS))


async def read_parts(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, list[FullCall]]:
    """Return the parts of calls that are there for this person, by the call, in the order of dialing."""
    rows = await db.rows(_parts(sight_of(actor)), parents=listed(ids), **seeing(actor)) if ids else []
    found: dict[int, list[FullCall]] = {}
    for full in await read_many(db, actor, [row[0] for row in rows]):
        found.setdefault(full.call.parent_id or 0, []).append(full)
    return found


async def read(db: Database, actor: Actor, call_id: int) -> FullCall:
    """Return a call; NotFound when it is not there for this person."""
    found = await read_many(db, actor, [call_id])
    if not found:
        await confirm(db, actor)
        raise NotFound("call")
    return found[0]


async def read_external(db: Database, actor: Actor, external_id: str) -> FullCall:
    """Return the call that a telephone system knows by this name; NotFound when it is not there for this person."""
    row = await db.first(_by_external_id(sight_of(actor)), external_id=external_id, **seeing(actor))
    if row is None:
        await confirm(db, actor)
        raise NotFound("call")
    check_stamp(actor, row[_WIDTH + 1])
    return _full(row)


async def is_taken(db: Database, external_id: str) -> bool:
    """Tell whether there is a call of this name at all, whoever may see it."""
    return await db.first(_TAKEN, external_id=external_id) is not None


# Finding -----------------------------------------------------------------------------------------------------


def _has_part(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.replace(column, words("number_part"), "") != column


_CONDITIONS: Final[dict[str, Any]] = {
    "status": lambda: c.c.status == number("status"),
    "answered_by": lambda: c.c.answered_by == words("answered_by"),
    "mine": lambda: or_(c.c.answered_by == words("mine"), c.c.answered_by.is_(None)),
    "contact_id": lambda: c.c.contact_id == number("contact_id"),
    "dialed_from": lambda: c.c.dialed_at >= number("dialed_from"),
    "dialed_to": lambda: c.c.dialed_at <= number("dialed_to"),
    "parent_id": lambda: c.c.parent_id == number("parent_id"),
    "is_part": lambda: c.c.parent_id.is_not(None) == flag("is_part"),
    "number_part": lambda: or_(*map(_has_part, (c.c.from_number, c.c.to_number))),
}


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(c.c.id).where(call_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


@cache
def _page(sight: str, shape: tuple[str, ...], order: CallOrder, descending: bool) -> Query:
    columns = [c.c[name].desc() if descending else c.c[name].asc() for name in order.value]
    statement = _filtered(sight, shape).order_by(*columns)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


def _ordered(order: CallOrder, descending: bool) -> list[Ordered]:
    return [Ordered(c.c[name], descending) for name in order.value]


_FINDER: Final = Finder[CallCriteria, CallOrder](_filtered, _ordered)
find_places: Final = _FINDER.find_places
total: Final = _FINDER.total


async def find(
    db: Database, actor: Actor, criteria: CallCriteria, page: Page, order: CallOrder, descending: bool
) -> Found[FullCall]:
    """Return a page of the calls that match and are there for this person, and exactly how many there are."""
    query = _page(sight_of(actor), criteria.shape, order, descending)
    given = {**criteria.given(), **seeing(actor), "page_limit": page.limit, "page_offset": page.offset}
    ids = [row[0] for row in await db.rows(query, **given)]
    whole = await _FINDER.total_beside(db, actor, criteria, page, len(ids))
    return Found(await read_many(db, actor, ids), whole)


# Whose number that is ----------------------------------------------------------------------------------------


def _bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a telephone number without what people write between its digits."""
    for char in (" ", "-", "(", ")", ".", "/", "\u00a0"):
        column = func.replace(column, char, "")
    return column


@cache
def _with_number(sight: str) -> Query:
    joined = contact_info.join(contact, contact.c.id == contact_info.c.contact_id)
    like = _bare(contact_info.c.data).like(words("tail"))
    alike = and_(contact_info.c.kind == int(Info.PHONE), like, contact_visible_to(sight))
    columns = (contact_info.c.data, contact.c.id)
    return Query(select(*columns).select_from(joined).where(alike).order_by(contact.c.id).limit(MANY), heavy=True)


async def contact_with_number(db: Database, actor: Actor, telephone: str) -> int | None:
    """Return the oldest contact that has a telephone number and is there for this person, None if there is none."""
    digits = digits_of(telephone)
    if not digits:
        return None
    rows = await db.rows(_with_number(sight_of(actor)), tail=f"%{digits[-TAIL:]}", **seeing(actor))
    return next((int(ident) for data, ident in rows if is_same_number(data, telephone)), None)


# Writes ------------------------------------------------------------------------------------------------------


def stored(call: Call, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a call."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(call, name)
        if isinstance(value, Decimal):
            columns |= dict(zip(_PRICE, split(value), strict=True))
        else:
            columns[name] = micros(value) if isinstance(value, datetime) else value
    return columns


def inserted(call: Call) -> Insert:
    """Return the write of a new call, whose id will be known as `call`."""
    return Insert(c, stored(call, [name for name in Call.__slots__ if name != "id"]), made=NEW.name)


def updated(call: Call, names: Sequence[str]) -> Change:
    """Return the write of the fields that differ."""
    return Change(c, stored(call, [*names, "updated_at", "updated_by"]), {"id": call.id})
