"""One list engine for faces that narrow and order records by any field: a page of ids, and the exact total.

Every shape of a list is composed once; rows are joined after, by whoever knows what they show. Visibility is part of
every query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement

from dealwright.domain.actor import Actor
from dealwright.storage import records_amount, records_walk
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Found, Page, Query, Row, number, turned
from dealwright.storage.records_asked import Asked, ask, field_of, narrowed, query_of
from dealwright.storage.records_counts import extent_of, total_of
from dealwright.storage.records_plain import SUBJECTS
from dealwright.storage.records_sql import Sorted
from dealwright.storage.records_terms import Condition, Sort, Sorting
from dealwright.storage.schema import opportunity
from dealwright.storage.sight import WIDE
from dealwright.storage.tallied import Extent

BY_ID: Final = Sort()
FIRST_PAGE: Final = Page()


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
    asked = ask(db, actor, subject, conditions)
    if asked.is_empty:
        await confirm(db, actor)
        return Found([], 0)
    extent = await extent_of(db, actor, asked) if _is_walked(asked, sort, page) else None
    rows = None if extent is None else await _walked(db, asked, sort, page, extent)
    if rows is None:
        rows = await _looked_for(db, asked, sort, page)
    await _confirm(db, actor, rows)
    ids = [row[0] for row in rows]
    total = page.total(len(ids)) if extent is None else extent.total
    return Found(ids, await total_of(db, actor, asked) if total is None else total)


async def _looked_for(db: Database, asked: Asked, sort: Sort, page: Page) -> Sequence[Row]:
    sorting = await _sorting(db, asked.subject, sort)
    query = query_of(("page", asked.shape, sort, sorting.shape), lambda: _page(asked, sort, sorting))
    given = {**asked.given, **sorting.given, "page_limit": page.limit, "page_offset": page.offset}
    return await db.rows(query, **given)


async def _confirm(db: Database, actor: Actor, rows: Sequence[Row]) -> None:
    if rows:
        check_stamp(actor, rows[0][1])
    else:
        await confirm(db, actor)


def _is_walked(asked: Asked, sort: Sort, page: Page) -> bool:
    """Tell whether a page may be found by walking along the ids: of deals in their order, not the first of all."""
    if asked.subject != "opportunity" or sort.path != "id" or any(term.rank for term in asked.terms):
        return False
    return bool(asked.terms) or (asked.sight in WIDE and page.offset > records_walk.DEEPEST)


async def _walked(db: Database, asked: Asked, sort: Sort, page: Page, extent: Extent) -> Sequence[Row] | None:
    find_page = records_walk.page_of if asked.terms else records_walk.deep_page
    return await find_page(db, _way(asked, sort), extent, page)


def _way(asked: Asked, sort: Sort) -> records_walk.Way:
    columns = {id(field.column) for field in asked.fields}
    return records_walk.Way(
        clauses=asked.clauses,
        seen=SUBJECTS[asked.subject].visible(asked.sight),
        given=asked.given,
        query=lambda name, build: query_of((name, asked.shape, sort.descending), build),
        sight=asked.sight,
        in_index=asked.is_range and len(columns) == 1 and asked.fields[0].column is not opportunity.c.amount_units,
        descending=sort.descending,
    )


async def _sorting(db: Database, subject: str, sort: Sort) -> Sorting:
    known = SUBJECTS[subject]
    if sort.path == "id" or (sort.kept is None and sort.path not in known.fields):
        return Sorting("id", lambda: [])
    if sort.path == "amount":
        return await records_amount.sorting(db)
    return field_of(known, sort.path, sort.kept).sorting(db.rules)


def _page(asked: Asked, sort: Sort, sorting: Sorting) -> Query:
    subject = SUBJECTS[asked.subject]
    needs = list(subject.fields[sort.path].needs) if sort.kept is None and sort.path in subject.fields else []
    ranked = [(field, term.rank) for field, term in zip(asked.fields, asked.terms, strict=True) if term.rank]
    needs += [need for field, _ in ranked for need in field.needs]
    statement = narrowed(asked, subject.visible, needs).add_columns(stamp_column().label("stamp"))
    order = [
        *(rank() for _, rank in ranked),
        *(turned(column, sort.descending, sorting.present) for column in sorting.columns()),
    ]
    by_range = any(term.is_range for term in asked.terms) and not order
    ident: ColumnElement[Any] = Sorted(subject.table.c.id) if by_range else subject.table.c.id
    statement = statement.order_by(*order, ident.desc() if sort.descending else ident)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)
