"""Periods of reports in days of a time zone, and the columns they are cut into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.report import BUCKETS, Column, Form, Period, Span, buckets, percent, span_of, totalled

RIGA = ZoneInfo("Europe/Riga")
SUNDAY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday the 23rd in Riga


def days(period: Period, zone: ZoneInfo = RIGA, at: datetime = SUNDAY) -> tuple[str, str]:
    """Return the first day of a period and the day after its last."""
    span = span_of(period, at, zone)
    assert span is not None
    return tuple(moment.astimezone(zone).date().isoformat() for moment in (span.start, span.end))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        (Period.TODAY, "2026-11-23", "2026-11-24"),
        (Period.YESTERDAY, "2026-11-22", "2026-11-23"),
        (Period.TOMORROW, "2026-11-24", "2026-11-25"),
        (Period.CURRENT_WEEK, "2026-11-23", "2026-11-30"),
        (Period.PREVIOUS_WEEK, "2026-11-16", "2026-11-23"),
        (Period.NEXT_WEEK, "2026-11-30", "2026-12-07"),
        (Period.CURRENT_MONTH, "2026-11-01", "2026-12-01"),
        (Period.PREVIOUS_MONTH, "2026-10-01", "2026-11-01"),
        (Period.NEXT_MONTH, "2026-12-01", "2027-01-01"),
        (Period.CURRENT_QUARTER, "2026-10-01", "2027-01-01"),
        (Period.PREVIOUS_QUARTER, "2026-07-01", "2026-10-01"),
        (Period.NEXT_QUARTER, "2027-01-01", "2027-04-01"),
        (Period.CURRENT_YEAR, "2026-01-01", "2027-01-01"),
        (Period.PREVIOUS_YEAR, "2025-01-01", "2026-01-01"),
        (Period.NEXT_YEAR, "2027-01-01", "2028-01-01"),
    ],
)
def test_a_period_begins_and_ends_with_days_of_the_zone(period: Period, first: str, after: str) -> None:
    assert days(period) == (first, after)


def test_all_time_has_no_bounds() -> None:
    assert span_of(Period.ALL_TIME, SUNDAY, RIGA) is None


def test_the_day_of_a_clock_change_has_its_own_length() -> None:
    span = span_of(Period.TODAY, datetime(2026, 3, 29, 12, tzinfo=UTC), RIGA)
    assert span is not None
    assert span.end - span.start == timedelta(hours=23)


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)), st.sampled_from(list(Period)))
def test_periods_follow_each_other_without_a_gap(since: timedelta, period: Period) -> None:
    if period is Period.ALL_TIME:
        return
    at = datetime(1980, 1, 1, tzinfo=UTC) + since
    unit = period // 3 * 3
    present, previous, following = (span_of(Period(unit + shift), at, RIGA) for shift in range(3))
    assert present is not None
    assert previous is not None
    assert following is not None
    assert previous.end == present.start <= at < present.end == following.start


def test_a_month_is_cut_into_days_and_a_year_into_months() -> None:
    month, year = (span_of(period, SUNDAY, RIGA) for period in (Period.CURRENT_MONTH, Period.CURRENT_YEAR))
    assert month is not None
    assert year is not None
    assert [bucket.label for bucket in buckets(month, RIGA)][:2] == ["2026-11-01", "2026-11-02"]
    assert len(buckets(month, RIGA)) == 30
    assert [bucket.label for bucket in buckets(year, RIGA)] == [f"2026-{month:02d}" for month in range(1, 13)]
    assert buckets(year, RIGA)[0].start == year.start


def test_a_very_long_time_is_cut_into_its_last_years() -> None:
    found = buckets(Span(datetime(1600, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)), ZoneInfo("UTC"))
    assert len(found) == BUCKETS
    assert found[-1].label == "2025"


def test_totals_sum_counts_and_money_and_leave_shares_alone() -> None:
    columns = (Column("who"), Column("deals", Form.COUNT), Column("value", Form.MONEY), Column("share", Form.PERCENT))
    rows = [("Mia", 2, Decimal("10.50"), Decimal(50)), ("Noah", 1, None, Decimal(50))]
    assert totalled(columns, rows) == ("Total", 3, Decimal("10.50"), None)


def test_a_share_of_nothing_is_not_told() -> None:
    assert percent(1, 3) == Decimal("33.3")
    assert percent(0, 0) is None
