"""Finding deals: one set of criteria for every face, ids first, everything else joined after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.pipeline import Outcome
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal, read_many
from dealwright.storage.opportunity_walk import Walk, counted_ahead, is_deep, is_shorter, walked, within
from dealwright.storage.plenty import Matching
from dealwright.storage.query import (
    Page,
    Query,
    any_number,
    any_text,
    counted,
    listed,
    number,
    turned,
    words,
)
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import opportunity_member, opportunity_tag, stage, tag
from dealwright.storage.search import among, match_of, occurs, probed, searched
from dealwright.storage.sight import EVERYTHING, seeing, sight_of, visible_to

FIRST_PAGE = Page()


class Order(Enum):
    """What a list of deals can be ordered by; every order ends with the id."""

    ID = "id"
    TITLE = "title"
    RESPONSIBLE = "responsible"
    STAGE = "stage"
    AMOUNT = "amount"
    CLOSE = "close"
    CREATED = "created"
    UPDATED = "updated"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Which deals; None means any. Instants are stored microseconds, both bounds inclusive.

    `words` must all begin a word of title or description (looked up they become the ids that were `found`, if these
    are few, else they are `common`); `tags` (folded) must all be there; `contact_id` is the
    primary contact, `participant_id` a primary contact or participant; `not_contact_id` neither of the two;
    `title_words` must all occur in the title (folded), `title_part` occurs in it exactly as written; the closing
    range compares the expected date of open stages and the actual one of others.
    """

    ids: Sequence[int] | None = None
    words: Sequence[str] | None = None
    found: Sequence[int] | None = None
    common: Sequence[str] | None = None
    title_words: Sequence[str] | None = None
    title_part: str | None = None
    responsible: str | None = None
    stage_ids: Sequence[int] | None = None
    outcome: Outcome | None = None
    outcome_of_stage: Outcome | None = None
    contact_id: int | None = None
    member_id: int | None = None
    participant_id: int | None = None
    not_contact_id: int | None = None
    tags: Sequence[str] | None = None
    close_from: int | None = None
    close_to: int | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of the criteria that are set: with the order, the shape of the query."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def given(self, postgres: bool) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        values = {name: getattr(self, name) for name in self.shape}
        for name in ("ids", "stage_ids", "tags", "found"):
            if name in values:
                values[name] = listed(values[name])
        if said := self.words or values.pop("common", None):
            values["words"] = match_of(said, postgres)
        if "title_words" in values:
            for place, word in enumerate(values.pop("title_words")):
                values[f"title_word_{place}"] = word
        for name in {"outcome", "outcome_of_stage"} & values.keys():
            values[name] = int(values[name])
        if "tags" in values and self.tags is not None:
            values["tag_count"] = len(set(self.tags))
        return values


def _close() -> ColumnElement[int]:
    return case((stage.c.outcome == int(Outcome.OPEN), o.c.expected_close), else_=o.c.closed_at)


def _member_of(name: str) -> ColumnElement[bool]:
    found = select(opportunity_member.c.opportunity_id).where(
        opportunity_member.c.opportunity_id == o.c.id, opportunity_member.c.contact_id == number(name)
    )
    return exists(found.correlate(o))


def _with_contact(name: str) -> ColumnElement[bool]:
    """Deals of a contact, found from the two indexes rather than by looking at every deal."""
    linked = select(opportunity_member.c.opportunity_id).where(opportunity_member.c.contact_id == number(name))
    return or_(o.c.contact_id == number(name), o.c.id.in_(linked))


def _tagged() -> ColumnElement[bool]:
    found = (
        select(opportunity_tag.c.opportunity_id)
        .join(tag, tag.c.id == opportunity_tag.c.tag_id)
        .where(tag.c.subject == "opportunity", any_text(tag.c.title_fold, "tags"))
        .group_by(opportunity_tag.c.opportunity_id)
        .having(func.count() == number("tag_count"))
    )
    return o.c.id.in_(found)


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(o.c.id, "ids"),
    "words": lambda: among(o.c.id, "opportunity", "words"),
    "common": lambda: probed(o.c.id, "opportunity", "words"),
    "found": lambda: any_number(o.c.id, "found"),
    "title_part": lambda: occurs(o.c.title, "title_part"),
    "responsible": lambda: o.c.responsible == words("responsible"),
    "stage_ids": lambda: any_number(o.c.stage_id, "stage_ids"),
    "outcome": lambda: o.c.outcome == number("outcome"),
    "outcome_of_stage": lambda: stage.c.outcome == number("outcome_of_stage"),
    "contact_id": lambda: o.c.contact_id == number("contact_id"),
    "member_id": lambda: _member_of("member_id"),
    "participant_id": lambda: _with_contact("participant_id"),
    "not_contact_id": lambda: and_(
        func.coalesce(o.c.contact_id, 0) != number("not_contact_id"), ~_member_of("not_contact_id")
    ),
    "tags": _tagged,
    "close_from": lambda: _close() >= number("close_from"),
    "close_to": lambda: _close() <= number("close_to"),
}

