"""Whose telephone number that is, and which calls cannot be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dealwright.domain.call import Call, CallChange, CallStatus, call_problems, changed, digits_of, is_same_number

AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
CALL = Call(
    id=1, uid="u", external_id="CA1", dialed_at=AT, created_at=AT, updated_at=AT, from_number="1", to_number="2"
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+44 20 7946 0000", "020 7946 0000", True),
        ("+44 (20) 7946-0000", "442079460000", True),
        ("0044 20 7946 0000", "+44 20 7946 0000", True),
        ("79460000", "+44 20 7946 0000", True),
        ("112", "112", True),
        ("0000", "+44 20 7946 0000", False),
        ("460000", "+44 20 7946 0000", False),
        ("020 7946 0001", "020 7946 0000", False),
        ("", "", False),
        ("anonymous", "anonymous", False),
    ],
)
def test_one_number_can_be_spelled_in_many_ways(one: str, other: str, same: bool) -> None:
    assert is_same_number(one, other) is same
    assert is_same_number(other, one) is same


def test_only_plain_digits_count() -> None:
    assert digits_of("+49 (0)30-1٢34") == "49030134"


def test_the_other_side_of_a_call_is_who_we_called_or_who_called_us() -> None:
    assert replace(CALL, status=CallStatus.OUTGOING).numbers == ("2", "1")
    assert replace(CALL, status=CallStatus.MISSED).numbers == ("1", "2")
    assert CALL.numbers == ("1", "2")


def test_what_is_not_mentioned_stays() -> None:
    assert changed(CALL, CallChange(seconds=7)) == replace(CALL, seconds=7)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (CallChange(seconds=-1), ("seconds", "out_of_range")),
        (CallChange(record_seconds=2**31), ("record_seconds", "out_of_range")),
        (CallChange(price=Decimal(-1)), ("price", "out_of_range")),
        (CallChange(price=Decimal("1e9")), ("price", "out_of_range")),
        (CallChange(price=Decimal("0.0000000001")), ("price", "format")),
        (CallChange(from_number="1" * 256), ("from_number", "too_long")),
        (CallChange(record_url="x\0"), ("record_url", "format")),
    ],
)
def test_what_cannot_be_kept_is_named(change: CallChange, problem: tuple[str, str]) -> None:
    assert [(one.field, one.code) for one in call_problems(changed(CALL, change))] == [problem]


def test_a_call_has_a_name_of_the_telephone_systems() -> None:
    assert [one.field for one in call_problems(replace(CALL, external_id=" "))] == ["external_id"]
    assert call_problems(CALL) == []
