"""Cases: what a change of one does and what it may not say."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.domain.case import Case, CaseChange, changed, checked, differences, kinds_of_change
from dealwright.domain.errors import Invalid
from dealwright.domain.values import instant

THEN = instant(0)


def case(**values: Any) -> Case:
    """A case about keys."""
    return Case(
        **{"id": 1, "uid": "u", "version": 1, "created_at": THEN, "updated_at": THEN, "title": "Keys", **values}
    )


def test_what_a_change_does_not_mention_stays() -> None:
    before = case(closed=True, system_id="x")
    after = changed(before, CaseChange(title="  Badges "))
    assert differences(before, after) == ["title"]
    assert (after.title, after.closed, after.system_id) == ("Badges", True, "x")
    assert differences(before, changed(before, CaseChange(closed=True, system_id="x"))) == []


@pytest.mark.parametrize("title", ["", "  "])
def test_a_case_is_never_without_a_title(title: str) -> None:
    with pytest.raises(Invalid) as caught:
        changed(case(), CaseChange(title=title))
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("title", "required")]


def test_everything_that_cannot_be_kept_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        checked(CaseChange(title="x" * 255 + "\0", system_id="\ud800", custom={1: "\0", 2: None}))
    found = {(problem.field, problem.code) for problem in caught.value.problems}
    assert found == {("title", "too_long"), ("title", "format"), ("system_id", "format"), ("custom", "format")}
    fits = CaseChange(title="x" * 255)
    assert checked(fits) is fits


@pytest.mark.parametrize(
    ("before", "after", "names", "kinds"),
    [
        (False, False, ["title"], []),
        (False, True, ["closed"], ["case.closed"]),
        (True, False, ["closed", "private"], ["case.reopened", "case.shared"]),
        (True, True, ["shared_with"], ["case.shared"]),
    ],
)
def test_a_change_says_what_kind_of_change_it_was(
    before: bool, after: bool, names: list[str], kinds: list[str]
) -> None:
    assert kinds_of_change(names, case(closed=before), case(closed=after)) == ["case.changed", *kinds]
