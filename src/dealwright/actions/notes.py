"""Deeds on notes: read, find, write, change, delete, and hang files on a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions.deed import attempted, happened, new_uid, now, posted, recorded, values_of, written
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated, Problem
from dealwright.domain.file import File, Purpose
from dealwright.domain.note import (
    CATEGORIES,
    Note,
    NoteChange,
    System,
    changed,
    checked,
    differences,
    problems_of,
)
from dealwright.domain.values import UNSET
from dealwright.storage import note_lists as lists
from dealwright.storage import notes as store
from dealwright.storage.database import Database
from dealwright.storage.files import let_go, used
from dealwright.storage.note_lists import NoteCriteria, NoteOrder
from dealwright.storage.notes import FullNote, Named
from dealwright.storage.query import Page
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write

READ, LIST = "CoworkerNote-Read", "CoworkerNote-List"
CREATE, EDIT, DELETE = "CoworkerNote-Create", "CoworkerNote-Edit", "CoworkerNote-Delete"
TOLD: Final = 100
"""People who are told of one note at most."""
EXCERPT: Final = 2000


async def get(db: Database, actor: Actor, note_id: int) -> FullNote:
    """Return a note this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, note_id)


async def find(
    db: Database,
    actor: Actor,
    criteria: NoteCriteria,
    page: Page,
    order: NoteOrder = NoteOrder.CREATED,
    descending: bool = True,
) -> list[FullNote]:
    """Return a page of the notes that match and this person may see, the newest first unless told."""
    actor.require(LIST)
    return await lists.find(db, actor, criteria, page, order, descending)


async def files_of(db: Database, actor: Actor, criteria: NoteCriteria) -> Sequence[File]:
    """Return the files on the notes that match and this person may see, the newest first."""
    actor.require("File-List")
    return await lists.attached(db, actor, criteria)


async def require_record(db: Database, actor: Actor, hanging: NoteChange) -> None:
    """Refuse with NotFound unless everything that a note would hang on is there for this person."""
    at = now()
    blank = changed(Note(id=0, uid="", version=1, created_at=at, updated_at=at), hanging)
    named = await store.named(db, actor, blank)
    for name, is_there in _found(named).items():
        if getattr(blank, name) is not None and not is_there:
            raise NotFound(name.removesuffix("_id"))


async def create(db: Database, actor: Actor, change: NoteChange, tell: Sequence[str] = ()) -> FullNote:
    """Write a note and return it; `tell` are the uids of people who get it by mail if they may see it.

    Refuses with Forbidden and with Invalid: nothing said, no such category, nothing that it hangs on or nothing that
    is there for this person, a file that is not.
    """
    actor.require(CREATE)
    checked(change)

    async def deed(_: int) -> FullNote:
        at = now()
        who = actor.id
        blank = Note(id=0, uid=new_uid(), version=1, created_at=at, updated_at=at, created_by=who, updated_by=who)
        after = changed(blank, change)
        ids = () if change.files is UNSET else tuple(dict.fromkeys(change.files))
        named = await store.named(db, actor, after, ids)
        _check_all(db.rules, blank, after, named, ids)
        full = _full(after, named)
        event = happened(actor, at, "note", ["note.created"], None, _facts(full, differences(blank, after)))
        writes = [store.inserted(after), *store.attached(ids), *used(ids, at), recorded(event, store.NEW)]
        writes += await _letters(db, actor, full, tell, at)
        after.id = (await written(db, writes, actor))[store.NEW.name]
        return full

    return await attempted(deed)


async def attach(db: Database, actor: Actor, hanging: NoteChange) -> FullNote:
    """Hang files on a record: write the note that tells of it and return that. Refuses as `create`."""
    actor.require("File-Create")
    category = System.FILES_UPLOADED
    return await create(db, actor, replace(hanging, category_id=int(category), content=category.title))


