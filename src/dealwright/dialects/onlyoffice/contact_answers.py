"""Contacts as answers of this dialect, each with what the caller still sees to be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dealwright.actions.deed import now
from dealwright.actions.many import Done
from dealwright.actions.tasks import LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_shown import NOTHING_TO_DO, contact, contact_row
from dealwright.dialects.onlyoffice.envelope import Answer, everything, one
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.task_shown import task_base
from dealwright.dialects.onlyoffice.writing import contact_base
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.storage import task_counts
from dealwright.storage.contacts import FullContact
from dealwright.storage.task_counts import ToDo
from dealwright.storage.tasks import FullTask
from dealwright.storage.tasks import read_many as read_tasks


async def single_contact(call: Call, full: FullContact) -> Answer:
    """Answer one contact in its single form (contacts §1)."""
    waiting = await _to_do(call, [full])
    return one(contact(call.portal, call.actor, full, waiting.get(full.contact.id, NOTHING_TO_DO)))


async def contact_rows(call: Call, found: Sequence[FullContact]) -> list[Shown]:
    """Return contacts in their list form (contacts §1)."""
    waiting = await _to_do(call, found)
    return [contact_row(call.portal, call.actor, full, waiting.get(full.contact.id, NOTHING_TO_DO)) for full in found]


def all_deleted(call: Call, done: Done[FullContact]) -> Answer:
    """Answer contacts that were just deleted together, as contactBase each (contacts §2)."""
    return everything([contact_base(call.portal, call.actor, full.brief) for full in done.shown], done.count)


async def contacts_with_tasks(call: Call, found: Sequence[FullContact]) -> list[Shown]:
    """Return contacts in their short list form, each beside the open task that is due first (§1, contactWithTask)."""
    nearest = await _nearest(call, [full.contact.id for full in found])
    rows: list[Shown] = []
    for full in found:
        shown = contact_row(call.portal, call.actor, replace(full, infos=_without_addresses(full), custom={}, tags=()))
        shown.pop("contactStatus", None)
        row: Shown = {"contact": shown}
        if task := nearest.get(full.contact.id):
            row = {"task": task_base(call, task)} | row
        rows.append(row)
    return rows


def _without_addresses(full: FullContact) -> tuple[ContactInfo, ...]:
    return tuple(info for info in full.infos if info.kind is not Info.ADDRESS)


async def _nearest(call: Call, ids: Sequence[int]) -> Mapping[int, FullTask]:
    if not call.actor.may(LIST):
        return {}
    wanted = await task_counts.nearest(call.db, call.actor, ids)
    found = {full.task.id: full for full in await read_tasks(call.db, call.actor, list(wanted.values()))}
    return {contact: found[task] for contact, task in wanted.items() if task in found}


async def _to_do(call: Call, found: Sequence[FullContact]) -> Mapping[int, ToDo]:
    """Return the open tasks of contacts; somebody without the right to tasks is told of none."""
    if not call.actor.may(LIST):
        return {}
    return await task_counts.to_do(call.db, call.actor, [full.contact.id for full in found], now())
