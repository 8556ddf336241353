"""Phones, e-mails, addresses and links of a contact, one by one and in batches (contacts-tasks-cases §3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from dealwright.actions import contacts
from dealwright.actions.contacts import EDIT, READ
from dealwright.dialects.onlyoffice.binding import Fields
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact import ONE
from dealwright.dialects.onlyoffice.contact_shown import info_shown, newest
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, one
from dealwright.dialects.onlyoffice.failures import absent_reference, bad_argument, missing
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ADDRESS_PARTS, ContactInfo, Info
from dealwright.domain.errors import Forbidden, Invalid
from dealwright.storage.contacts import FullContact

NAMES: Final = (
    *("Phone", "Email", "Website", "Skype", "Twitter", "LinkedIn", "Facebook", "Address", "LiveJournal", "MySpace"),
    *("GMail", "Blogger", "Yahoo", "MSN", "ICQ", "Jabber", "AIM", "VK"),
)
"""The contract's names of our kinds of information, in the order of their numbers."""
TYPES: Final = Names({name: number for number, name in enumerate(NAMES)})
_USUAL: Final = ("Home", "Work", "Other")
_CATEGORIES: Final = {
    Info.PHONE: ("Home", "Work", "Mobile", "Fax", "Direct", "Other"),
    Info.ADDRESS: ("Home", "Postal", "Office", "Billing", "Other", "Work"),
}
"""What categories are called where a client names one; answers show some of them under another name."""
DATA: Final = f"{ONE}/data"
PIECE: Final = f"{DATA}/{{id:[0-9]+}}"
ADDRESSES: Final = f"{ONE}/addressdata"
BATCH: Final = f"{ONE}/batch"


def categories(kind: Info) -> tuple[str, ...]:
    """Return the names of a kind's categories in the order of their numbers (§1)."""
    return _CATEGORIES.get(kind, _USUAL)


def kind_of(number: int) -> Info:
    """Return the kind of information of a number; refuses one that is none with 400."""
    if number not in set(Info):
        raise bad_argument()
    return Info(number)


# Reading -----------------------------------------------------------------------------------------------------


@routes.get("crm/contact/data/infoType", right=READ)
async def get_types(_: Call) -> Answer:
    """Answer the names of all kinds of information (§3)."""
    return everything(NAMES)


@routes.get("crm/contact/data/{infoType}/category", right=READ)
async def get_categories(call: Call) -> Answer:
    """Answer the names of the categories of a kind (§3): 400 for an unknown kind."""
    return everything(categories(kind_of(call.bag.enum("infoType", TYPES))))


@routes.get(DATA, right=READ)
async def get_all(call: Call) -> Answer:
    """Answer everything known of a contact, the newest first (§3): 404 for a missing or hidden contact."""
    full = await contacts.get(call.db, call.actor, ident(call, "contactid"))
    return listed([info_shown(info) for info in newest(full)], call.page)


@routes.get(PIECE, right=READ)
async def get(call: Call) -> Answer:
    """Answer one piece of information (§3): 400 for one that is not this contact's."""
    full = await contacts.get(call.db, call.actor, ident(call, "contactid"))
    found = _piece(full, call.bag.integer("id"))
    if found is None:
        raise bad_argument()
    return one(info_shown(found))


@routes.get(f"{DATA}/{{infoType}}", right=READ)
async def get_values(call: Call) -> Answer:
    """Answer the values of one kind, the newest first (§3): 400 for an unknown kind, 404 as `get_all`."""
    kind = kind_of(call.bag.enum("infoType", TYPES))
    full = await contacts.get(call.db, call.actor, ident(call, "contactid"))
    return everything([info.data for info in newest(full) if info.kind is kind])


def _piece(full: FullContact, number: int) -> ContactInfo | None:
    return next((info for info in full.infos if info.id == number), None)


# Writing, piece by piece -------------------------------------------------------------------------------------


@routes.post(DATA, right=EDIT)
async def post(call: Call) -> Answer:
    """Add a piece and answer it (§3).

    Refuses with 400 empty data, a category that is not one of the kind's names as they are, and an address that is no
    JSON object; with 404 a contact that is not there or not the caller's.
    """
    number, bag = ident(call, "contactid"), call.bag
    kind = kind_of(bag.enum("infoType", TYPES))
    category = _category(kind, bag.text("category") or "")
    info = ContactInfo(kind=kind, data=_data(bag, kind), category=category, is_primary=bag.boolean("isPrimary"))
    (made,) = await _added(call, number, [info])
    return one(info_shown(made))


@routes.put(PIECE, right=EDIT)
async def put(call: Call) -> Answer:
    """Change a piece and answer it; kind, category and primacy stay where they are absent (§3).

    Refuses as `post`, and with 500 an id that is not there, as the contract has it.
    """
    number, bag = ident(call, "contactid"), call.bag
    full = await _own(call, number)
    before = _piece(full, bag.integer("id"))
    if before is None:
        raise absent_reference("Object reference not set to an instance of an object.")
    said, named, primary = (
        bag.nullable_enum("infoType", TYPES),
        bag.text("category"),
        bag.nullable_boolean("isPrimary"),
    )
    kind = before.kind if said is None else kind_of(said)
    after = ContactInfo(
        id=before.id,
        kind=kind,
        data=_data(bag, kind),
        category=_category(kind, named) if named else before.category,
        is_primary=before.is_primary if primary is None else primary,
    )
    return await _replaced(call, number, after)


