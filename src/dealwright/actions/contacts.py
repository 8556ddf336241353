"""Deeds on contacts: read, find, create, change, share, delete, restore."""

from __future__ import annotations

from collections.abc import Sequence

from dealwright.actions.contact_writes import Decision, decide, decide_creation, decide_removal, decide_return, taken
from dealwright.actions.deed import attempted, happened, now, written
from dealwright.actions.many import Done, in_chunks, swept
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange, Share, checked, managers_after, titles, wanted_email
from dealwright.domain.errors import Forbidden, Invalid, Outdated, invalid
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET
from dealwright.storage import contact_lists as lists
from dealwright.storage import contacts as store
from dealwright.storage import sharing as shares
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contact_trash import NO_DEAL, going
from dealwright.storage.contacts import FullContact, Wanted
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page
from dealwright.storage.sight import sight_of
from dealwright.storage.writes import Clash, Lost

READ, LIST = "Coworker-Read", "Coworker-List"
CREATE, EDIT, DELETE = "Coworker-Create", "Coworker-Edit", "Coworker-Delete"
EVERY = Page(0, 2**31)


async def get(db: Database, actor: Actor, contact_id: int) -> FullContact:
    """Return a contact this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, contact_id)


async def get_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullContact]:
    """Return the contacts of these ids that this person may see, in the order of the ids."""
    actor.require(READ)
    return await store.read_many(db, actor, ids)


async def find(
    db: Database,
    actor: Actor,
    criteria: ContactCriteria,
    page: Page,
    order: ContactOrder = ContactOrder.DISPLAY_NAME,
    descending: bool = False,
) -> Found[FullContact]:
    """Return a page of the contacts that match and this person may see, and exactly how many there are."""
    actor.require(LIST)
    return await lists.find(db, actor, criteria, page, order, descending)


async def find_ids(
    db: Database, actor: Actor, criteria: ContactCriteria, page: Page = EVERY, order: ContactOrder = ContactOrder.ID
) -> list[int]:
    """Return the ids of a page of the contacts that match and this person may see, of all without a page."""
    actor.require(LIST)
    return await lists.find_ids(db, actor, criteria, page, order, descending=False)


async def create(db: Database, actor: Actor, change: ContactChange, uid: str | None = None) -> FullContact:
    """Make a contact from a change that names at least it; return it.

    Without a word about sharing everybody may change it. `uid` is the identity it gets (None: a new one), for callers
    that may say the same thing twice: where it is taken, Clash. Refuses with Forbidden and Invalid.
    """
    actor.require(CREATE)
    checked(change)

    async def deed(_: int) -> FullContact:
        loaded = await store.prepare(db, actor, wanted(change))
        return await applied(db, actor, decide_creation(db.rules, actor, loaded, change, now(), uid))

    return await attempted(deed)


async def change(
    db: Database, actor: Actor, contact_id: int, change: ContactChange, version: int | None = None
) -> FullContact:
    """Change a contact as the change says and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Refuses with Forbidden (no right, or seen but
    not this person's to change), NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(_: int) -> FullContact:
        loaded = await store.load(db, actor, contact_id, wanted(change))
        _check(actor, loaded.full, version)
        return await applied(db, actor, decide(db.rules, actor, loaded, change, now()))

    async with db.turns.of("contact", contact_id):
        return await attempted(deed)


async def tried(db: Database, actor: Actor, contact_id: int, change: ContactChange) -> None:
    """Refuse what `change` would refuse, and write nothing."""
    actor.require(EDIT)
    checked(change)
    loaded = await store.load(db, actor, contact_id, wanted(change))
    _check(actor, loaded.full, None)
    decide(db.rules, actor, loaded, change, now())


async def delete(db: Database, actor: Actor, contact_id: int, version: int | None = None) -> FullContact:
    """Move a contact to the trash with its tasks and notes and return it as it was; deals and people stay, without it.

    Refuses with Forbidden, NotFound, Outdated, Conflict, and with Invalid ("contact": "in_use") where an invoice
    names it.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullContact:
        full = await store.read(db, actor, contact_id)
        _check(actor, full, version)
        if full.invoiced:
            raise invalid("contact", "in_use", "an invoice names this contact", contact_id)
        return await applied(db, actor, decide_removal(actor, full, now()))

    async with db.turns.of("contact", contact_id):
        return await attempted(deed)


async def restore(db: Database, actor: Actor, contact_id: int) -> FullContact:
    """Take a contact back from the trash with its tasks and notes and return it.

    Deals, cases, teams and people that lost it take it up again, unless they found another one. Refuses with
    Forbidden, NotFound and Conflict.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullContact:
        full, since = await store.read_trashed(db, actor, contact_id)
        _check(actor, full, None)
        await applied(db, actor, decide_return(actor, full, since, now()))
        return await store.read(db, actor, contact_id)

    async with db.turns.of("contact", contact_id):
        return await attempted(deed)


async def delete_many(db: Database, actor: Actor, ids: Sequence[int]) -> Done[FullContact]:
    """Move contacts to the trash, any number, and return those that were this person's to delete, as they were.

    A contact that an invoice names stays. Refuses with Forbidden and Conflict.
    """
    actor.require(DELETE)

    async def deed(chunk: Sequence[int], shows: bool) -> list[FullContact] | int:
        found = await store.read_many(db, actor, chunk) if shows else []
        event = happened(actor, now(), "contact", ["contact.deleted"])
        gone = await swept(db, actor, going(sight_of(actor)), chunk, event, apart=NO_DEAL)
        return [full for full in found if full.contact.id in gone] if shows else len(gone)

    return await in_chunks(ids, deed)


async def share_many(
    db: Database, actor: Actor, ids: Sequence[int], sharing: Share, managers: Sequence[str]
) -> Done[FullContact]:
    """Set who sees contacts, any number, and return those that are this person's to change; others are passed over.

    Who makes contacts private without being an administrator is among their managers. Refuses with Forbidden and
    Conflict.
    """
    actor.require(EDIT)
    said = ContactChange(sharing=sharing, managers=managers)
    said_so = shares.given(sharing, managers_after((), sharing, said, actor))

    async def deed(chunk: Sequence[int], shows: bool) -> list[FullContact] | int:
        found = await store.read_many(db, actor, chunk) if shows else []
        event = happened(actor, now(), "contact", ["contact.changed"])
        done = await swept(db, actor, shares.of_contacts(sight_of(actor)), chunk, event, **said_so)
        own = [full.contact.id for full in found if full.brief.edited_by(actor)]
        return await store.read_many(db, actor, own) if shows else len(done)

    return await in_chunks(ids, deed)


async def exists_for_anybody(db: Database, contact_id: int) -> bool:
    """Tell whether a contact is there at all: for the contracts that answer hidden and missing differently."""
    return await store.exists_for_anybody(db, contact_id)


def wanted(change: ContactChange) -> Wanted:
    """Return what a change of a contact points at, to be loaded with it."""
    by_id = change.company_id if isinstance(change.company_id, int) else None
    named = by_id is None and isinstance(change.company_name, str)
    email = wanted_email(change) if change.email_is_unique else None
    return Wanted(
        company_id=by_id,
        company_fold=(fold(str(change.company_name)) or None) if named else None,
        tags=list(titles(change.tags)) if change.tags is not UNSET else (),
        teams=sorted(change.teams_after(())),
        email=fold(email) or None,
    )


def _check(actor: Actor, full: FullContact, version: int | None) -> None:
    if not full.brief.edited_by(actor):
        raise Forbidden("this contact is not yours to change")
    if version is not None and full.contact.version != version:
        raise Outdated(f"the contact is at version {full.contact.version}, not {version}")


async def applied(db: Database, actor: Actor, decision: Decision) -> FullContact:
    """Write a decision and return the contact with the ids that were made. Raises Lost; refuses with Invalid."""
    if not decision.writes:
        return decision.full
    try:
        return decision.made(await written(db, decision.writes, actor))
    except Clash as clash:
        if "email_claim" in clash.key:
            raise Invalid(taken(decision.full.contact.email)) from clash
        if "tag" in clash.key:
            raise Lost("somebody made the same tag") from clash
        raise
