"""Notes about customers: those that every face shows (related, CoworkerNote)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dealwright.actions import notes
from dealwright.dialects.nexudus.entities.coworkernotes import COWORKER_NOTE
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, standard
from dealwright.dialects.nexudus.sources import Tables
from dealwright.domain.errors import NotFound
from dealwright.domain.note import CATEGORIES, NoteChange
from dealwright.storage import notes as store
from dealwright.storage.notes import FullNote
from dealwright.storage.rules import Rules


def _is_plain(full: FullNote) -> bool:
    """Tell whether a person said something of a contact; what the system tells of a deed is no note here."""
    return full.note.contact_id is not None and (full.note.category_id or 0) > 0


async def _one(call: Call, record_id: int) -> FullNote:
    full = await store.read(call.db, call.actor, record_id)
    if not _is_plain(full):
        raise NotFound("note")
    return full


async def _many(call: Call, ids: Sequence[int]) -> list[FullNote]:
    return [full for full in await store.read_many(call.db, call.actor, ids) if _is_plain(full)]


def shown(rules: Rules, full: FullNote) -> Values:
    """Return a note in our words."""
    note, author = full.note, rules.users.get(full.note.created_by or 0)
    return {
        **standard(rules, note.id, note.uid, note.system_id, (note.created_at, note.updated_at, note.updated_by)),
        "contact_id": note.contact_id,
        "content": note.content,
        "author.name": author.name if author else None,
    }


def _change(body: Body) -> NoteChange:
    said: dict[str, Any] = {name: value for name, value in body.values.items() if name != "custom"}
    return NoteChange(**said)


async def create(call: Call, body: Body) -> Done:
    """Write a note of the first category of the portal; see actions.notes.create."""
    change = _change(body)
    change.category_id = next((item.id for item in call.db.rules.items_of(CATEGORIES)), None)
    note = (await notes.create(call.db, call.actor, change)).note
    return Done(note.id, note.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Change a note; see actions.notes.change."""
    await _one(call, body.id)
    note = (await notes.change(call.db, call.actor, body.id, _change(body))).note
    return Done(note.id, note.updated_at)


async def remove(call: Call, record_id: int) -> Done:
    """Move a note to the trash; see actions.notes.delete."""
    await _one(call, record_id)
    note = (await notes.delete(call.db, call.actor, record_id)).note
    return Done(note.id, note.updated_at)


NOTES: Final = Handler(
    entity=COWORKER_NOTE,
    source=Tables(COWORKER_NOTE, "contact_note", _one, _many, shown),
    create=create,
    change=change,
    remove=remove,
    checked=frozenset({Verb.UPDATE, Verb.DELETE}),
)
