"""Pages of contacts: what follows a place in one of the orders that have an index."""

from __future__ import annotations

from functools import cache
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder, filtered, looked_up, shape_of_page
from dealwright.storage.database import Database
from dealwright.storage.finding import Missing, missing_of, pages, read_places
from dealwright.storage.keyset import Ordered, Place
from dealwright.storage.query import Query
from dealwright.storage.schema import contact as c
from dealwright.storage.sight import seeing, sight_of

ORDERS: Final = (ContactOrder.ID, ContactOrder.DISPLAY_NAME, ContactOrder.CREATED)
"""The orders that have an index."""


def _order(by: ContactOrder, descending: bool) -> list[Ordered]:
    names = dict.fromkeys((by.value, "id"))
    return [Ordered(c.c[name], descending) for name in names]


@cache
def _places(sight: str, shape: tuple[str, ...], by: ContactOrder, descending: bool, missing: Missing) -> Query:
    return pages(filtered(sight, shape), _order(by, descending), missing)


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
    if criteria.finds_nothing:
        return []
    criteria = await looked_up(db, criteria)
    query = _places(sight_of(actor), await shape_of_page(db, criteria), by, descending, missing_of(after))
    return await read_places(db, query, after, limit, **criteria.given(db.is_postgres), **seeing(actor))
