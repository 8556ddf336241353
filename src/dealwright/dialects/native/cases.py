"""Cases in our own API: list, get, create, change, close and reopen, to the trash and back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import cases as deeds
from dealwright.dialects.native import members, pages, people
from dealwright.dialects.native.case_shapes import MEMBERS, Case, CaseClosing, CaseDraft, CasePatch
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Limit, Listing, Tags, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.dialects.native.stamps import stamps
from dealwright.domain.case import CaseChange
from dealwright.domain.errors import Forbidden, Invalid
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET as UNSAID
from dealwright.storage import case_lists
from dealwright.storage import cases as store
from dealwright.storage.case_lists import CaseCriteria, CaseOrder
from dealwright.storage.cases import FullCase
from dealwright.storage.rules import Rules

ORDERS: Final = {"id": CaseOrder.ID, "title": CaseOrder.TITLE, "created_at": CaseOrder.CREATED}
SORTS: Final = pages.sorts_of(ORDERS)
POINTERS: Final = {"members": "member_ids", "sharing": "shared_with"}
"""Where our fields stand in the documents of this face."""
_PATH: Final = "/cases"
_ONE: Final = "/cases/{id}"
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]


class CaseQuery(Query):
    """What one case may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class CaseListQuery(CaseQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="Each of these begins a word of the title.")] | UnsetType = UNSET
    closed: Annotated[bool, Meta(description="Closed cases alone, or open ones.")] | UnsetType = UNSET
    contact_id: Annotated[Id, Meta(description="This contact takes part.")] | UnsetType = UNSET
    tag: Tags | UnsetType = UNSET


def _criteria(query: CaseListQuery, _: Call) -> CaseCriteria:
    return CaseCriteria(
        text=None if query.q is UNSET else query.q,
        closed=None if query.closed is UNSET else query.closed,
        contact_id=None if query.contact_id is UNSET else query.contact_id,
        tags=None if query.tag is UNSET else [fold(tag) for tag in query.tag],
    )


def written(rules: Rules, full: FullCase) -> Case:
    """Return a case as it goes over the wire."""
    own, known = full.case, rules.users_by_uid
    seen_by = sorted(user.id for uid in full.shared_with if (user := known.get(uid)))
    return Case(
        **stamps(own),
        title=own.title,
        closed=own.closed,
        member_ids=[brief.id for brief in full.members],
        shared_with=seen_by if own.private else None,
        tags=list(full.tags),
        custom={str(key): value for key, value in full.custom.items()},
    )


def change_of(said: CasePatch, rules: Rules) -> CaseChange:
    """Return the change that a patch means. Refuses with Invalid people that are not there."""
    change = CaseChange()
    members.say(change, said, ("title", "closed", "system_id"))
    if said.member_ids is not UNSET:
        change.members = said.member_ids
    if said.custom is not UNSET:
        change.custom = {int(key): value for key, value in said.custom.items()}
    if problems := list(people.share(change, said.shared_with, rules)):
        raise Invalid(*problems)
    return change


_LIST: Final = Lister(
    name="cases",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=case_lists.find_places,
    read_many=store.read_many,
    total=case_lists.total,
    written=written,
    members=MEMBERS,
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, store.read, MEMBERS)


async def list_cases(call: Call, query: CaseListQuery) -> Reply[Listing[Case]]:
    """List cases."""
    return await _LIST.page(call, query)


async def get_case(call: Call, query: CaseQuery) -> Reply[Case]:
    """Get a case.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    return await _SHELF.one(call, query)


async def create_case(call: Call, body: CaseDraft) -> Reply[Case]:
    """Create a case."""
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change_of(body, call.db.rules)))


async def change_case(call: Call, body: CasePatch) -> Reply[Case]:
    """Change a case by a merge patch; `If-Match` guards against overwriting somebody else's change.

    Only CRM administrators and who made the case may say who sees it.
    """
    change = change_of(body, call.db.rules)
    if change.sharing is not UNSAID:
        await _check_sharing(call)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def _check_sharing(call: Call) -> None:
    """Refuse what the deed would pass over in silence."""
    call.actor.require(deeds.EDIT)
    if not (await store.read(call.db, call.actor, call.id)).case.shared_by(call.actor):
        raise Forbidden("only CRM administrators and who made this case may say who sees it")


async def close_case(call: Call, body: CaseClosing) -> Reply[Case]:
    """Close a case; a closed one stays as it is."""
    return await _SHELF.under(call, lambda v: deeds.close(call.db, call.actor, call.id, v))


async def reopen_case(call: Call, body: CaseClosing) -> Reply[Case]:
    """Open a closed case again."""
    return await _SHELF.under(call, lambda v: deeds.reopen(call.db, call.actor, call.id, v))


async def delete_case(call: Call) -> Reply[None]:
    """Move a case to the trash, its tasks and notes with it."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def restore_case(call: Call, body: CaseClosing) -> Reply[Case]:
    """Take a case back from the trash, with what went there together with it."""
    return _SHELF.told(call, await deeds.restore(call.db, call.actor, call.id))


ROUTES: Final = (
    Route("GET", _PATH, list_cases, right=deeds.LIST),
    Route("POST", _PATH, create_case, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_case, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_case, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_case, 204, right=deeds.DELETE, guarded=True),
    Route("POST", f"{_ONE}/close", close_case, right=deeds.EDIT, guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/reopen", reopen_case, right=deeds.EDIT, guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/restore", restore_case, right=deeds.DELETE, bodiless=True),
)
