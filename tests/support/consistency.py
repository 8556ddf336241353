"""What must be true of a database whatever happened to it: totals, words, visits and places agree with the deals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, union_all

from dealwright.domain.text import search_words
from dealwright.domain.values import EPOCH
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.tallies import DAYS, SUMMARY, VALUES, Facet, size_of

o = schema.opportunity
_KEYS = ("stage_id", "currency", "responsible", "team_id", "private", "outcome", "completed")
_SUMS = ("deals", "priced", "units", "nanos")


def _kept() -> Query:
    parts = [
        select(*(table.c[name] for name in (*_KEYS, *_SUMS)))
        for table in (schema.stage_total, schema.stage_total_delta)
    ]
    both = union_all(*parts).subquery()
    sums = [func.sum(both.c[name]) for name in _SUMS]
    return Query(select(*(both.c[name] for name in _KEYS), *sums).group_by(*(both.c[name] for name in _KEYS)))


def _true() -> Query:
    keys = [o.c.stage_id, func.coalesce(o.c.currency, ""), func.coalesce(o.c.responsible, "")]
    keys += [func.coalesce(o.c.team_id, 0), o.c.private, o.c.outcome, o.c.completed]
    sums: list[Any] = [func.count(), func.count(o.c.amount_units)]
    sums += [func.coalesce(func.sum(column), 0) for column in (o.c.amount_units, o.c.amount_nanos)]
    return Query(select(*keys, *sums).where(o.c.deleted_at.is_(None)).group_by(*keys))


def _totals(rows: Any) -> dict[Any, Any]:
    found = {(*row[:4], bool(row[4]), row[5], bool(row[6])): tuple(map(int, row[7:])) for row in rows}
    return {key: sums for key, sums in found.items() if any(sums)}


_LIVING = Query(
    select(
        *(o.c.id, o.c.private, o.c.amount_units, o.c.currency, *DAYS.values(), *VALUES.values()),
    ).where(o.c.deleted_at.is_(None))
)


def _day(instant: int) -> int:
    return (EPOCH + timedelta(microseconds=instant)).toordinal() - 1


async def check(db: Database) -> None:
    """Assert that what is kept beside the deals agrees with the deals."""
    assert _totals(await db.rows(_kept())) == _totals(await db.rows(_true()))
    await _check_tallies(db)
    await _check_words(db)
    await _check_visits(db)


async def _check_tallies(db: Database) -> None:
    """Each bucket of each facet holds as many deals as there are, and its range of ids holds all of theirs."""
    kept: dict[Any, list[int]] = {}
    for table in (schema.opportunity_tally, schema.opportunity_tally_delta):
        columns = (table.c[name] for name in SUMMARY.columns)
        for facet, detail, bucket, private, deals, low, high in await db.rows(Query(select(*columns))):
            known = kept.setdefault((facet, detail, bucket, bool(private)), [0, low, high])
            known[:] = known[0] + deals, min(known[1], low), max(known[2], high)
    true: dict[Any, list[int]] = {}
    for ident, private, units, currency, *values in await db.rows(_LIVING):
        for facet, value in zip((*DAYS, *VALUES), values, strict=True):
            if value is not None:
                bucket = _day(value) if facet in DAYS else int(value)
                true.setdefault((facet, "", bucket, bool(private)), []).append(ident)
        if units is not None:
            true.setdefault((Facet.AMOUNT, currency or "", size_of(units), bool(private)), []).append(ident)
    assert {place: found[0] for place, found in kept.items() if found[0]} == {p: len(ids) for p, ids in true.items()}
    for place, ids in true.items():
        assert kept[place][1] <= min(ids) <= max(ids) <= kept[place][2], place


async def _check_words(db: Database) -> None:
    living = Query(select(o.c.id, o.c.title, o.c.description).where(o.c.deleted_at.is_(None)))
    expected = {ident for ident, title, about in await db.rows(living) if search_words(title, about)}
    key = "opportunity_id" if db.is_postgres else "rowid"
    found = Query(select(text(key)).select_from(text("opportunity_search")))
    assert {row[0] for row in await db.rows(found)} == expected


async def _check_visits(db: Database) -> None:
    visit = schema.stage_visit
    latest = select(func.max(visit.c.id)).group_by(visit.c.opportunity_id)
    last = Query(
        select(o.c.id, o.c.stage_id, visit.c.to_stage_id, o.c.position)
        .join(visit, visit.c.opportunity_id == o.c.id)
        .where(visit.c.id.in_(latest), o.c.deleted_at.is_(None))
    )
    for ident, stage, visited, position in await db.rows(last):
        assert stage == visited, f"deal {ident} stands in {stage}, its last visit is {visited}"
        assert position is not None, f"deal {ident} has no place"
