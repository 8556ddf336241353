"""Pages of deals in the order of their ids, where it is known beforehand how many match and where they lie.

Where many match one walks along the ids and soon has a page; where few do, an index that knows them is sooner read
and put in order. Which it is depends on the numbers, which the planners of the databases can only guess.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from dealwright.storage.database import Database
from dealwright.storage.opportunities import stamp_column
from dealwright.storage.query import Page, Query, Row, any_number, listed, number
from dealwright.storage.records_sql import Settled, Sorted
from dealwright.storage.schema import opportunity as o
from dealwright.storage.sight import EVERYTHING
from dealwright.storage.tallied import Extent, Stay, days_of, shared_ids

FEW: Final = 2_000
"""So few are sooner found by their index and put in order than walked to."""
REACH: Final = 5_000
"""So many deals may have to be passed on the way to the end of a page, as far as one can expect."""
STEPS: Final = 12_000
"""So many ids a walk goes along before it gives up."""
PATIENCE: Final = 8
"""So many times as far one walks where no index tells the ids either."""
DEEPEST: Final = 2_000
SPARE: Final = 200
"""So many more candidates are taken than asked for, because some of them may be hidden."""


@dataclass(frozen=True, slots=True)
class Way:
    """What is looked for along the ids: the conditions of the list and of sight, with their parameters.

    `query` keeps a query for each shape of list. `in_index` says that one index knows the conditions and the ids.
    `sight` says how much of all deals is seen.
    """

    clauses: Callable[[], Sequence[ColumnElement[bool]]]
    seen: ColumnElement[bool]
    given: Mapping[str, Any]
    query: Callable[[str, Callable[[], Query]], Query]
    sight: str
    in_index: bool
    descending: bool


async def page_of(db: Database, way: Way, extent: Extent, page: Page) -> Sequence[Row] | None:
    """Return the rows (id, rules stamp) of a page; None where walking is not the way to find it."""
    end = page.offset + page.limit
    if extent.total <= FEW or page.offset >= extent.total:
        return None
    patience = 1 if way.in_index else PATIENCE
    if end * (extent.highest - extent.lowest + 1) <= patience * REACH * extent.total:
        rows = await _walked(db, way, extent, page, patience * STEPS)
        if rows is not None:
            return rows
    return await _picked(db, way, page) if way.in_index and end <= DEEPEST else None


async def _walked(db: Database, way: Way, extent: Extent, page: Page, steps: int) -> Sequence[Row] | None:
    first, last = extent.lowest, extent.highest
    near = (max(first, last - steps), last) if way.descending else (first, min(last, first + steps))
    query = way.query("walk", lambda: _walk(way))
    rows = await db.rows(query, **way.given, **_cut(page), first_id=near[0], last_id=near[1])
    return rows if len(rows) == page.limit or near == (first, last) else None


async def deep_page(db: Database, way: Way, extent: Extent, page: Page) -> Sequence[Row] | None:
    """Return the rows (id, rules stamp) of a page of all deals: whole days are passed over, as far as tallies tell.

    A day can be passed over where none of its deals comes after the first of another. Then only what is left of the
    offset is counted on the way.
    """
    days = [Stay(*row) for row in await db.rows(days_of(way.sight))]
    own = await db.rows(shared_ids(), **way.given) if way.sight != EVERYTHING else []
    skipped, first = _passed(days, [row[0] for row in own], page.offset, way.descending)
    ends = (extent.lowest, first) if way.descending else (first, extent.highest)
    cut = _cut(Page(page.offset - skipped, page.limit))
    return await db.rows(way.query("walk", lambda: _walk(way)), **way.given, **cut, first_id=ends[0], last_id=ends[1])


def _passed(days: Sequence[Stay], own: Sequence[int], offset: int, descending: bool) -> tuple[int, int]:
    """Return how many deals can be passed over, and the id to begin with; `own` are tallied nowhere, in order."""
    turn = -1 if descending else 1
    ordered = sorted((day.turned(turn) for day in days), key=lambda day: day.lowest)
    best, passed, reached = (0, ordered[0].lowest if ordered else 0), 0, -(2**62)
    mine = sorted(turn * one for one in own)
    for day in ordered:
        before = passed + bisect_left(mine, day.lowest)
        if before > offset:
            break
        if day.lowest > reached:
            best = before, day.lowest
        passed, reached = passed + day.deals, max(reached, day.highest)
    skipped, first = best
    return skipped, turn * first


async def _picked(db: Database, way: Way, page: Page) -> Sequence[Row] | None:
    wanted = page.offset + page.limit + SPARE
    found = await db.rows(way.query("candidates", lambda: _candidates(way)), **way.given, wanted=wanted)
    candidates = listed([row[0] for row in found])
    rows = await db.rows(way.query("chosen", lambda: _chosen(way)), **way.given, **_cut(page), candidates=candidates)
    return rows if len(rows) == page.limit or len(found) < wanted else None


def _cut(page: Page) -> dict[str, int]:
    return {"page_limit": page.limit, "page_offset": page.offset}


def _walk(way: Way) -> Query:
    along = and_(o.c.id >= number("first_id"), o.c.id <= number("last_id"))
    return _rows(way, select(o.c.id).where(along, way.seen, *(Settled(one) for one in way.clauses())))


def _candidates(way: Way) -> Query:
    ident: ColumnElement[Any] = Sorted(o.c.id)
    statement = select(o.c.id).where(*way.clauses()).order_by(ident.desc() if way.descending else ident)
    return Query(statement.limit(number("wanted")), heavy=True)


def _chosen(way: Way) -> Query:
    return _rows(way, select(o.c.id).where(any_number(o.c.id, "candidates"), way.seen))


def _rows(way: Way, statement: Select[Any]) -> Query:
    ordered = statement.add_columns(stamp_column().label("stamp")).order_by(o.c.id.desc() if way.descending else o.c.id)
    return Query(ordered.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


# Each in a SELECT of its own: SQLite looks at the end of an index only for one at a time.
_ENDS: Final = Query(select(*(select(end(o.c.id)).scalar_subquery() for end in (func.min, func.max))))


async def everywhere(db: Database, total: int) -> Extent:
    """Return the extent of so many deals of which nothing else is known."""
    row = await db.first(_ENDS)
    assert row is not None
    return Extent(total, row[0] or 0, row[1] or 0)
