"""What a deleted contact takes along and what it leaves, on both databases."""

from __future__ import annotations

import pytest

from dealwright.actions import contacts, opportunities
from dealwright.domain.contact import Share
from dealwright.domain.errors import Invalid
from dealwright.storage.database import Database
from tests.actions.about_contacts import EVENTS, deal, events, firm, names_found, outcome, person
from tests.cast import Cast


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
    assert [full.contact.id for full in gone] == [mine.contact.id]
