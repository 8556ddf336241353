"""Finding tasks: one set of criteria for every face, whole pages and keyset pages."""

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
from dealwright.storage.keyset import Ordered
from dealwright.storage.query import Found, Page, Query, any_number, flag, number, words
from dealwright.storage.schema import contact
from dealwright.storage.schema import task as t
from dealwright.storage.search import occurs
from dealwright.storage.sight import seeing, sight_of, task_visible_to
from dealwright.storage.tasks import FullTask, read_many


class TaskOrder(Enum):
    """What a list of tasks can be ordered by; every order ends with the id."""

    ID = "id"
    DEADLINE = "deadline"
    TITLE = "title_fold"
    CREATED = "created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCriteria(Criteria):
    """Which tasks; None means any. Both bounds of the deadline are inclusive and leave out tasks without one.

    `company_id` finds the tasks of a contact and of the people who belong to it; `title_part` is a part of the
    title, case and accents aside.
    """

    FOLDED: ClassVar[Folded] = {"title_part": fold}

    ids: Sequence[int] | None = None
    contact_id: int | None = None
    company_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None
    responsible: str | None = None
    category_id: int | None = None
    location_id: int | None = None
    closed: bool | None = None
    deadline_from: datetime | None = None
    deadline_to: datetime | None = None
    title_part: str | None = None


def _of_company() -> Any:
    of_company = or_(contact.c.id == number("company_id"), contact.c.company_id == number("company_id"))
    return t.c.contact_id.in_(select(contact.c.id).where(of_company, contact.c.deleted_at.is_(None)))


_CONDITIONS: dict[str, Any] = {
    "ids": lambda: any_number(t.c.id, "ids"),
    "contact_id": lambda: t.c.contact_id == number("contact_id"),
    "company_id": _of_company,
    "opportunity_id": lambda: t.c.opportunity_id == number("opportunity_id"),
    "case_id": lambda: t.c.case_id == number("case_id"),
    "responsible": lambda: t.c.responsible == words("responsible"),
    "category_id": lambda: t.c.category_id == number("category_id"),
    "location_id": lambda: t.c.location_id == number("location_id"),
    "closed": lambda: t.c.closed == flag("closed"),
    "deadline_from": lambda: t.c.deadline >= number("deadline_from"),
    "deadline_to": lambda: t.c.deadline <= number("deadline_to"),
    "title_part": lambda: occurs(t.c.title_fold, "title_part"),
}


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(t.c.id).where(task_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


def _ordering(order: TaskOrder, descending: bool, open_first: bool) -> list[Any]:
    """Tasks without a deadline come first ascending and last descending, on both databases."""
    columns = dict.fromkeys((t.c[order.value], t.c.id))
    turned = [column.desc().nulls_last() if descending else column.asc().nulls_first() for column in columns]
    return [t.c.closed, *turned] if open_first else turned


@cache
def _page(sight: str, shape: tuple[str, ...], order: TaskOrder, descending: bool, open_first: bool) -> Query:
    statement = _filtered(sight, shape).order_by(*_ordering(order, descending, open_first))
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


def _order(by: TaskOrder, descending: bool) -> list[Ordered]:
    """Return the columns; the id goes the way of the order, so that one index can serve both."""
    if by is TaskOrder.ID:
        return [Ordered(t.c.id, descending)]
    return [Ordered(t.c[by.value], descending, nullable=by is TaskOrder.DEADLINE), Ordered(t.c.id, descending)]


_FINDER: Final = Finder[TaskCriteria, TaskOrder](_filtered, _order)
find_places: Final = _FINDER.find_places
"""Tasks without a deadline come first by deadline, and last where the order is turned round."""
total: Final = _FINDER.total


async def find(
    db: Database,
    actor: Actor,
    criteria: TaskCriteria,
    page: Page,
    order: TaskOrder,
    descending: bool,
    open_first: bool,
) -> Found[FullTask]:
    """Return a page of the tasks that match and are there for this person, and exactly how many there are."""
    sight, given = sight_of(actor), {**criteria.given(), **seeing(actor)}
    query = _page(sight, criteria.shape, order, descending, open_first)
    ids = [row[0] for row in await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)]
    whole = await _FINDER.total_beside(db, actor, criteria, page, len(ids))
    return Found(await read_many(db, actor, ids), whole)