async def change(db: Database, actor: Actor, note_id: int, change: NoteChange, version: int | None = None) -> FullNote:
    """Change a note and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Refuses with Forbidden (no right, or somebody
    else's note), NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(_: int) -> FullNote:
        old = await store.read(db, actor, note_id)
        _check_own(actor, old.note, version)
        after = changed(old.note, change)
        ids = tuple(one.id for one in old.files) if change.files is UNSET else tuple(dict.fromkeys(change.files))
        named = await store.named(db, actor, after, ids)
        named.files = tuple({one.id: one for one in (*old.files, *named.files) if one.id in ids}.values())
        _check_all(db.rules, old.note, after, named, ids)
        return await _change(db, actor, old, _full(after, named))

    async with db.turns.of("note", note_id):
        return await attempted(deed)


async def _change(db: Database, actor: Actor, old: FullNote, new: FullNote) -> FullNote:
    names, at = differences(old.note, new.note), now()
    before, after = ({one.id for one in full.files} for full in (old, new))
    if not names and before == after:
        return old
    version = old.note.version
    new.note.version, new.note.updated_by, new.note.updated_at = version + 1, actor.id, at
    event = happened(actor, at, "note", ["note.changed"], _facts(old, names), _facts(new, names))
    writes = [store.updated(new.note, names, version), *store.reattached(new.note.id, before, after)]
    writes += [*used(after - before, at), *let_go(before - after, at)]
    await written(db, [*writes, recorded(event, new.note.id)], actor)
    return new


async def delete(db: Database, actor: Actor, note_id: int, version: int | None = None) -> FullNote:
    """Move a note to the trash, with the files that hang on no other, and return it as it was. Refuses as `change`."""
    actor.require(DELETE)

    async def deed(_: int) -> FullNote:
        full = await store.read(db, actor, note_id)
        _check_own(actor, full.note, version)
        at, gone = now(), replace(full.note, updated_by=actor.id)
        elsewhere = await store.attached_elsewhere(db, note_id, [one.id for one in full.files])
        alone = [one.id for one in full.files if one.id not in elsewhere]
        event = happened(actor, at, "note", ["note.deleted"])
        writes: list[Write] = [store.trashed(gone, gone.version, at), recorded(event, note_id)]
        writes += store.files_trashed(alone, actor.id, at)
        writes += [recorded(replace(event, subject="file", kinds=["file.deleted"]), one) for one in alone]
        await written(db, writes, actor)
        return full

    async with db.turns.of("note", note_id):
        return await attempted(deed)


def _check_own(actor: Actor, note: Note, version: int | None) -> None:
    if not note.edited_by(actor):
        raise Forbidden("this note is not yours to change")
    if version is not None and note.version != version:
        raise Outdated(f"the note is at version {note.version}, not {version}")


def _check_all(rules: Rules, before: Note, after: Note, named: Named, ids: Sequence[int]) -> None:
    """Refuse with Invalid everything that is wrong with a note; what stays as it was is never wrong."""
    problems = problems_of(after)
    for name, is_there in _found(named).items():
        wanted = getattr(after, name)
        if wanted not in (getattr(before, name), None) and not is_there:
            problems.append(Problem(name, "unknown", f"is no {name.removesuffix('_id')}", wanted))
    if not before.id or after.category_id != before.category_id:
        problems += _category_problems(rules, after.category_id)
    attachments = {one.id for one in named.files if one.purpose is Purpose.ATTACHMENT}
    problems += [Problem("files", "unknown", "is no file", one) for one in ids if one not in attachments]
    if problems:
        raise Invalid(*problems)


def _found(named: Named) -> dict[str, bool]:
    """Return for each record that a note can hang on whether the one that was named is there."""
    return {
        "contact_id": named.contact is not None,
        "opportunity_id": named.opportunity_title is not None,
        "case_id": named.case_title is not None,
    }


def _category_problems(rules: Rules, category_id: int | None) -> list[Problem]:
    if category_id is None:
        return [Problem("category_id", "required", "is a required field")]
    item = rules.items.get(category_id)
    listed = item is not None and item.list == CATEGORIES
    if listed or category_id in set(System):
        return []
    return [Problem("category_id", "unknown", "is not in the list", category_id)]


def _full(note: Note, named: Named) -> FullNote:
    return FullNote(note, named.contact, named.opportunity_title, named.case_title, named.files)


def _facts(full: FullNote, names: Sequence[str]) -> dict[str, Any]:
    return {**values_of(full.note, names), **({"files": [one.id for one in full.files]} if full.files else {})}


# Letters -----------------------------------------------------------------------------------------------------


async def _letters(db: Database, actor: Actor, full: FullNote, tell: Sequence[str], at: datetime) -> list[Write]:
    """Return the writes of the letters to those who are to be told and may see the note's record."""
    if len(set(tell)) > TOLD:
        raise Invalid(Problem("tell", "out_of_range", f"are at most {TOLD}", len(tell)))
    facts = _said(actor, full)
    readers = [uid for uid in dict.fromkeys(tell) if uid != actor.uid and await _may_read(db, uid, full.note)]
    return [posted("mail.noted", {**facts, "to_uid": uid}, at) for uid in readers]


async def _may_read(db: Database, uid: str, note: Note) -> bool:
    user = db.rules.users_by_uid.get(uid)
    reader = db.rules.actor(user.id) if user is not None else None
    if reader is None or reader.standing is Standing.GUEST or not reader.may(READ):
        return False
    seen = await store.named(db, reader, note)
    if note.opportunity_id is not None or note.case_id is not None:
        return seen.opportunity_title is not None or seen.case_title is not None
    return seen.contact is not None


def _said(actor: Actor, full: FullNote) -> Mapping[str, str]:
    card = full.contact.display_name if full.contact else ""
    about = full.opportunity_title or full.case_title or card
    files = "".join(f"\n* {one.title}" for one in full.files)
    return {
        "by": actor.name or actor.email,
        "title": about or "a record",
        "content": full.note.content[:EXCERPT],
        "files": f"\n\nFiles:{files}" if files else "",
    }
