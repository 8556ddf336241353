"""One wire value in, one typed value out (conventions §8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.nexudus import typed
from dealwright.dialects.nexudus.typed import Convert, CustomValue, Refused
from dealwright.domain.values import AMOUNT_LIMIT

CODES = {"type", "out_of_range", "unknown", "format", "required"}
READERS: list[Convert] = [
    typed.whole,
    typed.integer,
    typed.reference,
    typed.decimal,
    typed.boolean,
    typed.instant,
    typed.text,
    typed.needed_text,
    typed.custom_fields,
    lambda sent: typed.ids(sent, typed.whole),
    lambda sent: typed.enumerated(sent, "eCrmOpportunityStatus"),
]
WIRE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.characters(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(WIRE)
def test_whatever_is_sent_is_read_or_refused(sent: object) -> None:
    assert {code_of(reader, sent) for reader in READERS} <= {*CODES, ""}


def code_of(reader: Convert, sent: object) -> str:
    try:
        reader(sent)
    except Refused as refused:
        return refused.code
    return ""


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_in_any_zone_is_the_same_moment(moment: datetime) -> None:
    assert typed.instant(moment.isoformat()) == moment
    assert typed.instant(moment.replace(tzinfo=None).isoformat()) == moment


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("2026-08-27T08:29:03.5830361Z", datetime(2026, 8, 27, 8, 29, 3, 583036, UTC)),
        ("2026-08-27T08:29:03.58Z", datetime(2026, 8, 27, 8, 29, 3, 580000, UTC)),
        ("2026-08-27T08:29:03Z", datetime(2026, 8, 27, 8, 29, 3, tzinfo=UTC)),
        ("2026-08-27T08:29", datetime(2026, 8, 27, 8, 29, tzinfo=UTC)),
        ("2026-08-27", datetime(2026, 8, 27, tzinfo=UTC)),
        (" 2026-08-27T08:29:03 ", datetime(2026, 8, 27, 8, 29, 3, tzinfo=UTC)),
        ("2026-08-27T08:29:00+02:00", datetime(2026, 8, 27, 6, 29, tzinfo=UTC)),
        ("2026-08-27T08:29:00 00:00", datetime(2026, 8, 27, 8, 29, tzinfo=UTC)),
        ("2026-08-27T08:29:00-03:30", datetime(2026, 8, 27, 8, 29, tzinfo=timezone(-timedelta(hours=3.5)))),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_documented_form_of_a_moment_is_read_as_utc(sent: str, moment: datetime) -> None:
    read = typed.instant(sent)
    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "sent", ["", "soon", "2026-13-01", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+01:00", 5, True, "2" * 500]
)
def test_what_is_no_moment_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.instant(sent)


@given(st.decimals(-AMOUNT_LIMIT, AMOUNT_LIMIT, places=9).filter(lambda amount: abs(amount) < AMOUNT_LIMIT))
def test_an_amount_is_exact_as_number_and_as_text(amount: Decimal) -> None:
    assert typed.decimal(amount) == typed.decimal(str(amount)) == amount


@pytest.mark.parametrize(
    "sent",
    ["NaN", "Infinity", "1e999999", "1_000", "1,5", "٣", "0.0000000001", 10**15, -(10**15), True, [], "", "1e99"],
)
def test_what_is_no_amount_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.decimal(sent)


@pytest.mark.parametrize("power", ["999999", "999999999", "-999999999"])
def test_a_number_with_a_monstrous_exponent_costs_nothing(power: str) -> None:
    for reader in (typed.whole, typed.integer, typed.decimal):
        with pytest.raises(Refused):
            reader(Decimal(f"7e{power}"))
        assert reader(Decimal(f"0e{power}")) == 0


def test_a_negative_zero_is_zero() -> None:
    assert str(typed.decimal(Decimal("-0.0"))) == "0"


@pytest.mark.parametrize(("sent", "number"), [(5, 5), ("5", 5), (" -5 ", -5), ("+5", 5), (Decimal("5.0"), 5)])
def test_an_integer_may_come_as_text_or_with_a_point(sent: object, number: int) -> None:
    assert typed.integer(sent) == number


@pytest.mark.parametrize("sent", [True, None, "", "5.5", Decimal("5.5"), "five", [5], 2**31, -(2**31) - 1, 10**30])
def test_what_is_no_integer_of_32_bits_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.integer(sent)


@pytest.mark.parametrize("sent", [0, -1, 2**31, 2**63 - 1])
def test_an_id_that_none_of_our_records_can_have_is_unknown(sent: int) -> None:
    with pytest.raises(Refused, match="does not exist") as refused:
        typed.reference(sent)
    assert refused.value.code == "unknown"


@pytest.mark.parametrize("sent", [True, "true", "TRUE", " True ", 1, "1"])
def test_yes_has_many_forms(sent: object) -> None:
    assert typed.boolean(sent) is True


@pytest.mark.parametrize("sent", ["yes", 2, "", None, [], Decimal(1)])
def test_other_words_for_yes_are_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.boolean(sent)


@pytest.mark.parametrize(("sent", "said"), [("", ""), ("Ann", "Ann"), (12345, "12345"), (Decimal("1.50"), "1.50")])
def test_a_text_is_taken_as_it_is(sent: object, said: str) -> None:
    assert typed.text(sent) == said


@pytest.mark.parametrize("sent", ["a\0b", "\ud800", True, None, ["a"], {"a": 1}])
def test_what_cannot_be_stored_as_text_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.text(sent)


@pytest.mark.parametrize("sent", ["", "   ", "\t\n"])
def test_a_required_text_must_say_something(sent: str) -> None:
    with pytest.raises(Refused, match="is a required field"):
        typed.needed_text(sent)


@pytest.mark.parametrize("sent", [[3, 1, 3, 2], "3,1,3,2", "[3,1,3,2]", "[3, 1, 2]", ["3", "1", "2"]])
def test_a_list_of_ids_keeps_its_order_and_names_each_once(sent: object) -> None:
    assert typed.ids(sent, typed.whole) == (3, 1, 2)


@pytest.mark.parametrize("sent", ["", "[]", []])
def test_an_empty_list_of_ids_is_a_list(sent: object) -> None:
    assert typed.ids(sent, typed.whole) == ()


@pytest.mark.parametrize("sent", [5, {"1": 1}, ["a"], "1;2", [[1]], [2**70]])
def test_what_is_no_list_of_ids_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.ids(sent, typed.whole)


@pytest.mark.parametrize("sent", [2, "2", "Won", " won ", "WON"])
def test_an_enum_is_read_by_number_and_by_name(sent: object) -> None:
    assert typed.enumerated(sent, "eCrmOpportunityStatus") == 2


@pytest.mark.parametrize("sent", [0, 4, -1, "Maybe", 2**40, True])
def test_a_number_outside_the_enum_is_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.enumerated(sent, "eCrmOpportunityStatus")


def test_a_list_that_the_portal_manages_is_left_to_the_deed() -> None:
    assert typed.enumerated(1001, "eCrmOpportunitySource") == 1001
    assert typed.enumerated("Timing", "eCrmOpportunityLossReason") == 1


def test_custom_fields_are_read_by_name() -> None:
    sent = {"Data": [{"Name": "Desks", "Value": 4, "FieldType": 6}, {"Name": "Dog", "DisplayName": "x"}]}
    assert typed.custom_fields(sent) == (CustomValue("Desks", 4), CustomValue("Dog", None))
    assert typed.custom_fields({"Data": []}) == ()


@pytest.mark.parametrize(
    "sent",
    [
        *(5, [], {}, {"Data": None}, {"Data": [1]}, {"Data": [{"Value": 1}]}),
        *(
            {"Data": [{"Name": "a", "Value": {}}]},
            {"Data": [{"Name": "a", "Value": "\0"}]},
            {"Data": [{"Name": "\ud800"}]},
        ),
    ],
)
def test_custom_fields_of_another_shape_are_refused(sent: object) -> None:
    with pytest.raises(Refused):
        typed.custom_fields(sent)
