"""Proposals: from where to where, and what they come to."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from dealwright.domain.proposal import ACCEPTED_STAYS, WRITTEN, Status, problems_of, total

USUAL: dict[str, Any] = {"status": Status.DRAFT, "reference": "P-1", "price": Decimal(100), "quantity": 2}


def wrong(before: dict[str, Any] | None = None, **values: Any) -> set[tuple[str, str]]:
    """Field and code of what is wrong with the usual proposal with other values."""
    return {(one.field, one.code) for one in problems_of(before, {**USUAL, **values})}


@pytest.mark.parametrize(("present", "wanted"), list(product(Status, Status)))
def test_a_plain_change_takes_a_proposal_only_where_it_may(present: Status, wanted: Status) -> None:
    allowed = (present == wanted or (present, wanted) in WRITTEN) and Status.ACCEPTED not in (present, wanted)
    assert wrong({**USUAL, "status": present}, status=wanted) == (set() if allowed else {("status", "not_allowed")})


def test_an_accepted_proposal_stays_and_nothing_becomes_one() -> None:
    for before, after in ((Status.ACCEPTED, Status.ACCEPTED), (Status.SENT, Status.ACCEPTED)):
        (problem,) = problems_of({**USUAL, "status": before}, {**USUAL, "status": after})
        assert problem.message == ACCEPTED_STAYS


def test_a_new_proposal_is_a_draft_or_was_rejected() -> None:
    assert [status for status in Status if not wrong(status=status)] == [Status.DRAFT, Status.REJECTED]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"price": Decimal(-1)}, ("price", "out_of_range")),
        ({"price": Decimal(10) ** 15}, ("price", "out_of_range")),
        ({"price": Decimal(10) ** 14, "quantity": 10}, ("price", "out_of_range")),
        ({"quantity": 0}, ("quantity", "out_of_range")),
        ({"quantity": 2**31}, ("quantity", "out_of_range")),
        ({"reference": "x" * 256}, ("reference", "too_long")),
        ({"reference": " "}, ("reference", "required")),
    ],
)
def test_what_a_proposal_cannot_be_is_named(values: dict[str, Any], problem: tuple[str, str]) -> None:
    assert wrong(**values) == {problem}


def test_a_proposal_comes_to_price_times_quantity() -> None:
    assert total(Decimal("12.50"), 3) == Decimal("37.5")
    assert total(None, 3) == 0
