"""One person or company: read, create, replace, delete (contacts-tasks-cases §2)."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Final

from dealwright.actions import contacts
from dealwright.actions.contacts import CREATE, DELETE, EDIT, READ
from dealwright.dialects.onlyoffice import contact_body as body
from dealwright.dialects.onlyoffice import contact_photo as photo
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import all_deleted, single_contact
from dealwright.dialects.onlyoffice.envelope import Answer, everything, nothing
from dealwright.dialects.onlyoffice.failures import bad_argument, denied, missing
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import contact_base
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, RulesMoved
from dealwright.storage.contacts import FullContact, read

ONE: Final = "crm/contact/{contactid:[0-9]+}"


@routes.get(ONE, right=READ)
async def get(call: Call) -> Answer:
    """Answer one contact: 400 for id 0, 404 for a missing or hidden one."""
    return await single_contact(call, await contacts.get(call.db, call.actor, ident(call, "contactid")))


@routes.post("crm/contact/person", right=CREATE)
async def post_person(call: Call) -> Answer:
    """Make a person. Refuses with 404 for a company that the caller does not see, and as `body.new_person`."""
    change, pictures = body.new_person(call.bag), await photo.sent_pictures(call)
    made = await _saved(contacts.create(call.db, call.actor, change))
    await photo.put_sent(call, made.contact.id, pictures)
    return await single_contact(call, made)


@routes.post("crm/contact/company", right=CREATE)
async def post_company(call: Call) -> Answer:
    """Make a company, and take in the people of `personList` that the caller may change. Refuses with 400."""
    people, change = call.bag.integers("personList"), body.new_company(call.bag)
    pictures = await photo.sent_pictures(call)
    made = await _saved(contacts.create(call.db, call.actor, change))
    await photo.put_sent(call, made.contact.id, pictures)
    for person in dict.fromkeys(people):
        made.persons_count += await _joined(call, person, made.contact.id)
    return await single_contact(call, made)


@routes.post("crm/contact/person/quick", right=CREATE)
async def post_people(call: Call) -> Answer:
    """Make people that only the caller sees, from pairs of names; answers `{}` where there is none (§2)."""
    return await _made_quickly(call, body.quick_people(call.bag, call.actor.uid))


@routes.post("crm/contact/company/quick", right=CREATE)
async def post_companies(call: Call) -> Answer:
    """Make companies that only the caller sees, from their names; answers `{}` where there is none (§2)."""
    return await _made_quickly(call, body.quick_companies(call.bag, call.actor.uid))


async def _made_quickly(call: Call, changes: Sequence[ContactChange]) -> Answer:
    made: list[FullContact] = []
    try:
        for change in changes:
            made.append(await contacts.create(call.db, call.actor, change))
    except RulesMoved:
        if not made:
            raise
        # The request must not be repeated from its start: some of the contacts are made.
        raise Conflict("the portal's rules changed meanwhile; not all contacts were made") from None
    shown = [contact_base(call.portal, call.actor, full.brief) for full in made]
    return everything(shown) if shown else nothing()


async def _joined(call: Call, person: int, company: int) -> bool:
    try:
        await contacts.change(call.db, call.actor, person, ContactChange(company_id=company))
    except (Forbidden, Invalid, NotFound):
        return False
    except RulesMoved:
        # The request must not be repeated from its start: the company is made.
        raise Conflict("the portal's rules changed meanwhile; not everybody was taken in") from None
    return True


@routes.put("crm/contact/person/{personid:[0-9]+}", right=EDIT)
async def put_person(call: Call) -> Answer:
    """Replace a person (§2 PUT): 400 for a missing one or an empty name, 403 for one that is not the caller's."""
    number, change = ident(call, "personid"), body.person_again(call.bag)
    return await _replaced(call, number, change)


@routes.put("crm/contact/company/{companyid:[0-9]+}", right=EDIT)
async def put_company(call: Call) -> Answer:
    """Replace a company (§2 PUT): 400 for a missing one or an empty name, 403 for one that is not the caller's."""
    number, change = ident(call, "companyid"), body.company_again(call.bag)
    return await _replaced(call, number, change)


async def _replaced(call: Call, number: int, change: ContactChange) -> Answer:
    try:
        before = await read(call.db, call.actor, number)
    except NotFound:
        there = await contacts.exists_for_anybody(call.db, number)
        raise denied() if there else bad_argument() from None
    if before.contact.is_company is not change.is_company:
        raise bad_argument()
    return await single_contact(call, await _saved(contacts.change(call.db, call.actor, number, change)))


@routes.delete(ONE, right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete a contact and answer it: 400 for id 0, 404, and 403 for one that is not the caller's or is invoiced."""
    try:
        return await single_contact(call, await contacts.delete(call.db, call.actor, ident(call, "contactid")))
    except Invalid:
        raise denied() from None


@routes.put("crm/contact", right=DELETE)
async def delete_many(call: Call) -> Answer:
    """Delete contacts (a PUT indeed) and answer those that were the caller's to delete: 400 for no ids."""
    ids = call.bag.integers("contactids")
    if not ids:
        raise bad_argument()
    return all_deleted(call, await contacts.delete_many(call.db, call.actor, ids))


async def _saved(deed: Awaitable[FullContact]) -> FullContact:
    """Return the contact that a deed leaves; a company that the caller does not see is 404 (§2)."""
    try:
        return await deed
    except Invalid as refusal:
        if any((problem.field, problem.code) == ("company_id", "unknown") for problem in refusal.problems):
            raise missing() from None
        raise
