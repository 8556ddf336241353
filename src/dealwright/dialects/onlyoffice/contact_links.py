"""What a contact is linked to and who sees it: company, status, access, dates (contacts-tasks-cases §2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dealwright.actions import contacts
from dealwright.actions.contacts import EDIT, LIST, READ
from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact import ONE
from dealwright.dialects.onlyoffice.contact_answers import contact_rows, single_contact
from dealwright.dialects.onlyoffice.contact_lists import every, narrow_criteria_of
from dealwright.dialects.onlyoffice.contact_shown import kind_of
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, nothing
from dealwright.dialects.onlyoffice.failures import Failure, bad_argument, broken, denied, missing
from dealwright.dialects.onlyoffice.listitem import STATUS
from dealwright.dialects.onlyoffice.opportunity import NEVER, ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import person
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import FullContact, read

PEOPLE: Final = "crm/contact/company/{companyid:[0-9]+}/person"


@routes.get(PEOPLE, right=LIST)
async def get_people(call: Call) -> Answer:
    """Answer the people of a company: 400 for id 0, 404 for a missing or hidden one."""
    company = await _company(call)
    found = await every(call, ContactCriteria(company_id=company))
    return listed(await contact_rows(call, found), call.page, kind_of)


@routes.post(PEOPLE, right=EDIT)
async def post_person(call: Call) -> Answer:
    """Take a person into a company and answer it: 404 for what is not there, 403 for somebody else's."""
    company, number = await _company(call), ident(call, "personid")
    return await single_contact(call, await _belonging(call, number, company))


@routes.delete(PEOPLE, right=EDIT)
async def delete_person(call: Call) -> Answer:
    """Take a person out of a company and answer it; refuses as `post_person`, also one of another company."""
    company, number = await _company(call), ident(call, "personid")
    found = await read(call.db, call.actor, number)
    if found.contact.company_id != company:
        raise missing()
    return await single_contact(call, await _belonging(call, number, None))


async def _company(call: Call) -> int:
    found = await read(call.db, call.actor, ident(call, "companyid"))
    if not found.contact.is_company:
        raise missing()
    return found.contact.id


async def _belonging(call: Call, number: int, company: int | None) -> FullContact:
    try:
        return await contacts.change(call.db, call.actor, number, ContactChange(company_id=company))
    except Invalid:
        raise missing() from None


@routes.get(f"{ONE}/access", right=READ)
async def get_access(call: Call) -> Answer:
    """Answer who sees a private contact, nobody for others: 404 for a missing one, 403 for a hidden one."""
    brief = (await _found(call, ident(call, "contactid"))).brief
    managers = brief.managers if brief.sharing is Share.NOBODY else ()
    return everything([person(call.portal, uid) for uid in managers])


@routes.put(f"{ONE}/access", right=EDIT)
async def put_access(call: Call) -> Answer:
    """Set who sees a contact and answer it: 404 for a missing one, 403 for one that is not the caller's."""
    return await single_contact(call, await _shared(call, ident(call, "contactid")))


@routes.put("crm/contact/access", right=EDIT)
async def put_access_of_many(call: Call) -> Answer:
    """Set who sees several contacts and answer them; ends at the first that is refused, as `put_access` does."""
    own, refusal = await _until_refused(call, list(dict.fromkeys(call.bag.integers("contactid"))))
    done = await _all_shared(call, own, call.bag.boolean("isShared"))
    if refusal is not None:
        raise refusal
    return done


@routes.put("crm/contact/filter/access", right=EDIT)
async def put_access_of_matches(call: Call) -> Answer:
    """Set who sees all contacts that match and are the caller's to change, and answer them (§2).

    `isPrivate` means what `isShared` means elsewhere: the contract has it the wrong way round.
    """
    ids = await contacts.find_ids(call.db, call.actor, narrow_criteria_of(call))
    return await _all_shared(call, ids, call.bag.boolean("isPrivate"))


async def _until_refused(call: Call, ids: Sequence[int]) -> tuple[list[int], Failure | None]:
    """Return those of the contacts that come before the first which is not the caller's, and how that is refused."""
    own = {full.contact.id: full for full in await contacts.get_many(call.db, call.actor, ids)}
    for place, number in enumerate(ids):
        if number not in own:
            there = await contacts.exists_for_anybody(call.db, number)
            return list(ids[:place]), denied() if there else missing()
        if not own[number].brief.edited_by(call.actor):
            return list(ids[:place]), denied()
    return list(ids), None


