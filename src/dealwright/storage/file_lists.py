"""Finding files: by what they are for and by the record they hang on, the newest first, by pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.file_sight import file_visible_to
from dealwright.storage.finding import Criteria, Finder
from dealwright.storage.keyset import Ordered, Place
from dealwright.storage.query import number, words
from dealwright.storage.schema import file as f
from dealwright.storage.schema import note, note_file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCriteria(Criteria):
    """Which files; None means any."""

    purpose: str | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None


def _on(name: str) -> Callable[[], ColumnElement[bool]]:
    def condition() -> ColumnElement[bool]:
        hanging = select(note.c.id).join(note_file, note_file.c.note_id == note.c.id)
        chosen = hanging.where(note_file.c.file_id == f.c.id, note.c[name] == number(name), note.c.deleted_at.is_(None))
        return exists(chosen).correlate(f)

    return condition


_CONDITIONS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "purpose": lambda: f.c.purpose == words("purpose"),
    **{name: _on(name) for name in ("contact_id", "opportunity_id", "case_id")},
}
_ORDER = (Ordered(f.c.id, descending=True),)


def _filtered(sight: str, shape: tuple[str, ...]) -> Select[Any]:
    return select(f.c.id).where(file_visible_to(sight), *(_CONDITIONS[name]() for name in shape))


_FINDER: Final = Finder[FileCriteria, None](_filtered, lambda *_: _ORDER)
total: Final = _FINDER.total


async def find_places(
    db: Database, actor: Actor, criteria: FileCriteria, after: Place | None, limit: int
) -> list[Place]:
    """Return the places of the files that match and follow `after` (None: from the newest), at most `limit`."""
    return await _FINDER.find_places(db, actor, criteria, None, False, after, limit)
