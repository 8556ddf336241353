"""Finding files: by what they are for and by the record they hang on, the newest first, by pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.file_sight import file_visible_to
from dealwright.storage.keyset import Ordered, Place, first_page, next_page, placed
from dealwright.storage.query import Query, counted, number, words
from dealwright.storage.schema import file as f
from dealwright.storage.schema import note, note_file
from dealwright.storage.sight import seeing, sight_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCriteria:
    """Which files; None means any."""

    purpose: str | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    case_id: int | None = None

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of the criteria that are set: the shape of the query."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is not None)

    def given(self) -> dict[str, Any]:
        """Return the parameters of the criteria that are set."""
        return {name: getattr(self, name) for name in self.shape}


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


@cache
def _first(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(first_page(_filtered(sight, shape), _ORDER), heavy=True)


@cache
def _following(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(next_page(_filtered(sight, shape), _ORDER, (False,)), heavy=True)


@cache
def _count(sight: str, shape: tuple[str, ...]) -> Query:
    return Query(counted(_filtered(sight, shape)), heavy=True)


async def find_places(
    db: Database, actor: Actor, criteria: FileCriteria, after: Place | None, limit: int
) -> list[Place]:
    """Return the places of the files that match and follow `after` (None: from the newest), at most `limit`."""
    query = (_first if after is None else _following)(sight_of(actor), criteria.shape)
    given = {**criteria.given(), **seeing(actor), **placed(after or ())}
    return [tuple(row) for row in await db.rows(query, **given, page_limit=limit)]


async def total(db: Database, actor: Actor, criteria: FileCriteria) -> int:
    """Return exactly how many files match and are there for this person."""
    row = await db.first(_count(sight_of(actor), criteria.shape), **criteria.given(), **seeing(actor))
    assert row is not None
    return int(row[0])
