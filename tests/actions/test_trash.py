"""Tasks and teams come back from the trash, on both databases."""

from __future__ import annotations

import pytest

from dealwright.actions import contacts, opportunities, tasks, teams
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.task import TaskChange
from dealwright.domain.team import TeamChange
from dealwright.storage.database import Database
from tests.actions.about_contacts import deal, events, firm, problems
from tests.cast import Cast


async def test_a_task_comes_back_to_what_it_belonged_to(db: Database, cast: Cast) -> None:
    ident = (await firm(db, cast.mia)).contact.id
    task = (await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=ident))).task.id
    with pytest.raises(NotFound):
        await tasks.restore(db, cast.mia, task)
    await tasks.delete(db, cast.mia, task)
    with pytest.raises(Forbidden):
        await tasks.restore(db, cast.noah, task)
    back = await tasks.restore(db, cast.mia, task)
    assert (back.task.version, back.task.contact_id) == (3, ident)
    assert [kinds for kinds, _, _ in await events(db, "task", task)] == [
        "task.created",
        "task.deleted",
        "task.restored",
    ]
    with pytest.raises(NotFound):
        await tasks.restore(db, cast.mia, task)


async def test_a_task_does_not_come_back_without_what_it_belongs_to(db: Database, cast: Cast) -> None:
    company, sale = (await firm(db, cast.mia)).contact.id, await deal(db, cast)
    of_contact = (await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=company))).task.id
    of_deal = (await tasks.create(db, cast.mia, TaskChange(title="Call", opportunity_id=sale))).task.id
    for task in (of_contact, of_deal):
        await tasks.delete(db, cast.mia, task)
    await contacts.delete(db, cast.mia, company)
    await opportunities.delete(db, cast.mia, sale)
    for task in (of_contact, of_deal):
        with pytest.raises(Invalid) as caught:
            await tasks.restore(db, cast.mia, task)
        assert problems(caught) == {("task", "not_allowed")}
    await contacts.restore(db, cast.mia, company)
    await opportunities.restore(db, cast.mia, sale)
    assert (await tasks.restore(db, cast.mia, of_contact)).task.contact_id == company
    assert (await tasks.restore(db, cast.mia, of_deal)).task.opportunity_id == sale


async def test_a_team_comes_back_with_who_belongs_to_it(db: Database, cast: Cast) -> None:
    ident = (await firm(db, cast.mia)).contact.id
    team = (await teams.create(db, cast.mia, TeamChange(name="Desk", members=[ident]))).team.id
    with pytest.raises(NotFound):
        await teams.restore(db, cast.mia, team)
    await teams.delete(db, cast.mia, team)
    assert (await contacts.get(db, cast.mia, ident)).teams == {}
    with pytest.raises(Forbidden):
        await teams.restore(db, cast.rita, team)
    back = await teams.restore(db, cast.mia, team)
    assert (back.team.version, [brief.id for brief in back.members]) == (3, [ident])
    assert (await contacts.get(db, cast.mia, ident)).teams == {team: "Desk"}
    assert (await events(db, "team", team))[-1] == ("team.restored", {}, {})
