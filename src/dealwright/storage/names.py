"""Ids by name, of the small things that are not among the rules: tags and teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from dealwright.storage.database import Database
from dealwright.storage.query import Query, words
from dealwright.storage.schema import tag, team
from dealwright.storage.writes import InsertMany, Write

_TAGS = Query(select(tag.c.title_fold, tag.c.id).where(tag.c.subject == words("subject")).order_by(tag.c.id))
_TEAMS = Query(select(team.c.name, team.c.id).order_by(team.c.id))


async def tag_ids(db: Database, subject: str) -> dict[str, int]:
    """Return the tags of one kind of record (`opportunity`, `contact`, `case`) by folded title."""
    return {row[0]: row[1] for row in await db.rows(_TAGS, subject=subject)}


async def team_ids(db: Database) -> dict[str, int]:
    """Return the teams by name."""
    return {row[0]: row[1] for row in await db.rows(_TEAMS)}


def new_rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Write]:
    """Return the writes of rows that all name the same columns."""
    if not rows:
        return []
    columns = tuple(rows[0])
    return [InsertMany(table, columns, [[row[name] for name in columns] for row in rows])]
