"""Deeds on people. Nobody grants what they lack; the last administrator stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dealwright.actions import grants
from dealwright.actions.deed import happened, new_uid, now, recorded
from dealwright.actions.grants import check_rank
from dealwright.actions.sign_in import hashed
from dealwright.domain.actor import RIGHTS, Actor, Standing
from dealwright.domain.errors import Invalid, NotFound, Problem, invalid
from dealwright.domain.password import password_problem
from dealwright.domain.people import User, UserChange
from dealwright.domain.text import fold, is_storable
from dealwright.domain.values import UNSET, micros
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
    standing = await _allowed(db, actor, change)
    at, uid = now(), new_uid()
    values = await _values(change)
    values |= {"uid": uid, "standing": standing, "user_name": _user_name(db, str(change.email))}
    values |= {"created_at": micros(at), "updated_at": micros(at), "created_by": actor.id if actor else None}
    values["updated_by"] = values["created_by"]
    facts = {"email": change.email, "standing": standing.name, "role_ids": [], **_access(change)}
    event = event_of(actor, "user.created", {}, facts, store.NEW_USER)
    made = await _applied(db, actor, [store.new_user(values), *_links(change), event, *also(uid)])
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
    standing = await _allowed(db, actor, change, before)
    values = {**await _values(change), "standing": standing}
    if change.active is True and not before.active:
        values.setdefault("email", before.email)  # somebody else may have it by now
    facts = {name: value for name, value in values.items() if name != "password_hash"} | _access(change)
    old = {name: getattr(before, name) for name in facts}
    ends = "password_hash" in values or change.active is False
    if facts == old and not ends:
        return before
    stamps = {"updated_at": micros(now()), "updated_by": actor.id if actor else None}
    writes: list[Write] = [store.changed_user(user_id, {**values, **stamps}), *_links(change, before)]
    writes += [without_tokens_of(user_id)] if ends else []
    await _applied(db, actor, [*writes, event_of(actor, "user.changed", old, facts, user_id)])
    return db.rules.users[user_id]


async def _values(change: UserChange) -> dict[str, Any]:
    """Return the columns that a change mentions; of a password its hash."""
    values = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    return values | ({"password_hash": await hashed(change.password)} if isinstance(change.password, str) else {})


def _access(change: UserChange) -> dict[str, Any]:
    """Return the roles and teams that a change mentions, in order and each once."""
    lists = {"role_ids": change.role_ids, "team_ids": change.team_ids}
    return {name: tuple(sorted(set(said))) for name, said in lists.items() if said is not UNSET}


def _links(change: UserChange, before: User | None = None) -> list[Write]:
    ident = store.NEW_USER if before is None else before.id
    writes: list[Write] = []
    if change.role_ids is not UNSET:
        writes += store.roles_of(ident, before.role_ids if before else (), change.role_ids)
    if change.team_ids is not UNSET:
        writes += store.teams_of(ident, before.team_ids if before else (), change.team_ids)
    return writes


async def remove_user(db: Database, actor: Actor, user_id: int) -> User:
    """End somebody's access for good; the record stays, so that history knows the name. Returns it as it was."""
    actor.require("User-Delete")
    before = db.rules.users.get(user_id)
    if before is None:
        raise NotFound("user")
    check_rank(actor, before.standing, "User-Delete")
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


async def _allowed(db: Database, actor: Actor | None, change: UserChange, before: User | None = None) -> Standing:
    """Return what somebody is to be. Refuses with Invalid (teams, the last owner) and Forbidden."""
    standing = _standing(db, change, before)
    wanted = () if change.team_ids is UNSET else set(change.team_ids) - set(before.team_ids if before else ())
    there = await store.teams_there(db, sorted(wanted)) if wanted else set()
    if unknown := sorted(set(wanted) - there):
        raise Invalid(*(Problem("team_ids", "unknown", "is no team", one) for one in unknown))
    if actor is not None:
        grants.check(db.rules, actor, change, standing, before)
    if before is not None:
        _keep_an_owner(db, before, standing, change)
    return standing


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


def _keep_an_owner(db: Database, before: User, standing: Standing, change: UserChange) -> None:
    if before.standing is not Standing.OWNER:
        return
    if standing is not Standing.OWNER or change.active is False:
        owners = {user.id for user in db.rules.users.values() if user.standing is Standing.OWNER and user.active}
        if not owners - {before.id}:
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
