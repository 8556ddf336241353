"""The people of the portal in our own API: list, get, create, change, delete."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import people as deeds
from dealwright.actions.invitations import invite
from dealwright.dialects.native import members, snapshot
from dealwright.dialects.native.me import SIGHTS, STANDINGS, SightName, StandingName
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, Name, TotalName
from dealwright.dialects.native.snapshot import SORTS, Tagged, check_match, told
from dealwright.domain import people as domain
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.password import LONGEST, SHORTEST
from dealwright.domain.people import UserChange
from dealwright.domain.text import fold

_PATH: Final = "/users"
_ONE: Final = "/users/{id}"
_STANDINGS: Final = {name: standing for standing, name in STANDINGS.items()}
_SIGHTS: Final = {name: sight for sight, name in SIGHTS.items()}
_PLAIN: Final = (
    *("first_name", "last_name", "title", "password", "active", "api_access", "role_ids", "team_ids"),
    *("location_id", "system_id"),
)
Email = Annotated[str, Meta(min_length=3, max_length=255, description="With this they sign in.")]
Password = Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST, description="It is never told.")]
Ids = Annotated[list[Id], Meta(max_length=1000)]


class UserListQuery(Query):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="Each of these is in name or e-mail.")] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    standing: StandingName | UnsetType = UNSET
    role_id: Annotated[Id, Meta(description="They have this role.")] | UnsetType = UNSET


class User(Tagged, kw_only=True):
    """Somebody who signs in. `role_ids` matter for who is `limited`; no secret is ever told.

    `sight`, `team_ids` and `two_factor` are there for who may change users, and for oneself.
    """

    id: int
    uid: str
    email: str
    first_name: str
    last_name: str
    name: str
    title: str
    standing: StandingName
    active: bool
    api_access: bool
    role_ids: list[int]
    sight: SightName | UnsetType = UNSET
    team_ids: list[int] | UnsetType = UNSET
    two_factor: bool | UnsetType = UNSET
    location_id: int | None
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class UserPatch(Body):
    """What to change about somebody (RFC 7396); it works at once, with tokens in use too.

    Lists are replaced. Who is given roles is `limited` from then on, unless an administrator or told otherwise. `sight`
    narrows which deals and cases are seen: all, their own and their teams' (`team_ids`), or their own. A `password`
    ends all tokens, and so does it not to be `active` any more. `api_access` is for Nexudus' API.
    """

    email: Email | UnsetType = UNSET
    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    title: Name | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    standing: StandingName | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    api_access: bool | UnsetType = UNSET
    role_ids: Ids | UnsetType = UNSET
    sight: SightName | UnsetType = UNSET
    team_ids: Ids | UnsetType = UNSET
    location_id: Id | UnsetType | None = UNSET
    system_id: str | UnsetType | None = UNSET


class UserDraft(UserPatch, kw_only=True):
    """Somebody new: a member, unless told; without a `password` they are written to choose one (`invite`)."""

    email: Email
    invite: bool | UnsetType = UNSET


def written(viewer: Actor, user: domain.User) -> User:
    """Return somebody as it goes over the wire to somebody."""
    shown = User(
        id=user.id,
        uid=user.uid,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        name=user.name,
        title=user.title,
        standing=STANDINGS[user.standing],
        active=user.active,
        api_access=user.api_access,
        role_ids=list(user.role_ids),
        location_id=user.location_id,
        system_id=user.system_id,
        created_at=user.stamps.created_at,
        created_by=user.stamps.created_by,
        updated_at=user.stamps.updated_at,
        updated_by=user.stamps.updated_by,
    )
    if viewer.may("User-Edit") or viewer.id == user.id:
        shown.sight, shown.team_ids, shown.two_factor = SIGHTS[user.sight], list(user.team_ids), user.two_factor
    return shown


def _change_of(said: UserPatch) -> UserChange:
    change = UserChange()
    members.say(change, said, _PLAIN)
    if said.email is not UNSET:
        change.email = said.email.strip()
    if said.standing is not UNSET:
        change.standing = _STANDINGS[said.standing]
    if said.sight is not UNSET:
        change.sight = _SIGHTS[said.sight]
    return change


def _found(call: Call, query: UserListQuery) -> Iterator[domain.User]:
    words = [] if query.q is UNSET else fold(query.q).split()
    for user in call.db.rules.users.values():
        text = fold(f"{user.name} {user.email}")
        if (
            all(word in text for word in words)
            and query.active in (UNSET, user.active)
            and query.standing in (UNSET, STANDINGS[user.standing])
            and (query.role_id is UNSET or query.role_id in user.role_ids)
        ):
            yield user


def _present(call: Call) -> User:
    user = call.db.rules.users.get(call.id)
    if user is None:
        raise NotFound("user")
    return written(call.actor, user)


async def list_users(call: Call, query: UserListQuery) -> Reply[Listing[User]]:
    """List people, those who are not active any more too."""
    call.actor.require("User-List")
    shown, members = partial(written, call.actor), ("q", "active", "standing", "role_id")
    return await snapshot.page(call, query, "users", _found(call, query), shown, *members)


async def get_user(call: Call) -> Reply[User]:
    """Get somebody."""
    call.actor.require("User-Read")
    return told(_present(call))


async def create_user(call: Call, body: UserDraft) -> Reply[User]:
    """Make somebody's account, and write to them if they are to choose a password themselves.

    You grant what you have yourself. Without a password, and with `invite` false, nobody signs in with it yet.
    """
    if body.invite is True and body.password is not UNSET:
        raise invalid("invite", "not_allowed", "is for who has no password yet")
    make = deeds.add_user if body.invite is False else invite
    user = await make(call.db, call.actor, _change_of(body))
    return told(written(call.actor, user), f"{_PATH}/{user.id}")


async def change_user(call: Call, body: UserPatch) -> Reply[User]:
    """Change somebody, at once and with tokens in use too.

    You grant what you have yourself, and change nobody above you. The last owner stays.
    """
    call.actor.require("User-Edit")
    check_match(call, _present(call), body)
    return told(written(call.actor, await deeds.change_user(call.db, call.actor, call.id, _change_of(body))))


async def delete_user(call: Call) -> Reply[None]:
    """End somebody's access for good: tokens, second factor, invitation; the e-mail is free for somebody else.

    The record stays, not active, so that history knows the name.
    """
    call.actor.require("User-Delete")
    check_match(call, _present(call))
    await deeds.remove_user(call.db, call.actor, call.id)
    return Reply(None)


ROUTES: Final = (
    Route("GET", _PATH, list_users, right="User-List"),
    Route("POST", _PATH, create_user, 201, right="User-Create"),
    Route("GET", _ONE, get_user, right="User-Read"),
    Route("PATCH", _ONE, change_user, right="User-Edit", guarded=True),
    Route("DELETE", _ONE, delete_user, 204, right="User-Delete", guarded=True),
)
