"""Notes: something that was said or done about a contact, a deal or a case, written by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset

CONTENT_LENGTH: Final = 65_000
FILES: Final = 100
CATEGORIES: Final = "history_category"
"""The managed list that the categories people choose are in."""


class System(IntEnum):
    """Categories of notes that tell what was done elsewhere; the numbers are stored."""

    TASK_CLOSED = -1
    FILES_UPLOADED = -2
    MAIL = -3

    @property
    def title(self) -> str:
        """What the category is called."""
        return _TITLES[self]


_TITLES: Final = {
    System.TASK_CLOSED: "Task is closed",
    System.FILES_UPLOADED: "Files are uploaded",
    System.MAIL: "Mail Message",
}


@dataclass(slots=True, kw_only=True)
class Note:
    """Something that was said or done; it hangs on a deal or a case, on a contact, or on one of each.

    `category_id` is an entry of the list of categories or one of `System`; `created_at` is when it happened.
    """

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None
    category_id: int | None = None
    content: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may change the note: who wrote it, administrators."""
        return actor.is_crm_admin or self.created_by == actor.id


@dataclass(slots=True, kw_only=True)
class NoteChange:
    """What a deed says about a note: for each field nothing (UNSET) or a value; `files` are ids and replace."""

    contact_id: int | Unset | None = UNSET
    opportunity_id: int | Unset | None = UNSET
    case_id: int | Unset | None = UNSET
    category_id: int | Unset | None = UNSET
    content: str | Unset = UNSET
    created_at: datetime | Unset = UNSET
    system_id: str | Unset | None = UNSET
    files: Sequence[int] | Unset = UNSET


_PLAIN: Final = tuple(f.name for f in fields(NoteChange) if f.name != "files")
COMPARED: Final = tuple(
    name for name in Note.__slots__ if name not in {"id", "uid", "version", "updated_at", "updated_by"}
)
"""Fields whose difference makes a change a change."""


def checked(change: NoteChange) -> NoteChange:
    """Return the change if its values can be kept; refuses with Invalid listing every one that cannot."""
    content, system = ("" if said in (UNSET, None) else str(said) for said in (change.content, change.system_id))
    texts = {"content": content, "system_id": system}
    problems = [
        Problem(name, "format", "holds characters that cannot be kept", text[:40])
        for name, text in texts.items()
        if not is_storable(text)
    ]
    if len(content) > CONTENT_LENGTH:
        problems.append(Problem("content", "too_long", f"has at most {CONTENT_LENGTH} characters", content[:40]))
    if change.content is not UNSET and not content.strip():
        problems.append(Problem("content", "required", "is a required field", content))
    if change.files is not UNSET and len(set(change.files)) > FILES:
        problems.append(Problem("files", "out_of_range", f"are at most {FILES}", len(change.files)))
    if problems:
        raise Invalid(*problems)
    return change


def changed(before: Note, change: NoteChange) -> Note:
    """Return the note as it is after a change. Whether what it points at is there is not decided here."""
    return replace(before, **{name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET})


def problems_of(note: Note) -> list[Problem]:
    """Return what keeps a note from being one: nothing said, nothing that it hangs on, or too much."""
    found = [] if note.content.strip() else [Problem("content", "required", "is a required field", note.content)]
    if note.contact_id is None and note.opportunity_id is None and note.case_id is None:
        found.append(Problem("contact_id", "required", "a note hangs on a contact, an opportunity or a case"))
    if note.opportunity_id is not None and note.case_id is not None:
        found.append(Problem("case_id", "not_allowed", "a note hangs on an opportunity or on a case", note.case_id))
    return found


def differences(before: Note, after: Note) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]
