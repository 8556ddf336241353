"""Deeds on telephone calls: read, find, record, link to a contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.actions.rule_deeds import differing, refuse
from dealwright.domain.actor import Actor
from dealwright.domain.call import Call, CallChange, call_problems, changed
from dealwright.domain.errors import Forbidden, NotFound, invalid
from dealwright.domain.values import UNSET
from dealwright.storage import calls as store
from dealwright.storage import contacts
from dealwright.storage.calls import CallCriteria, CallOrder, FullCall
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page
from dealwright.storage.writes import Clash, Lost, Write

LIST, READ = "CoworkerMessage-List", "CoworkerMessage-Read"
CREATE, EDIT = "CoworkerMessage-Create", "CoworkerMessage-Edit"
FIELDS: Final = ("external_id", *(field.name for field in fields(CallChange)))


async def get(db: Database, actor: Actor, call_id: int) -> FullCall:
    """Return a call this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, call_id)


async def get_external(db: Database, actor: Actor, external_id: str) -> FullCall:
    """Return a call by the name that the telephone system has for it. Refuses as `get`."""
    actor.require(READ)
    return await store.read_external(db, actor, external_id)


async def find(
    db: Database,
    actor: Actor,
    criteria: CallCriteria,
    page: Page,
    order: CallOrder = CallOrder.DIALED,
    descending: bool = True,
) -> Found[FullCall]:
    """Return a page of the calls that match and this person may see, and exactly how many there are."""
    actor.require(LIST)
    return await store.find(db, actor, criteria, page, order, descending)


async def record(db: Database, actor: Actor, external_id: str, change: CallChange) -> FullCall:
    """Record a call under the name that the telephone system has for it, or what became of it since; return it.

    Without a word about a contact, the call of nobody known is linked to the contact whose number it is. Refuses
    with Forbidden (no right, or a call of this name that is not this person's to see) and Invalid.
    """
    actor.require(CREATE)

    async def deed(_: int) -> FullCall:
        # Asked before it is read: one that another recorded in between is not somebody else's.
        is_taken = await store.is_taken(db, external_id)
        try:
            before = (await store.read_external(db, actor, external_id)).call
        except NotFound:
            if is_taken:
                raise Forbidden("a call of this name is somebody else's") from None
            return await _create(db, actor, external_id, change)
        return await _change(db, actor, before, change)

    return await attempted(deed)


async def create(db: Database, actor: Actor, external_id: str | None, change: CallChange) -> FullCall:
    """Record a new call and return it; without a name of the telephone system's it gets one of its own.

    Refuses with Forbidden and Invalid ("external_id", "duplicate" where there is one of this name).
    """
    actor.require(CREATE)
    if external_id is not None and await store.is_taken(db, external_id):
        raise invalid("external_id", "duplicate", "is the name of another call", external_id)
    return await attempted(lambda _: _create(db, actor, external_id or new_uid(), change))


async def link(db: Database, actor: Actor, call_id: int, contact_id: int | None = None) -> FullCall:
    """Link a call to a contact and return it; without one to the contact whose number it is, if there is any.

    Refuses with Forbidden, NotFound and Invalid ("contact_id", "unknown").
    """
    actor.require(EDIT)

    async def deed(_: int) -> FullCall:
        before = (await store.read(db, actor, call_id)).call
        if contact_id is None:
            return await _change(db, actor, replace(before, contact_id=None), CallChange(), before)
        return await _change(db, actor, before, CallChange(contact_id=contact_id))

    return await attempted(deed)


async def _create(db: Database, actor: Actor, external_id: str, change: CallChange) -> FullCall:
    at = now()
    stamps = {"created_at": at, "updated_at": at, "created_by": actor.id, "updated_by": actor.id}
    blank = Call(id=0, uid=new_uid(), external_id=external_id, dialed_at=at, **stamps)  # type: ignore[arg-type]
    new = await _after(db, actor, blank, change)
    event = happened(actor, at, "call", ["call.created"], None, values_of(new, FIELDS))
    try:
        made = await written(db, [store.inserted(new), recorded(event, store.NEW)], actor)
    except Clash as clash:
        raise Lost("a call of this name was recorded at the same time") from clash
    return await store.read(db, actor, made[store.NEW.name])


async def _change(db: Database, actor: Actor, start: Call, change: CallChange, stored: Call | None = None) -> FullCall:
    """Write what a change makes of a call; `stored` is what it differs from where that is not the start."""
    before, at = stored or start, now()
    after = replace(await _after(db, actor, start, change), updated_at=at, updated_by=actor.id)
    if names := differing(before, after, FIELDS):
        event = happened(actor, at, "call", ["call.changed"], values_of(before, names), values_of(after, names))
        writes: list[Write] = [store.updated(after, names), recorded(event, before.id)]
        await written(db, writes, actor)
    return await store.read(db, actor, before.id)


async def _after(db: Database, actor: Actor, before: Call, change: CallChange) -> Call:
    """Return the call as it will be. Refuses with Invalid listing everything that is wrong."""
    after = changed(before, change)
    refuse(call_problems(after))
    if change.contact_id not in (UNSET, None, before.contact_id):
        await _check_contact(db, actor, after.contact_id)
    if change.parent_id not in (UNSET, None, before.parent_id):
        await _check_parent(db, actor, after.parent_id)
    if change.contact_id is UNSET and after.contact_id is None:
        return replace(after, contact_id=await _whose(db, actor, after))
    return after


async def _check_contact(db: Database, actor: Actor, contact_id: int | None) -> None:
    if contact_id is None or not await contacts.read_many(db, actor, [contact_id]):
        raise invalid("contact_id", "unknown", "is no contact", contact_id)


async def _check_parent(db: Database, actor: Actor, parent_id: int | None) -> None:
    found = await store.read_many(db, actor, [parent_id]) if parent_id is not None else []
    if not found:
        raise invalid("parent_id", "unknown", "is no call", parent_id)
    if found[0].call.parent_id is not None:
        raise invalid("parent_id", "not_allowed", "is itself a part of a call", parent_id)


async def parts(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, list[FullCall]]:
    """Return the calls that are parts of these and that this person may see, by the call, in the order of dialing."""
    actor.require(READ)
    return await store.read_parts(db, actor, ids)


async def _whose(db: Database, actor: Actor, call: Call) -> int | None:
    for number in call.numbers:
        if (found := await store.contact_with_number(db, actor, number)) is not None:
            return found
    return None
