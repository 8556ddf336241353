"""Roles in our own API: list, get, create, change, delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import roles as deeds
from dealwright.actions.roles import RoleChange
from dealwright.dialects.native import members, snapshot
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Instant, Limit, Listing, TotalName
from dealwright.dialects.native.snapshot import SORTS, Tagged, check_match, told
from dealwright.domain import people as domain
from dealwright.domain.actor import RIGHTS
from dealwright.domain.errors import NotFound
from dealwright.domain.text import fold

_PATH: Final = "/roles"
_ONE: Final = "/roles/{id}"
RoleName = Annotated[str, Meta(min_length=1, max_length=255)]
Right = Annotated[str, Meta(extra_json_schema={"enum": sorted(RIGHTS)})]
Rights = Annotated[list[Right], Meta(max_length=1000, description="Rights by name, as `CrmOpportunity-Edit`.")]


class RoleListQuery(Query):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="A part of the name.")] | UnsetType = UNSET
    right: Annotated[str, Meta(max_length=100, description="It gives this right.")] | UnsetType = UNSET


class Role(Tagged, kw_only=True):
    """A named set of rights. It matters for people whose standing is `limited`: they may do what their roles say."""

    id: int
    uid: str
    name: str
    description: str
    rights: list[str]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class RolePatch(Body):
    """What to change about a role (RFC 7396); it works at once for everybody who has it. `rights` replaces the list."""

    name: RoleName | UnsetType = UNSET
    description: str | UnsetType = UNSET
    rights: Rights | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class RoleDraft(RolePatch, kw_only=True):
    """A new role; nobody has it yet."""

    name: RoleName


def written(role: domain.Role) -> Role:
    """Return a role as it goes over the wire."""
    return Role(
        id=role.id,
        uid=role.uid,
        name=role.name,
        description=role.description,
        rights=sorted(role.rights),
        system_id=role.system_id,
        created_at=role.stamps.created_at,
        created_by=role.stamps.created_by,
        updated_at=role.stamps.updated_at,
        updated_by=role.stamps.updated_by,
    )


def _change_of(said: RolePatch) -> RoleChange:
    change = RoleChange()
    members.say(change, said, RolePatch.__struct_fields__)
    return change


def _found(call: Call, query: RoleListQuery) -> Iterator[domain.Role]:
    for role in call.db.rules.roles.values():
        named = query.q is UNSET or fold(query.q) in fold(role.name)
        if named and (query.right is UNSET or query.right in role.rights):
            yield role


def _present(call: Call) -> Role:
    role = call.db.rules.roles.get(call.id)
    if role is None:
        raise NotFound("role")
    return written(role)


async def list_roles(call: Call, query: RoleListQuery) -> Reply[Listing[Role]]:
    """List roles. A new portal has one for each right."""
    call.actor.require("Role-List")
    return await snapshot.page(call, query, "roles", _found(call, query), written, "q", "right")


async def get_role(call: Call) -> Reply[Role]:
    """Get a role."""
    call.actor.require("Role-Read")
    return told(_present(call))


async def create_role(call: Call, body: RoleDraft) -> Reply[Role]:
    """Create a role with rights that you have yourself."""
    role = await deeds.create(call.db, call.actor, _change_of(body))
    return told(written(role), f"{_PATH}/{role.id}")


async def change_role(call: Call, body: RolePatch) -> Reply[Role]:
    """Change a role, at once for everybody who has it; you add rights that you have yourself."""
    call.actor.require("Role-Edit")
    check_match(call, _present(call), body)
    return told(written(await deeds.change(call.db, call.actor, call.id, _change_of(body))))


async def delete_role(call: Call) -> Reply[None]:
    """Delete a role, at once from everybody who has it; whose only role it was may do nothing then."""
    call.actor.require("Role-Delete")
    check_match(call, _present(call))
    await deeds.delete(call.db, call.actor, call.id)
    return Reply(None)


ROUTES: Final = (
    Route("GET", _PATH, list_roles, right="Role-List"),
    Route("POST", _PATH, create_role, 201, right="Role-Create"),
    Route("GET", _ONE, get_role, right="Role-Read"),
    Route("PATCH", _ONE, change_role, right="Role-Edit", guarded=True),
    Route("DELETE", _ONE, delete_role, 204, right="Role-Delete", guarded=True),
)
