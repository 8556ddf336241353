"""Deeds on people. Nobody grants what they lack; the last administrator stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dealwright.actions.deed import happened, new_uid, now, recorded
from dealwright.actions.sign_in import hashed
from dealwright.domain.actor import RIGHTS, Actor, Sight, Standing
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Problem, invalid
from dealwright.domain.password import password_problem
from dealwright.domain.people import User
from dealwright.domain.text import fold, is_storable
from dealwright.domain.values import UNSET, Unset, micros
from dealwright.storage import invitations, two_factor
from dealwright.storage import people as store
from dealwright.storage.database import Database
from dealwright.storage.tokens import without_tokens_of
from dealwright.storage.writes import Clash, Made, Write

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_PLAIN: Final = (
    *("email", "first_name", "last_name", "title", "active", "api_access", "language", "location_id"),
    *("extra", "sight", "system_id"),
)


@dataclass(slots=True, kw_only=True)
class UserChange:
    """What a deed says about a user; UNSET fields stay. `role_ids` and `team_ids` replace the lists."""

    email: str | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    title: str | Unset = UNSET
    password: str | Unset = UNSET
    standing: Standing | Unset = UNSET
    sight: Sight | Unset = UNSET
    active: bool | Unset = UNSET
    api_access: bool | Unset = UNSET
    language: int | Unset = UNSET
    location_id: int | Unset | None = UNSET
    role_ids: Sequence[int] | Unset = UNSET
    team_ids: Sequence[int] | Unset = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    system_id: str | Unset | None = UNSET


Also = Callable[[str], Sequence[Write]]
"""Further writes of a deed on a user, by the user's uid."""


def _nothing(_: str) -> Sequence[Write]:
    return ()


async def add_user(db: Database, actor: Actor | None, change: UserChange, also: Also = _nothing) -> User:
    """Make a user and return it; without an actor the command line acts. While nobody owns the portal, a new user does.

    `also` are further writes of the deed. Refuses with Forbidden, and with Invalid (e-mail, password, names that are
    not there or taken).
    """
    if actor is not None:
        actor.require("User-Create")
    check(db, change, is_new=True)
    standing = _standing(db, change)
    _check_grant(db, actor, change, standing)
    at, uid = now(), new_uid()
    values = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    values |= {"uid": uid, "standing": standing, "user_name": _user_name(db, str(change.email))}
    values |= {"created_at": micros(at), "updated_at": micros(at), "created_by": actor.id if actor else None}
    values["updated_by"] = values["created_by"]
    if isinstance(change.password, str):
        values["password_hash"] = await hashed(change.password)
    roles = () if change.role_ids is UNSET else change.role_ids
    teams = () if change.team_ids is UNSET else change.team_ids
    writes: list[Write] = [store.new_user(values), *store.roles_of(store.NEW_USER, (), roles)]
    writes += store.teams_of(store.NEW_USER, (), teams)
    facts = {"email": change.email, "standing": standing.name, "role_ids": list(roles)}
    writes += [event_of(actor, "user.created", {}, facts, store.NEW_USER), *also(uid)]
    made = await _applied(db, actor, writes)
    return db.rules.users[made["user"]]


async def change_user(db: Database, actor: Actor | None, user_id: int, change: UserChange) -> User:
    """Change a user and return it; what differs in nothing writes nothing. A new password ends every token.

    Refuses as `add_user` and with NotFound.
    """
    if actor is not None:
        actor.require("User-Edit")
    before = db.rules.users.get(user_id)
    if before is None:
        raise NotFound("user")
    check(db, change, is_new=False)
    standing = _standing(db, change, before)
    _check_grant(db, actor, change, standing, before)
    _keep_an_owner(db, before, standing, change)
    at = now()
    values = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    values |= {"standing": standing, "updated_at": micros(at), "updated_by": actor.id if actor else None}
    writes: list[Write] = []
    if isinstance(change.password, str):
        values["password_hash"] = await hashed(change.password)
        writes.append(without_tokens_of(user_id))
    if change.active is False:
        writes.append(without_tokens_of(user_id))
    if change.role_ids is not UNSET:
        writes += store.roles_of(user_id, before.role_ids, change.role_ids)
    if change.team_ids is not UNSET:
        writes += store.teams_of(user_id, before.team_ids, change.team_ids)
    facts = {name: value for name, value in values.items() if name not in {"password_hash", "updated_at", "updated_by"}}
    old = {name: getattr(before, name) for name in facts}
    if not writes and facts == old and "password_hash" not in values:
        return before
    writes.append(event_of(actor, "user.changed", old, facts, user_id))
    await _applied(db, actor, [store.changed_user(user_id, values), *writes])
    return db.rules.users[user_id]


