"""Finding plain records by pages: in the order in which they were made, narrowed by what columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.finding import Missing, missing_of, pages, read_places
from dealwright.storage.keyset import Ordered, Place
from dealwright.storage.plain_records import PlainKind
from dealwright.storage.query import Query, counted, number
from dealwright.storage.sight import seeing, sight_of


def _narrowed(kind: PlainKind, sight: str, shape: tuple[str, ...]) -> Select[Any]:
    conditions = (kind.table.c[name] == number(f"wanted_{name}") for name in shape)
    return select(kind.table.c.id).where(kind.visible(sight, False), *conditions)


@cache
def _places(kind: PlainKind, sight: str, shape: tuple[str, ...], descending: bool, missing: Missing) -> Query:
    return pages(_narrowed(kind, sight, shape), [Ordered(kind.table.c.id, descending)], missing)


@cache
def _count(kind: PlainKind, sight: str, shape: tuple[str, ...]) -> Query:
    return Query(counted(_narrowed(kind, sight, shape)), heavy=True)


def _given(actor: Actor, narrowed: Mapping[str, int]) -> dict[str, Any]:
    return {**seeing(actor), **{f"wanted_{name}": value for name, value in narrowed.items()}}


async def find_places(
    db: Database,
    actor: Actor,
    kind: PlainKind,
    narrowed: Mapping[str, int],
    descending: bool,
    after: Place | None,
    limit: int,
) -> list[Place]:
    """Return the places of the records whose columns hold these numbers and that follow `after`, at most `limit`."""
    query = _places(kind, sight_of(actor), tuple(sorted(narrowed)), descending, missing_of(after))
    return await read_places(db, query, after, limit, **_given(actor, narrowed))


async def total(db: Database, actor: Actor, kind: PlainKind, narrowed: Mapping[str, int]) -> int:
    """Return exactly how many records hold these numbers and are there for this person."""
    row = await db.first(_count(kind, sight_of(actor), tuple(sorted(narrowed))), **_given(actor, narrowed))
    assert row is not None
    return int(row[0])