_ORDERS: dict[Order, Any] = {
    Order.ID: lambda: [],
    Order.TITLE: lambda: [o.c.title_fold],
    Order.RESPONSIBLE: lambda: [o.c.responsible],
    Order.AMOUNT: lambda: [o.c.amount_units, o.c.amount_nanos],
    Order.CLOSE: lambda: [_close()],
    Order.CREATED: lambda: [o.c.created_at],
    Order.UPDATED: lambda: [o.c.updated_at],
    Order.EXPECTED: lambda: [o.c.expected_close],
    Order.STAGE: lambda: [stage.c.position, stage.c.id],
}
_UNORDERED = {Order.STAGE, Order.CLOSE, Order.RESPONSIBLE}
_HAVING = Matching(searched("opportunity", "words"))
_NEEDS_STAGE = {"outcome_of_stage", "close_from", "close_to"}


def filtered(sight: str, shape: tuple[str, ...], title_words: int, order: Order | None) -> Select[Any]:
    """Return the SELECT of the ids of the deals that match criteria of this shape; `order` only brings its join."""
    statement = select(o.c.id).where(visible_to(sight))
    if _NEEDS_STAGE & set(shape) or order in (Order.STAGE, Order.CLOSE):
        statement = statement.join(stage, stage.c.id == o.c.stage_id)
    conditions = [_CONDITIONS[name]() for name in shape if name != "title_words"]
    folded = [occurs(o.c.title_fold, f"title_word_{place}") for place in range(title_words)]
    return statement.where(*conditions, *folded)


async def looked_up(db: Database, criteria: Criteria) -> Criteria:
    """Return the same criteria with the words looked up, for whoever finds deals and counts them too."""
    if criteria.words is None:
        return criteria
    found = await _HAVING.few(db, words=match_of(criteria.words, db.is_postgres))
    return replace(criteria, words=None, found=found, common=criteria.words if found is None else None)


def put_in_order(shape: tuple[str, ...]) -> tuple[str, ...]:
    """Return the shape of criteria that were looked up, for all that matches instead of what is met on the way."""
    return tuple("words" if name == "common" else name for name in shape)


def _ordering(order: Order, descending: bool) -> list[Any]:
    main = [turned(column, descending) for column in _ORDERS[order]()]
    if order in (Order.STAGE, Order.RESPONSIBLE):
        return [*main, *within(descending)]
    return [*main, o.c.id.desc() if descending else o.c.id]


@cache
def _page(sight: str, shape: tuple[str, ...], title_words: int, order: Order, descending: bool) -> Query:
    statement = filtered(sight, shape, title_words, order).order_by(*_ordering(order, descending))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


@cache
def _count(sight: str, shape: tuple[str, ...], title_words: int) -> Query:
    return Query(counted(filtered(sight, shape, title_words, None)), heavy=True)


def _words_in(criteria: Criteria) -> int:
    return len(criteria.title_words or ())


async def find_ids(
    db: Database, actor: Actor, criteria: Criteria, order: Order, descending: bool, page: Page
) -> list[int]:
    """Return the ids of a page of the deals that match and are there for this person."""
    criteria = await looked_up(db, criteria)
    given = criteria.given(db.is_postgres)
    walk = _walk(criteria, given) if order is Order.STAGE else None
    if walk is not None and await is_shorter(db, walk, page):
        return await walked(db, actor, walk, descending, page)
    shape = put_in_order(criteria.shape) if order in _UNORDERED or is_deep(page) else criteria.shape
    query = _page(sight_of(actor), shape, _words_in(criteria), order, descending)
    rows = await db.rows(query, **given, **seeing(actor), page_limit=page.limit, page_offset=page.offset)
    return [row[0] for row in rows]


def _walk(criteria: Criteria, given: Mapping[str, Any]) -> Walk | None:
    """Return how the stages are walked to find the deals, None where other things than a walk can tell are asked."""
    if not set(criteria.shape) <= {"stage_ids", "outcome_of_stage", "responsible", "tags", "words", "common"}:
        return None
    return Walk(
        stage_ids=criteria.stage_ids,
        outcome=criteria.outcome_of_stage,
        responsible=criteria.responsible,
        tags=frozenset(criteria.tags or ()),
        words=given.get("words"),
    )


async def find(
    db: Database,
    actor: Actor,
    criteria: Criteria,
    order: Order = Order.ID,
    descending: bool = False,
    page: Page = FIRST_PAGE,
) -> list[Deal]:
    """Return a page of the deals that match and are there for this person, whole."""
    ids = await find_ids(db, actor, criteria, order, descending, page)
    return await read_many(db, actor, ids)


async def total(db: Database, actor: Actor, criteria: Criteria) -> int:
    """Return exactly how many deals match and are there for this person."""
    if criteria.shape == ("found",) and sight_of(actor) == EVERYTHING:
        return len(criteria.found or ())
    given = criteria.given(db.is_postgres)
    walk = _walk(criteria, given)
    if walk is not None and (known := await counted_ahead(db, actor, walk)) is not None:
        return known
    query = _count(sight_of(actor), put_in_order(criteria.shape), _words_in(criteria))
    row = await db.first(query, **given, **seeing(actor))
    assert row is not None
    return int(row[0])
