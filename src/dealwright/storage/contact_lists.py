"""Finding contacts: one set of criteria for every face, ids first, everything else joined after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from dealwright.domain.actor import Actor
from dealwright.domain.text import fold, search_words
from dealwright.storage.contacts import FullContact, read_many
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page, Query, any_number, counted, flag, listed, number, words
from dealwright.storage.schema import contact as c
from dealwright.storage.search import among, match_of
from dealwright.storage.sight import contact_visible_to, seeing, sight_of


class ContactOrder(Enum):
    """What a list of contacts can be ordered by; every order ends with the id."""

    ID = "id"
    DISPLAY_NAME = "display_fold"
    CREATED = "created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCriteria:
    """Which contacts; None means any.

    Every word of `text` must begin a word of the display name; a text without any letter or digit finds nothing.
    `email` is the primary one, case and accents aside; `company_id` finds the people of a company.
    """

    ids: Sequence[int] | None = None
    text: str | None = None
    is_company: bool | None = None
    email: str | None = None
    company_id: int | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of the criteria that are set: with the order, the shape of the query."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def given(self, postgres: bool) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        values = {name: getattr(self, name) for name in self.shape}
        if "ids" in values:
            values["ids"] = listed(values["ids"])
        if "text" in values:
            values["text"] = match_of(search_words(values["text"]), postgres)
        if "email" in values:
            values["email"] = fold(values["email"])
        return values


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(c.c.id, "ids"),
    "text": lambda: among(c.c.id, "contact", "text"),
    "is_company": lambda: c.c.is_company == flag("is_company"),
    "email": lambda: c.c.email_fold == words("email"),
    "company_id": lambda: c.c.company_id == number("company_id"),
}


@cache
def _page(sight: str, shape: tuple[str, ...], order: ContactOrder, descending: bool) -> Query:
    columns = dict.fromkeys((c.c[order.value], c.c.id))
    statement = _filtered(sight, shape).order_by(*(column.desc() if descending else column for column in columns))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


@cache
def _count(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(counted(_filtered(sight, shape)), heavy=True)


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(c.c.id).where(contact_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


async def find(
    db: Database, actor: Actor, criteria: ContactCriteria, page: Page, order: ContactOrder, descending: bool
) -> Found[FullContact]:
    """Return a page of the contacts that match and are there for this person, and exactly how many there are."""
    if criteria.text is not None and not search_words(criteria.text):
        return Found([], 0)
    sight, given = sight_of(actor), {**criteria.given(db.is_postgres), **seeing(actor)}
    query = _page(sight, criteria.shape, order, descending)
    ids = [row[0] for row in await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)]
    total = page.total(len(ids))
    if total is None:
        total = int((await db.rows(_count(sight, criteria.shape), **given))[0][0])
    return Found(await read_many(db, actor, ids), total)
