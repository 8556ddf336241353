"""When the tasks of a template are due, and what a template may not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dealwright.domain.errors import Invalid
from dealwright.domain.pipeline import Stamps
from dealwright.domain.task_template import (
    MOST,
    TaskTemplate,
    TemplateTask,
    deadline_of,
    template_problems,
    with_task,
)

AT = datetime(2026, 3, 28, 13, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = 864_000_000_000
HOUR = DAY // 24


def template(*tasks: TemplateTask, **values: object) -> TaskTemplate:
    stamps = Stamps(created_at=AT, updated_at=AT, created_by=1, updated_by=1)
    whole = TaskTemplate(id=1, uid="u", version=1, subject="contact", title="Welcome", stamps=stamps, tasks=tasks)
    return replace(whole, **values)  # type: ignore[arg-type]


def test_a_deadline_is_so_long_after_the_making() -> None:
    assert deadline_of(TemplateTask(offset_ticks=DAY + HOUR), AT, BERLIN) == datetime(2026, 3, 29, 14, 30, tzinfo=UTC)


def test_a_fixed_deadline_is_at_a_time_of_day_also_when_the_clocks_change() -> None:
    task = TemplateTask(offset_ticks=DAY + 9 * HOUR, deadline_fixed=True)
    assert deadline_of(task, AT, BERLIN) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_a_fixed_deadline_counts_from_the_midnight_of_the_portal() -> None:
    late = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)
    assert deadline_of(TemplateTask(deadline_fixed=True), late, BERLIN) == datetime(2026, 3, 27, 23, tzinfo=UTC)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("ticks", [2**63 - 1, -(2**63)])
def test_a_deadline_outside_the_calendar_is_refused(ticks: int, fixed: bool) -> None:
    with pytest.raises(Invalid):
        deadline_of(TemplateTask(offset_ticks=ticks, deadline_fixed=fixed), AT, BERLIN)


def test_a_task_is_put_in_the_place_of_its_own() -> None:
    first, second = TemplateTask(id=1, title="a"), TemplateTask(id=2, title="b")
    changed = replace(first, title="c")
    assert with_task((first, second), changed) == (changed, second)
    assert with_task((first,), TemplateTask(title="n")) == (first, TemplateTask(title="n"))


def test_everything_that_is_wrong_is_named() -> None:
    bad = template(
        TemplateTask(title=" "), TemplateTask(id=9, title="x\0", offset_ticks=2**63), title="", subject="team"
    )
    assert {(problem.field, problem.code) for problem in template_problems(bad, {1})} == {
        ("title", "required"),
        ("subject", "unknown"),
        ("tasks.0.title", "required"),
        ("tasks.1.title", "format"),
        ("tasks.1.id", "unknown"),
        ("tasks.1.offset_ticks", "out_of_range"),
    }


def test_a_template_names_no_task_twice_and_not_too_many() -> None:
    twice = template(*[TemplateTask(id=1, title="a")] * 2)
    many = template(*[TemplateTask(title="a")] * (MOST + 1))
    assert [problem.code for problem in template_problems(twice, {1})] == ["duplicate"]
    assert [problem.code for problem in template_problems(many, ())] == ["out_of_range"]
    assert template_problems(template(*[TemplateTask(title="a")] * MOST), ()) == []
