"""How many deals a list holds that is narrowed by one facet, and in which ids they lie: read from the tallies.

What lies in whole buckets is summed up; of a range only the deals at its two ends are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)

from dealwright.domain.values import NANOS
from dealwright.storage.query import Query, any_number, any_text, counted, listed, number
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import opportunity_tally, opportunity_tally_delta
from dealwright.storage.sight import EVERYTHING
from dealwright.storage.tallies import DAYS, VALUES, Facet, day_of, first_of_day, size_of, units_of_size
from dealwright.storage.totals import shared_privately

Pair = tuple[int, int]

_FARTHEST: Final = 2**62
_NOTHING: Final = ((0, 0), (-1, 0))


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies between two values of a facet, both included; None where it has no end.

    A value is a pair: an instant and nothing, or the whole part and the billionths of an amount. The details are the
    currencies that the amounts are in.
    """

    low: Pair | None
    high: Pair | None
    details: tuple[str, ...] = ("",)

    def within(self, other: Stretch) -> Stretch | None:
        """Return what lies in both, None where they speak of different things."""
        if self.details != other.details:
            return None
        lows = [one for one in (self.low, other.low) if one is not None]
        highs = [one for one in (self.high, other.high) if one is not None]
        return Stretch(max(lows, default=None), min(highs, default=None), self.details)


@dataclass(frozen=True, slots=True)
class Span:
    """All that a list wants of one facet: stretches of it, or some of its values."""

    facet: Facet
    stretches: tuple[Stretch, ...] = ()
    keys: frozenset[int] = frozenset()

    def within(self, other: Span) -> Span | None:
        """Return what lies in both, None where that is no span."""
        if self.facet is not other.facet or len(self.stretches) != len(other.stretches):
            return None
        both = [one.within(two) for one, two in zip(self.stretches, other.stretches, strict=True)]
        found = tuple(one for one in both if one is not None)
        return Span(self.facet, found, self.keys & other.keys) if len(found) == len(both) else None


class Extent(NamedTuple):
    """How many deals a list holds, and the lowest and the highest id that one of them may have."""

    total: int
    lowest: int
    highest: int


class Stay(NamedTuple):
    """How many deals came on a day, and the lowest and the highest id that one of them may have."""

    deals: int
    lowest: int
    highest: int

    def turned(self, turn: int) -> Stay:
        """Return the same by ids that count down (-1) or up."""
        return self if turn > 0 else Stay(self.deals, -self.highest, -self.lowest)


@cache
def days_of(sight: str) -> Query:
    """Return the query of the days on which deals came, a `Stay` each: all deals, or all but the private ones.

    The ids are those of all that came that day.
    """
    parts = (
        select(t.c.bucket, t.c.private, t.c.deals, t.c.lowest_id, t.c.highest_id).where(
            t.c.facet == _facet(Facet.CREATED)
        )
        for t in (opportunity_tally, opportunity_tally_delta)
    )
    both = union_all(*parts).subquery()
    deals: ColumnElement[Any] = both.c.deals if sight == EVERYTHING else case((both.c.private, 0), else_=both.c.deals)
    said = select(func.sum(deals).label("deals"), func.min(both.c.lowest_id), func.max(both.c.highest_id))
    return Query(said.group_by(both.c.bucket), heavy=True)


@cache
def shared_ids() -> Query:
    """Return the query of the ids of the private deals that this person, who sees all others, is listed on."""
    return Query(select(o.c.id).where(shared_privately()), heavy=True)


def _facet(facet: Facet) -> ColumnElement[int]:
    return literal_column(str(int(facet)))


def facet_of(column: ColumnElement[Any]) -> Facet | None:
    """Return the facet whose buckets are the values of this column."""
    return next((facet for facet, values in VALUES.items() if values is column), None)


def composed(sight: str, span: Span, clauses: Callable[[], Sequence[ColumnElement[bool]]]) -> Query:
    """Return the query of an extent: how many deals of a span are there for this sight, its lowest and highest id.

    The sight is `EVERYTHING` or that of all but others' private deals; these are looked at one by one, `clauses` say
    the same of a deal as the span does. The facet and the number of stretches decide the text. Run it with `given_of`.
    """
    seen_by_all = sight != EVERYTHING
    both = union_all(*(_touched(table, span) for table in (opportunity_tally, opportunity_tally_delta))).subquery()
    inside = _inside(both.c, span)
    if seen_by_all:
        inside = and_(inside, not_(both.c.private))
    total: ColumnElement[Any] = func.coalesce(func.sum(case((inside, both.c.deals), else_=0)), 0)
    for part in _looked_at(span, seen_by_all):
        total = total + counted(part).scalar_subquery()
    if seen_by_all:
        mine = select(o.c.id).where(shared_privately(), *clauses())
        total = total + counted(mine).scalar_subquery()
    return Query(select(total.label("total"), func.min(both.c.lowest_id), func.max(both.c.highest_id)), heavy=True)