async def remove_user(db: Database, actor: Actor, user_id: int) -> User:
    """End somebody's access for good; the record stays, so that history knows the name. Returns it as it was."""
    actor.require("User-Delete")
    before = db.rules.users.get(user_id)
    if before is None:
        raise NotFound("user")
    _keep_an_owner(db, before, before.standing, UserChange(active=False))
    gone = {"active": False, "updated_at": micros(now()), "updated_by": actor.id}
    freed = store.changed_user(user_id, gone)
    freed.values = {**freed.values, "email_fold": f"{fold(before.email)}#{before.uid}"}
    event = event_of(actor, "user.deleted", {"email": before.email}, {}, user_id)
    await _applied(db, actor, [freed, without_tokens_of(user_id), *_proofs(user_id), event])
    return before


def _proofs(user_id: int) -> list[Write]:
    """Return the writes after which nothing lets somebody in but what comes later."""
    return [*two_factor.ended(user_id), invitations.ended(user_id)]


def check(db: Database, change: UserChange, is_new: bool) -> None:
    """Refuse with Invalid what is wrong with what is said about a user."""
    problems = []
    if is_new and not change.email:
        problems.append(Problem("email", "required", "is a required field"))
    elif isinstance(change.email, str) and not _EMAIL.fullmatch(change.email):
        problems.append(Problem("email", "format", "is no e-mail address", change.email[:80]))
    if isinstance(change.password, str) and (problem := password_problem(change.password)):
        problems.append(problem)
    for name in ("email", "first_name", "last_name", "title", "system_id"):
        value = getattr(change, name)
        if isinstance(value, str) and (len(value) > 255 or not is_storable(value)):
            problems.append(Problem(name, "format", "is too long or holds characters that cannot be kept"))
    if isinstance(change.location_id, int) and change.location_id not in db.rules.locations:
        problems.append(Problem("location_id", "unknown", "is no location", change.location_id))
    if change.role_ids is not UNSET:
        unknown = [one for one in change.role_ids if one not in db.rules.roles]
        problems += [Problem("role_ids", "unknown", "is no role", one) for one in unknown]
    if problems:
        raise Invalid(*problems)


def has_owner(db: Database) -> bool:
    """Tell whether somebody owns the portal; made-up people without a password do not."""
    return any(user.standing is Standing.OWNER for user in db.rules.users.values())


def _standing(db: Database, change: UserChange, before: User | None = None) -> Standing:
    if change.standing is not UNSET:
        return change.standing
    if before is None and not has_owner(db):
        return Standing.OWNER
    present = Standing.MEMBER if before is None else before.standing
    if change.role_ids is not UNSET and change.role_ids and present > Standing.CRM_ADMIN:
        return Standing.LIMITED
    return present


def _check_grant(
    db: Database, actor: Actor | None, change: UserChange, standing: Standing, before: User | None = None
) -> None:
    if actor is None:
        return
    touched = min(standing, before.standing) if before else standing
    if touched < actor.standing or (standing is Standing.OWNER and before is None):
        raise Forbidden("nobody makes or changes somebody who may more than oneself", "User-Edit")
    wanted = () if change.role_ids is UNSET else change.role_ids
    granted = {right for one in wanted for right in db.rules.roles[one].rights}
    if granted - actor.rights:
        raise Forbidden("nobody grants what they lack", "User-Edit")


def _keep_an_owner(db: Database, before: User, standing: Standing, change: UserChange) -> None:
    if before.standing is not Standing.OWNER:
        return
    if standing is not Standing.OWNER or change.active is False:
        others = [user for user in db.rules.users.values() if user.standing is Standing.OWNER and user.active]
        if len(others) < 2:
            raise invalid("standing", "not_allowed", "the portal needs its owner", before.email)


def _user_name(db: Database, email: str) -> str:
    wanted = re.sub(r"[^a-z0-9._-]", "", fold(email.partition("@")[0])) or "user"
    taken = {user.user_name for user in db.rules.users.values()}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    return name


def event_of(
    actor: Actor | None, kind: str, before: Mapping[str, Any], after: Mapping[str, Any], ident: int | Made
) -> Write:
    """Return the write of an event about a user; without an actor the command line acted."""
    by = actor or Actor(0, "", "", "", Standing.OWNER, RIGHTS, 0, via="cli")
    write = recorded(happened(by, now(), "user", [kind], before, after), ident)
    if actor is None:
        write.values = {**write.values, "actor_id": None}
    return write


async def _applied(db: Database, actor: Actor | None, writes: Sequence[Write]) -> Mapping[str, int]:
    try:
        return await db.apply_rules(writes, actor.stamp if actor else None)
    except Clash as clash:
        raise invalid("email", "duplicate", "is taken by another user") from clash
