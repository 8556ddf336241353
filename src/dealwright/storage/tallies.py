"""How many deals there are by day, by amount and by kind: tallied ahead, so that a list need not be counted.

A deal stands in one bucket of each facet that it has a value of: the day of an instant, the leading digits of an
amount under its currency, the value itself of what has few. Private deals are tallied apart. With the number of a
bucket's deals goes the range of ids in which they lie (or lay), which tells where a list of them begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Boolean, Column

from dealwright.domain.opportunity import Opportunity
from dealwright.domain.values import micros, split
from dealwright.storage.folding import Summary
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import opportunity_tally, opportunity_tally_delta
from dealwright.storage.writes import InsertMany, Made, Write

FOLD_LOCK: Final = 7236
DAY: Final = 86_400_000_000
# Days are counted from the year 1, so that nothing is negative: the databases do not round as Python does.
_SINCE: Final = 62_135_596_800_000_000
_DIGITS: Final = 3


class Facet(IntEnum):
    """What deals are tallied by."""

    CREATED = 1
    FOLLOW_UP = 2
    WON = 3
    LOST = 4
    AMOUNT = 5
    OUTCOME = 6
    COMPLETED = 7
    LEAD_SOURCE = 8
    KIND = 9
    LOSS_REASON = 10


DAYS: Final[Mapping[Facet, Column[Any]]] = {
    Facet.CREATED: o.c.created_at,
    Facet.FOLLOW_UP: o.c.follow_up_at,
    Facet.WON: o.c.won_at,
    Facet.LOST: o.c.lost_at,
}
"""The facets of instants: a bucket is a day."""
VALUES: Final[Mapping[Facet, Column[Any]]] = {
    Facet.OUTCOME: o.c.outcome,
    Facet.COMPLETED: o.c.completed,
    Facet.LEAD_SOURCE: o.c.lead_source,
    Facet.KIND: o.c.kind_id,
    Facet.LOSS_REASON: o.c.loss_reason,
}
"""The facets of few values: a bucket is a value."""
COLUMNS: Final[Mapping[str, str]] = {
    column.name: f"opportunity.{column.name}"
    for column in (*DAYS.values(), *VALUES.values(), o.c.amount_units, o.c.currency, o.c.private)
}
"""What of a deal decides where it is tallied: the columns by name, as expressions over the table."""


class Place(NamedTuple):
    """One bucket that a deal stands in; the detail is the currency of an amount."""

    facet: Facet
    detail: str
    bucket: int
    private: bool


def day_of(instant: int) -> int:
    """Return the bucket of an instant (microseconds since 1970)."""
    return (instant + _SINCE) // DAY


def first_of_day(bucket: int) -> int:
    """Return the first instant of a day's bucket."""
    return bucket * DAY - _SINCE


def size_of(units: int) -> int:
    """Return the bucket of an amount's whole part: how many digits it has, and the first three of them."""
    digits = str(abs(units))
    bucket = len(digits) * 10**_DIGITS + int(digits[:_DIGITS])
    return -bucket if units < 0 else bucket


def units_of_size(bucket: int) -> tuple[int, int]:
    """Return the least and the greatest whole part that an amount in this bucket has."""
    length, leading = divmod(abs(bucket), 10**_DIGITS)
    rest = 10 ** max(0, length - _DIGITS)
    low, high = leading * rest, leading * rest + rest - 1
    return (-high, -low) if bucket < 0 else (low, high)


_NAMED: Final = tuple((facet, column.name) for facet, column in (*DAYS.items(), *VALUES.items()))


def _bucket(value: Any) -> int:
    return day_of(micros(value)) if isinstance(value, datetime) else int(value)


def _places(deal: Opportunity | None, other: Opportunity | None) -> Iterator[Place]:
    """Return the buckets that a deal stands in, without those of what the other has alike."""
    if deal is None:
        return
    like = other if other is not None and other.private == deal.private else None
    for facet, name in _NAMED:
        value = getattr(deal, name)
        if value is not None and (like is None or getattr(like, name) != value):
            yield Place(facet, "", _bucket(value), deal.private)
    if deal.amount is not None:
        yield Place(Facet.AMOUNT, deal.currency or "", size_of(split(deal.amount)[0]), deal.private)


def tallied(before: Opportunity | None, after: Opportunity | None, ident: int | Made) -> list[Write]:
    """Return the writes that carry a change of a deal (None: it is not there) into the tallies."""
    old, new = set(_places(before, after)), set(_places(after, before))
    if old == new:
        return []
    rows = [(*place, -1, ident, ident) for place in sorted(old - new)]
    rows += [(*place, 1, ident, ident) for place in sorted(new - old)]
    return [InsertMany(opportunity_tally_delta, SUMMARY.columns, rows)]


def _said_size() -> str:
    digits = "CAST(abs(amount_units) AS text)"
    bucket = f"length({digits}) * {10**_DIGITS} + CAST(substr({digits}, 1, {_DIGITS}) AS bigint)"
    return f"CASE WHEN amount_units < 0 THEN -({bucket}) ELSE {bucket} END"


def _said_places() -> Iterator[tuple[Facet, str, str, str]]:
    """Return each facet with the column that must have a value, and how SQL says detail and bucket."""
    for facet, column in DAYS.items():
        yield facet, column.name, "''", f"({column.name} + {_SINCE}) / {DAY}"
    for facet, column in VALUES.items():
        is_flag = isinstance(column.type, Boolean)
        value = f"CASE WHEN {column.name} THEN 1 ELSE 0 END" if is_flag else f"CAST({column.name} AS bigint)"
        yield facet, column.name, "''", value
    yield Facet.AMOUNT, "amount_units", "coalesce(currency, '')", _said_size()


def said(rows: str, sign: str = "", private: str = "private") -> str:
    """Return a SELECT of the rows of the summary, in the order of its columns, that deals come to.

    `rows` names what holds the deals, with `id` and the columns of `COLUMNS`; `private` says whether they are.
    """
    parts = (
        f"SELECT {int(facet)} AS facet, {detail} AS detail, {bucket} AS bucket, {private} AS private,"
        f" {sign}count(*) AS deals, min(id) AS lowest_id, max(id) AS highest_id"
        f" FROM {rows} WHERE {needs} IS NOT NULL GROUP BY 2, 3, 4"
        for facet, needs, detail, bucket in _said_places()
    )
    return " UNION ALL ".join(parts)


SUMMARY: Final = Summary(
    opportunity_tally,
    opportunity_tally_delta,
    ("facet", "detail", "bucket", "private"),
    sums=("deals",),
    least=("lowest_id",),
    most=("highest_id",),
    lock=FOLD_LOCK,
    counted=said("(SELECT * FROM opportunity WHERE deleted_at IS NULL) AS there"),
)
