"""Contacts as answers of this dialect, each with what the caller still sees to be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dealwright.actions.deed import now
from dealwright.actions.tasks import LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_shown import NOTHING_TO_DO, contact, contact_row
from dealwright.dialects.onlyoffice.envelope import Answer, one
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.storage import task_counts
from dealwright.storage.contacts import FullContact
from dealwright.storage.task_counts import ToDo


async def single_contact(call: Call, full: FullContact) -> Answer:
    """Answer one contact in its single form (contacts §1)."""
    waiting = await _to_do(call, [full])
    return one(contact(call.portal, call.actor, full, waiting.get(full.contact.id, NOTHING_TO_DO)))


async def contact_rows(call: Call, found: Sequence[FullContact]) -> list[Shown]:
    """Return contacts in their list form (contacts §1)."""
    waiting = await _to_do(call, found)
    return [contact_row(call.portal, call.actor, full, waiting.get(full.contact.id, NOTHING_TO_DO)) for full in found]


async def _to_do(call: Call, found: Sequence[FullContact]) -> Mapping[int, ToDo]:
    """Return the open tasks of contacts; somebody without the right to tasks is told of none."""
    if not call.actor.may(LIST):
        return {}
    return await task_counts.to_do(call.db, call.actor, [full.contact.id for full in found], now())
