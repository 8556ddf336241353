"""Values as this dialect writes them (conventions §2 and §3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.onlyoffice.values import NO_DATE, NO_GUID, Amount, encoded, moment, without_defaults

AT = datetime(2025, 1, 10, 8, 36, 24, 123_456, UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_moment_of_a_portal_at_greenwich_ends_in_z() -> None:
    assert moment(AT, UTC) == moment(AT, ZoneInfo("Europe/London")) == "2025-01-10T08:36:24.1234560Z"


def test_a_moment_is_portal_time_with_its_offset() -> None:
    assert moment(AT, ZoneInfo("Europe/Moscow")) == "2025-01-10T11:36:24.1234560+03:00"
    assert moment(AT, ZoneInfo("America/St_Johns")) == "2025-01-10T05:06:24.1234560-03:30"


def test_no_moment_is_the_year_one() -> None:
    assert moment(None, ZoneInfo("Europe/Moscow")) == NO_DATE


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_of_the_calendar_are_written(at: datetime, zone: str) -> None:
    assert len(moment(at, ZoneInfo(zone))) in (28, 33)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1000", "1000.0"),
        ("0", "0.0"),
        ("1E+3", "1000.0"),
        ("1500.500000000", "1500.500000000"),
        ("0.000000001", "0.000000001"),
        ("1E-9", "0.000000001"),
        ("-12.50", "-12.50"),
        ("999999999999999.999999999", "999999999999999.999999999"),
    ],
)
def test_a_decimal_is_written_with_a_decimal_part_and_every_digit(number: str, text: str) -> None:
    assert encoded({"bidValue": Amount(number)}) == b'{"bidValue":%s}' % text.encode()


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=9))
def test_no_digit_of_a_decimal_is_lost(number: Decimal) -> None:
    assert json.loads(encoded(Amount(number)), parse_float=Decimal) == number


def test_a_slash_is_escaped() -> None:
    assert encoded({"url": "http://host/a", "a/b": "\\/"}) == b'{"url":"http:\\/\\/host\\/a","a\\/b":"\\\\\\/"}'


def test_other_characters_are_written_as_utf_8() -> None:
    assert encoded('ж€😀"\\\x01') == '"ж€😀\\"\\\\\\u0001"'.encode()


@given(JSON)
def test_whatever_is_written_is_json_for_every_reader(document: object) -> None:
    assert json.loads(encoded(document)) == document


def test_something_else_than_a_value_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        encoded({"at": object()})


def test_members_at_their_default_are_left_out() -> None:
    shown = without_defaults(
        {"a": None, "b": 0, "c": Amount(0), "d": False, "e": NO_GUID, "f": "", "g": [], "h": 1, "i": Amount("0.1")}
    )
    assert list(shown) == ["f", "g", "h", "i"]