@routes.delete(PIECE, right=EDIT)
async def delete(call: Call) -> Answer:
    """Take a piece away and answer it (§3): 404 for a contact or a piece that is not there, or not the caller's."""
    number = ident(call, "contactid")
    found = _piece(await _own(call, number), call.bag.integer("id"))
    if found is None:
        raise missing()
    await _changed(call, number, ContactChange(removed_infos=[found.id]))
    return one(info_shown(found))


@routes.post(ADDRESSES, right=EDIT)
async def post_address(call: Call) -> Answer:
    """Add an address given by its parts and answer it as a piece of information (§3): 400 and 404 as `post`."""
    (made,) = await _added(call, ident(call, "contactid"), [_address(call)])
    return one(info_shown(made))


@routes.put(f"{ADDRESSES}/{{id:[0-9]+}}", right=EDIT)
async def put_address(call: Call) -> Answer:
    """Replace an address and answer it (§3): 400 as `post`, 404 for what is no address of this contact."""
    number, address = ident(call, "contactid"), _address(call)
    before = _piece(await _own(call, number), call.bag.integer("id"))
    if before is None or before.kind is not Info.ADDRESS:
        raise missing()
    address.id = before.id
    return await _replaced(call, number, address)


def _category(kind: Info, name: str) -> int:
    """Return the number of a category by its exact name; refuses anything else with 400 (§3)."""
    if name not in categories(kind):
        raise bad_argument()
    return categories(kind).index(name)


def _data(fields: Fields, kind: Info) -> str:
    data = fields.text("data") or ""
    if not data.strip() or (kind is Info.ADDRESS and not _is_object(data)):
        raise bad_argument()
    return data


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _address(call: Call) -> ContactInfo:
    said = call.bag.nested("address")
    if said is None:
        raise bad_argument("Value cannot be null.")
    category = said.integer("category")
    if not 0 <= category < len(categories(Info.ADDRESS)):
        raise bad_argument()
    parts = {name: said.text(name) or "" for name in ADDRESS_PARTS}
    data, primary = json.dumps(parts, ensure_ascii=False), said.boolean("isPrimary")
    return ContactInfo(kind=Info.ADDRESS, data=data, category=category, is_primary=primary)


# Writing, several at once ------------------------------------------------------------------------------------


@routes.post(BATCH, right=EDIT)
async def post_batch(call: Call) -> Answer:
    """Add pieces and answer them in the order they were sent (§3): 400 and 404 as `post`."""
    number, pieces = ident(call, "contactid"), _pieces(call)
    made = await _added(call, number, pieces)
    return everything(_echoed(call, made))


@routes.put(BATCH, right=EDIT)
async def put_batch(call: Call) -> Answer:
    """Put these pieces in the place of all there are, none too, and answer them (§3): 400 and 404 as `post`."""
    number, pieces = ident(call, "contactid"), _pieces(call)
    full = await _own(call, number)
    change = ContactChange(added_infos=pieces, removed_infos=[info.id for info in full.infos])
    after = (await _changed(call, number, change)).infos
    return everything(_echoed(call, after[len(after) - len(pieces) :]))


def _pieces(call: Call) -> list[ContactInfo]:
    return [_item(item) for item in call.bag.records("items")]


def _item(item: Fields) -> ContactInfo:
    kind = kind_of(item.enum("infoType", TYPES))
    category = item.integer("category")
    if not 0 <= category < len(categories(kind)):
        raise bad_argument()
    return ContactInfo(kind=kind, data=_data(item, kind), category=category, is_primary=item.boolean("isPrimary"))


def _echoed(call: Call, pieces: Sequence[ContactInfo]) -> list[Shown]:
    """Return pieces as a batch answers them: with the category's name that was sent, or null (§3)."""
    names = [item.text("categoryName") for item in call.bag.records("items")]
    return [{**info_shown(info), "categoryName": name} for info, name in zip(pieces, names, strict=True)]


# What all of them do -----------------------------------------------------------------------------------------


async def _own(call: Call, number: int) -> FullContact:
    """Return a contact that the caller may change; every other is 404 (§3)."""
    full = await contacts.get(call.db, call.actor, number)
    if not full.brief.edited_by(call.actor):
        raise missing()
    return full


async def _added(call: Call, number: int, pieces: Sequence[ContactInfo]) -> Sequence[ContactInfo]:
    """Add pieces and return them as they are kept: they have the highest ids."""
    after = (await _changed(call, number, ContactChange(added_infos=pieces))).infos
    return after[len(after) - len(pieces) :]


async def _replaced(call: Call, number: int, piece: ContactInfo) -> Answer:
    after = _piece(await _changed(call, number, ContactChange(changed_infos=[piece])), piece.id)
    if after is None:
        raise missing()
    return one(info_shown(after))


async def _changed(call: Call, number: int, change: ContactChange) -> FullContact:
    try:
        return await contacts.change(call.db, call.actor, number, change)
    except Forbidden:
        raise missing() from None
    except Invalid:
        raise bad_argument() from None
