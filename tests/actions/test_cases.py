"""Deeds on cases, on both databases: what they keep, who sees them, what goes and comes back with them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import cases, contacts, custom_fields, people, tags, tasks, teams
from dealwright.domain.actor import Actor, Sight
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import Share
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.opportunity import Sharing
from dealwright.domain.people import UserChange
from dealwright.domain.task import TaskChange
from dealwright.domain.team import TeamChange
from dealwright.storage import schema
from dealwright.storage.case_lists import CaseCriteria, CaseOrder, find_places
from dealwright.storage.cases import FullCase
from dealwright.storage.database import Database
from dealwright.storage.query import Page, Query
from tests.actions.about_contacts import events, firm, person, problems
from tests.cast import Cast, hire, role

UNKNOWN = 999_999
MAILS = Query(select(schema.outbox.c.kind, schema.outbox.c.payload).order_by(schema.outbox.c.id))


async def case(db: Database, actor: Actor, title: str = "Keys", **values: Any) -> FullCase:
    """Make a case."""
    return await cases.create(db, actor, CaseChange(title=title, **values))


async def titles(db: Database, actor: Actor, order: CaseOrder = CaseOrder.TITLE, **said: Any) -> list[str]:
    """The titles of the cases that match."""
    turned = {name: said.pop(name) for name in ("descending", "open_first") if name in said}
    found = await cases.find(db, actor, CaseCriteria(**said), Page(), order, **turned)
    assert found.total == len(found.rows)
    return [full.case.title for full in found.rows]


async def field(db: Database, cast: Cast, subject: str = "case", kind: FieldType = FieldType.TEXT) -> int:
    """Make a custom field."""
    return (await custom_fields.create(db, cast.carl, FieldChange(subject=subject, label="Door", type=kind))).id


async def narrowed(db: Database, cast: Cast, sight: Sight) -> Actor:
    """Hire somebody who may do everything with the cases that this sight leaves."""
    rights = [role(db, f"Case-{verb}") for verb in ("List", "Read", "Create", "Edit", "Delete")]
    cast.ids["nina"] = await hire(db, "nina", role_ids=rights, sight=sight)
    return cast.actor("nina")


# Making and changing -----------------------------------------------------------------------------------------


async def test_a_new_case_is_read_back_as_made(db: Database, cast: Cast) -> None:
    number = await field(db, cast)
    company, ann = await firm(db, cast.mia), await person(db, cast.mia)
    hidden = await firm(db, cast.noah, "Hidden", sharing=Share.NOBODY, managers=[cast.noah.uid])
    members = [ann.contact.id, company.contact.id, hidden.contact.id, UNKNOWN, ann.contact.id]
    shared = Sharing(True, (cast.noah.uid,))
    made = await case(db, cast.mia, " Keys ", members=members, sharing=shared, custom={number: "red"}, system_id="k")
    assert await cases.get(db, cast.noah, made.case.id) == made
    assert (made.case.title, made.case.closed, made.case.private, made.case.version) == ("Keys", False, True, 1)
    assert made.members == (company.brief, ann.brief)
    assert made.shared_with == tuple(sorted((cast.mia.uid, cast.noah.uid)))
    assert (made.custom, made.case.created_by) == ({number: "red"}, cast.mia.id)
    ((kinds, before, after),) = await events(db, "case", made.case.id)
    assert (kinds, before, after["members"]) == ("case.created", {}, [company.contact.id, ann.contact.id])


async def test_a_change_says_what_it_changes_and_the_rest_stays(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    made = await case(db, cast.mia, members=[company.contact.id])
    said = CaseChange(title="Badges")
    after = await cases.change(db, cast.noah, made.case.id, said, version=1)
    assert await cases.get(db, cast.mia, made.case.id) == after
    assert (after.case.title, after.members, after.case.version) == ("Badges", made.members, 2)
    assert await cases.change(db, cast.noah, made.case.id, said) == after
    told = await events(db, "case", made.case.id)
    assert told[1:] == [("case.changed", {"title": "Keys"}, {"title": "Badges"})]
    with pytest.raises(Outdated):
        await cases.change(db, cast.mia, made.case.id, said, version=1)


async def test_closing_and_reopening_are_told_once(db: Database, cast: Cast) -> None:
    made = (await case(db, cast.mia)).case.id
    for _ in range(2):
        assert (await cases.close(db, cast.noah, made)).case.closed
    assert not (await cases.reopen(db, cast.mia, made)).case.closed
    assert [kinds for kinds, _, _ in await events(db, "case", made)] == [
        "case.created",
        "case.changed,case.closed",
        "case.changed,case.reopened",
    ]


async def test_a_case_without_a_title_is_refused(db: Database, cast: Cast) -> None:
    made = await case(db, cast.mia)
    with pytest.raises(Invalid) as caught:
        await case(db, cast.mia, " ")
    assert problems(caught) == {("title", "required")}
    with pytest.raises(Invalid):
        await cases.change(db, cast.mia, made.case.id, CaseChange(title=""))
    assert await titles(db, cast.olga) == ["Keys"]


async def test_contacts_join_and_leave_and_those_one_does_not_see_stay(db: Database, cast: Cast) -> None:
    hidden = await firm(db, cast.noah, "Hidden", sharing=Share.NOBODY, managers=[cast.noah.uid])
    ann = await person(db, cast.mia)
    made = (await case(db, cast.noah, members=[hidden.contact.id])).case.id
    joined = await cases.add_member(db, cast.mia, made, ann.contact.id)
    assert [brief.id for brief in joined.members] == [hidden.contact.id, ann.contact.id]
    assert await cases.add_member(db, cast.mia, made, ann.contact.id) == joined
    left = await cases.remove_member(db, cast.mia, made, ann.contact.id)
    assert [brief.id for brief in left.members] == [hidden.contact.id]
    for wrong in (hidden.contact.id, UNKNOWN):
        with pytest.raises(NotFound, match="contact"):
            await cases.remove_member(db, cast.mia, made, wrong)
    kinds = [kinds for kinds, _, _ in await events(db, "case", made)]
    assert kinds[1:] == ["case.changed,case.linked", "case.changed,case.unlinked"]


async def test_two_who_add_contacts_at_once_both_succeed(db: Database, cast: Cast) -> None:
    people = [(await person(db, cast.mia, name)).contact.id for name in ("Ann", "Bob", "Cem", "Dan")]
    made = (await case(db, cast.mia)).case.id
    await asyncio.gather(*(cases.add_member(db, cast.noah, made, one) for one in people))
    found = await cases.get(db, cast.mia, made)
    assert ([brief.id for brief in found.members], found.case.version) == (people, 5)


# Who sees and shares -----------------------------------------------------------------------------------------


async def test_a_private_case_is_there_for_those_it_is_shared_with_alone(db: Database, cast: Cast) -> None:
    made = (await case(db, cast.mia, sharing=Sharing(True, (cast.noah.uid,)))).case.id
    cast.ids["nina"] = await hire(db, "nina")
    for actor in (cast.noah, cast.carl, cast.mia):
        assert (await cases.get(db, actor, made)).case.private
        assert await titles(db, actor, text="key") == ["Keys"]
    for deed in (cases.get, cases.close, cases.delete):
        with pytest.raises(NotFound, match="case"):
            await deed(db, cast.actor("nina"), made)
    assert await titles(db, cast.actor("nina"), text="key") == []
    await cases.share(db, cast.carl, made, Sharing(True, (cast.noah.uid,)))
    with pytest.raises(NotFound):
        await cases.get(db, cast.mia, made)


async def test_administrators_and_the_maker_share_and_nobody_else(db: Database, cast: Cast) -> None:
    made, other = (await case(db, cast.mia)).case.id, (await case(db, cast.noah, "Other")).case.id
    wish = Sharing(True, (cast.noah.uid,))
    with pytest.raises(Forbidden):
        await cases.share(db, cast.noah, made, wish)
    unshared = await cases.change(db, cast.noah, made, CaseChange(title="Badges", sharing=wish))
    assert (unshared.case.title, unshared.case.private) == ("Badges", False)
    assert (await cases.share(db, cast.mia, made, wish)).shared_with == tuple(sorted((cast.mia.uid, cast.noah.uid)))
    assert not (await cases.share(db, cast.carl, made, Sharing(True))).case.private
    shared = await cases.share_many(db, cast.noah, [made, other, UNKNOWN, other], wish)
    assert [full.case.id for full in shared.shown] == [other]
    kinds = [kinds for kinds, _, _ in await events(db, "case", made)]
    assert kinds[-2:] == ["case.changed,case.shared"] * 2


async def test_the_people_a_case_is_shared_with_are_told_when_asked_for(db: Database, cast: Cast) -> None:
    shared = Sharing(True, (cast.noah.uid, cast.mia.uid))
    made = await case(db, cast.mia, sharing=shared, notify=True)
    await case(db, cast.mia, "Public", notify=True)
    await cases.change(db, cast.noah, made.case.id, CaseChange(title="Badges", sharing=shared, notify=True))
    ((kind, payload),) = await db.rows(MAILS)
    facts = {"title": "Keys", "uid": made.case.uid, "by": cast.mia.name, "to_uid": cast.noah.uid}
    assert (kind, json.loads(payload)) == ("mail.case_shared", facts)


async def test_who_sees_the_own_alone_sees_no_other_cases(db: Database, cast: Cast) -> None:
    nina = await narrowed(db, cast, Sight.OWN)
    await case(db, cast.mia)
    await case(db, nina, "Mine")
    assert await titles(db, nina) == ["Mine"]


async def test_who_sees_a_team_alone_sees_what_its_people_made(db: Database, cast: Cast) -> None:
    await narrowed(db, cast, Sight.TEAM)
    await case(db, cast.mia, "Of a mate")
    await case(db, cast.noah, "Of another")
    team = (await teams.create(db, cast.olga, TeamChange(name="Sales", location_id=db.rules.location.id))).team.id
    for name in ("nina", "mia"):
        await people.change_user(db, None, cast.ids[name], UserChange(team_ids=[team]))
    assert await titles(db, cast.actor("nina")) == ["Of a mate"]


async def test_every_deed_needs_its_right(db: Database, cast: Cast) -> None:
    made = (await case(db, cast.mia)).case.id
    for deed in (cases.get, cases.close, cases.reopen, cases.delete, cases.restore):
        with pytest.raises(Forbidden):
            await deed(db, cast.rita, made)
    with pytest.raises(Forbidden):
        await case(db, cast.rita)
    with pytest.raises(Forbidden):
        await titles(db, cast.rita)


# Finding -----------------------------------------------------------------------------------------------------


async def test_cases_are_found_by_every_criterion(db: Database, cast: Cast) -> None:
    ann = await person(db, cast.mia)
    keys = await case(db, cast.mia, "Schlüssel: Büro-Keys", members=[ann.contact.id])
    closed = (await case(db, cast.mia, "Alarm")).case.id
    await cases.close(db, cast.mia, closed)
    await tags.add(db, cast.mia, "case", keys.case.id, "Vip")
    for said, found in (
        ({"text": "SCHLUSS buro"}, [keys.case.title]),
        ({"text": "uro"}, []),
        ({"text": "!?"}, []),
        ({"title_words": ["uro", "key"]}, [keys.case.title]),
        ({"title_part": "Büro-K"}, [keys.case.title]),
        ({"title_part": "büro-k"}, []),
        ({"contact_id": ann.contact.id}, [keys.case.title]),
        ({"tags": ["vip"]}, [keys.case.title]),
        ({"tags": ["vip", "other"]}, []),
        ({"closed": True}, ["Alarm"]),
        ({"closed": False}, [keys.case.title]),
        ({"ids": [closed]}, ["Alarm"]),
        ({"contact_id": ann.contact.id, "closed": True}, []),
    ):
        assert await titles(db, cast.noah, **said) == found, said


async def test_a_renamed_case_is_found_by_its_new_title_alone(db: Database, cast: Cast) -> None:
    made = (await case(db, cast.mia)).case.id
    await cases.change(db, cast.mia, made, CaseChange(title="Badges"))
    assert (await titles(db, cast.mia, text="badg"), await titles(db, cast.mia, text="keys")) == (["Badges"], [])


async def test_cases_come_in_every_order_and_open_ones_first_when_asked(db: Database, cast: Cast) -> None:
    for actor, title in ((cast.noah, "b"), (cast.mia, "Ä"), (cast.mia, "c")):
        await case(db, actor, title)
    await cases.close(db, cast.mia, 1)
    assert await titles(db, cast.olga) == ["Ä", "b", "c"]
    assert await titles(db, cast.olga, open_first=True) == ["Ä", "c", "b"]
    assert await titles(db, cast.olga, CaseOrder.CREATED, descending=True) == ["c", "Ä", "b"]
    assert await titles(db, cast.olga, CaseOrder.CREATED, descending=True, open_first=True) == ["c", "Ä", "b"]
    assert await titles(db, cast.olga, CaseOrder.CREATOR) == ["Ä", "c", "b"]
    assert await titles(db, cast.olga, CaseOrder.ID) == ["b", "Ä", "c"]


async def test_the_total_counts_what_a_page_leaves_out(db: Database, cast: Cast) -> None:
    for title in "abcde":
        await case(db, cast.mia, title)
    found = await cases.find(db, cast.mia, CaseCriteria(), Page(1, 2))
    assert ([full.case.title for full in found.rows], found.total) == (["b", "c"], 5)


@pytest.mark.parametrize("by", [CaseOrder.ID, CaseOrder.TITLE, CaseOrder.CREATED])
@pytest.mark.parametrize("descending", [False, True])
async def test_keyset_pages_walk_over_every_case_once(
    db: Database, cast: Cast, by: CaseOrder, descending: bool
) -> None:
    for title in "abcab":
        await case(db, cast.mia, title)
    walked: list[Any] = []
    place = None
    while places := await find_places(db, cast.mia, CaseCriteria(), by, descending, place, 2):
        walked += places
        place = places[-1]
    assert walked == sorted(walked, reverse=descending)
    assert len({found[-1] for found in walked}) == len(walked) == 5


# What hangs on a case ----------------------------------------------------------------------------------------


async def test_a_task_on_a_case_is_seen_by_who_sees_the_case(db: Database, cast: Cast) -> None:
    cast.ids["nina"] = await hire(db, "nina")
    made = (await case(db, cast.mia, sharing=Sharing(True, (cast.noah.uid,)))).case.id
    task = await tasks.create(db, cast.mia, TaskChange(title="Ring", case_id=made))
    assert (task.task.case_id, task.case_title) == (made, "Keys")
    assert await tasks.get(db, cast.noah, task.task.id) == task
    with pytest.raises(NotFound):
        await tasks.get(db, cast.actor("nina"), task.task.id)
    with pytest.raises(Invalid) as caught:
        await tasks.create(db, cast.actor("nina"), TaskChange(title="Ring", case_id=made))
    assert problems(caught) == {("case_id", "unknown")}
    await cases.share(db, cast.carl, made, Sharing(True, (cast.noah.uid,)))
    assert (await tasks.get(db, cast.mia, task.task.id)).case_title is None
    moved = await tasks.change(db, cast.mia, task.task.id, TaskChange(case_id=None))
    assert (moved.task.case_id, moved.case_title) == (None, None)


async def test_a_case_goes_and_comes_back_with_its_tasks_and_notes(db: Database, cast: Cast) -> None:
    made = await case(db, cast.mia, members=[(await firm(db, cast.mia)).contact.id])
    ident = made.case.id
    kept = (await tasks.create(db, cast.mia, TaskChange(title="Ring", case_id=ident))).task.id
    gone = (await tasks.create(db, cast.mia, TaskChange(title="Old", case_id=ident))).task.id
    await tasks.delete(db, cast.mia, gone)
    assert await cases.delete(db, cast.noah, ident, version=1) == made
    for missing in (cases.get(db, cast.olga, ident), tasks.get(db, cast.mia, kept), cases.delete(db, cast.mia, ident)):
        with pytest.raises(NotFound):
            await missing
    assert await titles(db, cast.olga, text="keys") == []
    back = await cases.restore(db, cast.mia, ident)
    assert (back.members, back.case.version) == (made.members, 3)
    assert await cases.get(db, cast.noah, ident) == back
    assert await titles(db, cast.noah, text="keys") == ["Keys"]
    assert (await tasks.get(db, cast.mia, kept)).case_title == "Keys"
    with pytest.raises(NotFound):
        await tasks.get(db, cast.mia, gone)
    with pytest.raises(NotFound):
        await cases.restore(db, cast.mia, ident)
    assert [kinds for kinds, _, _ in await events(db, "case", ident)][1:] == ["case.deleted", "case.restored"]


async def test_several_are_deleted_at_once_and_those_one_does_not_see_stay(db: Database, cast: Cast) -> None:
    mine, hidden = (await case(db, cast.mia)).case.id, await case(db, cast.noah, sharing=Sharing(True, ("x",)))
    gone = await cases.delete_many(db, cast.mia, [mine, hidden.case.id, UNKNOWN, mine])
    assert (gone.count, [full.case.id for full in gone.shown]) == (1, [mine])
    assert await titles(db, cast.olga) == ["Keys"]
    assert (await cases.delete_many(db, cast.mia, [])).shown == []


async def test_many_go_and_are_shared_as_one_is(db: Database, cast: Cast) -> None:
    one, other = [(await case(db, cast.mia)).case.id for _ in range(2)]
    for wish in (Sharing(True, (cast.noah.uid,)), Sharing(True, (cast.carl.uid,)), Sharing()):
        await cases.share(db, cast.mia, one, wish)
        (shared,) = (await cases.share_many(db, cast.mia, [other], wish)).shown
        assert shared.shared_with == (await cases.get(db, cast.mia, one)).shared_with
    task = (await tasks.create(db, cast.mia, TaskChange(title="Ring", case_id=other))).task.id
    await cases.delete(db, cast.mia, one)
    await cases.delete_many(db, cast.mia, [other])
    assert (await events(db, "case", other))[1:] == (await events(db, "case", one))[1:]
    with pytest.raises(NotFound):
        await tasks.get(db, cast.mia, task)
    backs = [await cases.restore(db, cast.mia, ident) for ident in (one, other)]
    assert [full.case.version for full in backs] == [6, 6]
    assert (await tasks.get(db, cast.mia, task)).case_title == "Keys"
    assert await titles(db, cast.mia, text="keys") == ["Keys"] * 2


async def test_a_contact_that_is_deleted_leaves_its_cases(db: Database, cast: Cast) -> None:
    company, ann = await firm(db, cast.mia), await person(db, cast.mia)
    made = (await case(db, cast.mia, members=[company.contact.id, ann.contact.id])).case.id
    other = await case(db, cast.mia, "Other", members=[ann.contact.id])
    await contacts.delete(db, cast.mia, company.contact.id)
    found = await cases.get(db, cast.mia, made)
    assert ([brief.id for brief in found.members], found.case.version) == ([ann.contact.id], 2)
    assert (await events(db, "case", made))[1:] == [
        ("case.unlinked", {"member_id": company.contact.id}, {"member_id": None})
    ]
    assert await cases.get(db, cast.mia, other.case.id) == other


async def test_tags_are_put_on_cases_and_taken_off_with_events(db: Database, cast: Cast) -> None:
    made = (await case(db, cast.mia)).case.id
    for _ in range(2):
        await tags.add(db, cast.noah, "case", made, "Vip")
    found = await cases.get(db, cast.mia, made)
    assert (found.tags, found.case.version) == (("Vip",), 2)
    assert [(tag.title, tag.uses) for tag in await tags.read_all(db, cast.mia, "case")] == [("Vip", 1)]
    await tags.remove(db, cast.noah, "case", made, "VIP")
    assert (await cases.get(db, cast.mia, made)).tags == ()
    kinds = [kinds for kinds, _, _ in await events(db, "case", made)]
    assert kinds[1:] == ["case.changed,case.tagged", "case.changed,case.untagged"]
    await tags.add(db, cast.noah, "case", made, "Vip")
    await tags.delete(db, cast.noah, "case", "Vip")
    gone = await cases.get(db, cast.mia, made)
    assert (gone.tags, gone.case.version) == ((), 5)


async def test_custom_values_of_cases_are_checked_counted_and_go_with_their_field(db: Database, cast: Cast) -> None:
    number, foreign = await field(db, cast, kind=FieldType.INTEGER), await field(db, cast, "opportunity")
    made = (await case(db, cast.mia)).case.id
    for wrong in ({number: "many"}, {foreign: "1"}):
        with pytest.raises(Invalid):
            await cases.change(db, cast.mia, made, CaseChange(custom=wrong))
    await custom_fields.set_value(db, cast.noah, "case", made, number, "7")
    assert (await cases.get(db, cast.mia, made)).custom == {number: "7"}
    assert await custom_fields.usage(db, "case") == {number: 1}
    with pytest.raises(NotFound):
        await custom_fields.set_value(db, cast.noah, "case", made, foreign, "7")
    await custom_fields.delete(db, cast.carl, number)
    found = await cases.get(db, cast.actor("mia"), made)
    assert (found.custom, found.case.version) == ({}, 3)
