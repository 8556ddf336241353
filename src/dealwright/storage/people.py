"""Users and roles, as written; they are read from the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dealwright.domain.text import fold
from dealwright.storage.schema import role, role_right, team_user, user, user_role
from dealwright.storage.writes import Change, Insert, Made, Remove, Write, replaced

NEW_USER, NEW_ROLE = Made("user"), Made("role")


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


def rights_of(ident: int | Made, before: Iterable[str], after: Iterable[str]) -> list[Write]:
    """Return the writes that replace the rights of a role."""
    return replaced(role_right, ("role_id", "right_name"), ident, before, after)


def new_role(values: Mapping[str, Any]) -> Insert:
    """Return the write of a new role, whose id will be known as `role`."""
    return Insert(role, {**values, "name_fold": fold(values["name"])}, made="role")


def changed_role(role_id: int, values: Mapping[str, Any]) -> Change:
    """Return the write of a role's fields."""
    columns = dict(values)
    if "name" in columns:
        columns["name_fold"] = fold(columns["name"])
    return Change(role, columns, {"id": role_id})


def without_role(role_id: int) -> list[Write]:
    """Return the writes that take a role away from everybody."""
    return [
        Remove(user_role, {"role_id": role_id}),
        Remove(role_right, {"role_id": role_id}),
        Remove(role, {"id": role_id}),
    ]
