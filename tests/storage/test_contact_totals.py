"""Contacts are counted from what an index holds and what is hidden, and that is how many one can find."""

from __future__ import annotations

import pytest

from dealwright.actions import contacts
from dealwright.domain.contact import ContactChange, Share
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder, find_ids, total_of
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
        said = ContactChange(first_name=f"N{number}", sharing=sharing, managers=managers, tags=tags)
        made = await contacts.create(db, cast.olga, said)
        if number % 8 == 5:
            await contacts.delete(db, cast.olga, made.contact.id)


@pytest.mark.parametrize("tags", [None, ["warm"], ["tall"], ["warm", "tall"], ["cold"]])
async def test_as_many_are_counted_as_can_be_found(db: Database, cast: Cast, tags: list[str] | None) -> None:
    await fill(db, cast)
    criteria, counts = ContactCriteria(tags=tags), list[int]()
    for actor in (cast.olga, cast.mia, cast.noah):
        found = await find_ids(db, actor, criteria, Page(0, 500), ContactOrder.ID, descending=False)
        assert await total_of(db, actor, criteria) == len(found)
        counts.append(len(found))
    if tags != ["cold"]:
        assert counts[0] > counts[2] > counts[1] > 0


async def test_what_an_index_does_not_know_is_not_counted_ahead(db: Database, cast: Cast) -> None:
    for criteria in (ContactCriteria(tags=["warm", "tall"]), ContactCriteria(is_company=True)):
        given = criteria.given(db.is_postgres)
        assert await counted_ahead(db, cast.olga, criteria.shape, given) is None
