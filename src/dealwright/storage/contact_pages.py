"""Pages of contacts: what follows a place in one of the orders that have an index."""

from __future__ import annotations

from functools import cache
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.domain.text import search_words
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder, filtered, shape_of_page
from dealwright.storage.database import Database
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.query import Query
from dealwright.storage.schema import contact as c
from dealwright.storage.sight import seeing, sight_of

ORDERS: Final = (ContactOrder.ID, ContactOrder.DISPLAY_NAME, ContactOrder.CREATED)
"""The orders that have an index."""


def _order(by: ContactOrder, descending: bool) -> list[Ordered]:
    names = dict.fromkeys((by.value, "id"))
    return [Ordered(c.c[name], descending) for name in names]


@cache
def _first(sight: str, shape: tuple[str, ...], by: ContactOrder, descending: bool) -> Query:
    return Query(first_page(filtered(sight, shape), _order(by, descending)), heavy=True)


@cache
def _following(sight: str, shape: tuple[str, ...], by: ContactOrder, descending: bool) -> Query:
    order = _order(by, descending)
    return Query(next_page(filtered(sight, shape), order, (False,) * len(order)), heavy=True)


async def find_places(
    db: Database,
    actor: Actor,
    criteria: ContactCriteria,
    by: ContactOrder,
    descending: bool,
    after: Place | None,
    limit: int,
) -> list[Place]:
    """Return the places of the contacts that match and follow `after` (None: from the beginning), at most `limit`.

    `by` is one of `ORDERS`; `after` is a place of the very same order.
    """
    if criteria.text is not None and not search_words(criteria.text):
        return []
    make = _first if after is None else _following
    query = make(sight_of(actor), await shape_of_page(db, criteria), by, descending)
    given = {**criteria.given(db.is_postgres), **seeing(actor), **placed(after or ())}
    return [tuple(row) for row in await db.rows(query, **given, page_limit=limit)]
