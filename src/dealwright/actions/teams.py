"""Deeds on teams: read, find, create, change, delete, restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Invalid, Outdated, Problem
from dealwright.domain.team import TeamChange, changed, checked, differences
from dealwright.storage import teams as store
from dealwright.storage.database import Database
from dealwright.storage.query import Found, Page
from dealwright.storage.rules import Rules
from dealwright.storage.teams import FullTeam, Loaded, TeamCriteria, TeamOrder

READ, LIST = "Team-Read", "Team-List"
CREATE, EDIT, DELETE = "Team-Create", "Team-Edit", "Team-Delete"


async def get(db: Database, actor: Actor, team_id: int) -> FullTeam:
    """Return a team with those of its contacts this person may see. Refuses with Forbidden and NotFound."""
    actor.require(READ)
    return seen(await store.read(db, actor, team_id), actor)


async def get_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullTeam]:
    """Return the teams of these ids in the order of the ids; otherwise as `get`."""
    actor.require(READ)
    return [seen(full, actor) for full in await store.read_many(db, actor, ids)]


async def find(
    db: Database,
    actor: Actor,
    criteria: TeamCriteria,
    page: Page,
    order: TeamOrder = TeamOrder.NAME,
    descending: bool = False,
) -> Found[FullTeam]:
    """Return a page of the teams that match, and exactly how many there are."""
    actor.require(LIST)
    found = await store.find(db, actor, criteria, page, order, descending)
    return Found([seen(full, actor) for full in found.rows], found.total)


async def create(db: Database, actor: Actor, change: TeamChange) -> FullTeam:
    """Make a team from a change that names at least it, at the portal's first location unless one is named.

    Refuses with Forbidden and Invalid.
    """
    actor.require(CREATE)
    checked(change)

    async def deed(_: int) -> FullTeam:
        loaded = await store.prepare(db, actor, db.rules.location.id, _named(change))
        return await _create(db, actor, loaded, change, now())

    return await attempted(deed)


async def change(db: Database, actor: Actor, team_id: int, change: TeamChange, version: int | None = None) -> FullTeam:
    """Change a team and return it; contacts out of this person's sight stay in it.

    `version` is what the caller believes to be present (None: any). Refuses with Forbidden, NotFound, Invalid,
    Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(_: int) -> FullTeam:
        loaded = await store.load(db, actor, team_id, _named(change))
        _expect(loaded.full, version)
        return await _change(db, actor, loaded, change, now())

    async with db.turns.of("team", team_id):
        return await attempted(deed)


async def delete(db: Database, actor: Actor, team_id: int, version: int | None = None) -> FullTeam:
    """Move a team to the trash and return it as it was; its contacts and deals stay. Refuses as `change`."""
    actor.require(DELETE)

    async def deed(_: int) -> FullTeam:
        full = await store.read(db, actor, team_id)
        _expect(full, version)
        at, gone = now(), replace(full.team, updated_by=actor.id)
        event = happened(actor, at, "team", ["team.deleted"])
        await written(db, [store.trashed(gone, gone.version, at), recorded(event, team_id)], actor)
        return seen(full, actor)

    async with db.turns.of("team", team_id):
        return await attempted(deed)


async def restore(db: Database, actor: Actor, team_id: int) -> FullTeam:
    """Take a team back from the trash with its contacts and return it. Refuses with Forbidden, NotFound, Conflict."""
    actor.require(DELETE)

    async def deed(_: int) -> FullTeam:
        full = await store.read_trashed(db, actor, team_id)
        at, back = now(), replace(full.team, updated_by=actor.id)
        event = happened(actor, at, "team", ["team.restored"])
        await written(db, [store.returned(back, back.version, at), recorded(event, team_id)], actor)
        return seen(await store.read(db, actor, team_id), actor)

    async with db.turns.of("team", team_id):
        return await attempted(deed)


async def _create(db: Database, actor: Actor, loaded: Loaded, change: TeamChange, at: datetime) -> FullTeam:
    blank = replace(loaded.full.team, uid=new_uid(), created_at=at, created_by=actor.id, updated_by=actor.id)
    empty = FullTeam(blank)
    new = _after(db.rules, actor, replace(loaded, full=empty), change)
    new.team.updated_at = at
    facts = {**values_of(new.team, differences(blank, new.team)), **_links_of(new)}
    event = happened(actor, at, "team", ["team.created"], None, facts)
    writes = [store.inserted(new.team), *store.belonging(store.NEW, empty, new), recorded(event, store.NEW)]
    new.team.id = (await written(db, writes, actor))[store.NEW.name]
    return seen(new, actor)


async def _change(db: Database, actor: Actor, loaded: Loaded, change: TeamChange, at: datetime) -> FullTeam:
    old, new = loaded.full, _after(db.rules, actor, loaded, change)
    names, version = differences(old.team, new.team), old.team.version
    links = store.belonging(new.team.id, old, new)
    if not names and not links:
        return seen(old, actor)
    new.team.version, new.team.updated_at, new.team.updated_by = version + 1, at, actor.id
    before = {**values_of(old.team, names), **(_links_of(old) if links else {})}
    after = {**values_of(new.team, names), **(_links_of(new) if links else {})}
    event = happened(actor, at, "team", ["team.changed"], before, after)
    await written(db, [store.updated(new.team, names, version), *links, recorded(event, new.team.id)], actor)
    return seen(new, actor)


def _after(rules: Rules, actor: Actor, loaded: Loaded, change: TeamChange) -> FullTeam:
    """Return the team as it will be. Refuses with Invalid listing everything that is wrong."""
    after = changed(loaded.full.team, change)
    problems = []
    if not after.name:
        problems.append(Problem("name", "required", "is a required field", after.name))
    if after.location_id not in rules.locations:
        problems.append(Problem("location_id", "unknown", "is no location", after.location_id))
    full = loaded.full
    members, unknown = _group(actor, loaded, "members", full.members, change.members_after)
    leads, unknown_leads = _group(actor, loaded, "administrators", full.administrators, change.administrators_after)
    problems += [*unknown, *unknown_leads]
    if problems:
        raise Invalid(*problems)
    return FullTeam(after, members, leads)


def _group(
    actor: Actor, loaded: Loaded, name: str, present: Iterable[Brief], after: Callable[[Iterable[int]], set[int]]
) -> tuple[tuple[Brief, ...], list[Problem]]:
    """Return the cards of a group after a change, and what is wrong with those that would come."""
    known = {card.id: card for card in present}
    hidden = {one for one, card in known.items() if not card.seen_by(actor)}
    ids = after(set(known) - hidden) | hidden
    cards = known | {one: card for one, card in loaded.contacts.items() if card.seen_by(actor)}
    unknown = [Problem(name, "unknown", "is no contact", one) for one in sorted(ids - set(cards))]
    return tuple(cards[one] for one in sorted(ids & set(cards))), unknown


def _named(change: TeamChange) -> set[int]:
    return change.members_after(()) | change.administrators_after(())


def _expect(full: FullTeam, version: int | None) -> None:
    if version is not None and full.team.version != version:
        raise Outdated(f"the team is at version {full.team.version}, not {version}")


def seen(full: FullTeam, actor: Actor) -> FullTeam:
    """Return a team with those of its contacts that this person may see."""
    return replace(
        full,
        members=tuple(card for card in full.members if card.seen_by(actor)),
        administrators=tuple(card for card in full.administrators if card.seen_by(actor)),
    )


def _links_of(full: FullTeam) -> dict[str, list[int]]:
    groups = {"members": full.members, "administrators": full.administrators}
    return {name: [card.id for card in cards] for name, cards in groups.items()}
