"""Deeds on roles: what they allow works at once for everybody who has them. Nobody grants what they lack."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dealwright.actions.deed import happened, now, recorded
from dealwright.actions.rule_deeds import differing, fresh, gone, made, mentioned, refuse, stamps_of, touched
from dealwright.domain.actor import RIGHTS, Actor
from dealwright.domain.errors import Forbidden, NotFound, Problem, invalid
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.people import Role
from dealwright.domain.values import UNSET, Unset
from dealwright.storage import roles as store
from dealwright.storage.database import Database
from dealwright.storage.writes import Clash, Write

FIELDS: Final = ("name", "description", "rights", "system_id")


@dataclass(slots=True, kw_only=True)
class RoleChange:
    """What a deed says about a role; UNSET fields stay. `rights` replaces the list."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    rights: Collection[str] | Unset = UNSET
    system_id: str | Unset | None = UNSET


async def create(db: Database, actor: Actor, change: RoleChange) -> Role:
    """Make a role and return it. Refuses with Forbidden, and with Invalid (name, rights, texts)."""
    actor.require("Role-Create")
    at = now()
    new = _changed(Role(id=0, uid="", name="", stamps=stamps_of(actor, at)), change)
    refuse([*_problems(new)])
    _check_grant(actor, new.rights)
    values = {**fresh(actor, at), "name": new.name, "description": new.description, "system_id": new.system_id}
    event = made(actor, at, "role", store.NEW, _facts(new, FIELDS))
    ids = await _applied(db, actor, [*store.inserted(values, new.rights), event])
    return db.rules.roles[ids[store.NEW.name]]


async def change(db: Database, actor: Actor, role_id: int, change: RoleChange) -> Role:
    """Change a role and return it; what differs in nothing writes nothing. Refuses as `create`, and with NotFound."""
    actor.require("Role-Edit")
    before = _present(db, role_id)
    after = _changed(before, change)
    refuse([one for one in _problems(after) if one.field in mentioned(change)])
    _check_grant(actor, after.rights - before.rights)
    names = differing(before, after, FIELDS)
    if not names:
        return before
    at = now()
    event = happened(actor, at, "role", ["role.changed"], _facts(before, names), _facts(after, names))
    values = {**touched(actor, at), **{name: getattr(after, name) for name in names if name != "rights"}}
    writes = store.updated(role_id, values, before.rights, after.rights)
    await _applied(db, actor, [*writes, recorded(event, role_id)])
    return db.rules.roles[role_id]


async def delete(db: Database, actor: Actor, role_id: int) -> Role:
    """Take a role away, at once from everybody who has it, and return it as it was; its event tells who that was.

    Whose only role it was may do nothing then. Refuses with Forbidden and NotFound.
    """
    actor.require("Role-Delete")
    before = _present(db, role_id)
    holders = sorted(user.id for user in db.rules.users.values() if role_id in user.role_ids)
    event = gone(actor, now(), "role", role_id, {**_facts(before, FIELDS), "user_ids": holders})
    await _applied(db, actor, [*store.removed(role_id), event])
    return before


def _present(db: Database, role_id: int) -> Role:
    role = db.rules.roles.get(role_id)
    if role is None:
        raise NotFound("role")
    return role


def _changed(before: Role, change: RoleChange) -> Role:
    said = mentioned(change)
    if "name" in said:
        said["name"] = said["name"].strip()
    if "rights" in said:
        said["rights"] = frozenset(said["rights"])
    return replace(before, **said)


def _problems(role: Role) -> Iterator[Problem]:
    texts = (text_problem(name, getattr(role, name)) for name in ("description", "system_id"))
    yield from found(name_problem("name", role.name), *texts)
    for right in sorted(role.rights - RIGHTS):
        yield Problem("rights", "unknown", "is no right", right)


def _check_grant(actor: Actor, granted: frozenset[str]) -> None:
    lacking = sorted(granted - actor.rights)
    if lacking:
        raise Forbidden("nobody grants what they lack", lacking[0])


def _facts(role: Role, names: Sequence[str]) -> Mapping[str, Any]:
    return {name: sorted(role.rights) if name == "rights" else getattr(role, name) for name in names}


async def _applied(db: Database, actor: Actor, writes: Sequence[Write]) -> Mapping[str, int]:
    try:
        return await db.apply_rules(writes, actor.stamp)
    except Clash as clash:
        raise invalid("name", "duplicate", "is the name of another role") from clash
