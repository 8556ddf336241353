"""Reports: the ten kinds, the periods they can be about, and the shape of what they say; nothing of how it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Final

DAYS: Final = 31
MONTHS: Final = 24
BUCKETS: Final = 60
"""The most columns of time in a report; what is older goes into the first."""


class ReportKind(IntEnum):
    """The kinds of reports; the numbers are ONLYOFFICE's."""

    SALES_BY_MANAGERS = 0
    SALES_FORECAST = 1
    SALES_FUNNEL = 2
    WORKLOAD_BY_CONTACTS = 3
    WORKLOAD_BY_TASKS = 4
    WORKLOAD_BY_DEALS = 5
    WORKLOAD_BY_INVOICES = 6
    WORKLOAD_BY_CALLS = 7
    SUMMARY_OF_PERIOD = 8
    SUMMARY_OF_NOW = 9


TITLES: Final = {
    ReportKind.SALES_BY_MANAGERS: "Sales by managers",
    ReportKind.SALES_FORECAST: "Sales forecast",
    ReportKind.SALES_FUNNEL: "Sales funnel",
    ReportKind.WORKLOAD_BY_CONTACTS: "Workload by contacts",
    ReportKind.WORKLOAD_BY_TASKS: "Workload by tasks",
    ReportKind.WORKLOAD_BY_DEALS: "Workload by opportunities",
    ReportKind.WORKLOAD_BY_INVOICES: "Workload by invoices",
    ReportKind.WORKLOAD_BY_CALLS: "Workload by calls",
    ReportKind.SUMMARY_OF_PERIOD: "Summary for the period",
    ReportKind.SUMMARY_OF_NOW: "Summary at this moment",
}


class Period(IntEnum):
    """Which time a report is about; the numbers are ONLYOFFICE's. Weeks begin on Monday."""

    TODAY = 0
    YESTERDAY = 1
    TOMORROW = 2
    CURRENT_WEEK = 3
    PREVIOUS_WEEK = 4
    NEXT_WEEK = 5
    CURRENT_MONTH = 6
    PREVIOUS_MONTH = 7
    NEXT_MONTH = 8
    CURRENT_QUARTER = 9
    PREVIOUS_QUARTER = 10
    NEXT_QUARTER = 11
    CURRENT_YEAR = 12
    PREVIOUS_YEAR = 13
    NEXT_YEAR = 14
    ALL_TIME = 15


_SHIFTS: Final = (0, -1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in the portal's zone, from the start of a day up to, but without, the start of another."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """One column of time: what it is called, and the instant with which it begins."""

    label: str
    start: datetime


def span_of(period: Period, at: datetime, zone: tzinfo) -> Span | None:
    """Return the stretch of time that a period means at an instant, in days of the zone; None for all time."""
    if period is Period.ALL_TIME:
        return None
    today = at.astimezone(zone).date()
    unit, shift = period // 3, _SHIFTS[period % 3]
    if unit == 0:
        first = today + timedelta(days=shift)
        return _span(first, first + timedelta(days=1), zone)
    if unit == 1:
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return _span(first, first + timedelta(weeks=1), zone)
    months = {2: 1, 3: 3, 4: 12}[unit]
    began = (today.year * 12 + today.month - 1) // months * months + shift * months
    return _span(_month(began), _month(began + months), zone)


def _month(number: int) -> date:
    """Return the first day of a month counted from the year 0."""
    return date(number // 12, number % 12 + 1, 1)


def _span(first: date, after: date, zone: tzinfo) -> Span:
    return Span(_midnight(first, zone), _midnight(after, zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def buckets(span: Span, zone: tzinfo) -> list[Bucket]:
    """Return the columns of a stretch of time: days up to a month, months up to two years, else the last 60 years."""
    first, last = span.start.astimezone(zone).date(), (span.end - timedelta(microseconds=1)).astimezone(zone).date()
    days = (last - first).days + 1
    if days <= DAYS:
        return [_bucket(first + timedelta(days=place), 10, zone) for place in range(days)]
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    if end - begin < MONTHS:
        return [_bucket(_month(number), 7, zone) for number in range(begin, end + 1)]
    years = range(max(first.year, last.year - BUCKETS + 1), last.year + 1)
    return [_bucket(date(year, 1, 1), 4, zone) for year in years]


def _bucket(day: date, length: int, zone: tzinfo) -> Bucket:
    return Bucket(day.isoformat()[:length], _midnight(day, zone))


class Form(Enum):
    """How the values of a column are written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    DAYS = "days"
    MINUTES = "minutes"


Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its heading and how its values are written."""

    title: str
    form: Form = Form.TEXT


class ChartKind(Enum):
    """How a sheet is drawn, where it is."""

    COLUMNS = "columns"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of a sheet: the first column names, these columns (numbers from 0) are drawn."""

    kind: ChartKind
    columns: tuple[int, ...]


@dataclass(slots=True)
class Sheet:
    """One table of a report; the totals, where there are any, stand under the rows."""

    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    totals: tuple[Cell, ...] | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAsk:
    """What is asked for: a kind, a period, and the uids of the managers it is narrowed to (none: everybody)."""

    kind: ReportKind
    period: Period = Period.ALL_TIME
    managers: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Report:
    """What a report says. Money is in `currency`; what has no rate to it (`missing_rates`) is counted, not summed."""

    ask: ReportAsk
    made_at: datetime
    span: Span | None
    currency: str
    sheets: list[Sheet] = field(default_factory=list)
    missing_rates: tuple[str, ...] = ()
    has_data: bool = False

    @property
    def title(self) -> str:
        """What the report is called."""
        return TITLES[self.ask.kind]


def totalled(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], title: str = "Total") -> tuple[Cell, ...]:
    """Return the sums of the counts and the money under the rows; other columns have none."""
    cells: list[Cell] = [title]
    for place, column in enumerate(columns[1:], 1):
        values = [value for row in rows if isinstance(value := row[place], (int, Decimal))]
        if column.form is Form.COUNT:
            cells.append(sum(int(value) for value in values))
        else:
            cells.append(sum(map(Decimal, values), Decimal(0)) if column.form is Form.MONEY else None)
    return tuple(cells)


def percent(part: int, whole: int) -> Decimal | None:
    """Return a share in percent to one place, None of nothing."""
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else None
