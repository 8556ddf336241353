"""Pipelines and stages: order, outcome and what a stage may be."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.errors import Invalid
from dealwright.domain.opportunity import Opportunity
from dealwright.domain.pipeline import (
    LONGEST_STAY,
    REQUIRABLE,
    Outcome,
    Stage,
    Stamps,
    joined,
    outcome_of,
    placed,
    renumbered,
    stage_problems,
)

NOW = datetime(2026, 3, 4, tzinfo=UTC)
LEAD = Stage(id=1, uid="u", pipeline_id=1, title="Lead", position=1, stamps=Stamps(created_at=NOW, updated_at=NOW))
orders = st.integers(0, 120).map(
    lambda count: [(ident, max(1, place * 100)) for place, ident in enumerate(range(1, count + 1))]
)


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=200))
def test_stages_are_numbered_1_100_200_in_their_order(ids: list[int]) -> None:
    positions = renumbered(ids)
    assert sorted(ids, key=positions.__getitem__) == ids
    assert list(positions.values())[:4] == [1, 100, 200, 300][: len(ids)]


@given(orders, st.integers(-(10**9), 10**9) | st.integers(0, 130))
def test_a_stage_that_asks_for_a_place_moves_no_other_out_of_order(order: list[tuple[int, int]], asked: int) -> None:
    others = [ident for ident, _ in order]
    for ids in (placed(order, 999, asked), joined(order, 999, asked)):
        assert [ident for ident in ids if ident != 999] == others
        assert ids.count(999) == 1


@given(orders, st.data())
def test_sending_the_present_position_back_moves_nothing(order: list[tuple[int, int]], data: st.DataObject) -> None:
    if not order:
        return
    index = data.draw(st.integers(0, len(order) - 1))
    ident, position = order[index]
    assert placed([*order[:index], *order[index + 1 :]], ident, position) == [other for other, _ in order]


@pytest.mark.parametrize("first", [0, 1])
def test_stages_counted_up_from_nought_or_one_stand_in_that_order(first: int) -> None:
    order: list[int] = []
    for number in range(first, first + 7):
        present = [(ident, place) for ident, place in renumbered(order).items()]
        order = joined(present, 100 + number, number)
    assert order == sorted(order)


def test_a_new_stage_goes_to_the_end_where_no_place_is_asked_for() -> None:
    assert joined([(1, 1), (2, 100)], 9, None) == [1, 2, 9]


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        (-5, [9, 1, 2, 3]),
        (0, [9, 1, 2, 3]),
        (1, [9, 1, 2, 3]),
        (2, [1, 9, 2, 3]),
        (3, [1, 2, 9, 3]),
        (4, [1, 2, 3, 9]),
        (50, [1, 9, 2, 3]),
        (100, [1, 9, 2, 3]),
        (150, [1, 2, 9, 3]),
        (201, [1, 2, 3, 9]),
    ],
)
def test_a_stage_lands_where_its_number_asks(asked: int, order: list[int]) -> None:
    assert placed([(1, 1), (2, 100), (3, 200)], 9, asked) == order


def test_renumbering_by_places_puts_stages_in_the_order_sent() -> None:
    order = [1, 2, 3, 4, 5]
    for place, ident in enumerate([5, 3, 1, 4, 2], 1):
        others = [(other, at) for other, at in renumbered(order).items() if other != ident]
        order = placed(others, ident, place)
    assert order == [5, 3, 1, 4, 2]


@pytest.mark.parametrize(
    ("wins", "loses", "outcome"),
    [(False, False, Outcome.OPEN), (True, False, Outcome.WON), (False, True, Outcome.LOST)],
)
def test_two_flags_mean_one_outcome(wins: bool, loses: bool, outcome: Outcome) -> None:
    assert outcome_of(wins, loses) is outcome


def test_a_stage_cannot_both_win_and_lose() -> None:
    with pytest.raises(Invalid) as refused:
        outcome_of(wins=True, loses=True)
    assert [problem.field for problem in refused.value.problems] == ["outcome"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", " ", "required"),
        ("title", "x" * 256, "too_long"),
        ("description", "\0", "format"),
        ("color", "\ud800", "format"),
        ("probability", -1, "out_of_range"),
        ("probability", 101, "out_of_range"),
        ("expected_days", -1, "out_of_range"),
        ("expected_days", LONGEST_STAY + 1, "out_of_range"),
        ("required_fields", ("title", "shoe_size"), "unknown"),
    ],
)
def test_what_is_wrong_with_a_stage_is_named(field: str, value: object, code: str) -> None:
    (problem,) = stage_problems(replace(LEAD, **{field: value}))  # type: ignore[arg-type]
    assert (problem.field, problem.code) == (field, code)


def test_an_ordinary_stage_is_in_order() -> None:
    assert stage_problems(replace(LEAD, probability=100, expected_days=0, required_fields=REQUIRABLE)) == []


def test_a_stage_asks_only_for_fields_that_deals_have() -> None:
    assert set(REQUIRABLE) <= {field.name for field in fields(Opportunity)}
