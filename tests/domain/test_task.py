"""Who may change a task, and what a change leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Invalid
from dealwright.domain.task import Task, TaskChange, changed, checked, differences

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CALL = Task(
    id=1,
    uid="u",
    version=3,
    created_at=NOW,
    updated_at=NOW,
    created_by=7,
    title="Call",
    responsible="noah",
    deadline=NOW,
)


@pytest.mark.parametrize(
    ("ident", "uid", "standing", "edits"),
    [
        (7, "mia", Standing.MEMBER, True),
        (8, "noah", Standing.MEMBER, True),
        (9, "una", Standing.MEMBER, False),
        (9, "carl", Standing.CRM_ADMIN, True),
        (9, "olga", Standing.OWNER, True),
    ],
    ids=["creator", "responsible", "colleague", "CRM administrator", "owner"],
)
def test_a_task_is_changed_by_who_made_it_who_does_it_and_administrators(
    ident: int, uid: str, standing: Standing, edits: bool
) -> None:
    assert CALL.edited_by(Actor(ident, uid, "", "", standing, frozenset(), 1)) is edits


def test_only_what_is_mentioned_changes_and_none_is_a_value() -> None:
    after = changed(CALL, TaskChange(title=" Mail ", deadline=None))
    assert differences(CALL, after) == ["title", "deadline"]
    assert (after.title, after.deadline, after.responsible) == ("Mail", None, "noah")


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        checked(TaskChange(title="x" * 256, description="\ud800", alert_minutes=2**31))
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [
        ("description", "format"),
        ("title", "too_long"),
        ("alert_minutes", "out_of_range"),
    ]
