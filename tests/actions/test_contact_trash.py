"""What a deleted contact takes along and what it leaves, on both databases."""

from __future__ import annotations

from typing import Any, Final

import pytest

from dealwright.actions import contacts, opportunities, tasks, teams
from dealwright.actions.deed import now
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Change
from dealwright.domain.task import TaskChange
from dealwright.domain.team import TeamChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Change as Write
from dealwright.storage.writes import Insert
from tests.actions.about_contacts import EVENTS, deal, events, firm, names_found, outcome, person, problems
from tests.cast import Cast

SAME: Final[dict[str, Any]] = dict.fromkeys(("created_at", "updated_at"), now())


async def test_deals_and_people_outlive_a_contact(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    worker = await person(db, cast.mia, company_id=company.contact.id)
    other = await firm(db, cast.mia, "Other")
    ident = company.contact.id
    primary = await deal(db, cast, contact_id=ident, members=[ident, other.contact.id])
    member = await deal(db, cast, contact_id=other.contact.id, members=[ident])
    untouched = await deal(db, cast, contact_id=other.contact.id)
    await contacts.delete(db, cast.mia, ident)
    first, second, third = [await opportunities.get(db, cast.mia, one) for one in (primary, member, untouched)]
    assert (first.opportunity.contact_id, first.contact, [brief.id for brief in first.members]) == (
        None,
        None,
        [other.contact.id],
    )
    assert (second.opportunity.contact_id, second.members) == (other.contact.id, ())
    assert [each.opportunity.version for each in (first, second, third)] == [2, 2, 1]
    assert first.opportunity.updated_by == cast.mia.id
    left = await contacts.get(db, cast.mia, worker.contact.id)
    assert (left.contact.company_id, left.company, left.contact.company_name, left.contact.version) == (
        None,
        None,
        "Acme",
        2,
    )


async def test_each_record_that_lost_a_contact_has_its_event_of_the_same_deed(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    ident = company.contact.id
    worker = await person(db, cast.mia, company_id=ident)
    primary, member = await deal(db, cast, contact_id=ident), await deal(db, cast, members=[ident])
    await contacts.delete(db, cast.mia, ident)
    assert (await events(db, "opportunity", primary))[1] == (
        "opportunity.changed",
        {"contact_id": ident},
        {"contact_id": None},
    )
    assert (await events(db, "opportunity", member))[1] == (
        "opportunity.unlinked",
        {"member_id": ident},
        {"member_id": None},
    )
    assert (await events(db, "contact", worker.contact.id))[1] == (
        "contact.changed",
        {"company_id": ident},
        {"company_id": None},
    )
    deeds = [row[0] for row in await db.rows(EVENTS)]
    assert len(set(deeds[-4:])) == 1
    assert deeds.count(deeds[-1]) == 4


async def test_a_deleted_contact_is_nowhere(db: Database, cast: Cast) -> None:
    made = await firm(db, cast.mia, "Acme", email="a@example.com")
    ident = made.contact.id
    before = await contacts.delete(db, cast.mia, ident)
    assert before == made
    for actor in (cast.mia, cast.olga):
        assert [await outcome(db, actor, verb, ident) for verb in ("see", "list", "edit", "delete")] == ["NotFound"] * 4
        assert await names_found(db, actor, text="acme") == []
        assert await names_found(db, actor, email="a@example.com") == []
    assert not await contacts.exists_for_anybody(db, ident)
    with pytest.raises(Invalid):
        await deal(db, cast, contact_id=ident)


async def test_deleting_many_passes_over_what_is_not_ones_own(db: Database, cast: Cast) -> None:
    mine = await firm(db, cast.mia)
    readable = await firm(db, cast.mia, sharing=Share.READ, managers=[cast.mia.uid])
    ids = [mine.contact.id, readable.contact.id, 99999, mine.contact.id]
    gone = await contacts.delete_many(db, cast.noah, ids)
    assert [full.contact.id for full in gone.shown] == [mine.contact.id]


async def test_a_contact_comes_back_with_all_that_let_go_of_it(db: Database, cast: Cast) -> None:
    team = (await teams.create(db, cast.mia, TeamChange(name="Desk"))).team.id
    company = await firm(db, cast.mia, email="a@example.com", teams=[team])
    ident = company.contact.id
    worker = (await person(db, cast.mia, company_id=ident)).contact.id
    other = (await firm(db, cast.mia, "Other")).contact.id
    primary, member, taken = [
        await deal(db, cast, contact_id=ident, members=[ident]),
        await deal(db, cast, contact_id=other, members=[other, ident]),
        await deal(db, cast, contact_id=ident),
    ]
    task = (await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=ident))).task.id
    await contacts.delete(db, cast.mia, ident)
    await opportunities.change(db, cast.mia, taken, Change(contact_id=other))
    back = await contacts.restore(db, cast.mia, ident)
    assert (back.contact.version, back.contact.email, back.teams, back.persons_count) == (
        3,
        "a@example.com",
        {team: "Desk"},
        1,
    )
    found = [(await opportunities.get(db, cast.mia, one)) for one in (primary, member, taken)]
    assert [each.opportunity.contact_id for each in found] == [ident, other, other]
    assert [[brief.id for brief in each.members] for each in found] == [[ident], sorted((other, ident)), []]
    assert [each.opportunity.version for each in found] == [3, 3, 3]
    assert (await contacts.get(db, cast.mia, worker)).contact.company_id == ident
    assert (await tasks.get(db, cast.mia, task)).task.contact_id == ident
    assert await names_found(db, cast.mia, text="acme") == ["Acme"]
    assert (await teams.get(db, cast.mia, team)).team.version == 4
    assert (await events(db, "contact", ident))[-1] == ("contact.restored", {}, {})
    assert (await events(db, "opportunity", primary))[-1] == (
        *("opportunity.changed", {"contact_id": None}),
        {"contact_id": ident},
    )
    assert (await events(db, "opportunity", member))[-1][0] == "opportunity.linked"
    with pytest.raises(NotFound):
        await contacts.restore(db, cast.mia, ident)


