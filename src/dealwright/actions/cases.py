"""Deeds on cases: read, find, create, change, close, share, delete, restore."""

from __future__ import annotations

from collections.abc import Sequence

from dealwright.actions.case_writes import Decision, decide, decide_creation, decide_removal, decide_return
from dealwright.actions.deed import attempted, happened, now, written
from dealwright.actions.many import Done, in_chunks, swept
from dealwright.domain.actor import Actor
from dealwright.domain.case import CaseChange, checked
from dealwright.domain.errors import Forbidden, NotFound, Outdated
from dealwright.domain.opportunity import Sharing
from dealwright.domain.values import UNSET
from dealwright.storage import case_lists as lists
from dealwright.storage import case_rows as rows
from dealwright.storage import cases as store
from dealwright.storage import sharing as shares
from dealwright.storage.case_lists import CaseCriteria, CaseOrder
from dealwright.storage.case_trash import going
from dealwright.storage.cases import FullCase
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page
from dealwright.storage.sight import sight_of

READ, LIST = "Case-Read", "Case-List"
CREATE, EDIT, DELETE = "Case-Create", "Case-Edit", "Case-Delete"


async def get(db: Database, actor: Actor, case_id: int) -> FullCase:
    """Return a case this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, case_id)


async def find(
    db: Database,
    actor: Actor,
    criteria: CaseCriteria,
    page: Page,
    order: CaseOrder = CaseOrder.TITLE,
    descending: bool = False,
    open_first: bool = False,
) -> Found[FullCase]:
    """Return a page of the cases that match and this person may see, and exactly how many there are.

    `open_first` lists closed cases after open ones, whatever the order.
    """
    actor.require(LIST)
    return await lists.find(db, actor, criteria, page, order, descending, open_first)


async def create(db: Database, actor: Actor, change: CaseChange) -> FullCase:
    """Make a case from a change that names at least its title; return it.

    Participants that are no contacts this person sees are left out. Refuses with Forbidden and Invalid.
    """
    actor.require(CREATE)
    checked(change)

    async def deed(_: int) -> FullCase:
        loaded = await store.prepare(db, actor, _refs(change))
        decision = decide_creation(db.rules, actor, loaded, change, now())
        decision.full.case.id = (await written(db, decision.writes, actor))[rows.NEW.name]
        return decision.full

    return await attempted(deed)


async def change(db: Database, actor: Actor, case_id: int, change: CaseChange, version: int | None = None) -> FullCase:
    """Change a case as the change says and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Sharing is ignored unless the caller may share.
    Refuses with Forbidden, NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(_: int) -> FullCase:
        loaded = await store.load(db, actor, case_id, _refs(change))
        _expect(loaded.full, version)
        return await _apply(db, actor, decide(db.rules, actor, loaded, change, now()))

    async with db.turns.of("case", case_id):
        return await attempted(deed)


async def close(db: Database, actor: Actor, case_id: int, version: int | None = None) -> FullCase:
    """Close a case; a closed one stays as it is. Refuses as `change` does."""
    return await change(db, actor, case_id, CaseChange(closed=True), version)


async def reopen(db: Database, actor: Actor, case_id: int, version: int | None = None) -> FullCase:
    """Open a closed case again. Refuses as `change` does."""
    return await change(db, actor, case_id, CaseChange(closed=False), version)


async def share(db: Database, actor: Actor, case_id: int, sharing: Sharing) -> FullCase:
    """Set who may see a case; Forbidden unless the caller is a CRM administrator or made it."""
    actor.require(EDIT)
    if not (await store.read(db, actor, case_id)).case.shared_by(actor):
        raise Forbidden("only CRM administrators and who made this case may share it")
    return await change(db, actor, case_id, CaseChange(sharing=sharing))


