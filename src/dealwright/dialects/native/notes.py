"""Notes in our own API: list, get, write, change, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import notes as deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.dialects.native.stamps import stamps
from dealwright.domain.errors import invalid
from dealwright.domain.note import CATEGORIES, CONTENT_LENGTH, FILES, NoteChange
from dealwright.storage import note_lists
from dealwright.storage import notes as store
from dealwright.storage.note_lists import NoteCriteria, NoteOrder
from dealwright.storage.notes import FullNote
from dealwright.storage.rules import Rules

ORDERS: Final = {"id": NoteOrder.ID, "created_at": NoteOrder.CREATED}
SORTS: Final = pages.sorts_of(ORDERS)
POINTERS: Final = {"files": "file_ids", "tell": "tell"}
"""Where our fields stand in the documents of this face."""
_PATH: Final = "/notes"
_ONE: Final = "/notes/{id}"
_FILTERS: Final = ("contact_id", "company_id", "opportunity_id", "case_id", "category_id", "author_id")
Content = Annotated[str, Meta(min_length=1, max_length=CONTENT_LENGTH)]
Files = Annotated[list[Id], Meta(max_length=FILES, description="Attachments that you may see.")]


class Note(Struct, kw_only=True):
    """Something that was said or done. `created_at` is when it happened.

    `category_id` is an item of the list `history_category`, or -1 (a task was closed), -2 (files were uploaded) or -3
    (a letter was sent).
    """

    id: int
    uid: str
    version: int
    content: str
    category_id: int | None
    contact_id: int | None
    opportunity_id: int | None
    case_id: int | None
    file_ids: list[int]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = Note.__struct_fields__
"""What `fields` can name."""
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]


class NotePatch(Body):
    """What to change about a note (RFC 7396): absent members stay, null clears, lists are replaced as a whole.

    A note hangs on an opportunity or a case, on a contact, or on one of each; who sees the opportunity or case sees
    the note.
    """

    content: Content | UnsetType = UNSET
    category_id: Id | UnsetType = UNSET
    contact_id: Id | UnsetType | None = UNSET
    opportunity_id: Id | UnsetType | None = UNSET
    case_id: Id | UnsetType | None = UNSET
    file_ids: Files | UnsetType = UNSET
    created_at: Instant | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class NoteDraft(NotePatch, kw_only=True):
    """A new note; without a category it is of the first one. `tell` are users who get it by mail if they may see it."""

    content: Content
    tell: Annotated[list[Id], Meta(max_length=deeds.TOLD)] | UnsetType = UNSET


class NoteQuery(Query):
    """What one note may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class NoteListQuery(NoteQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "-created_at"
    q: Annotated[str, Meta(max_length=200, description="A part of what was said.")] | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    company_id: Annotated[Id, Meta(description="On this company and on its people.")] | UnsetType = UNSET
    opportunity_id: Id | UnsetType = UNSET
    case_id: Id | UnsetType = UNSET
    category_id: Annotated[int, Meta(ge=-3, le=2**31 - 1)] | UnsetType = UNSET
    author_id: Annotated[Id, Meta(description="Written by this user.")] | UnsetType = UNSET
    since: Annotated[Instant, Meta(description="It happened then or later.")] | UnsetType = UNSET
    until: Annotated[Instant, Meta(description="It happened then or before.")] | UnsetType = UNSET


def _criteria(query: NoteListQuery, _: Call) -> NoteCriteria:
    same = {name: said for name in _FILTERS if (said := getattr(query, name)) is not UNSET}
    return NoteCriteria(
        **same,
        created_from=None if query.since is UNSET else query.since,
        created_to=None if query.until is UNSET else query.until,
        content_part=None if query.q is UNSET else query.q,
    )


def written(_: Rules, full: FullNote) -> Note:
    """Return a note as it goes over the wire."""
    own = full.note
    return Note(
        **stamps(own),
        content=own.content,
        category_id=own.category_id,
        contact_id=own.contact_id,
        opportunity_id=own.opportunity_id,
        case_id=own.case_id,
        file_ids=[file.id for file in full.files],
    )


def change_of(said: NotePatch) -> NoteChange:
    """Return the change that a patch means."""
    change = NoteChange()
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if value is not UNSET and name != "tell":
            setattr(change, "files" if name == "file_ids" else name, value)
    return change


_LIST: Final = Lister(
    name="notes",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=note_lists.find_places,
    read_many=store.read_many,
    total=note_lists.total,
    written=written,
    members=MEMBERS,
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, store.read, MEMBERS)


async def list_notes(call: Call, query: NoteListQuery) -> Reply[Listing[Note]]:
    """List notes, the newest first unless told."""
    return await _LIST.page(call, query)


async def get_note(call: Call, query: NoteQuery) -> Reply[Note]:
    """Get a note.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    return await _SHELF.one(call, query)


async def create_note(call: Call, body: NoteDraft) -> Reply[Note]:
    """Write a note."""
    rules, change = call.db.rules, change_of(body)
    if body.category_id is UNSET and (items := rules.items_of(CATEGORIES)):
        change.category_id = items[0].id
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change, _readers(rules, body)))


def _readers(rules: Rules, body: NoteDraft) -> Sequence[str]:
    wanted = () if body.tell is UNSET else body.tell
    if unknown := [one for one in wanted if one not in rules.users]:
        raise invalid("tell", "unknown", f"{unknown[0]} is no user", unknown[0])
    return [rules.users[one].uid for one in wanted]


async def change_note(call: Call, body: NotePatch) -> Reply[Note]:
    """Change a note by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    change = change_of(body)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def delete_note(call: Call) -> Reply[None]:
    """Delete a note, and with it the files that hang on no other."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


ROUTES: Final = (
    Route("GET", _PATH, list_notes, right=deeds.LIST),
    Route("POST", _PATH, create_note, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_note, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_note, right=deeds.EDIT, guarded=True, names=POINTERS),
    Route("DELETE", _ONE, delete_note, 204, right=deeds.DELETE, guarded=True),
)
