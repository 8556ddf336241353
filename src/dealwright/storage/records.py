"""One list engine for faces that narrow and order records by any field: a page of ids, and the exact total.

Every shape of a list is composed once; rows are joined after, by whoever knows what they show. Visibility is part of
every query.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, func, select

from dealwright.domain.actor import Actor
from dealwright.storage import records_amount
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Found, Page, Query, counted, number
from dealwright.storage.records_subjects import SUBJECTS, Subject
from dealwright.storage.records_terms import Condition, Field, Kept, KeptMember, Sort, Sorting, Term
from dealwright.storage.sight import EVERYTHING, seeing, sight_of

BY_ID: Final = Sort()
FIRST_PAGE: Final = Page()
_SHAPES: Final = 1000


class _Asked(NamedTuple):
    """A list on its way to its query: what decides the text, and the parameters."""

    subject: str
    sight: str
    fields: tuple[Field, ...]
    terms: tuple[Term, ...]
    given: dict[str, Any]

    @property
    def shape(self) -> Hashable:
        return self.subject, self.sight, self.fields, tuple(term.shape for term in self.terms)


async def find(
    db: Database,
    actor: Actor,
    subject: str,
    conditions: Sequence[Condition] = (),
    sort: Sort = BY_ID,
    page: Page = FIRST_PAGE,
) -> Found[int]:
    """Return a page of ids of the records of a subject that are there for this person and satisfy all conditions.

    Records whose texts equal what the conditions ask for come before those that contain it, then the order counts.
    A field to order by that the subject does not have means the id. Raises KeyError for a condition on such a field,
    and RulesMoved when the rules in hand are no longer those in force.
    """
    asked = _asked(db, actor, subject, conditions)
    sorting = await _sorting(db, subject, sort)
    query = _query(("page", asked.shape, sort, sorting.shape), lambda: _page(asked, sort, sorting))
    given = {**asked.given, **sorting.given, "page_limit": page.limit, "page_offset": page.offset}
    rows = await db.rows(query, **given)
    if rows:
        check_stamp(actor, rows[0][1])
    else:
        await confirm(db, actor)
    ids = [row[0] for row in rows]
    total = page.total(len(ids))
    return Found(ids, await _total(db, asked) if total is None else total)


def _asked(db: Database, actor: Actor, subject: str, conditions: Sequence[Condition]) -> _Asked:
    known = SUBJECTS[subject]
    # One order of conditions, so that the same question has the same shape however it was put.
    sorted_ones = sorted(conditions, key=lambda one: (one.path, one.op.value))
    fields = tuple(_field(known, one.path, one.kept) for one in sorted_ones)
    terms = tuple(
        field.term(f"c{place}", one, db.rules)
        for place, (field, one) in enumerate(zip(fields, sorted_ones, strict=True))
    )
    given = {name: value for term in terms for name, value in term.given.items()}
    return _Asked(subject, sight_of(actor), fields, terms, {**given, **seeing(actor)})


_KEPT: dict[tuple[str, Kept], Field] = {}


def _field(subject: Subject, path: str, kept: Kept | None) -> Field:
    if kept is None:
        return subject.fields[path]
    assert subject.kept is not None
    key = (subject.table.name, kept)
    if key not in _KEPT:
        _KEPT[key] = KeptMember(subject.kept, kept)
    return _KEPT[key]


async def _sorting(db: Database, subject: str, sort: Sort) -> Sorting:
    known = SUBJECTS[subject]
    if sort.path == "id" or (sort.kept is None and sort.path not in known.fields):
        return Sorting("id", lambda: [])
    if sort.path == "amount":
        return await records_amount.sorting(db)
    return _field(known, sort.path, sort.kept).sorting(db.rules)


_QUERIES: dict[Hashable, Query] = {}


def _query(shape: Hashable, build: Callable[[], Query]) -> Query:
    query = _QUERIES.get(shape)
    if query is None:
        if len(_QUERIES) >= _SHAPES:
            _QUERIES.clear()
        query = _QUERIES[shape] = build()
    return query


def _narrowed(asked: _Asked, needs: Sequence[str] = ()) -> Select[Any]:
    subject = SUBJECTS[asked.subject]
    statement = select(subject.table.c.id).where(subject.visible(asked.sight))
    source: Any = subject.table
    for name in dict.fromkeys((*(need for field in asked.fields for need in field.needs), *needs)):
        target, on = subject.joins[name]
        source = source.outerjoin(target, on)
    return statement.select_from(source).where(*(term.clause() for term in asked.terms))


def _page(asked: _Asked, sort: Sort, sorting: Sorting) -> Query:
    subject = SUBJECTS[asked.subject]
    needs = subject.fields[sort.path].needs if sort.kept is None and sort.path in subject.fields else ()
    statement = _narrowed(asked, needs).add_columns(stamp_column().label("stamp"))
    ranks = [term.rank() for term in asked.terms if term.rank is not None]
    order = [*ranks, *(turned(column, sort.descending) for column in sorting.columns())]
    ident = subject.table.c.id
    statement = statement.order_by(*order, ident.desc() if sort.descending else ident)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


def turned(column: ColumnElement[Any], descending: bool) -> ColumnElement[Any]:
    """Return an order in which missing values come first ascending and last descending, on both databases.

    Where nothing can be missing nothing is said of it, because PostgreSQL's plain indexes would not serve it then.
    """
    if isinstance(column, Column) and not column.nullable:
        return column.desc() if descending else column.asc()
    return column.desc().nulls_last() if descending else column.asc().nulls_first()


async def _total(db: Database, asked: _Asked) -> int:
    everything = asked.sight == EVERYTHING and not asked.terms
    subject = SUBJECTS[asked.subject]
    if everything and "deleted_at" in subject.table.c:
        query = _query(("all", asked.subject), lambda: _all_but_trash(subject))
    else:
        query = _query(("total", asked.shape), lambda: Query(counted(_narrowed(asked)), heavy=True))
    row = await db.first(query, **asked.given)
    assert row is not None
    return int(row[0])


def _all_but_trash(subject: Subject) -> Query:
    """Everything less the trash: both counts come from indexes, where looking at each row would read them all."""
    every = select(func.count()).select_from(subject.table).scalar_subquery()
    trash = select(func.count()).select_from(subject.table).where(subject.table.c.deleted_at.is_not(None))
    return Query(select((every - trash.scalar_subquery()).label("total")), heavy=True)
