"""One list engine for faces that narrow and order records by any field: a page of ids, and the exact total.

Every shape of a list is composed once; rows are joined after, by whoever knows what they show. Visibility is part of
every query.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, true

from dealwright.domain.actor import Actor
from dealwright.storage import records_amount, records_walk, tallied
from dealwright.storage.database import Database
from dealwright.storage.opportunities import check_stamp, confirm, stamp_column
from dealwright.storage.query import Found, Page, Query, Row, counted, number, turned
from dealwright.storage.records_kept import KeptMember
from dealwright.storage.records_plain import SUBJECTS
from dealwright.storage.records_sql import Rare, Settled, Sorted
from dealwright.storage.records_subjects import Subject, Visible
from dealwright.storage.records_terms import Condition, Field, Kept, Sort, Sorting, Term
from dealwright.storage.schema import opportunity
from dealwright.storage.sight import EVERYTHING, WIDE, hidden_from, seeing, sight_of
from dealwright.storage.tallied import Extent, Span
from dealwright.storage.totals import Some, deals_in

BY_ID: Final = Sort()
FIRST_PAGE: Final = Page()
_SHAPES: Final = 1000
_MANY: Final = 20_000


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

    @property
    def is_empty(self) -> bool:
        """Whether nothing can match: the rules know no record of which it is true."""
        return any(term.keys is not None and not term.keys for term in self.terms)

    @property
    def is_range(self) -> bool:
        """Whether it is narrowed by ranges of indexes alone."""
        return bool(self.terms) and all(term.is_range for term in self.terms)

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return the conditions."""
        return [term.clause() for term in self.terms]


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
    if asked.is_empty:
        await confirm(db, actor)
        return Found([], 0)
    extent = await _extent(db, actor, asked) if _is_walked(asked, sort, page) else None
    rows = None if extent is None else await _walked(db, asked, sort, page, extent)
    if rows is None:
        rows = await _looked_for(db, asked, sort, page)
    await _confirm(db, actor, rows)
    ids = [row[0] for row in rows]
    total = page.total(len(ids)) if extent is None else extent.total
    return Found(ids, await _total(db, actor, asked) if total is None else total)


async def _looked_for(db: Database, asked: _Asked, sort: Sort, page: Page) -> Sequence[Row]:
    sorting = await _sorting(db, asked.subject, sort)
    query = _query(("page", asked.shape, sort, sorting.shape), lambda: _page(asked, sort, sorting))
    given = {**asked.given, **sorting.given, "page_limit": page.limit, "page_offset": page.offset}
    return await db.rows(query, **given)


async def _confirm(db: Database, actor: Actor, rows: Sequence[Row]) -> None:
    if rows:
        check_stamp(actor, rows[0][1])
    else:
        await confirm(db, actor)


def _is_walked(asked: _Asked, sort: Sort, page: Page) -> bool:
    """Tell whether a page may be found by walking along the ids: of deals in their order, not the first of all."""
    if asked.subject != "opportunity" or sort.path != "id" or any(term.rank for term in asked.terms):
        return False
    return bool(asked.terms) or (asked.sight in WIDE and page.offset > records_walk.DEEPEST)


async def _walked(db: Database, asked: _Asked, sort: Sort, page: Page, extent: Extent) -> Sequence[Row] | None:
    find_page = records_walk.page_of if asked.terms else records_walk.deep_page
    return await find_page(db, _way(asked, sort), extent, page)


async def _extent(db: Database, actor: Actor, asked: _Asked) -> Extent | None:
    """Return how many deals there are in a list and where, if that is soon known; None if not."""
    span = _span(asked)
    if span is not None:
        return await _tallied(db, asked, span)
    if asked.is_range or _stands(db, asked) is not None:
        return await records_walk.everywhere(db, await _total(db, actor, asked))
    return None


async def _tallied(db: Database, asked: _Asked, span: Span) -> Extent:
    shape = ("tally", asked.shape, span.facet, len(span.stretches))
    query = _query(shape, lambda: tallied.composed(asked.sight, span, asked.clauses))
    row = await db.first(query, **asked.given, **tallied.given_of(span))
    assert row is not None
    total, lowest, highest = row
    return Extent(int(total), lowest or 0, highest or 0)


def _span(asked: _Asked) -> Span | None:
    """Return what a list wants of the one facet that it is about, None where it is about anything else."""
    if asked.subject != "opportunity" or asked.sight not in WIDE or not asked.terms:
        return None
    spans = [term.span or _values(field, term) for field, term in zip(asked.fields, asked.terms, strict=True)]
    whole = spans[0]
    for other in spans[1:]:
        whole = whole and other and whole.within(other)
    return whole


def _values(field: Field, term: Term) -> Span | None:
    facet = tallied.facet_of(field.column)
    return None if facet is None or term.keys is None else Span(facet, keys=frozenset(map(int, term.keys)))


def _way(asked: _Asked, sort: Sort) -> records_walk.Way:
    columns = {id(field.column) for field in asked.fields}
    return records_walk.Way(
        clauses=asked.clauses,
        seen=SUBJECTS[asked.subject].visible(asked.sight),
        given=asked.given,
        query=lambda name, build: _query((name, asked.shape, sort.descending), build),
        sight=asked.sight,
        in_index=asked.is_range and len(columns) == 1 and asked.fields[0].column is not opportunity.c.amount_units,
        descending=sort.descending,
    )