async def test_a_person_and_a_company_meet_again_in_whatever_order_they_come_back(db: Database, cast: Cast) -> None:
    for together in (True, False):
        for first in ("person", "company"):
            company = (await firm(db, cast.mia, "Gone")).contact.id
            worker = (await person(db, cast.mia, company_id=company)).contact.id
            if together:
                await contacts.delete_many(db, cast.mia, [company, worker])
            else:
                await contacts.delete(db, cast.mia, worker)
                await contacts.delete(db, cast.mia, company)
            await contacts.restore(db, cast.mia, worker if first == "person" else company)
            if first == "person":
                alone = (await contacts.get(db, cast.mia, worker)).contact
                assert (alone.company_id, alone.company_name) == (None, "Gone")
            await contacts.restore(db, cast.mia, company if first == "person" else worker)
            assert (await contacts.get(db, cast.mia, worker)).contact.company_id == company
            assert (await contacts.get(db, cast.mia, company)).persons_count == 1


async def test_only_who_may_change_a_contact_takes_it_back(db: Database, cast: Cast) -> None:
    hidden = (await firm(db, cast.mia, sharing=Share.NOBODY)).contact.id
    readable = (await firm(db, cast.mia, sharing=Share.READ)).contact.id
    await contacts.delete_many(db, cast.olga, [hidden, readable])
    with pytest.raises(NotFound):
        await contacts.restore(db, cast.noah, hidden)
    with pytest.raises(Forbidden):
        await contacts.restore(db, cast.noah, readable)
    assert (await contacts.restore(db, cast.mia, hidden)).contact.id == hidden


