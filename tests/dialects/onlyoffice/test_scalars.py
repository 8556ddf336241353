"""Text of the wire into values (conventions §3 and §6)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dealwright.dialects.onlyoffice import scalars
from dealwright.dialects.onlyoffice.failures import ARGUMENT, FORMAT, OVERFLOW, Failure
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import moment

BERLIN = ZoneInfo("Europe/Berlin")
BID_TYPE = Names({"FixedBid": 0, "PerHour": 1, "PerDay": 2, "PerWeek": 3, "PerMonth": 4, "PerYear": 5})
STAGE_TYPE = Names({"Open": 0, "ClosedAndWon": 1, "ClosedAndLost": 2}, {"Successfully closed": 1})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        (" 5 ", 5),
        ("+5", 5),
        ("-5", -5),
        ("007", 7),
        ("0" * 10_000 + "7", 7),
        ("2147483647", 2**31 - 1),
        ("-2147483648", -(2**31)),
        ("0x1F", 31),
        ("#1f", 31),
        ("0xFFFFFFFF", -1),
    ],
)
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert scalars.integer(text) == number


@pytest.mark.parametrize("text", ["", " ", "five", "1.5", "1,000", "1_000", "1e3", "٣", "²", "--5", "0x", "5 5"])
def test_what_is_no_whole_number_is_a_format_error(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.integer(text)
    assert (refusal.value.status, refusal.value.hresult) == (400, FORMAT)


@pytest.mark.parametrize("text", ["2147483648", "-2147483649", "9" * 1_000_000, "0x100000000", "0x" + "f" * 100_000])
def test_a_whole_number_beyond_32_bits_is_an_overflow(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.integer(text)
    assert (refusal.value.status, refusal.value.hresult) == (400, OVERFLOW)


def test_a_long_number_has_64_bits() -> None:
    assert scalars.integer("864000000000", scalars.INT64) == 864_000_000_000
    assert scalars.integer("0xFFFFFFFFFFFFFFFF", scalars.INT64) == -1
    with pytest.raises(Failure):
        scalars.integer("9223372036854775808", scalars.INT64)


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_whole_number_of_32_bits_comes_back(number: int) -> None:
    assert scalars.integer(str(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", "1000"),
        ("1000.50", "1000.50"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        (" 7 ", "7"),
        ("-0", "0"),
        ("0e999999999", "0"),
        ("1e-999999", "0"),
        ("0.12345678901234567890123456789", "0.1234567890123456789012345679"),
        ("9999999999999999999999999999", "9999999999999999999999999999"),
    ],
)
def test_a_decimal_is_read_exactly(text: str, number: str) -> None:
    assert scalars.decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "1,5", "1,000.5", "much", ".", "1e", "NaN", "Infinity", "-inf", "0x10", "1_0", "١"]
)
def test_what_is_no_decimal_is_a_format_error(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.decimal(text)
    assert (refusal.value.status, refusal.value.hresult) == (400, FORMAT)


@pytest.mark.parametrize(
    "text", ["1e999999", "1e99999999999999999999", "1e-99999999999999999999", "-1e28", "9" * 1_000_000]
)
def test_a_huge_decimal_is_an_overflow(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.decimal(text)
    assert (refusal.value.status, refusal.value.hresult) == (400, OVERFLOW)


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=9))
def test_every_amount_comes_back(number: Decimal) -> None:
    assert scalars.decimal(str(number)) == scalars.decimal(f"{number:E}") == number


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("False", False), (" true ", True)])
def test_yes_and_no_are_read_in_any_case(text: str, value: bool) -> None:
    assert scalars.boolean(text) is value


@pytest.mark.parametrize("text", ["", "1", "0", "yes", "on", "truefalse"])
def test_other_words_for_yes_and_no_are_refused(text: str) -> None:
    with pytest.raises(Failure):
        scalars.boolean(text)


@pytest.mark.parametrize("form", ["{}", "{{{}}}", "({})", " {} "])
def test_a_guid_is_read_in_its_forms(form: str) -> None:
    plain = "9924256a-739c-462b-af15-e652a3b1b6eb"
    assert scalars.guid(form.format(plain)) == scalars.guid(form.format(plain.upper())) == plain


def test_a_guid_is_read_without_dashes() -> None:
    assert scalars.guid("9924256A739C462BAF15E652A3B1B6EB") == "9924256a-739c-462b-af15-e652a3b1b6eb"


@pytest.mark.parametrize(
    "text",
    [
        *("", "someone", "9924256a-739c-462b-af15-e652a3b1b6e", "{9924256a-739c-462b-af15-e652a3b1b6eb", "{}", "{"),
        *("{9924256a739c462baf15e652a3b1b6eb}", "99242-56a739c-462b-af15-e652a3b1b6eb", "urn:" + "0" * 32, "٣" * 32),
    ],
)
def test_what_is_no_guid_is_refused(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.guid(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("text", "number"), [("PerDay", 2), ("perday", 2), (" PERDAY ", 2), ("2", 2), ("77", 77), ("-1", -1)]
)
def test_an_enum_is_read_by_name_or_number(text: str, number: int) -> None:
    assert BID_TYPE.number(text) == number


def test_an_enum_may_be_several_names_united() -> None:
    assert BID_TYPE.number("PerHour, PerMonth") == 5


def test_an_enum_may_have_a_display_text() -> None:
    assert STAGE_TYPE.number("successfully CLOSED") == 1
    assert STAGE_TYPE.name(1) == "ClosedAndWon"


def test_a_number_without_a_name_is_named_by_its_digits() -> None:
    assert BID_TYPE.name(77) == "77"


@pytest.mark.parametrize("text", ["", "sometimes", "PerDay,", "PerDay,sometimes", "1,2", "x" * 1_000_000])
def test_an_unknown_name_is_refused_and_only_its_beginning_repeated(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        BID_TYPE.number(text)
    assert (refusal.value.status, refusal.value.hresult) == (400, ARGUMENT)
    assert len(refusal.value.message) < 200


MOMENTS = {
    "2031-05-06T07:08:09.1230000Z": datetime(2031, 5, 6, 7, 8, 9, 123_000, UTC),
    "2031-05-06T07-08-09.1234567Z": datetime(2031, 5, 6, 7, 8, 9, 123_456, UTC),
    "2031-05-06T07-08-09.123Z": datetime(2031, 5, 6, 7, 8, 9, 123_000, UTC),
    "2031-05-06T07:08:09.123Z": datetime(2031, 5, 6, 7, 8, 9, 123_000, UTC),
    "2031-05-06T07-08-09Z": datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC),
    "2031-05-06T07:08:09+02:00": datetime(2031, 5, 6, 5, 8, 9, tzinfo=UTC),
    "2031-05-06T07-08-09-05:30": datetime(2031, 5, 6, 12, 38, 9, tzinfo=UTC),
    "2031-05-06T07:08:09": datetime(2031, 5, 6, 5, 8, 9, tzinfo=UTC),
    "2031-12-06T07-08-09": datetime(2031, 12, 6, 6, 8, 9, tzinfo=UTC),
    "2031-05-06": datetime(2031, 5, 5, 22, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(("text", "expected"), MOMENTS.items())
def test_a_date_is_read_in_each_format(text: str, expected: datetime) -> None:
    assert scalars.moment(text, BERLIN) == expected


@pytest.mark.parametrize("text", ["", "0001-01-01", "0001-01-01T00:00:00.0000000Z", "0001-01-01T00:00:00+03:00"])
def test_no_date_is_none(text: str) -> None:
    assert scalars.moment(text, BERLIN) is None


@pytest.mark.parametrize(
    "text",
    [
        *("tomorrow", "2031", "06.05.2031", "2031-13-01", "2031-02-29", "0000-01-01", "2031-05-06 07:08:09", " "),
        *("2031-05-06T07:08", "2031-05-06T07:08-09", "2031-05-06T24:00:00", "2031-05-06T07:08:60", "2031-05-06Z"),
        *("2031-05-06T07:08:09.12Z", "2031-05-06T07:08:09z", "2031-05-06T07:08:09+0200", "2031-05-06T07:08:09+14:01"),
        *("2031-05-06T07:08:09+02:60", "9999-12-31T23:59:59-14:00", "٢٠٣١-05-06", "2031-05-06\n", "2" * 1_000_000),
    ],
)
def test_a_date_in_another_format_is_refused(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        scalars.moment(text, BERLIN)
    assert refusal.value.status == 400
    assert refusal.value.message.startswith("invalid date time format")


def test_a_date_of_a_json_body_may_have_any_fraction() -> None:
    assert scalars.loose_moment("2031-05-06T07:08:09.12Z", BERLIN) == datetime(2031, 5, 6, 7, 8, 9, 120_000, UTC)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.timezones(),
)
@example(datetime(2031, 3, 30, 1, 30, tzinfo=UTC), BERLIN)
@example(datetime(2031, 10, 26, 0, 30, tzinfo=UTC), BERLIN)
@example(datetime(1867, 1, 1, tzinfo=UTC), ZoneInfo("America/Metlakatla"))
def test_every_moment_that_is_written_is_read_back(at: datetime, zone: ZoneInfo) -> None:
    assert scalars.moment(moment(at, zone), zone) == at


@given(st.dates(date(1990, 1, 1)))
def test_a_day_begins_at_midnight_of_the_portal(day: date) -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    assert moment(scalars.moment(str(day), zone), zone) == f"{day}T00:00:00.0000000+05:45"


@given(st.text(), st.sampled_from([BERLIN, UTC]))
def test_no_text_at_all_breaks_a_reader(text: str, zone: ZoneInfo) -> None:
    def day(sent: str) -> object:
        return scalars.moment(sent, zone)

    for read in (scalars.integer, scalars.decimal, scalars.boolean, scalars.guid, BID_TYPE.number, day):
        with suppress(Failure):
            read(text)


def test_an_offset_that_the_format_cannot_say_is_written_as_utc() -> None:
    zone = timezone(timedelta(minutes=19, seconds=32))
    assert moment(datetime(1850, 1, 1, tzinfo=UTC), zone) == "1850-01-01T00:00:00.0000000Z"
