"""Contacts are counted from what an index holds and what is hidden, and that is how many one can find."""

from __future__ import annotations

import asyncio

import pytest

from dealwright.actions import contacts
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Invalid
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder, find_ids, total_of
from dealwright.storage.contact_tallies import SUMMARY
from dealwright.storage.contact_totals import counted_ahead
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from tests.cast import Cast


async def fill(db: Database, cast: Cast) -> None:
    """Make open, read-only, private and trashed contacts, with and without tags."""
    for number in range(24):
        sharing = (Share.WRITE, Share.READ, Share.NOBODY)[number % 3]
        managers = [cast.noah.uid] if number % 12 == 11 else []
        tags = ["warm", "tall"][: 1 + number % 2]
        kind = {"is_company": True, "name": f"N{number}"} if number % 5 < 2 else {"first_name": f"N{number}"}
        said = ContactChange(**kind, sharing=sharing, managers=managers, tags=tags)
        made = await contacts.create(db, cast.olga, said)
        if number % 8 == 5:
            await contacts.delete(db, cast.olga, made.contact.id)


@pytest.mark.parametrize("tags", [None, ["warm"], ["tall"], ["warm", "tall"], ["cold"], "people", "companies", "n"])
async def test_as_many_are_counted_as_can_be_found(db: Database, cast: Cast, tags: list[str] | str | None) -> None:
    await fill(db, cast)
    criteria, counts = ContactCriteria(tags=None if isinstance(tags, str) else tags), list[int]()
    if isinstance(tags, str):
        criteria = ContactCriteria(text=tags) if tags == "n" else ContactCriteria(is_company=tags == "companies")
    for actor in (cast.olga, cast.mia, cast.noah):
        found = await find_ids(db, actor, criteria, Page(0, 500), ContactOrder.ID, descending=False)
        assert await total_of(db, actor, criteria) == len(found)
        counts.append(len(found))
    if tags != ["cold"]:
        assert counts[0] > counts[2] > counts[1] > 0


async def test_what_an_index_does_not_know_is_not_counted_ahead(db: Database, cast: Cast) -> None:
    for criteria in (ContactCriteria(tags=["warm", "tall"]), ContactCriteria(is_company=True, tags=["warm"])):
        given = criteria.given(db.is_postgres)
        assert await counted_ahead(db, cast.olga, criteria.shape, given) is None


async def kept(db: Database) -> dict[bool, int]:
    """What the tally and its deltas come to, those that are nothing apart."""
    both = (
        "SELECT is_company, contacts FROM contact_tally UNION ALL SELECT is_company, contacts FROM contact_tally_delta"
    )
    rows = await db.text(f"SELECT is_company, sum(contacts) FROM ({both}) AS t GROUP BY is_company")
    return {bool(row[0]): int(row[1]) for row in rows if row[1]}


async def true(db: Database) -> dict[bool, int]:
    rows = await db.text("SELECT is_company, count(*) FROM contact GROUP BY is_company")
    return {bool(row[0]): int(row[1]) for row in rows}


async def test_the_tally_follows_whatever_happens_to_contacts(db: Database, cast: Cast) -> None:
    await fill(db, cast)
    assert await kept(db) == await true(db)
    await SUMMARY.fold(db)
    assert not await SUMMARY.is_unfolded(db)
    turned = (await contacts.create(db, cast.olga, ContactChange(first_name="Zoe"))).contact.id
    await contacts.change(db, cast.olga, turned, ContactChange(is_company=True, name="Zoe & Co"))
    await contacts.change(db, cast.olga, turned, ContactChange(name="Zoe's"))
    await contacts.delete(db, cast.olga, turned)
    await asyncio.gather(
        *(contacts.create(db, cast.olga, ContactChange(first_name=f"M{one}")) for one in range(8)),
        *(SUMMARY.fold(db) for _ in range(3)),
    )
    assert await kept(db) == await true(db) == {True: 11, False: 22}
    with pytest.raises(Invalid):
        await contacts.create(db, cast.olga, ContactChange(first_name=""))
    assert await kept(db) == await true(db)
