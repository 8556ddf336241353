"""History events (contacts-tasks-cases §7): what was said or done about a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dealwright.actions import notes
from dealwright.actions.notes import CREATE, DELETE, LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_lists import end_of_day
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many, one
from dealwright.dialects.onlyoffice.failures import Words, bad_argument
from dealwright.dialects.onlyoffice.file_shown import file_shown
from dealwright.dialects.onlyoffice.listitem import IMAGES, entry
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import NO_GUID, moment, without_defaults
from dealwright.dialects.onlyoffice.writing import contact_base, maker
from dealwright.domain.note import Note, NoteChange, System
from dealwright.domain.values import UNSET
from dealwright.storage.database import TooWide
from dealwright.storage.note_lists import NoteCriteria, NoteOrder
from dealwright.storage.notes import FullNote
from dealwright.storage.query import Page

KIND: Final = "historyEvent"
"""What the list parameter `type` calls an event (conventions §7)."""
WIDEST: Final = 10_000
"""Events that are sorted in memory at most; more are refused with 503."""
ORDERS: Final = {
    "created": NoteOrder.CREATED,
    "createby": NoteOrder.AUTHOR,
    "category": NoteOrder.CATEGORY,
    "content": NoteOrder.CONTENT,
    "id": NoteOrder.ID,
}
WORDS: Final[Words] = {
    "content.too_long": "Data too long for column 'content'",
    "files.unknown": "invalid file folder",
}
PICTURES: Final = {
    System.TASK_CLOSED: "event_category_close_task.png",
    System.FILES_UPLOADED: "event_category_attach_file.png",
    System.MAIL: "event_category_email.png",
}

_HANGING: Final[dict[str, Callable[[int], NoteChange]]] = {
    "contact": lambda number: NoteChange(contact_id=number),
    "opportunity": lambda number: NoteChange(opportunity_id=number),
    "case": lambda number: NoteChange(case_id=number),
}


def hanging_on(kind: str, number: int) -> NoteChange:
    """Return a note that says nothing yet and hangs on a record; refuses with 400 any other kind of record."""
    make = _HANGING.get(kind.lower())
    if make is None:
        raise bad_argument()
    return make(number)


@routes.get("crm/history/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the events that match, the newest first unless told.

    Those of a company are its people's too. Refuses with 400 an id without one of the contract's kinds, and with 404 a
    record that is missing or hidden.
    """
    criteria, page = await _criteria(call), call.page
    name = page.sort_by.lower()
    if name and name not in ORDERS:
        found = await notes.find(call.db, call.actor, criteria, Page(0, WIDEST + 1))
        if len(found) > WIDEST:
            raise TooWide
        return listed([event(call, full) for full in found], page.unfiltered(), KIND)
    order, descending = ORDERS[name or "created"], page.descending or not name
    found = await notes.find(call.db, call.actor, criteria, Page(page.start, page.rows), order, descending)
    more = page.count and len(found) > page.count
    return many([event(call, full) for full in found], page, len(found) if more else None, KIND)


async def _criteria(call: Call) -> NoteCriteria:
    bag, kind = call.bag, (call.bag.text("entityType") or "").lower()
    number, category, author = bag.integer("entityId"), bag.integer("categoryId"), bag.guid("createBy")
    first, last = call.date("fromDate"), call.date("toDate")
    if kind in _HANGING:
        await notes.require_record(call.db, call.actor, hanging_on(kind, number))
    elif number:
        raise bad_argument()
    user = call.db.rules.users_by_uid.get(author)
    return NoteCriteria(
        company_id=number if kind == "contact" else None,
        opportunity_id=number if kind == "opportunity" else None,
        case_id=number if kind == "case" else None,
        category_id=category or None,
        author_id=None if author == NO_GUID else user.id if user else 0,
        created_from=first,
        created_to=end_of_day(last, call.portal.zone) if last else None,
        content_part=call.page.search or None,
    )


@routes.post("crm/history", right=CREATE, words=WORDS)
async def post(call: Call) -> Answer:
    """Write an event: 400 for an unknown kind of record, for a record, category or file that is not there, for nothing
    to hang it on, nothing said or too much.
    """
    bag, kind = call.bag, (call.bag.text("entityType") or "").lower()
    if kind not in ("", "opportunity", "case"):
        raise bad_argument()
    number, contact, created = bag.integer("entityId"), bag.integer("contactId"), call.date("created")
    change = hanging_on(kind, number) if kind else NoteChange()
    change.contact_id = contact if contact > 0 else None
    change.category_id, change.content = bag.integer("categoryId"), bag.text("content") or ""
    change.created_at = created if created is not None else UNSET
    change.files = bag.integers("fileId")
    return one(event(call, await notes.create(call.db, call.actor, change, bag.guids("notifyUserList"))))


@routes.delete("crm/history/{id:[0-9]+}", right=DELETE)
async def delete(call: Call) -> Answer:
    """Delete an event with its files and answer it: 404 for a missing or hidden one, 403 for somebody else's."""
    return one(event(call, await notes.delete(call.db, call.actor, call.bag.integer("id"))))


def event(call: Call, full: FullNote) -> Shown:
    """Return an event in the contract's order; a contact that the caller does not see is left out."""
    portal, own = call.portal, full.note
    shown: Shown = {
        "createBy": maker(portal, own.created_by),
        "created": moment(own.created_at, portal.zone),
        "content": own.content,
    }
    shown |= without_defaults({"category": _category(call, own)})
    if full.contact is not None:
        shown["contact"] = contact_base(portal, call.actor, full.contact)
    shown["entity"] = _entity(full)
    shown |= without_defaults({"canEdit": own.edited_by(call.actor) and call.actor.may(DELETE)})
    return shown | {"files": [file_shown(portal, file) for file in full.files], "id": own.id}


def _category(call: Call, note: Note) -> Shown | None:
    number = note.category_id or 0
    if number in set(System):
        system = System(number)
        return {"imagePath": IMAGES + PICTURES[system], "title": system.title, "id": number}
    item = call.portal.rules.items.get(number)
    return None if item is None else entry(item)


def _entity(full: FullNote) -> Shown | None:
    own = full.note
    if own.opportunity_id is not None:
        title = full.opportunity_title or (full.contact.display_name if full.contact else "")
        return {"entityType": "opportunity", "entityId": own.opportunity_id, "entityTitle": title}
    if own.case_id is not None:
        return {"entityType": "case", "entityId": own.case_id, "entityTitle": full.case_title or ""}
    return None
