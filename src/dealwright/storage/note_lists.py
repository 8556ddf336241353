"""Finding notes: a few criteria and orders, by pages, and the files that hang on a record's notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Select, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.file import File
from dealwright.domain.text import fold_all
from dealwright.storage import files
from dealwright.storage.database import Database
from dealwright.storage.file_sight import note_visible_to
from dealwright.storage.finding import Criteria, Finder, Folded
from dealwright.storage.keyset import Ordered
from dealwright.storage.notes import FullNote, read_many
from dealwright.storage.opportunities import confirm
from dealwright.storage.query import Page, Query, number
from dealwright.storage.schema import contact, note_file
from dealwright.storage.schema import file as f
from dealwright.storage.schema import note as n
from dealwright.storage.search import occurs
from dealwright.storage.sight import seeing, sight_of


class NoteOrder(Enum):
    """What a list of notes can be ordered by; every order ends with the id."""

    ID = "id"
    CREATED = "created_at"
    AUTHOR = "created_by"
    CATEGORY = "category_id"
    CONTENT = "content_fold"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCriteria(Criteria):
    """Which notes; None means any. Both instants are inclusive.

    `company_id` finds the notes on a contact and on the people who belong to it; `content_part` is a part of what was
    said, case and accents aside; `author_id` is a user.
    """

    FOLDED: ClassVar[Folded] = {"content_part": fold_all}

    contact_id: int | None = None
    company_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None
    category_id: int | None = None
    author_id: int | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    content_part: str | None = None


def _of_company() -> Any:
    of_company = or_(contact.c.id == number("company_id"), contact.c.company_id == number("company_id"))
    return n.c.contact_id.in_(select(contact.c.id).where(of_company, contact.c.deleted_at.is_(None)))


_CONDITIONS: dict[str, Any] = {
    "contact_id": lambda: n.c.contact_id == number("contact_id"),
    "company_id": _of_company,
    "opportunity_id": lambda: n.c.opportunity_id == number("opportunity_id"),
    "case_id": lambda: n.c.case_id == number("case_id"),
    "category_id": lambda: n.c.category_id == number("category_id"),
    "author_id": lambda: n.c.created_by == number("author_id"),
    "created_from": lambda: n.c.created_at >= number("created_from"),
    "created_to": lambda: n.c.created_at <= number("created_to"),
    "content_part": lambda: occurs(n.c.content_fold, "content_part"),
}


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(n.c.id).where(note_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


@cache
def _page(sight: str, shape: tuple[str, ...], order: NoteOrder, descending: bool) -> Query:
    columns = dict.fromkeys((n.c[order.value], n.c.id))
    turned = [column.desc().nulls_last() if descending else column.asc().nulls_first() for column in columns]
    statement = _filtered(sight, shape).order_by(*turned)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


async def find(
    db: Database, actor: Actor, criteria: NoteCriteria, page: Page, order: NoteOrder, descending: bool
) -> list[FullNote]:
    """Return a page of the notes that match and are there for this person."""
    query, given = _page(sight_of(actor), criteria.shape, order, descending), {**criteria.given(), **seeing(actor)}
    rows = await db.rows(query, **given, page_limit=page.limit, page_offset=page.offset)
    return await read_many(db, actor, [row[0] for row in rows])


def _keyset(by: NoteOrder, descending: bool) -> list[Ordered]:
    return [Ordered(n.c[name], descending) for name in dict.fromkeys((by.value, "id"))]


_FINDER: Final = Finder[NoteCriteria, NoteOrder](_filtered, _keyset)
find_places: Final = _FINDER.find_places
"""The order is `ID` or `CREATED`."""
total: Final = _FINDER.total


@cache
def _attached(sight: str, shape: tuple[str, ...]) -> Query:
    hanging = select(note_file.c.file_id).join(n, n.c.id == note_file.c.note_id)
    chosen = hanging.where(note_visible_to(sight), *(_CONDITIONS[name]() for name in shape))
    columns = [f.c[name] for name in files.COLUMNS]
    return Query(select(*columns).where(f.c.id.in_(chosen), f.c.deleted_at.is_(None)).order_by(f.c.id.desc()))


async def attached(db: Database, actor: Actor, criteria: NoteCriteria) -> Sequence[File]:
    """Return the files on the notes that match and are there for this person, the newest first."""
    rows = await db.rows(_attached(sight_of(actor), criteria.shape), **criteria.given(), **seeing(actor))
    await confirm(db, actor)
    return [files.file_of(row) for row in rows]
