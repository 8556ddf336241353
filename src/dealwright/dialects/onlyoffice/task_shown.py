"""Tasks as this dialect's objects (contacts-tasks-cases §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dealwright.actions import list_items
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_shown import info_shown
from dealwright.dialects.onlyoffice.envelope import Answer, one
from dealwright.dialects.onlyoffice.listitem import TASK, counted, entry
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.values import moment, without_defaults
from dealwright.dialects.onlyoffice.writing import contact_base, maker, person
from dealwright.domain.contact import Brief
from dealwright.domain.contact_info import ContactInfo, Info, first_of
from dealwright.storage.contacts import read_many
from dealwright.storage.tasks import FullTask

Emails = Mapping[int, ContactInfo]
"""The primary e-mail of contacts by their ids."""


async def single_task(call: Call, full: FullTask) -> Answer:
    """Answer one task in its single form: its category tells how many tasks are of it."""
    shown = _shown(call, full, await _emails(call, [full]))
    item = call.db.rules.items.get(full.task.category_id or 0)
    if item is not None:
        shown["category"] = counted(item, await list_items.usage(call.db, call.actor, TASK.name))
    return one(shown)


async def task_rows(call: Call, found: Sequence[FullTask]) -> list[Shown]:
    """Return tasks in their list form."""
    emails = await _emails(call, found)
    return [_shown(call, full, emails) for full in found]


def task_base(call: Call, full: FullTask) -> Shown:
    """Return a task inside a contact: without who made it, and without the contact (§1, contactWithTask)."""
    shown = _shown(call, full, {})
    return {name: value for name, value in shown.items() if name not in ("createBy", "created", "contact")}


async def _emails(call: Call, found: Sequence[FullTask]) -> Emails:
    """Read the primary e-mails of those of the tasks' contacts that the caller sees."""
    briefs = (full.contact for full in found)
    seen = {brief.id for brief in briefs if brief is not None and brief.email and brief.seen_by(call.actor)}
    contacts = await read_many(call.db, call.actor, sorted(seen))
    firsts = ((full.contact.id, first_of(full.infos, Info.EMAIL)) for full in contacts)
    return {ident: info for ident, info in firsts if info is not None}


def _shown(call: Call, full: FullTask, emails: Emails) -> Shown:
    """Return a task in the contract's order; its category and what it hangs on only where there are any."""
    portal, own = call.portal, full.task
    shown: Shown = {"createBy": maker(portal, own.created_by), "created": moment(own.created_at, portal.zone)}
    if full.contact is not None:
        shown["contact"] = _contact(call, full.contact, emails)
    shown |= {"title": own.title, "description": own.description or ""}
    shown["deadLine"] = moment(own.deadline, portal.zone)
    shown |= without_defaults({"alertValue": own.alert_minutes})
    shown["responsible"] = person(portal, own.responsible)
    shown |= without_defaults({"isClosed": own.closed})
    if item := portal.rules.items.get(own.category_id or 0):
        shown["category"] = entry(item)
    if own.opportunity_id is not None:
        shown["entity"] = _entity("opportunity", own.opportunity_id, full.opportunity_title)
    elif own.case_id is not None:
        shown["entity"] = _entity("case", own.case_id, full.case_title)
    return shown | without_defaults({"canEdit": own.edited_by(call.actor)}) | {"id": own.id}


def _contact(call: Call, brief: Brief, emails: Emails) -> Shown:
    """Return the contact of a task with its e-mail; one that the caller does not see tells its name alone."""
    shown = contact_base(call.portal, call.actor, brief)
    if not brief.seen_by(call.actor):
        shown.pop("accessList", None)
        return shown | {"currency": None}
    email = emails.get(brief.id)
    return shown if email is None else {"email": info_shown(email)} | shown


def _entity(kind: str, number: int, title: str | None) -> Shown:
    """Return what a task hangs on; the title of a record that the caller does not see is left empty."""
    return {"entityType": kind, "entityId": number, "entityTitle": title or ""}
