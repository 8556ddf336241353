"""Absence, instants and exact money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.currency import summed
from dealwright.domain.values import DERIVE, EPOCH, NANOS, UNSET, instant, join, micros, split

amounts = st.integers(-(10**24) + 1, 10**24 - 1).map(lambda billionths: Decimal(billionths).scaleb(-9))
moments = st.datetimes(timezones=st.just(UTC))


@given(amounts)
def test_an_amount_comes_back_as_it_was_split(amount: Decimal) -> None:
    units, nanos = split(amount)
    assert 0 <= nanos < NANOS
    assert join(units, nanos) == amount


@given(amounts, amounts)
def test_the_pair_sorts_as_the_amounts_do(one: Decimal, other: Decimal) -> None:
    assert (split(one) < split(other)) == (one < other)


@given(st.lists(amounts, max_size=50))
def test_sums_of_pairs_are_the_sum_of_amounts(several: list[Decimal]) -> None:
    pairs = [split(amount) for amount in several]
    total = summed(sum(units for units, _ in pairs), sum(nanos for _, nanos in pairs))
    billionths = sum(int(amount.scaleb(9)) for amount in several)
    assert int(total * NANOS) == billionths
    assert -9 <= int(total.as_tuple().exponent) <= 0


def test_a_sum_is_exact_beyond_what_a_decimal_usually_holds() -> None:
    most, nanos = split(Decimal("999999999999999.999999999"))
    assert str(summed(most * 10**9, nanos * 10**9)) == "999999999999999999999999"


@pytest.mark.parametrize(("amount", "pair"), [("0", (0, 0)), ("-0.5", (-1, 500_000_000)), ("12.50", (12, 500_000_000))])
def test_the_first_of_the_pair_is_the_floor(amount: str, pair: tuple[int, int]) -> None:
    assert split(Decimal(amount)) == pair


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E15", "-1E15", "1E-10", "0.1234567891"])
def test_an_amount_that_cannot_be_kept_exactly_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="an amount"):
        split(Decimal(amount))


@pytest.mark.parametrize(("stored", "text"), [((100, 0), "100"), ((0, 100_000_000), "0.1"), ((-1, 1), "-0.999999999")])
def test_an_amount_is_told_without_exponent_and_trailing_zeros(stored: tuple[int, int], text: str) -> None:
    assert str(join(*stored)) == text


@given(moments)
def test_an_instant_comes_back_as_it_was_stored(moment: datetime) -> None:
    assert instant(micros(moment)) == moment


@given(moments, moments)
def test_stored_instants_sort_as_instants_do(one: datetime, other: datetime) -> None:
    assert (micros(one) < micros(other)) == (one < other)


def test_an_instant_is_stored_the_same_from_every_zone() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert micros(noon) == micros(noon.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert micros(EPOCH) == 0


def test_absence_is_false_and_has_a_name() -> None:
    assert (repr(UNSET), repr(DERIVE)) == ("UNSET", "DERIVE")
    assert not UNSET
    assert not DERIVE
