"""Tasks: something to do by somebody, on a contact, on a deal, on a case or on nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset

TITLE_LENGTH: Final = 255
MINUTES: Final = 2**31


@dataclass(slots=True, kw_only=True)
class Task:
    """Something to do. `responsible` is the uid of a user, `alert_minutes` how long before the deadline to remind."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    location_id: int | None = None
    title: str = ""
    description: str | None = None
    deadline: datetime | None = None
    responsible: str | None = None
    category_id: int | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None
    alert_minutes: int = 0
    closed: bool = False
    notify: bool = False
    display_to_everyone: bool = False
    reminded: bool = False
    task_item_uid: str | None = None
    task_list_name: str | None = None
    form_request_uid: str | None = None

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may change the task: who does it, who made it, administrators."""
        return actor.is_crm_admin or self.responsible == actor.uid or self.created_by == actor.id


@dataclass(slots=True, kw_only=True)
class TaskChange:
    """What a deed says about a task: for each field nothing (UNSET) or a value.

    `forgives_links` leaves out a contact, deal or case that is not there instead of refusing it.
    """

    location_id: int | Unset | None = UNSET
    title: str | Unset = UNSET
    description: str | Unset | None = UNSET
    deadline: datetime | Unset | None = UNSET
    responsible: str | Unset | None = UNSET
    category_id: int | Unset | None = UNSET
    contact_id: int | Unset | None = UNSET
    opportunity_id: int | Unset | None = UNSET
    case_id: int | Unset | None = UNSET
    alert_minutes: int | Unset = UNSET
    closed: bool | Unset = UNSET
    notify: bool | Unset = UNSET
    display_to_everyone: bool | Unset = UNSET
    reminded: bool | Unset = UNSET
    task_item_uid: str | Unset | None = UNSET
    system_id: str | Unset | None = UNSET
    created_at: datetime | Unset = UNSET
    updated_at: datetime | Unset = UNSET
    forgives_links: bool = False


_PLAIN: Final = tuple(f.name for f in fields(TaskChange) if f.name not in {"updated_at", "forgives_links"})
COMPARED: Final = tuple(
    name for name in Task.__slots__ if name not in {"id", "uid", "version", "updated_at", "updated_by"}
)
"""Fields whose difference makes a change a change."""


def checked(change: TaskChange) -> TaskChange:
    """Return the change if its values can be kept; refuses with Invalid listing every one that cannot."""
    texts = {name: value for name in change.__slots__ if isinstance(value := getattr(change, name), str)}
    problems = [
        Problem(name, "format", "holds characters that cannot be kept", text)
        for name, text in texts.items()
        if not is_storable(text)
    ]
    if len(texts.get("title", "")) > TITLE_LENGTH:
        problems.append(Problem("title", "too_long", f"has at most {TITLE_LENGTH} characters", texts["title"][:40]))
    if change.alert_minutes is not UNSET and not 0 <= change.alert_minutes < MINUTES:
        problems.append(Problem("alert_minutes", "out_of_range", "must be from 0 to 2147483647", change.alert_minutes))
    if problems:
        raise Invalid(*problems)
    return change


def changed(before: Task, change: TaskChange) -> Task:
    """Return the task as it is after a change. Whether what it points at is there is not decided here."""
    after = replace(before, **{name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET})
    after.title = after.title.strip()
    return after


REMINDING: Final = ("deadline", "alert_minutes", "responsible", "notify", "closed")
"""Fields whose difference sets the reminders of a task anew."""


def reminders(task: Task, at: datetime) -> tuple[datetime, ...]:
    """Return when the responsible is to be reminded, seen from an instant.

    That is `alert_minutes` before the deadline, and at the deadline. Where no alert is asked for, at the deadline
    alone if the task is to `notify`. What is closed, over or nobody's reminds nobody; a moment that is over while
    the deadline is not is now.
    """
    deadline = task.deadline
    if task.closed or task.responsible is None or deadline is None or deadline <= at:
        return ()
    if not task.alert_minutes:
        return (deadline,) if task.notify else ()
    try:
        early = deadline - timedelta(minutes=task.alert_minutes)
    except OverflowError:  # before the first day of all
        early = at
    return max(early, at), deadline


def is_newly_given(before: Task, after: Task) -> bool:
    """Tell whether a task was just given to its responsible, who is to be told so."""
    told = before.notify and not before.closed and before.responsible == after.responsible
    return after.notify and not after.closed and after.responsible is not None and not told


def differences(before: Task, after: Task) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]
