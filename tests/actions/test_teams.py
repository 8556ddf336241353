"""Deeds on teams, on both databases: who belongs to them, what they keep, whom they refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dealwright.actions import contacts, opportunities, teams
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.opportunity import Change
from dealwright.domain.team import TeamChange
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from dealwright.storage.teams import FullTeam, TeamCriteria, TeamOrder
from tests.actions.about_contacts import deal, events, firm, person, problems
from tests.cast import Cast, hire, role


async def team(db: Database, actor: Actor, name: str = "Pilots", **values: Any) -> FullTeam:
    """Make a team."""
    return await teams.create(db, actor, TeamChange(name=name, **values))


def members(full: FullTeam) -> list[int]:
    """The ids of the members."""
    return [card.id for card in full.members]


async def names(db: Database, actor: Actor, order: TeamOrder = TeamOrder.NAME, **criteria: Any) -> list[str]:
    """The names of the teams that match."""
    found = await teams.find(db, actor, TeamCriteria(**criteria), Page(), order)
    assert found.total == len(found.rows)
    return [full.team.name for full in found.rows]


async def test_a_new_team_is_read_back_as_made(db: Database, cast: Cast) -> None:
    ann, acme = await person(db, cast.mia), await firm(db, cast.mia)
    made = await team(
        db,
        cast.mia,
        description="They fly",
        profile_website="x.lv",
        extra={"ShareTimePasses": True},
        members=[acme.contact.id, ann.contact.id],
        administrators=[ann.contact.id],
    )
    assert await teams.get(db, cast.noah, made.team.id) == made
    assert (made.members, made.administrators) == ((ann.brief, acme.brief), (ann.brief,))
    assert made.team.location_id == db.rules.location.id
    assert (await contacts.get(db, cast.mia, ann.contact.id)).teams == {made.team.id: "Pilots"}


async def test_deltas_add_to_and_take_from_what_is_there(db: Database, cast: Cast) -> None:
    one, two, three = [(await person(db, cast.mia)).contact.id for _ in range(3)]
    made = await team(db, cast.mia, members=[one, two], administrators=[two])
    said = TeamChange(added_members=[three], removed_members=[one, two], added_administrators=[three])
    after = await teams.change(db, cast.mia, made.team.id, said, version=1)
    assert (members(after), [card.id for card in after.administrators]) == ([three], [two, three])
    assert await teams.get(db, cast.mia, made.team.id) == after
    assert await teams.change(db, cast.mia, made.team.id, said) == after
    assert [kinds for kinds, *_ in await events(db, "team", made.team.id)] == ["team.created", "team.changed"]
    with pytest.raises(Outdated):
        await teams.change(db, cast.mia, made.team.id, TeamChange(name="x"), version=1)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"name": " "}, ("name", "required")),
        ({"name": "x" * 256}, ("name", "too_long")),
        ({"description": "\0"}, ("description", "format")),
        ({"extra": {"Skype": "\0"}}, ("extra", "format")),
        ({"location_id": 99999}, ("location_id", "unknown")),
        ({"members": [99999]}, ("members", "unknown")),
        ({"added_administrators": [99999]}, ("administrators", "unknown")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
async def test_what_cannot_be_kept_is_refused_by_name(
    db: Database, cast: Cast, values: dict[str, Any], problem: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        await teams.create(db, cast.mia, TeamChange(**{"name": "Pilots", **values}))
    assert problems(caught) == {problem}


async def test_a_member_out_of_sight_is_not_shown_and_not_lost(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia)).contact.id
    hidden = (await person(db, cast.mia, sharing=Share.NOBODY)).contact.id
    made = await team(db, cast.mia, members=[ann, hidden])
    assert members(await teams.get(db, cast.noah, made.team.id)) == [ann]
    after = await teams.change(db, cast.noah, made.team.id, TeamChange(name="New", members=[]))
    assert members(after) == []
    assert members(await teams.get(db, cast.mia, made.team.id)) == [hidden]
    with pytest.raises(Invalid):
        await team(db, cast.noah, "Other", members=[hidden])


async def test_a_deleted_contact_is_no_member_any_more(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia)).contact.id
    made = await team(db, cast.mia, members=[ann])
    await contacts.delete(db, cast.mia, ann)
    assert members(await teams.get(db, cast.mia, made.team.id)) == []


async def test_a_deleted_team_is_nowhere_and_its_deals_can_still_be_changed(db: Database, cast: Cast) -> None:
    ann = await person(db, cast.mia)
    made = await team(db, cast.mia, members=[ann.contact.id])
    on = await deal(db, cast, team_id=made.team.id)
    assert await teams.delete(db, cast.mia, made.team.id) == made
    for deed in (teams.get, teams.delete):
        with pytest.raises(NotFound):
            await deed(db, cast.olga, made.team.id)
    assert await names(db, cast.olga) == []
    assert (await contacts.get(db, cast.mia, ann.contact.id)).teams == {}
    after = await opportunities.change(db, cast.mia, on, Change(title="New", team_id=made.team.id))
    assert after.opportunity.title == "New"
    with pytest.raises(Invalid):
        await deal(db, cast, team_id=made.team.id)


async def test_each_verb_needs_its_right(db: Database, cast: Cast) -> None:
    cast.ids["una"] = await hire(db, "una", role_ids=[role(db, "Team-Read")])
    una, ident = cast.actor("una"), (await team(db, cast.mia)).team.id
    assert (await teams.get(db, una, ident)).team.name == "Pilots"
    refused = [
        teams.find(db, una, TeamCriteria(), Page()),
        team(db, una),
        teams.change(db, una, ident, TeamChange(name="x")),
        teams.delete(db, una, ident),
        teams.get(db, cast.gus, ident),
        teams.get_many(db, cast.rita, [ident]),
    ]
    for deed in refused:
        with pytest.raises(Forbidden):
            await deed


async def test_teams_are_found_by_name_member_and_place(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia)).contact.id
    bob = (await person(db, cast.mia)).contact.id
    first = await team(db, cast.mia, "Zürich", members=[ann])
    await team(db, cast.mia, "aarau", administrators=[ann], members=[bob])
    left = await team(db, cast.mia, "Bern", members=[ann])
    await teams.change(db, cast.mia, left.team.id, TeamChange(removed_members=[ann]))
    assert await names(db, cast.mia) == ["aarau", "Bern", "Zürich"]
    assert await names(db, cast.mia, TeamOrder.ID) == ["Zürich", "aarau", "Bern"]
    assert await names(db, cast.mia, name="ZURICH") == ["Zürich"]
    assert await names(db, cast.mia, name_part="RI") == ["Zürich"]
    assert await names(db, cast.mia, member_id=ann) == ["aarau", "Zürich"]
    assert await names(db, cast.mia, ids=[first.team.id, 99999]) == ["Zürich"]
    assert await names(db, cast.mia, location_id=99999) == []
    assert [full.team.name for full in await teams.get_many(db, cast.mia, [left.team.id, first.team.id])] == [
        "Bern",
        "Zürich",
    ]


async def test_of_many_who_join_at_once_none_is_lost(db: Database, cast: Cast) -> None:
    made = await team(db, cast.mia)
    ids = [(await person(db, cast.mia)).contact.id for _ in range(12)]
    await asyncio.gather(*(teams.change(db, cast.mia, made.team.id, TeamChange(added_members=[one])) for one in ids))
    after = await teams.get(db, cast.mia, made.team.id)
    assert (members(after), after.team.version) == (ids, 13)
