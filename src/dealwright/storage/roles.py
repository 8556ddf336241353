"""Roles, as written; they are read from the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dealwright.domain.text import fold
from dealwright.storage.schema import role, role_right, user_role
from dealwright.storage.writes import Change, Insert, Made, Remove, Write, replaced

NEW: Final = Made("role")


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "name_fold": fold(values["name"])} if "name" in values else dict(values)


def inserted(values: Mapping[str, Any], rights: Iterable[str]) -> list[Write]:
    """Return the writes of a new role with its rights; its id will be known as `role`."""
    return [Insert(role, _columns(values), made=NEW.name), *_rights(NEW, (), rights)]


def updated(ident: int, values: Mapping[str, Any], before: Iterable[str], after: Iterable[str]) -> list[Write]:
    """Return the writes of some columns of a role and of the rights that come and go."""
    return [Change(role, _columns(values), {"id": ident}), *_rights(ident, before, after)]


def removed(ident: int) -> list[Write]:
    """Return the writes that take a role away from everybody who has it, and away."""
    links = [Remove(table, {"role_id": ident}) for table in (user_role, role_right)]
    return [*links, Remove(role, {"id": ident})]


def _rights(ident: int | Made, before: Iterable[str], after: Iterable[str]) -> list[Write]:
    return replaced(role_right, ("role_id", "right_name"), ident, before, after)
