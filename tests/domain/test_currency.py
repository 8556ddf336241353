"""Rates and exact conversion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.currencies import CURRENCIES
from dealwright.domain.currency import Quote, Rate, converted, quote_problems, rate_between

DAY = datetime(2026, 3, 4, tzinfo=UTC)
OLD, NEW = Decimal("0.8"), Decimal("0.5")
RATES = {("EUR", "GBP"): Rate(1, "EUR", "GBP", ((DAY, NEW), (DAY - timedelta(days=10), OLD)))}
amounts = st.decimals(-(10**12), 10**12, places=9, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_nothing_is_converted_within_one_currency(amount: Decimal) -> None:
    assert converted(amount, {}, "EUR", "EUR") == amount


@given(amounts)
def test_a_conversion_is_the_exact_product_to_nine_places(amount: Decimal) -> None:
    assert converted(amount, RATES, "EUR", "GBP") == (amount * NEW).quantize(Decimal("1E-9"))


def test_the_opposite_rate_serves_where_there_is_no_other() -> None:
    assert rate_between(RATES, "GBP", "EUR") == Decimal(2)
    assert converted(Decimal(3), RATES, "GBP", "EUR") == Decimal(6)


def test_a_rate_that_is_not_there_gives_nothing() -> None:
    assert rate_between(RATES, "EUR", "USD") is None
    assert converted(Decimal(1), RATES, "EUR", "USD") is None


@pytest.mark.parametrize(
    ("moment", "value"), [(DAY, NEW), (DAY + timedelta(days=1), NEW), (DAY - timedelta(days=1), OLD)]
)
def test_a_rate_is_the_one_in_force_at_the_moment(moment: datetime, value: Decimal) -> None:
    assert rate_between(RATES, "EUR", "GBP", moment) == value


def test_before_the_first_rate_there_was_none() -> None:
    assert rate_between(RATES, "EUR", "GBP", DAY - timedelta(days=11)) is None


@given(st.decimals(0, "99999999.99", allow_nan=False, allow_infinity=False))
def test_a_rate_in_range_is_kept_to_nine_places(value: Decimal) -> None:
    quote = Quote("EUR", "GBP", value)
    if quote_problems(quote, {"EUR", "GBP"}):
        assert 0 < value < Decimal("1E-9")
    else:
        assert abs(quote.kept - value) <= Decimal("5E-10")


@pytest.mark.parametrize(
    ("source", "target", "value", "field", "code"),
    [
        ("eur", "GBP", "1", "from_currency", "unknown"),
        ("EUR", "XQZ", "1", "to_currency", "unknown"),
        ("EUR", "GBP", "-0.01", "rate", "out_of_range"),
        ("EUR", "GBP", "100000000", "rate", "out_of_range"),
        ("EUR", "GBP", "NaN", "rate", "out_of_range"),
        ("EUR", "GBP", "1E-10", "rate", "out_of_range"),
    ],
)
def test_a_wrong_quote_names_what_is_wrong(source: str, target: str, value: str, field: str, code: str) -> None:
    (problem,) = quote_problems(Quote(source, target, Decimal(value)), {"EUR", "GBP"})
    assert (problem.field, problem.code) == (field, code)


def test_the_seventy_four_currencies_have_a_number_and_a_code_each() -> None:
    assert len(CURRENCIES) == 74
    assert len({currency.id for currency in CURRENCIES}) == len({currency.code for currency in CURRENCIES}) == 74