async def _all_shared(call: Call, ids: Sequence[int], shared: bool) -> Answer:
    sharing, managers = Share.WRITE if shared else Share.NOBODY, call.bag.guids("managerList")
    done = await contacts.share_many(call.db, call.actor, ids, sharing, managers)
    return everything(await contact_rows(call, done.shown), done.count)


async def _shared(call: Call, number: int) -> FullContact:
    await _found(call, number)
    return await contacts.change(call.db, call.actor, number, _sharing(call.bag))


def _sharing(bag: Bag) -> ContactChange:
    sharing = Share.WRITE if bag.boolean("isShared") else Share.NOBODY
    return ContactChange(sharing=sharing, managers=bag.guids("managerList"))


async def _found(call: Call, number: int) -> FullContact:
    """Return a contact; refuses with 403 a hidden one, with 404 a missing one (§2, access)."""
    try:
        return await read(call.db, call.actor, number)
    except NotFound:
        there = await contacts.exists_for_anybody(call.db, number)
        raise denied() if there else missing() from None


@routes.put(f"{ONE}/status", right=EDIT)
async def put_status(call: Call) -> Answer:
    """Set the status of a contact, 0 none: 400 below 0, 404 for an unknown status or contact, 403."""
    change = _status(call)
    return await single_contact(call, await contacts.change(call.db, call.actor, ident(call, "contactid"), change))


@routes.put("crm/contact/company/{companyid:[0-9]+}/status", right=EDIT)
async def put_status_of_company(call: Call) -> Answer:
    """Set the status of a company and its people; 500 for a person, as the contract has it. Else as `put_status`."""
    change, found = _status(call), await read(call.db, call.actor, ident(call, "companyid"))
    if not found.contact.is_company:
        raise broken("Contact is not a company")
    return await single_contact(call, await _all_changed(call, found, found.contact.id, change))


@routes.put("crm/contact/person/{personid:[0-9]+}/status", right=EDIT)
async def put_status_of_person(call: Call) -> Answer:
    """Set the status of a person, the company and its people; 500 for a company. Else as `put_status`."""
    change, found = _status(call), await read(call.db, call.actor, ident(call, "personid"))
    if found.contact.is_company:
        raise broken("Contact is not a person")
    return await single_contact(call, await _all_changed(call, found, found.contact.company_id, change))


async def _all_changed(call: Call, own: FullContact, company: int | None, change: ContactChange) -> FullContact:
    """Change a contact, then its company and the people there as far as they are the caller's to change."""
    changed = await contacts.change(call.db, call.actor, own.contact.id, change)
    if company is None:
        return changed
    people = await every(call, ContactCriteria(company_id=company))
    for number in {company, *(full.contact.id for full in people)} - {own.contact.id}:
        try:
            await contacts.change(call.db, call.actor, number, change)
        except (Forbidden, NotFound):
            continue
    return changed


def _status(call: Call) -> ContactChange:
    number = call.bag.integer("contactStatusid")
    if number < 0:
        raise bad_argument()
    item = call.db.rules.items.get(number)
    if number and (item is None or item.list != STATUS.name):
        raise missing()
    return ContactChange(status_id=number or None)


@routes.put(f"{ONE}/creationdate", right=EDIT)
async def put_creation_date(call: Call) -> Answer:
    """Set when a contact was made: 404 for a missing or hidden one."""
    return await _dated(call, ContactChange(created_at=call.date("creationDate") or NEVER))


@routes.put(f"{ONE}/lastmodifeddate", right=EDIT)
async def put_last_modified_date(call: Call) -> Answer:
    """Set when a contact was last touched (spelled as the contract does): 404 for a missing or hidden one."""
    return await _dated(call, ContactChange(updated_at=call.date("lastModifedDate") or NEVER))


async def _dated(call: Call, change: ContactChange) -> Answer:
    await contacts.change(call.db, call.actor, call.bag.integer("contactid"), change)
    return nothing()
