"""How many records a list holds, and where deals lie that are known beforehand: by whatever way is the soonest."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, true

from dealwright.domain.actor import Actor
from dealwright.storage import records_walk, tallied
from dealwright.storage.database import Database
from dealwright.storage.query import Query, counted
from dealwright.storage.records_asked import Asked, narrowed, query_of
from dealwright.storage.records_plain import SUBJECTS
from dealwright.storage.records_sql import Rare, Settled
from dealwright.storage.records_subjects import Subject
from dealwright.storage.records_terms import Field, Term
from dealwright.storage.schema import opportunity
from dealwright.storage.sight import EVERYTHING, WIDE, hidden_from
from dealwright.storage.tallied import Extent, Span
from dealwright.storage.totals import Some, deals_in

_MANY: Final = 20_000
_STANDING: Final = (opportunity.c.stage_id, opportunity.c.responsible, opportunity.c.outcome, opportunity.c.completed)


async def total_of(db: Database, actor: Actor, asked: Asked) -> int:
    """Return how many match: of deals in whole stages, of one person too, the totals of stages know it already."""
    subject = SUBJECTS[asked.subject]
    if asked.subject == "opportunity" and (stands := _stands(db, asked)) is not None:
        return await deals_in(db, actor, *stands)
    if (span := _span(asked)) is not None:
        return (await _tallied(db, asked, span)).total
    if not asked.terms:
        query = query_of(("all", asked.subject, asked.sight), lambda: _everything(asked, subject))
    elif asked.subject == "opportunity" and asked.sight in WIDE and await _is_wide(db, asked):
        query = query_of(("total", asked.shape), lambda: _less_hidden(asked))
    else:
        query = query_of(("looked", asked.shape), lambda: _looked(asked))
    row = await db.first(query, **asked.given)
    assert row is not None
    return int(row[0])


async def extent_of(db: Database, actor: Actor, asked: Asked) -> Extent | None:
    """Return how many deals there are in a list and where, if that is soon known; None if not."""
    span = _span(asked)
    if span is not None:
        return await _tallied(db, asked, span)
    if asked.is_range or _stands(db, asked) is not None:
        return await records_walk.everywhere(db, await total_of(db, actor, asked))
    return None


async def _tallied(db: Database, asked: Asked, span: Span) -> Extent:
    shape = ("tally", asked.shape, span.facet, len(span.stretches))
    query = query_of(shape, lambda: tallied.composed(asked.sight, span, asked.clauses))
    row = await db.first(query, **asked.given, **tallied.given_of(span))
    assert row is not None
    total, lowest, highest = row
    return Extent(int(total), lowest or 0, highest or 0)


def _span(asked: Asked) -> Span | None:
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


def _stands(db: Database, asked: Asked) -> tuple[list[int], Some] | None:
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


async def _is_wide(db: Database, asked: Asked) -> bool:
    """Tell whether so many match that the few hidden ones are sooner counted than all the others looked at."""
    if asked.sight == EVERYTHING:
        return True
    some = query_of(("some", asked.shape), lambda: Query(counted(narrowed(asked, lambda _: true()).limit(_MANY)), True))
    row = await db.first(some, **asked.given)
    return row is not None and row[0] >= _MANY


def _everything(asked: Asked, subject: Subject) -> Query:
    """Count all there is for somebody: by leaving the few out that are not, where that spares looking at each."""
    if asked.sight == EVERYTHING and "deleted_at" in subject.table.c and not subject.hangs:
        return _all_but_trash(subject)
    return Query(counted(narrowed(asked, subject.visible_at_large or subject.visible)), heavy=True)


def _all_but_trash(subject: Subject) -> Query:
    """Everything less the trash: both counts come from indexes, where looking at each row would read them all."""
    every = select(func.count()).select_from(subject.table).scalar_subquery()
    trash = select(func.count()).select_from(subject.table).where(subject.table.c.deleted_at.is_not(None))
    return Query(select((every - trash.scalar_subquery()).label("total")), heavy=True)


def _looked(asked: Asked) -> Query:
    return Query(counted(narrowed(asked, SUBJECTS[asked.subject].visible)), heavy=True)


def _less_hidden(asked: Asked) -> Query:
    """All that match less those that are hidden: the former may come from an index alone, the latter are few."""
    every = counted(narrowed(asked, lambda _: true()))
    among = select(opportunity.c.id).where(*map(Settled, asked.clauses()))
    hidden = [counted(among.where(Rare(opportunity.c.deleted_at.is_not(None))))]
    if asked.sight != EVERYTHING:
        hidden.append(counted(among.where(hidden_from(asked.sight))))
    total: ColumnElement[Any] = every.scalar_subquery()
    for part in hidden:
        total = total - part.scalar_subquery()
    return Query(select(total.label("total")), heavy=True)