async def share_many(db: Database, actor: Actor, ids: Sequence[int], sharing: Sharing) -> Done[FullCase]:
    """Set who may see cases, any number, and return those that are this person's to share; others are passed over.

    Refuses with Forbidden and Conflict.
    """
    actor.require(EDIT)
    wanted = sharing.by(actor.uid)

    async def deed(chunk: Sequence[int], shows: bool) -> list[FullCase] | int:
        event = happened(actor, now(), "case", ["case.changed", "case.shared"])
        said = shares.given(wanted.private, wanted.users)
        done = await swept(db, actor, shares.of_cases(sight_of(actor)), chunk, event, **said)
        if not shows:
            return len(done)
        return [full for full in await store.read_many(db, actor, chunk) if full.case.shared_by(actor)]

    return await in_chunks(ids, deed)


async def add_member(db: Database, actor: Actor, case_id: int, contact_id: int) -> FullCase:
    """Make a contact a participant; one that is one already stays one. NotFound when either is out of sight."""
    return await _members(db, actor, case_id, contact_id, present=True)


async def remove_member(db: Database, actor: Actor, case_id: int, contact_id: int) -> FullCase:
    """Take a contact off the participants. NotFound when either is out of sight."""
    return await _members(db, actor, case_id, contact_id, present=False)


async def _members(db: Database, actor: Actor, case_id: int, contact_id: int, present: bool) -> FullCase:
    actor.require(EDIT)

    async def deed(_: int) -> FullCase:
        loaded = await store.load(db, actor, case_id, [contact_id])
        wanted = loaded.refs.get(contact_id)
        if wanted is None or not wanted.seen_by(actor):
            raise NotFound("contact")
        others = [brief.id for brief in loaded.full.members if brief.id != contact_id]
        said = CaseChange(members=[*others, contact_id] if present else others)
        return await _apply(db, actor, decide(db.rules, actor, loaded, said, now()))

    async with db.turns.of("case", case_id):
        return await attempted(deed)


async def delete(db: Database, actor: Actor, case_id: int, version: int | None = None) -> FullCase:
    """Move a case to the trash with its tasks and notes; return it as it was.

    Refuses with Forbidden, NotFound, Conflict and, unless `version` is the present one or None, with Outdated.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullCase:
        full = await store.read(db, actor, case_id)
        _expect(full, version)
        return await _apply(db, actor, decide_removal(actor, full, now()))

    async with db.turns.of("case", case_id):
        return await attempted(deed)


async def delete_many(db: Database, actor: Actor, ids: Sequence[int]) -> Done[FullCase]:
    """Move cases to the trash, any number, and return those that were there for this person, as they were.

    Refuses with Forbidden and Conflict.
    """
    actor.require(DELETE)

    async def deed(chunk: Sequence[int], shows: bool) -> list[FullCase] | int:
        found = await store.read_many(db, actor, chunk) if shows else []
        event = happened(actor, now(), "case", ["case.deleted"])
        gone = await swept(db, actor, going(sight_of(actor)), chunk, event)
        return [full for full in found if full.case.id in gone] if shows else len(gone)

    return await in_chunks(ids, deed)


async def restore(db: Database, actor: Actor, case_id: int) -> FullCase:
    """Take a case back from the trash with what went there together with it. Refuses with Forbidden and NotFound."""
    actor.require(DELETE)

    async def deed(_: int) -> FullCase:
        full, since = await store.read_trashed(db, actor, case_id)
        return await _apply(db, actor, decide_return(actor, full, since, now()))

    async with db.turns.of("case", case_id):
        return await attempted(deed)


async def exists_for_anybody(db: Database, case_id: int) -> bool:
    """Tell whether a case is there at all: for the contracts that answer hidden and missing differently."""
    return await store.exists_for_anybody(db, case_id)


def _refs(change: CaseChange) -> list[int]:
    return [] if change.members is UNSET else list(change.members)


def _expect(full: FullCase, version: int | None) -> None:
    if version is not None and full.case.version != version:
        raise Outdated(f"the case is at version {full.case.version}, not {version}")


async def _apply(db: Database, actor: Actor, decision: Decision) -> FullCase:
    if decision.writes:
        await written(db, decision.writes, actor)
    return decision.full
