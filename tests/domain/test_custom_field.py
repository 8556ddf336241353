"""Custom fields: masks, and what values may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.custom_field import (
    CustomField,
    FieldType,
    mask_in_use,
    mask_of,
    value_problem,
    values_after,
)
from dealwright.domain.errors import Invalid
from dealwright.domain.pipeline import Stamps
from dealwright.domain.values import UNSET

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def field(kind: FieldType, mask: str = "", ident: int = 1, subject: str = "opportunity") -> CustomField:
    stamps = Stamps(created_at=NOW, updated_at=NOW)
    return CustomField(id=ident, uid="u", subject=subject, label="Field", type=kind, mask=mask, stamps=stamps)


def code_of(refused: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    (problem,) = refused.value.problems
    return problem.field, problem.code


@pytest.mark.parametrize(
    ("kind", "mask", "kept"),
    [
        (FieldType.TEXT, '{"size":40}', '{"size":40}'),
        (FieldType.TEXT, '{ "size" : 150 }', '{"size":150}'),
        (FieldType.TEXT, '{"size":0}', '{"size":1}'),
        (FieldType.TEXT, '{"size":-7}', '{"size":1}'),
        (FieldType.TEXT, '{"size":151}', '{"size":150}'),
        (FieldType.TEXT, "nonsense", '{"size":40}'),
        (FieldType.TEXT, "[1]", '{"size":40}'),
        (FieldType.TEXT, '{"size":"wide"}', '{"size":40}'),
        (FieldType.LONG_TEXT, '{"rows":2,"cols":40}', '{"rows":2,"cols":40}'),
        (FieldType.LONG_TEXT, '{"cols":151,"rows":26}', '{"rows":25,"cols":150}'),
        (FieldType.LONG_TEXT, '{"rows":0,"cols":0}', '{"rows":1,"cols":1}'),
        (FieldType.LONG_TEXT, "{", '{"rows":2,"cols":40}'),
        (FieldType.CHOICE, '["red","blue"]', '["red","blue"]'),
        (FieldType.CHOICE, '["größer", "größer", 1]', '["größer","1"]'),
        (FieldType.CHOICE, "[]", "[]"),
        (FieldType.YES_NO, "anything", ""),
        (FieldType.HEADING, "", ""),
        (FieldType.DATE, "{}", ""),
        (FieldType.INTEGER, "", ""),
        (FieldType.DECIMAL, '{"size":40}', ""),
    ],
)
def test_a_mask_is_kept_within_its_bounds(kind: FieldType, mask: str, kept: str) -> None:
    assert mask_of(kind, mask) == kept


@pytest.mark.parametrize("kind", [FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE])
@pytest.mark.parametrize("mask", ["", "  "])
def test_an_empty_mask_is_refused_where_one_is_needed(kind: FieldType, mask: str) -> None:
    with pytest.raises(Invalid) as refused:
        mask_of(kind, mask)
    assert code_of(refused) == ("mask", "format")


@pytest.mark.parametrize("mask", ["red,blue", '{"a":1}', '"red"', "[", '["\\ud800"]', "[" * 100_000])
def test_options_that_are_no_list_of_texts_are_refused(mask: str) -> None:
    with pytest.raises(Invalid) as refused:
        mask_of(FieldType.CHOICE, mask)
    assert code_of(refused) == ("mask", "format")


def test_without_a_word_about_the_mask_texts_get_the_usual_sizes_and_choices_are_refused() -> None:
    assert mask_of(FieldType.TEXT, UNSET) == '{"size":40}'
    assert mask_of(FieldType.LONG_TEXT, UNSET) == '{"rows":2,"cols":40}'
    assert mask_of(FieldType.DATE, UNSET) == ""
    with pytest.raises(Invalid):
        mask_of(FieldType.CHOICE, UNSET)


@given(st.sampled_from([FieldType.TEXT, FieldType.LONG_TEXT]), st.text(min_size=1).filter(str.strip))
def test_whatever_is_said_of_a_text_its_mask_can_be_read(kind: FieldType, mask: str) -> None:
    kept = json.loads(mask_of(kind, mask))
    assert all(1 <= size <= 150 for size in kept.values())


def test_options_of_a_field_in_use_may_only_come() -> None:
    color = field(FieldType.CHOICE, '["red","blue"]')
    assert mask_in_use(color, '["blue","green","red"]') == '["blue","green","red"]'
    with pytest.raises(Invalid) as refused:
        mask_in_use(color, '["red","green"]')
    assert code_of(refused) == ("mask", "format")


def test_a_text_in_use_may_change_its_size() -> None:
    assert mask_in_use(field(FieldType.TEXT, '{"size":40}'), '{"size":99}') == '{"size":99}'


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldType.CHOICE, ["red"], ["Red", "green"]),
        (FieldType.YES_NO, ["true", "False"], ["yes", "1"]),
        (FieldType.DATE, ["2026-03-04", "2026-03-04T10:00:00"], ["04.03.2026", "2026-13-01"]),
        (FieldType.INTEGER, ["0", "-12", "+7"], ["1.5", "x", "٣", "1" * 20]),
        (FieldType.DECIMAL, ["1.5", "-2"], ["NaN", "1,5", "Infinity"]),
        (FieldType.TEXT, ["anything"], []),
    ],
)
def test_a_value_is_checked_against_its_type(kind: FieldType, good: list[str], bad: list[str]) -> None:
    definition = field(kind, '["red","blue"]' if kind is FieldType.CHOICE else "")
    assert [value_problem(definition, value) for value in ["", *good]] == [None] * (len(good) + 1)
    assert all(problem and problem.field == "custom.1" for problem in (value_problem(definition, one) for one in bad))


def test_values_come_change_and_go_and_others_stay() -> None:
    definitions = {one: field(FieldType.TEXT, ident=one) for one in (1, 2, 3)}
    after = values_after(definitions, {"opportunity"}, {1: "a", 2: "b"}, {2: None, 3: "c", 1: "A"})
    assert after == {1: "A", 3: "c"}


def test_an_unknown_field_is_refused_or_passed_over() -> None:
    definitions = {1: field(FieldType.TEXT), 2: field(FieldType.TEXT, ident=2, subject="contact")}
    with pytest.raises(Invalid) as refused:
        values_after(definitions, {"opportunity"}, {}, {2: "x", 9: "y"})
    assert [problem.field for problem in refused.value.problems] == ["custom.2", "custom.9"]
    assert values_after(definitions, {"opportunity"}, {}, {1: "x", 9: "y"}, keep=True) == {1: "x"}


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_short_decimal_is_a_decimal(number: Decimal) -> None:
    if len(str(number)) < 40:
        assert value_problem(field(FieldType.DECIMAL), str(number)) is None
