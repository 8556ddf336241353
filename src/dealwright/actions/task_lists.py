"""Task lists at work: a task for each active item, on a contact, a deal or both, as part of somebody's deed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from dealwright.actions.deed import new_uid, recorded, values_of
from dealwright.actions.task_letters import letters
from dealwright.domain.actor import Actor
from dealwright.domain.automation import NEW_CONTACTS, VIA
from dealwright.domain.event import Event
from dealwright.domain.task import Task, differences
from dealwright.storage import tasks as store
from dealwright.storage.rules import Plain, Rules
from dealwright.storage.writes import Made, Write

LAST_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the tasks of a list hang on: records there are, or that the same deed makes (`Made`).

    `owner` (uid) does every task, None leaves each to whom its item names. Without a location it is the list's.
    """

    contact_id: int | Made | None = None
    opportunity_id: int | Made | None = None
    owner: str | None = None
    location_id: int | None = None

    @property
    def links(self) -> dict[str, int | Made | None]:
        """The columns that hold it."""
        return {"contact_id": self.contact_id, "opportunity_id": self.opportunity_id}


def tasks_of(rules: Rules, actor: Actor, list_id: int, subject: Subject, deed: Event, at: datetime) -> list[Write]:
    """Return the writes of the tasks of a list: with their events, which belong to the deed, and letters.

    An item's task is due its delay after `at`. A list that is not active, or not there, makes none. `actor` is who the
    letters say gave them.
    """
    tasks = rules.task_lists.get(list_id)
    return [] if tasks is None else _written(rules, actor, [tasks], subject, deed, at)


def tasks_of_new(
    rules: Rules, actor: Actor, contact_id: int | Made, extra: Mapping[str, Any], deed: Event, at: datetime
) -> list[Write]:
    """Return the writes of the tasks that a new contact gets: of every list that says so, at one of its locations.

    `extra` is what the contact's faces keep with it; a contact without locations is everywhere.
    """
    places = extra.get("Businesses") or ()
    lists = [
        one
        for one in rules.task_lists.values()
        if one.values["active"]
        and json.loads(one.values["extra"]).get(NEW_CONTACTS)
        and (not places or one.values["location_id"] in places)
    ]
    rule = replace(actor, uid="", via=VIA)
    return _written(rules, rule, lists, Subject(contact_id=contact_id), deed, at) if lists else []


def _written(
    rules: Rules, actor: Actor, lists: Iterable[Plain], subject: Subject, deed: Event, at: datetime
) -> list[Write]:
    known = {one.id: one for one in lists if one.values["active"]}
    items = [
        item for item in rules.task_items.values() if item.values["active"] and item.values["task_list_id"] in known
    ]
    planned = (_planned(rules, known[item.values["task_list_id"]], item, subject, deed, at) for item in items)
    return [
        write
        for place, task in enumerate(planned)
        for write in _task(rules, actor, task, f"task{place}", subject, deed, at)
    ]


def _planned(rules: Rules, tasks: Plain, item: Plain, subject: Subject, deed: Event, at: datetime) -> Task:
    values, contact_id, deal_id = item.values, subject.contact_id, subject.opportunity_id
    return Task(
        id=0,
        uid=new_uid(),
        version=1,
        created_at=at,
        updated_at=at,
        created_by=deed.actor_id,
        updated_by=deed.actor_id,
        location_id=subject.location_id or tasks.values["location_id"],
        title=values["name"],
        deadline=_after(at, values["delay_hours"]),
        responsible=subject.owner or rules.users[values["responsible_id"]].uid,
        notify=bool(values["notify"]),
        display_to_everyone=bool(values["display_to_everyone"]),
        task_item_uid=item.uid,
        task_list_name=tasks.values["name"],
        contact_id=contact_id if isinstance(contact_id, int) else None,
        opportunity_id=deal_id if isinstance(deal_id, int) else None,
    )


def _after(at: datetime, hours: int) -> datetime:
    try:
        return at + timedelta(hours=hours)
    except OverflowError:
        return datetime.max.replace(tzinfo=at.tzinfo) - LAST_DAY


def _task(
    rules: Rules, actor: Actor, task: Task, made: str, subject: Subject, deed: Event, at: datetime
) -> Iterator[Write]:
    blank = Task(id=0, uid=task.uid, version=1, created_at=at, updated_at=at, created_by=task.created_by)
    plain = store.inserted(task, made)
    new = {name: value for name, value in subject.links.items() if isinstance(value, Made)}
    yield replace(plain, values={**plain.values, **new})
    told = values_of(task, differences(blank, task))
    yield recorded(replace(deed, via=VIA, subject="task", kinds=["task.created"], before={}, after=told), Made(made))
    yield from letters(rules, actor, blank, task, at)
