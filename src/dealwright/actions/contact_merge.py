"""The deed that makes one contact of two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dealwright.actions.contact_writes import decide
from dealwright.actions.contacts import EDIT, applied, wanted
from dealwright.actions.deed import attempted, happened, now, recorded
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo
from dealwright.domain.errors import Forbidden, Outdated, invalid
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET, Unset
from dealwright.storage import contacts as store
from dealwright.storage.contact_merge import merged
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Lost

FILLED = ("job_title", "about", "industry", "status_id", "type_id", "notes", "currency")


async def merge(db: Database, actor: Actor, gone: int, into: int, version: int | None = None) -> FullContact:
    """Make two contacts one: `gone` goes to the trash, and `into` takes over what belongs to it; return that.

    Deals, cases, teams, people, tasks, notes, invoices and calls move. What is empty in `into` is filled from `gone`;
    tags, values of custom fields, e-mails and the like that it lacks are added. `version` is what the caller believes
    `into` to be at (None: any). All of it happens or nothing. Refuses with Forbidden (no right, or one of them not
    this person's to change), NotFound, Invalid ("gone": "not_allowed", where both are the same), Outdated, Conflict.
    """
    actor.require(EDIT)
    if gone == into:
        raise invalid("gone", "not_allowed", "cannot become one with itself", gone)

    async def deed(_: int) -> FullContact:
        source, target = await store.read(db, actor, gone), await store.read(db, actor, into)
        _check(actor, source, target, version)
        await _merge(db, actor, source, target, now())
        return await store.read(db, actor, into)

    first, second = sorted((gone, into))
    async with db.turns.of("contact", first), db.turns.of("contact", second):
        return await attempted(deed)


def _check(actor: Actor, source: FullContact, target: FullContact, version: int | None) -> None:
    if not (source.brief.edited_by(actor) and target.brief.edited_by(actor)):
        raise Forbidden("one of these contacts is not yours to change")
    if version is not None and target.contact.version != version:
        raise Outdated(f"the contact is at version {target.contact.version}, not {version}")


async def _merge(db: Database, actor: Actor, source: FullContact, target: FullContact, at: datetime) -> None:
    change = taken_over(db.rules, actor, source, target, at)
    loaded = await store.load(db, actor, target.contact.id, wanted(change))
    if loaded.full.contact.version != target.contact.version:
        raise Lost("the contact changed at the same time")
    own = {"merged_from": source.contact.id}
    decision = decide(db.rules, actor, loaded, change, at, ("contact.changed", "contact.merged"), own)
    facts = {"merged_into": target.contact.id}
    event = happened(actor, at, "contact", ["contact.deleted", "contact.merged"], None, facts)
    moved = merged(source.contact, decision.full.contact, event)
    writes = [*moved, *decision.writes, recorded(event, source.contact.id)]
    await applied(db, actor, replace(decision, writes=writes))


def taken_over(rules: Rules, actor: Actor, source: FullContact, target: FullContact, at: datetime) -> ContactChange:
    """Return what a contact takes over from one that becomes one with it; it is touched in any case."""
    old, new = source.contact, target.contact
    change = ContactChange(updated_at=at, added_infos=_infos(source, target), keeps_values=True)
    for name in FILLED:
        if not getattr(new, name) and (value := getattr(old, name)):
            setattr(change, name, value)
    if tags := [title for title in source.tags if fold(title) not in {fold(one) for one in target.tags}]:
        change.tags = [*target.tags, *tags]
    change.custom = _values(rules, source, target)
    change.company_id = _company(actor, source, target)
    if change.company_id is UNSET and not new.is_company and not new.company_name and old.company_name:
        change.company_name = UNSET if old.is_company or source.company else old.company_name
    return change


def _infos(source: FullContact, target: FullContact) -> list[ContactInfo]:
    known = {(one.kind, fold(one.data)) for one in target.infos}
    primary = {one.kind for one in target.infos if one.is_primary}
    return [
        replace(one, id=0, is_primary=one.is_primary and one.kind not in primary)
        for one in source.infos
        if (one.kind, fold(one.data)) not in known
    ]


def _values(rules: Rules, source: FullContact, target: FullContact) -> dict[int, str | None]:
    subjects = {"contact", "company" if target.contact.is_company else "person"}
    fields = {field.id for field in rules.fields_of(*subjects)}
    return {key: value for key, value in source.custom.items() if key in fields and not target.custom.get(key)}


def _company(actor: Actor, source: FullContact, target: FullContact) -> int | Unset | None:
    """Return the company a person belongs to afterwards where that changes."""
    new, company = target.contact, source.company
    if new.company_id == source.contact.id:
        return None
    if new.is_company or new.company_id or new.company_name or company is None:
        return UNSET
    return company.id if company.id != new.id and company.seen_by(actor) else UNSET
