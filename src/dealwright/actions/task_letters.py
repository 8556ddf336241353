"""What is sent about tasks: that one was given to somebody or is done, and that its deadline comes near."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from dealwright.actions.deed import posted, unposted
from dealwright.domain.actor import Actor
from dealwright.domain.task import REMINDING, Task, differences, is_newly_given, reminders
from dealwright.domain.values import micros
from dealwright.storage import tasks as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write

REMINDER: Final = "task.reminder"
GIVEN: Final = "mail.task_given"
DONE: Final = "mail.task_done"


def letters(rules: Rules, actor: Actor, before: Task, after: Task, at: datetime) -> list[Write]:
    """Return the writes of everything that a deed on a task makes somebody be told, now or later.

    `before` is the task as it was, closed nor given to anybody where it is new. Nobody is told of one's own deeds.
    """
    return [*_reminding(before, after, at), *_telling(rules, actor, before, after, at)]


def _reminding(before: Task, after: Task, at: datetime) -> list[Write]:
    if not set(REMINDING) & set(differences(before, after)):
        return []
    about = f"task {after.uid}"
    undone: list[Write] = [unposted(about)] if after.version > 1 else []
    return [*undone, *(posted(REMINDER, _said(after), due, about) for due in reminders(after, at))]


def _said(task: Task) -> dict[str, Any]:
    """Return what must still be so when the reminder is delivered."""
    assert task.deadline is not None
    return {
        "task": task.uid,
        "deadline": micros(task.deadline),
        "alert_minutes": task.alert_minutes,
        "responsible": task.responsible,
    }


def _telling(rules: Rules, actor: Actor, before: Task, after: Task, at: datetime) -> list[Write]:
    facts = {"by": actor.name or actor.email, **facts_of(rules, after)}
    if is_newly_given(before, after):
        return _posted(GIVEN, facts, {after.responsible}, actor, at)
    if after.notify and after.closed and not before.closed:
        maker = rules.users.get(after.created_by or 0)
        return _posted(DONE, facts, {after.responsible, maker.uid if maker else None}, actor, at)
    return []


def _posted(kind: str, facts: Mapping[str, str], to: set[str | None], actor: Actor, at: datetime) -> list[Write]:
    return [posted(kind, {**facts, "to_uid": uid}, at) for uid in sorted(filter(None, to)) if uid != actor.uid]


def facts_of(rules: Rules, task: Task) -> dict[str, str]:
    """Return what a letter tells of a task: its title, and its deadline as people of the portal write it."""
    return {
        "title": task.title,
        "deadline": "no deadline" if task.deadline is None else when(task.deadline, rules.zone),
    }


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as people in a time zone write it: 2031-05-06 10:00 (Europe/Berlin)."""
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # the first or the last day of all
        local = moment
    return f"{local:%Y-%m-%d %H:%M} ({local.tzinfo})"


async def still_due(db: Database, said: Mapping[str, Any]) -> Task | None:
    """Return the task that a reminder is about; None where it is no more as it was when the reminder was set.

    Gone, in the trash, closed, or with another deadline, alert or responsible: then nobody is to be reminded.
    """
    task = await store.read_by_uid(db, str(said["task"]))
    if task is None or task.closed or task.deadline is None:
        return None
    return task if _said(task) == dict(said) else None
