"""Teams in our own API: list, get, create, change, who belongs to them, to the trash and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import teams as deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, Name, TotalName
from dealwright.dialects.native.shelves import Lister, Shelf
from dealwright.domain.actor import Actor
from dealwright.domain.team import TeamChange
from dealwright.domain.values import UNSET as UNSAID
from dealwright.storage import teams as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.teams import FullTeam, TeamCriteria, TeamOrder

ORDERS: Final = {"id": TeamOrder.ID, "name": TeamOrder.NAME, "created_at": TeamOrder.CREATED}
SORTS: Final = pages.sorts_of(ORDERS)
_NAMES: Final = {
    "members": "member_ids",
    "administrators": "administrator_ids",
    "profile_website": "website",
}
"""Where our fields stand in the documents of this face."""
_PATH: Final = "/teams"
_ONE: Final = "/teams/{id}"
TeamName = Annotated[str, Meta(min_length=1, max_length=255)]
Contacts = Annotated[list[Id], Meta(max_length=1000, description="Contacts.")]


class TeamListQuery(Query):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"
    q: Annotated[str, Meta(max_length=200, description="A part of the name.")] | UnsetType = UNSET
    location_id: Id | UnsetType = UNSET
    contact_id: Annotated[Id, Meta(description="This contact belongs to it.")] | UnsetType = UNSET


class Team(Struct, kw_only=True):
    """A group of contacts at a location; of those who belong to it you are told whom you may see."""

    id: int
    uid: str
    version: int
    name: str
    description: str | None
    website: str | None
    location_id: int
    member_ids: list[int]
    administrator_ids: list[int]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class TeamPatch(Body):
    """What to change about a team (RFC 7396): absent members stay, null clears.

    The contacts that are said replace those you may see; whom you may not see stays.
    """

    name: TeamName | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    website: Name | UnsetType | None = UNSET
    location_id: Id | UnsetType = UNSET
    member_ids: Contacts | UnsetType = UNSET
    administrator_ids: Contacts | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class TeamDraft(TeamPatch, kw_only=True):
    """A new team, at the portal's first location unless one is said."""

    name: TeamName


class TeamMembers(Body):
    """Contacts that come to a team and contacts that leave it; the others stay."""

    add: Contacts | UnsetType = UNSET
    remove: Contacts | UnsetType = UNSET
    add_administrators: Contacts | UnsetType = UNSET
    remove_administrators: Contacts | UnsetType = UNSET


class TeamRestore(Body):
    """Nothing needs to be said."""


def written(_: Rules, full: FullTeam) -> Team:
    """Return a team as it goes over the wire."""
    own = full.team
    return Team(
        id=own.id,
        uid=own.uid,
        version=own.version,
        name=own.name,
        description=own.description,
        website=own.profile_website,
        location_id=own.location_id,
        member_ids=[card.id for card in full.members],
        administrator_ids=[card.id for card in full.administrators],
        system_id=own.system_id,
        created_at=own.created_at,
        created_by=own.created_by,
        updated_at=own.updated_at,
        updated_by=own.updated_by,
    )


def change_of(said: TeamPatch) -> TeamChange:
    """Return the change that a patch means."""
    change = TeamChange()
    for name, field in (
        *((each, each) for each in ("name", "description", "location_id", "system_id")),
        *(("website", "profile_website"), ("member_ids", "members"), ("administrator_ids", "administrators")),
    ):
        value = getattr(said, name)
        setattr(change, field, UNSAID if value is UNSET else value)
    return change


def _criteria(query: TeamListQuery, _: Call) -> TeamCriteria:
    return TeamCriteria(
        name_part=None if query.q is UNSET else query.q,
        location_id=None if query.location_id is UNSET else query.location_id,
        member_id=None if query.contact_id is UNSET else query.contact_id,
    )


async def _read_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullTeam]:
    return [deeds.seen(full, actor) for full in await store.read_many(db, actor, ids)]


async def _read(db: Database, actor: Actor, team_id: int) -> FullTeam:
    return deeds.seen(await store.read(db, actor, team_id), actor)


_LIST: Final = Lister(
    name="teams",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=store.find_places,
    read_many=_read_many,
    total=store.total,
    written=written,
)
_SHELF: Final = Shelf(_PATH, written, deeds.get, _read)


async def list_teams(call: Call, query: TeamListQuery) -> Reply[Listing[Team]]:
    """List teams."""
    return await _LIST.page(call, query)


async def get_team(call: Call) -> Reply[Team]:
    """Get a team; its `ETag` is its version."""
    return await _SHELF.one(call)


async def create_team(call: Call, body: TeamDraft) -> Reply[Team]:
    """Create a team."""
    return _SHELF.made(call, await deeds.create(call.db, call.actor, change_of(body)))


async def change_team(call: Call, body: TeamPatch) -> Reply[Team]:
    """Change a team by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    change = change_of(body)
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v), body)


async def change_team_members(call: Call, body: TeamMembers) -> Reply[Team]:
    """Let contacts come to a team and leave it, as members or as administrators; all others stay as they are."""
    change = TeamChange(
        added_members=body.add or (),
        removed_members=body.remove or (),
        added_administrators=body.add_administrators or (),
        removed_administrators=body.remove_administrators or (),
    )
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, change, v))


async def delete_team(call: Call) -> Reply[None]:
    """Move a team to the trash; its contacts and deals stay."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def restore_team(call: Call, body: TeamRestore) -> Reply[Team]:
    """Take a team back from the trash with who belonged to it."""
    return _SHELF.told(call, await deeds.restore(call.db, call.actor, call.id))


ROUTES: Final = (
    Route("GET", _PATH, list_teams, right=deeds.LIST),
    Route("POST", _PATH, create_team, 201, right=deeds.CREATE, names=_NAMES),
    Route("GET", _ONE, get_team, right=deeds.READ, checked=True),
    Route("PATCH", _ONE, change_team, right=deeds.EDIT, guarded=True, names=_NAMES),
    Route("DELETE", _ONE, delete_team, 204, right=deeds.DELETE, guarded=True),
    Route("POST", f"{_ONE}/members", change_team_members, right=deeds.EDIT, guarded=True, names=_NAMES),
    Route("POST", f"{_ONE}/restore", restore_team, right=deeds.DELETE, bodiless=True),
)
