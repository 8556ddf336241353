"""Contacts in our own API: list, get, create, change, merge, to the trash and back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import contacts as deeds
from dealwright.actions.contact_merge import merge
from dealwright.dialects.native import pages, times
from dealwright.dialects.native.contact_shapes import (
    MEMBERS,
    Contact,
    ContactDraft,
    ContactMerge,
    ContactPatch,
    ContactRestore,
    Kind,
)
from dealwright.dialects.native.contact_words import POINTERS, change_of
from dealwright.dialects.native.contact_words import contact as written
from dealwright.dialects.native.listing import uid_of
from dealwright.dialects.native.problems import Wrong
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, Tags, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.dialects.native.written import contact_card
from dealwright.domain.contact import ContactChange, display_name, wanted_email
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET as UNSAID
from dealwright.domain.values import micros
from dealwright.storage import contact_lists, contact_pages
from dealwright.storage import contacts as store
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contacts import FullContact
from dealwright.storage.query import Page

ORDERS: Final = {"id": ContactOrder.ID, "name": ContactOrder.DISPLAY_NAME, "created_at": ContactOrder.CREATED}
SORTS: Final = pages.sorts_of(ORDERS)
CANDIDATES: Final = Page(0, 10)
_PATH: Final = "/contacts"
_ONE: Final = "/contacts/{id}"
NOBODY: Final = "none"
UNKNOWN: Final = "?"
"""Stands for somebody, or something, that nothing can match."""
_ASKED: Final = ("email", "company_id", "status_id", "type_id")
_BOUNDS: Final = ("created_from", "created_to")
_INFO: Final = "The beginning of any e-mail, phone or other information."
_MANAGER: Final = "`me`, a user's id or uid, or `none`: contacts without managers."
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]


class ContactQuery(Query):
    """What one contact may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class ContactListQuery(ContactQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="Each of these begins a word of the name.")] | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254, description="The primary e-mail.")] | UnsetType = UNSET
    info: Annotated[str, Meta(min_length=1, max_length=200, description=_INFO)] | UnsetType = UNSET
    status_id: Annotated[int, Meta(ge=0, description="0: without a status.")] | UnsetType = UNSET
    type_id: Annotated[int, Meta(ge=0, description="0: without a type.")] | UnsetType = UNSET
    manager: Annotated[str, Meta(max_length=64, description=_MANAGER)] | UnsetType = UNSET
    has_opportunity: bool | UnsetType = UNSET
    created_from: Annotated[Instant, Meta(description="Made then or later.")] | UnsetType = UNSET
    created_to: Annotated[Instant, Meta(description="Made then or earlier.")] | UnsetType = UNSET
    company_id: Annotated[Id, Meta(description="The people of this company.")] | UnsetType = UNSET
    tag: Tags | UnsetType = UNSET


def _criteria(query: ContactListQuery, call: Call) -> ContactCriteria:
    plain: dict[str, Any] = {name: value for name in _ASKED if (value := getattr(query, name)) is not UNSET}
    plain |= {name: micros(at) for name in _BOUNDS if (at := times.bound(name, getattr(query, name)))}
    if query.manager is not UNSET:
        plain["manager"] = _manager(query.manager, call)
    return ContactCriteria(
        text=None if query.q is UNSET else query.q,
        is_company=None if query.kind is UNSET else query.kind == "company",
        info_prefix=None if query.info is UNSET else fold(query.info) or UNKNOWN,
        tags=None if query.tag is UNSET else [fold(tag) for tag in query.tag],
        has_deal=None if query.has_opportunity is UNSET else query.has_opportunity,
        **plain,
    )


def _manager(said: str, call: Call) -> str:
    return "" if said == NOBODY else uid_of(said, call.db.rules, call.actor) or UNKNOWN


_LIST: Final = Lister(
    name="contacts",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=contact_pages.find_places,
    read_many=store.read_many,
    total=contact_lists.total_of,
    written=written,
    members=MEMBERS,
    narrowed=lambda call, criteria: {"shape": criteria.shape, **criteria.given(call.db.is_postgres)},
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, store.read, MEMBERS)


async def list_contacts(call: Call, query: ContactListQuery) -> Reply[Listing[Contact]]:
    """List contacts."""
    return await _LIST.page(call, query)


async def get_contact(call: Call, query: ContactQuery) -> Reply[Contact]:
    """Get a contact.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    return await _SHELF.one(call, query)


async def create_contact(call: Call, body: ContactDraft) -> Reply[Contact]:
    """Create a contact.

    Refused with 409 and the `candidates` where a contact of the same primary e-mail, or of the same kind and name, is
    there already; `allow_duplicate` makes it all the same.
    """
    call.actor.require(deeds.CREATE)
    change = change_of(body, call.db.rules)
    if not body.allow_duplicate and (found := await _duplicates(call, change)):
        cards = [contact_card(full.brief) for full in found]
        raise Wrong(409, "duplicate", "This contact is probably there already.", extras={"candidates": cards})
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change))


async def _duplicates(call: Call, change: ContactChange) -> list[FullContact]:
    """Return the contacts this person sees that have the new one's e-mail, or its kind and name."""
    found: dict[int, FullContact] = {}
    if email := wanted_email(change):
        found |= await _matching(call, ContactCriteria(email=email))
    is_company = change.is_company is True
    said = (change.first_name, change.last_name, change.name)
    name = fold(display_name(is_company, *("" if part is UNSAID else part for part in said)))
    if name:
        alike = await _matching(call, ContactCriteria(text=name, is_company=is_company))
        found |= {key: full for key, full in alike.items() if fold(full.contact.display_name) == name}
    return list(found.values())


async def _matching(call: Call, criteria: ContactCriteria) -> dict[int, FullContact]:
    order = ContactOrder.DISPLAY_NAME
    found = await contact_lists.find(call.db, call.actor, criteria, CANDIDATES, order, descending=False)
    return {full.contact.id: full for full in found.rows}


async def change_contact(call: Call, body: ContactPatch) -> Reply[Contact]:
    """Change a contact by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    change = change_of(body, call.db.rules)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def delete_contact(call: Call) -> Reply[None]:
    """Move a contact to the trash, its tasks and notes with it; its opportunities stay.

    One that an invoice names is refused with 409.
    """
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def restore_contact(call: Call, body: ContactRestore) -> Reply[Contact]:
    """Take a contact back from the trash.

    What went there with it comes back; opportunities, cases, teams and people that lost it take it up again unless
    they found another one meanwhile.
    """
    return _SHELF.told(call, await deeds.restore(call.db, call.actor, call.id))


async def merge_contact(call: Call, body: ContactMerge) -> Reply[Contact]:
    """Make one contact of two.

    Everything that belongs to the contact `from_id` moves to this one, what is empty here is filled from there, and
    the other one goes to the trash. `If-Match` is about this one.
    """
    return await _SHELF.under(call, lambda v: merge(call.db, call.actor, body.from_id, call.id, v))


_ITSELF: Final = {"contact": ""}

ROUTES: Final = (
    Route("GET", _PATH, list_contacts, right=deeds.LIST),
    Route("POST", _PATH, create_contact, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_contact, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_contact, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_contact, 204, right=deeds.DELETE, guarded=True, names=_ITSELF),
    Route("POST", f"{_ONE}/restore", restore_contact, right=deeds.DELETE, bodiless=True),
    Route("POST", f"{_ONE}/merge", merge_contact, right=deeds.EDIT, guarded=True, names={"gone": "from_id"}),
)
