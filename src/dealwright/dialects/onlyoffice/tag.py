"""Tags of contacts, opportunities and cases (opportunities §6, contacts-tasks-cases §9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from dealwright.actions import tags
from dealwright.dialects.onlyoffice import case_lists, contact_lists, opportunity_lists
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, text
from dealwright.dialects.onlyoffice.failures import bad_argument, broken
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.errors import Forbidden
from dealwright.domain.tag import Tag
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import read

KINDS: Final = "crm/{entityType:(contact|opportunity|case)}"
RECORD: Final = f"{KINDS}/{{entityid:[0-9]+}}/tag"
GROUP: Final = "crm/{entityType:(company|person)}/{entityid:[0-9]+}/tag/group"
WORDS: Final = {"tag.duplicate": "Tag with this name already exists"}

Deed = Callable[[int], Awaitable[None]]
"""What is done to one record by its id."""


@routes.get(f"{KINDS}/tag")
async def get_all(call: Call) -> Answer:
    """Answer the tags of a kind of record by title, each with the number of those that bear it."""
    found = await tags.read_all(call.db, call.actor, _kind(call))
    return listed([_shown(tag) for tag in found], call.page, "tag")


def _shown(tag: Tag) -> Shown:
    shown: Shown = {"title": tag.title}
    return shown | ({"relativeItemsCount": tag.uses} if tag.uses else {})


@routes.get(f"{KINDS}/tag/{{entityid:[0-9]+}}")
async def get_of_record(call: Call) -> Answer:
    """Answer the titles of a record's tags: 400 for id 0, 404 for a missing or hidden one."""
    return everything(await tags.titles(call.db, call.actor, _kind(call), ident(call, "entityid")))


@routes.get("crm/contact/{contactid:[0-9]+}/tag")
async def get_of_contact(call: Call) -> Answer:
    """Answer the titles of a contact's tags: 400 for id 0, 404 for a missing or hidden one."""
    return everything(await tags.titles(call.db, call.actor, "contact", ident(call, "contactid")))


@routes.post(f"{KINDS}/tag", words=WORDS)
async def post(call: Call) -> Answer:
    """Make a tag and answer its name: 400 for an empty one, and for one that is there in whatever spelling."""
    title = _title(call)
    await tags.create(call.db, call.actor, _kind(call), title)
    return text(title)


@routes.delete(f"{KINDS}/tag")
async def delete(call: Call) -> Answer:
    """Take a tag off everything and away, and answer its name: 404 for an unknown one."""
    title = _title(call)
    await tags.delete(call.db, call.actor, _kind(call), title)
    return text(title)


@routes.delete(f"{KINDS}/tag/unused")
async def delete_unused(call: Call) -> Answer:
    """Take the tags away that nothing bears, and answer their names: 403 unless a CRM administrator asks."""
    gone = await tags.delete_unused(call.db, call.actor, _kind(call))
    return everything([tag.title for tag in gone])


@routes.post(RECORD)
async def post_on_record(call: Call) -> Answer:
    """Put a tag on a record, a new one too, and answer its name.

    Refuses with 400 for an empty name or id 0, 404 for a missing or hidden record, 403 for somebody else's contact.
    """
    return await _on_each(call, [ident(call, "entityid")])


@routes.delete(RECORD)
async def delete_from_record(call: Call) -> Answer:
    """Take a tag off a record and answer its name: 404 for an unknown tag too, otherwise as `post_on_record`."""
    number, title = ident(call, "entityid"), _title(call)
    await tags.remove(call.db, call.actor, _kind(call), number, title)
    return text(title)


@routes.post(f"{KINDS}/taglist")
async def post_on_list(call: Call) -> Answer:
    """Put a tag on several records and answer its name: 400 for no ids, otherwise as `post_on_record` for each."""
    ids = call.bag.integers("entityid")
    if not ids:
        raise bad_argument()
    return await _on_each(call, ids)


async def _on_each(call: Call, ids: Iterable[int]) -> Answer:
    title, kind = _title(call), _kind(call)
    return await _put(call, kind, title, dict.fromkeys(ids))


async def _put(call: Call, kind: str, title: str, ids: Iterable[int]) -> Answer:
    for number in ids:
        await tags.add(call.db, call.actor, kind, number, title)
    return text(title)


@routes.post("crm/opportunity/filter/taglist")
async def post_on_deals(call: Call) -> Answer:
    """Put a tag on all opportunities that match the filter set, and answer its name: 400 for an empty one."""
    return await _put(call, "opportunity", _title(call), await opportunity_lists.found_ids(call))


@routes.post("crm/case/filter/taglist")
async def post_on_cases(call: Call) -> Answer:
    """Put a tag on all cases that match, and answer its name (§9): 400 for an empty one."""
    return await _put(call, "case", _title(call), await case_lists.found_ids(call))


@routes.post("crm/contact/filter/taglist")
async def post_on_contacts(call: Call) -> Answer:
    """Put a tag on all contacts that match and are the caller's to change, and answer its name (§9).

    `contactStage` and `contactType` are no nullable numbers here: absent asks for contacts without one.
    """
    title, bag = _title(call), call.bag
    status, kind = (max(bag.integer(name), -1) for name in ("contactStage", "contactType"))
    criteria = replace(
        contact_lists.criteria_of(call),
        status_id=status if status >= 0 else None,
        type_id=kind if kind >= 0 else None,
    )
    found = await contact_lists.every(call, criteria)
    await _on_own([full.contact.id for full in found], lambda number: _add(call, number, title))
    return text(title)


@routes.post(GROUP)
async def post_on_group(call: Call) -> Answer:
    """Put a tag on a company and all its people, and answer its name (§9): 404, and 500 for the wrong kind."""
    title = _title(call)
    await _on_own(await _group(call), lambda number: _add(call, number, title))
    return text(title)


@routes.delete(GROUP)
async def delete_from_group(call: Call) -> Answer:
    """Take a tag off a company and all its people, and answer its name; refuses as `post_on_group`."""
    title = _title(call)
    await _on_own(await _group(call), lambda number: tags.remove(call.db, call.actor, "contact", number, title))
    return text(title)


async def _add(call: Call, number: int, title: str) -> None:
    await tags.add(call.db, call.actor, "contact", number, title)


async def _on_own(ids: Iterable[int], deed: Deed) -> None:
    """Do it to those of the contacts that are the caller's to change."""
    for number in ids:
        try:
            await deed(number)
        except Forbidden:
            continue


async def _group(call: Call) -> list[int]:
    """Return the ids of a company and its people; a person stands for the whole company it belongs to."""
    kind, number = call.bag.text("entityType"), ident(call, "entityid")
    found = (await read(call.db, call.actor, number)).contact
    if found.is_company is not (kind == "company"):
        raise broken(f"Contact is not a {kind}")
    company = number if found.is_company else found.company_id
    if company is None:
        return [number]
    people = await contact_lists.every(call, ContactCriteria(company_id=company))
    return [company, *(full.contact.id for full in people)]


def _kind(call: Call) -> str:
    return call.bag.text("entityType") or ""


def _title(call: Call) -> str:
    """Return the `tagName` as it was sent; refuses an empty one with 400."""
    title = call.bag.text("tagName") or ""
    if not title.strip():
        raise bad_argument()
    return title
