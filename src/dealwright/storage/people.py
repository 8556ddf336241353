"""Users, as written (they are read from the rules), and the teams whose deals they may see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from dealwright.domain.text import fold
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed
from dealwright.storage.schema import team, team_user, user, user_role
from dealwright.storage.writes import Change, Insert, Made, Write, replaced

NEW_USER = Made("user")


def user_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a user's fields; the e-mail brings its folded twin."""
    columns = dict(values)
    if "email" in columns:
        columns["email_fold"] = fold(columns["email"])
    if "extra" in columns:
        columns["extra"] = json.dumps(columns["extra"])
    for name in ("standing", "sight"):
        if name in columns:
            columns[name] = int(columns[name])
    return columns


def new_user(values: Mapping[str, Any]) -> Insert:
    """Return the write of a new user, whose id will be known as `user`."""
    return Insert(user, user_columns(values), made="user")


def changed_user(user_id: int, values: Mapping[str, Any]) -> Change:
    """Return the write of a user's fields."""
    return Change(user, user_columns(values), {"id": user_id})


def roles_of(ident: int | Made, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that replace a person's roles."""
    return replaced(user_role, ("user_id", "role_id"), ident, before, after)


def teams_of(ident: int | Made, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that replace the teams whose deals a person sees."""
    return replaced(team_user, ("user_id", "team_id"), ident, before, after)


_TEAMS = Query(select(team.c.id).where(any_number(team.c.id, "ids"), team.c.deleted_at.is_(None)))


async def teams_there(db: Database, ids: Sequence[int]) -> set[int]:
    """Return those of the ids that are teams out of the trash."""
    return {row[0] for row in await db.rows(_TEAMS, ids=listed(ids))}