async def test_a_contact_that_an_invoice_names_stays(db: Database, cast: Cast) -> None:
    invoiced, free = (await firm(db, cast.mia)).contact.id, (await firm(db, cast.mia, "Free")).contact.id
    row = {
        "uid": "i",
        "number": "1",
        "number_fold": "1",
        "currency": "EUR",
        "contact_id": free,
        "consignee_id": invoiced,
    }
    times = dict.fromkeys(("created_at", "updated_at", "issued_at", "due_at"), 1)
    made = await db.apply([Insert(schema.invoice, {**row, **times}, made="invoice")])
    assert (await contacts.delete_many(db, cast.olga, [invoiced, free])).count == 0
    for one in (invoiced, free):
        with pytest.raises(Invalid) as caught:
            await contacts.delete(db, cast.olga, one)
        assert problems(caught) == {("contact", "in_use")}
    await db.apply([Write(schema.invoice, {"deleted_at": 2}, {"id": made["invoice"]})])
    assert (await contacts.delete_many(db, cast.olga, [invoiced, free])).count == 2


async def test_many_contacts_go_as_one_does(db: Database, cast: Cast) -> None:
    pairs = []
    for _ in range(2):
        company, mate = (await firm(db, cast.mia)).contact.id, (await firm(db, cast.mia, "Mate")).contact.id
        both = await deal(db, cast, members=[company, mate])
        primary = await deal(db, cast, contact_id=company, members=[mate])
        pairs.append((company, mate, both, primary))
    (one, _, first, second), (two, mate, third, fourth) = pairs
    await contacts.delete(db, cast.mia, one)
    done = await contacts.delete_many(db, cast.mia, [two, mate])
    assert (done.count, [full.contact.id for full in done.shown]) == (2, [two, mate])
    assert [kinds for kinds, _, _ in await events(db, "contact", two)] == ["contact.created", "contact.deleted"]
    assert (await events(db, "opportunity", first))[1][1] == {"member_id": one}
    assert (await events(db, "opportunity", third))[1][1]["member_ids"] in ([two, mate], [mate, two])
    assert (await events(db, "opportunity", second))[1][1:] == ({"contact_id": one}, {"contact_id": None})
    assert (await events(db, "opportunity", fourth))[1][1:] == ({"contact_id": two}, {"contact_id": None})
    assert len(await events(db, "opportunity", fourth)) == 2
    assert await names_found(db, cast.mia, text="acme") == []
    await contacts.restore(db, cast.mia, mate)
    assert [brief.id for brief in (await opportunities.get(db, cast.mia, fourth)).members] == [mate]
    assert (await opportunities.get(db, cast.mia, fourth)).opportunity.contact_id is None


async def test_many_contacts_are_shared_as_one_is(db: Database, cast: Cast) -> None:
    alone, other = (await firm(db, cast.mia)).contact.id, (await firm(db, cast.mia)).contact.id
    readable = (await firm(db, cast.carl, sharing=Share.READ)).contact.id
    noah = cast.noah.uid
    for number, managers in zip((0, 0, 0, 1, 2), ([noah], [], [], [], []), strict=True):
        sharing = Share(number)
        await contacts.change(db, cast.mia, alone, ContactChange(sharing=sharing, managers=managers))
        done = await contacts.share_many(db, cast.mia, [other, readable, 99999], sharing, managers)
        assert done.shown == [await contacts.get(db, cast.mia, other)]
    assert (await events(db, "contact", other))[1:] == (await events(db, "contact", alone))[1:]
    one, two = [await contacts.get(db, cast.mia, each) for each in (alone, other)]
    assert (one.contact.version, one.managers, one.contact.sharing) == (
        two.contact.version,
        two.managers,
        two.contact.sharing,
    )


async def test_deals_of_a_contact_in_the_trash_have_a_new_version(db: Database, cast: Cast) -> None:
    ident = (await firm(db, cast.mia)).contact.id
    trashed = await deal(db, cast, contact_id=ident)
    await opportunities.delete(db, cast.mia, trashed)
    await contacts.delete(db, cast.mia, ident)
    await contacts.restore(db, cast.mia, ident)
    back = await opportunities.restore(db, cast.mia, trashed)
    assert (back.opportunity.contact_id, back.opportunity.version) == (ident, 5)