def _touched(table: Table, span: Span) -> Select[Any]:
    """The buckets in which something of a span lies."""
    c = table.c
    part = select(c.detail, c.bucket, c.private, c.deals, c.lowest_id, c.highest_id)
    part = part.where(c.facet == _facet(span.facet))
    if not span.stretches:
        return part.where(c.detail == "", any_number(c.bucket, "tally_keys"))
    return part.where(or_(*(_between(c, span, place, "outer") for place in range(len(span.stretches)))))


def _inside(columns: Any, span: Span) -> ColumnElement[bool]:
    """Whether a bucket belongs to a span as a whole."""
    if not span.stretches:
        return true()
    return or_(*(_between(columns, span, place, "inner") for place in range(len(span.stretches))))


def _between(columns: Any, span: Span, place: int, which: str) -> ColumnElement[bool]:
    detail = columns.detail == "" if span.facet in DAYS else any_text(columns.detail, f"tally_{place}_details")
    low, high = (number(f"tally_{place}_{which}_{end}") for end in ("low", "high"))
    return and_(detail, columns.bucket >= low, columns.bucket <= high)


def _looked_at(span: Span, seen_by_all: bool) -> Iterator[Select[Any]]:
    """The deals at the two ends of each stretch."""
    for place in range(len(span.stretches)):
        for end in ("low", "high"):
            at = f"tally_{place}_{end}"
            here = _day_part(DAYS[span.facet], at) if span.facet in DAYS else _amount_part(at, f"tally_{place}_details")
            part = select(o.c.id).where(o.c.deleted_at.is_(None), here)
            yield part.where(not_(o.c.private)) if seen_by_all else part


def _day_part(column: ColumnElement[Any], at: str) -> ColumnElement[bool]:
    return and_(column >= number(f"{at}_from"), column <= number(f"{at}_to"))


def _amount_part(at: str, details: str) -> ColumnElement[bool]:
    units, nanos = o.c.amount_units, o.c.amount_nanos
    low, high = number(f"{at}_from"), number(f"{at}_to")
    return and_(
        *(units >= low, or_(units > low, nanos >= number(f"{at}_from_nanos"))),
        *(units <= high, or_(units < high, nanos <= number(f"{at}_to_nanos"))),
        any_text(func.coalesce(o.c.currency, ""), details),
    )


def given_of(span: Span) -> dict[str, Any]:
    """Return the parameters of the query of an extent."""
    given: dict[str, Any] = {"tally_keys": listed(sorted(span.keys))}
    for place, stretch in enumerate(span.stretches):
        given[f"tally_{place}_details"] = listed(stretch.details)
        for name, (low, high) in _cut(span.facet, stretch)._asdict().items():
            at = f"tally_{place}_{name}"
            if name in ("inner", "outer"):
                given |= {f"{at}_low": low, f"{at}_high": high}
            else:
                given |= {f"{at}_from": low[0], f"{at}_from_nanos": low[1]}
                given |= {f"{at}_to": high[0], f"{at}_to_nanos": high[1]}
    return given


class _Cut(NamedTuple):
    """A stretch in buckets: those it touches, those inside it, and what is left at its low and at its high end."""

    outer: tuple[int, int]
    inner: tuple[int, int]
    low: tuple[Pair, Pair]
    high: tuple[Pair, Pair]


def _cut(facet: Facet, stretch: Stretch) -> _Cut:
    low, high = stretch.low, stretch.high
    if low is not None and high is not None and low > high:
        return _Cut((0, -1), (0, -1), _NOTHING, _NOTHING)
    first, inner_first, left = -_FARTHEST, -_FARTHEST, _NOTHING
    last, inner_last, right = _FARTHEST, _FARTHEST, _NOTHING
    if low is not None:
        first = inner_first = _bucket_of(facet, low)
        start, end = _bounds(facet, first)
        if low > start:
            inner_first, left = first + 1, (low, end)
    if high is not None:
        last = inner_last = _bucket_of(facet, high)
        start, end = _bounds(facet, last)
        if high < end:
            inner_last, right = last - 1, (start, high)
    if first == last and low is not None and high is not None and _NOTHING not in (left, right):
        left, right = (low, high), _NOTHING
    return _Cut((first, last), (inner_first, inner_last), left, right)


def _bucket_of(facet: Facet, value: Pair) -> int:
    return day_of(value[0]) if facet in DAYS else size_of(value[0])


def _bounds(facet: Facet, bucket: int) -> tuple[Pair, Pair]:
    """Return the least and the greatest value in a bucket."""
    if facet in DAYS:
        return (first_of_day(bucket), 0), (first_of_day(bucket + 1) - 1, 0)
    least, greatest = units_of_size(bucket)
    return (least, 0), (greatest, NANOS - 1)
