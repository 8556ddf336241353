"""Task templates: tasks that belong together, written down once to be made for a record again and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dealwright.domain.errors import Problem, invalid
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.pipeline import Stamps
from dealwright.domain.values import UNSET, Unset

SUBJECTS: Final = ("contact", "person", "company", "opportunity", "case")
"""What a template is for; `contact` is for people and companies alike."""
MOST: Final = 100
"""How many tasks one template has at most."""
TICKS: Final = 2**63
_TICKS_OF_MICROSECOND: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTask:
    """One task of a template. `offset_ticks` (100 ns) is how long after the making it is due.

    With `deadline_fixed` the time runs from the midnight before, so that what is more than whole days is a time of
    day. `responsible` is the uid of a user, None whoever makes the tasks. An id of 0 is one that is not kept yet.
    """

    id: int = 0
    title: str = ""
    description: str | None = None
    responsible: str | None = None
    category_id: int | None = None
    notify: bool = False
    offset_ticks: int = 0
    deadline_fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTemplate:
    """A template with its tasks in the order they were added; `subject` is one of SUBJECTS."""

    id: int
    uid: str
    version: int
    subject: str
    title: str
    stamps: Stamps
    tasks: Sequence[TemplateTask] = field(default_factory=tuple)


@dataclass(slots=True, kw_only=True)
class TemplateChange:
    """What a deed says about a template; UNSET fields stay. `tasks` replaces them all, by their ids.

    `subject` can only be said of a new one.
    """

    subject: str | Unset = UNSET
    title: str | Unset = UNSET
    tasks: Sequence[TemplateTask] | Unset = UNSET


def deadline_of(task: TemplateTask, at: datetime, zone: ZoneInfo) -> datetime:
    """Return when a task made at an instant is due, as a UTC instant; `zone` says when a day begins.

    Refuses with Invalid ("tasks", "out_of_range") what lies outside the years 1 to 9999.
    """
    offset = timedelta(microseconds=task.offset_ticks // _TICKS_OF_MICROSECOND)
    try:
        if not task.deadline_fixed:
            return at + offset
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight + offset).astimezone(UTC)
    except OverflowError:
        raise invalid("tasks", "out_of_range", "its deadline lies outside the calendar", task.title) from None


def with_task(tasks: Sequence[TemplateTask], task: TemplateTask) -> tuple[TemplateTask, ...]:
    """Return the tasks with one put in the place of that of its id, or at the end where there is none."""
    if any(one.id == task.id for one in tasks if task.id):
        return tuple(task if one.id == task.id else one for one in tasks)
    return (*tasks, task)


def trimmed(tasks: Sequence[TemplateTask]) -> tuple[TemplateTask, ...]:
    """Return the tasks with their titles as they are kept."""
    return tuple(replace(task, title=task.title.strip()) for task in tasks)


def template_problems(template: TaskTemplate, known: Collection[int]) -> list[Problem]:
    """Return everything that is wrong with a template; `known` holds the ids that its tasks may have."""
    problems = found(name_problem("title", template.title))
    if template.subject not in SUBJECTS:
        problems.append(Problem("subject", "unknown", "is nothing that templates are for", template.subject))
    if len(template.tasks) > MOST:
        problems.append(Problem("tasks", "out_of_range", f"are at most {MOST}", len(template.tasks)))
    for place, task in enumerate(template.tasks):
        problems += _task_problems(f"tasks.{place}", task, known)
    ids = [task.id for task in template.tasks if task.id]
    if len(ids) != len(set(ids)):
        problems.append(Problem("tasks", "duplicate", "name the same task twice"))
    return problems


def _task_problems(path: str, task: TemplateTask, known: Collection[int]) -> list[Problem]:
    problems = found(name_problem(f"{path}.title", task.title), text_problem(f"{path}.description", task.description))
    if task.id and task.id not in known:
        problems.append(Problem(f"{path}.id", "unknown", "is no task of this template", task.id))
    if not -TICKS <= task.offset_ticks < TICKS:
        problems.append(Problem(f"{path}.offset_ticks", "out_of_range", "must fit in 64 bits", task.offset_ticks))
    return problems
