"""People who sign in, and roles (related, User; decisions, roles)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dealwright.actions import people
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.users import ROLE, USER
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_after, known, locations_after
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, stamped
from dealwright.dialects.nexudus.sources import InRules
from dealwright.domain.actor import Standing
from dealwright.domain.contact import names_of
from dealwright.domain.people import Role, User, UserChange
from dealwright.domain.values import instant
from dealwright.storage import presence
from dealwright.storage.presence import Presence
from dealwright.storage.rules import Rules

_PLAIN: Final = ("email", "language", "active", "api_access", "location_id", "system_id")


def user_shown(rules: Rules, user: User) -> Values:
    """Return a user in our words. Everybody who works in the portal is an administrator to this vendor, guests not."""
    return {
        **known(USER, user.extra),
        **stamped(rules, user),
        **{name: getattr(user, name) for name in ("name", *_PLAIN)},
        "two_factor": user.two_factor,
        "is_admin": user.standing is not Standing.GUEST,
        "locations": list(user.extra.get("Businesses", ())),
        "roles": list(user.role_ids),
    }


def _change(rules: Rules, body: Body, user: User | None) -> UserChange:
    said: Mapping[str, Any] = body.values
    change = UserChange(**{name: said[name] for name in _PLAIN if name in said})
    if user is None or said["name"] != user.name:
        change.first_name, change.last_name = names_of(said["name"])
    password = said.get("password") or said.get("new_password")
    if password:
        change.password = password
    change.extra = _extra(rules, body, user)
    roles = body.collections.get("roles")
    if roles is not None:
        change.role_ids = roles.over(user.role_ids if user else ())
    _set_standing(change, said.get("is_admin"), user)
    return change


def _extra(rules: Rules, body: Body, user: User | None) -> dict[str, Any]:
    present = user.extra if user else {}
    return locations_after(rules, body, kept_after(USER, body, present))


def _set_standing(change: UserChange, is_admin: bool | None, user: User | None) -> None:
    """Make a guest of whoever is to be no administrator, and a member of a guest who is to be one."""
    if is_admin is False:
        change.standing = Standing.GUEST
    elif is_admin and user is not None and user.standing is Standing.GUEST:
        change.standing = Standing.LIMITED if change.role_ids else Standing.MEMBER


async def _with_presence(call: Call, users: Sequence[Values]) -> list[Values]:
    """Add when people were here last, and how often somebody failed to sign in as them since they did."""
    known = call.db.rules.users
    found = await presence.of(call.db, [known[values["id"]] for values in users])
    return [{**values, **_told(found[values["id"]])} for values in users]


def _told(one: Presence) -> Values:
    return {
        "LastAccess": instant(one.seen_at) if one.seen_at else None,
        "LastLoginAttempt": instant(one.tried_at) if one.tried_at else None,
        "InvalidLoginAttempts": one.failures,
    }


async def create_user(call: Call, body: Body) -> Done:
    """Make a user; see actions.people.add_user."""
    user = await people.add_user(call.db, call.actor, _change(call.db.rules, body, None))
    return Done(user.id, user.stamps.updated_at)


async def change_user(call: Call, body: Body) -> Done:
    """Change a user; see actions.people.change_user. Without a password the old one stays."""
    rules = call.db.rules
    change = _change(rules, body, rules.users.get(body.id))
    user = await people.change_user(call.db, call.actor, body.id, change)
    return Done(user.id, user.stamps.updated_at)


async def remove_user(call: Call, record_id: int) -> Done:
    """End somebody's access; see actions.people.remove_user."""
    return Done((await people.remove_user(call.db, call.actor, record_id)).id, now())


USERS: Final = Handler(
    entity=USER,
    source=InRules(
        USER,
        lambda rules: rules.users.values(),
        user_shown,
        _with_presence,
        frozenset({"LastAccess", "LastLoginAttempt", "InvalidLoginAttempts"}),
    ),
    create=create_user,
    change=change_user,
    remove=remove_user,
)


def role_shown(rules: Rules, role: Role) -> Values:
    """Return a role in our words."""
    return {**stamped(rules, role), "name": role.name}


ROLES: Final = Handler(entity=ROLE, source=InRules(ROLE, lambda rules: rules.roles.values(), role_shown))
