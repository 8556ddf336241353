"""Finding cases: one set of criteria for every face, ids first, everything else joined after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.text import search_words
from dealwright.storage.cases import FullCase, read_many
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria, Finder
from dealwright.storage.keyset import Ordered
from dealwright.storage.query import Found, Page, Query, any_number, any_text, flag, number, turned
from dealwright.storage.schema import case as c
from dealwright.storage.schema import case_member, case_tag, tag
from dealwright.storage.search import among, match_of, occurs
from dealwright.storage.sight import case_visible_to, seeing, sight_of


class CaseOrder(Enum):
    """What a list of cases can be ordered by; the value names the columns, every order ends with the id."""

    ID = ("id",)
    TITLE = ("title_fold", "id")
    CREATED = ("created_at", "id")
    CREATOR = ("created_by", "title_fold", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCriteria(Criteria):
    """Which cases; None means any.

    Every word of `text` must begin a word of the title; a text without any letter or digit finds nothing.
    `title_words` (folded) must all occur in the title, `title_part` occurs in it exactly as written; `contact_id` is a
    participant; `tags` (folded) must all be there.
    """

    ids: Sequence[int] | None = None
    text: str | None = None
    title_words: Sequence[str] | None = None
    title_part: str | None = None
    closed: bool | None = None
    contact_id: int | None = None
    tags: Sequence[str] | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """What is set, by name; each word of the title is a name of its own. With the order the shape of the query."""
        given = [f.name for f in fields(self) if f.name != "title_words" and getattr(self, f.name) is not None]
        return (*given, *(f"title_word_{place}" for place in range(len(self.title_words or ()))))

    @property
    def finds_nothing(self) -> bool:
        """Whether there is a text without any word: a mistake that must not find everything."""
        return self.text is not None and not search_words(self.text)

    def given(self, postgres: bool = False) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        words = {f"title_word_{place}": word for place, word in enumerate(self.title_words or ())}
        values = {**self.parameters(name for name in self.shape if name not in words), **words}
        if self.text is not None:
            values["text"] = match_of(search_words(self.text), postgres)
        if self.tags is not None:
            values["tag_count"] = len(set(self.tags))
        return values


def _tagged() -> ColumnElement[bool]:
    found = (
        select(case_tag.c.case_id)
        .join(tag, tag.c.id == case_tag.c.tag_id)
        .where(tag.c.subject == "case", any_text(tag.c.title_fold, "tags"))
        .group_by(case_tag.c.case_id)
        .having(func.count() == number("tag_count"))
    )
    return c.c.id.in_(found)


def _of_contact() -> ColumnElement[bool]:
    return c.c.id.in_(select(case_member.c.case_id).where(case_member.c.contact_id == number("contact_id")))


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(c.c.id, "ids"),
    "text": lambda: among(c.c.id, "case", "text"),
    "title_part": lambda: occurs(c.c.title, "title_part"),
    "closed": lambda: c.c.closed == flag("closed"),
    "contact_id": _of_contact,
    "tags": _tagged,
}


def _condition(name: str) -> ColumnElement[bool]:
    made: ColumnElement[bool] = _CONDITIONS[name]() if name in _CONDITIONS else occurs(c.c.title_fold, name)
    return made


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(c.c.id).where(case_visible_to(sight), *map(_condition, shape))


@cache
def _page(sight: str, shape: tuple[str, ...], order: CaseOrder, descending: bool, open_first: bool) -> Query:
    columns = [turned(c.c[name], descending) for name in order.value]
    statement = _filtered(sight, shape).order_by(*([c.c.closed] if open_first else []), *columns)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


def _order(by: CaseOrder, descending: bool) -> list[Ordered]:
    return [Ordered(c.c[name], descending) for name in by.value]


_FINDER: Final = Finder[CaseCriteria, CaseOrder](_filtered, _order)
find_places: Final = _FINDER.find_places
"""The order is one whose columns are never missing: not that of creators."""
total: Final = _FINDER.total


async def find_ids(
    db: Database,
    actor: Actor,
    criteria: CaseCriteria,
    page: Page,
    order: CaseOrder = CaseOrder.ID,
    descending: bool = False,
    open_first: bool = False,
) -> list[int]:
    """Return the ids of a page of the cases that match and are there for this person.

    `open_first` lists closed cases after open ones, whatever the order.
    """
    if criteria.finds_nothing:
        return []
    query = _page(sight_of(actor), criteria.shape, order, descending, open_first)
    given = {**criteria.given(db.is_postgres), **seeing(actor)}
    return [row[0] for row in await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)]


async def find(
    db: Database,
    actor: Actor,
    criteria: CaseCriteria,
    page: Page,
    order: CaseOrder,
    descending: bool,
    open_first: bool,
) -> Found[FullCase]:
    """Return a page of the cases that match and are there for this person, and exactly how many there are."""
    ids = await find_ids(db, actor, criteria, page, order, descending, open_first)
    whole = await _FINDER.total_beside(db, actor, criteria, page, len(ids))
    return Found(await read_many(db, actor, ids), whole)