def _asked(db: Database, actor: Actor, subject: str, conditions: Sequence[Condition]) -> _Asked:
    known = SUBJECTS[subject]
    # One order of conditions, so that the same question has the same shape however it was put.
    sorted_ones = sorted(conditions, key=lambda one: (one.path, one.op.value))
    named = [(_field(known, one.path, one.kept), one) for one in sorted_ones]
    asked = [(field, field.term(f"c{place}", one, db)) for place, (field, one) in enumerate(named)]
    told = [(field, term) for field, term in asked if not term.is_void]
    given = {name: value for _, term in told for name, value in term.given.items()}
    fields, terms = (tuple(part) for part in (zip(*told, strict=True) if told else ((), ())))
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


def _narrowed(asked: _Asked, visible: Visible, needs: Sequence[str] = ()) -> Select[Any]:
    subject = SUBJECTS[asked.subject]
    statement = select(subject.table.c.id).where(visible(asked.sight))
    source: Any = subject.table
    for name in dict.fromkeys(needs):
        target, on = subject.joins[name]
        source = source.outerjoin(target, on)
    return statement.select_from(source).where(*asked.clauses())


def _page(asked: _Asked, sort: Sort, sorting: Sorting) -> Query:
    subject = SUBJECTS[asked.subject]
    needs = list(subject.fields[sort.path].needs) if sort.kept is None and sort.path in subject.fields else []
    ranked = [(field, term.rank) for field, term in zip(asked.fields, asked.terms, strict=True) if term.rank]
    needs += [need for field, _ in ranked for need in field.needs]
    statement = _narrowed(asked, subject.visible, needs).add_columns(stamp_column().label("stamp"))
    order = [
        *(rank() for _, rank in ranked),
        *(turned(column, sort.descending, sorting.present) for column in sorting.columns()),
    ]
    by_range = any(term.is_range for term in asked.terms) and not order
    ident: ColumnElement[Any] = Sorted(subject.table.c.id) if by_range else subject.table.c.id
    statement = statement.order_by(*order, ident.desc() if sort.descending else ident)
    return Query(statement.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


async def _total(db: Database, actor: Actor, asked: _Asked) -> int:
    """Return how many match: of deals in whole stages, of one person too, the totals of stages know it already."""
    subject = SUBJECTS[asked.subject]
    if asked.subject == "opportunity" and (stands := _stands(db, asked)) is not None:
        return await deals_in(db, actor, *stands)
    if (span := _span(asked)) is not None:
        return (await _tallied(db, asked, span)).total
    if not asked.terms:
        query = _query(("all", asked.subject, asked.sight), lambda: _everything(asked, subject))
    elif asked.subject == "opportunity" and asked.sight in WIDE and await _is_wide(db, asked):
        query = _query(("total", asked.shape), lambda: _less_hidden(asked))
    else:
        query = _query(("looked", asked.shape), lambda: _looked(asked))
    row = await db.first(query, **asked.given)
    assert row is not None
    return int(row[0])


async def _is_wide(db: Database, asked: _Asked) -> bool:
    """Tell whether so many match that the few hidden ones are sooner counted than all the others looked at."""
    if asked.sight == EVERYTHING:
        return True
    some = _query(("some", asked.shape), lambda: Query(counted(_narrowed(asked, lambda _: true()).limit(_MANY)), True))
    row = await db.first(some, **asked.given)
    return row is not None and row[0] >= _MANY


def _everything(asked: _Asked, subject: Subject) -> Query:
    """Count all there is for somebody: by leaving the few out that are not, where that spares looking at each."""
    if asked.sight == EVERYTHING and "deleted_at" in subject.table.c and not subject.hangs:
        return _all_but_trash(subject)
    return Query(counted(_narrowed(asked, subject.visible_at_large or subject.visible)), heavy=True)


_STANDING: Final = (opportunity.c.stage_id, opportunity.c.responsible, opportunity.c.outcome, opportunity.c.completed)


def _stands(db: Database, asked: _Asked) -> tuple[list[int], Some] | None:
    """Return the stages and which deals in them a list is about, None where it is about anything else."""
    wanted: dict[str, frozenset[Any]] = {"stage_id": frozenset(db.rules.stages)}
    for field, term in zip(asked.fields, asked.terms, strict=True):
        name = next((one.name for one in _STANDING if field.column is one), None)
        if name is None or term.keys is None:
            return None
        wanted[name] = wanted.get(name, frozenset(term.keys)) & frozenset(term.keys)
    completed = wanted.get("completed")
    if completed is not None and len(completed) != 1:
        return None
    some = Some(wanted.get("responsible"), wanted.get("outcome"), None if completed is None else bool(min(completed)))
    return sorted(wanted["stage_id"]), some


def _looked(asked: _Asked) -> Query:
    return Query(counted(_narrowed(asked, SUBJECTS[asked.subject].visible)), heavy=True)


def _less_hidden(asked: _Asked) -> Query:
    """All that match less those that are hidden: the former may come from an index alone, the latter are few."""
    every = counted(_narrowed(asked, lambda _: true()))
    among = select(opportunity.c.id).where(*map(Settled, asked.clauses()))
    hidden = [counted(among.where(Rare(opportunity.c.deleted_at.is_not(None))))]
    if asked.sight != EVERYTHING:
        hidden.append(counted(among.where(hidden_from(asked.sight))))
    total: ColumnElement[Any] = every.scalar_subquery()
    for part in hidden:
        total = total - part.scalar_subquery()
    return Query(select(total.label("total")), heavy=True)


def _all_but_trash(subject: Subject) -> Query:
    """Everything less the trash: both counts come from indexes, where looking at each row would read them all."""
    every = select(func.count()).select_from(subject.table).scalar_subquery()
    trash = select(func.count()).select_from(subject.table).where(subject.table.c.deleted_at.is_not(None))
    return Query(select((every - trash.scalar_subquery()).label("total")), heavy=True)
