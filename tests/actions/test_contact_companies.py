"""People and the companies they belong to, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import contacts, opportunities
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Invalid
from dealwright.storage.database import Database
from tests.actions.about_contacts import deal, firm, person, problems
from tests.cast import Cast


async def test_a_name_links_the_company_of_exactly_that_name(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia, "Bäckerei Groß")
    linked = await person(db, cast.mia, company_name="BACKEREI GROSS")
    loose = await person(db, cast.mia, company_name="Bäckerei")
    assert (linked.contact.company_id, linked.contact.company_name) == (company.contact.id, "Bäckerei Groß")
    assert (loose.contact.company_id, loose.contact.company_name) == (None, "Bäckerei")
    assert (await contacts.get(db, cast.mia, company.contact.id)).persons_count == 1


async def test_a_hidden_company_is_not_linked_by_its_name(db: Database, cast: Cast) -> None:
    await firm(db, cast.mia, "Secret", sharing=Share.NOBODY)
    assert (await person(db, cast.noah, company_name="Secret")).contact.company_id is None
    assert (await person(db, cast.mia, company_name="Secret")).contact.company_id is not None


async def test_a_person_leaves_and_joins_companies(db: Database, cast: Cast) -> None:
    first, second = await firm(db, cast.mia, "First"), await firm(db, cast.mia, "Second")
    ident = (await person(db, cast.mia, company_id=first.contact.id)).contact.id

    async def says(**values: Any) -> tuple[int | None, str | None]:
        after = await contacts.change(db, cast.mia, ident, ContactChange(**values))
        assert await contacts.get(db, cast.mia, ident) == after
        return after.contact.company_id, after.contact.company_name

    assert await says(company_name="FIRST") == (first.contact.id, "First")
    assert await says(company_name="second") == (second.contact.id, "Second")
    assert await says(company_id=None) == (None, None)
    assert await says(company_id=first.contact.id) == (first.contact.id, "First")
    assert await says(company_name="") == (None, None)


async def test_people_follow_the_new_name_of_their_company(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia, "Old")
    worker = await person(db, cast.mia, company_name="Old")
    ident = await deal(db, cast, contact_id=worker.contact.id)
    await contacts.change(db, cast.mia, company.contact.id, ContactChange(name="New"))
    seen = await contacts.get(db, cast.mia, worker.contact.id)
    assert (seen.contact.company_name, seen.contact.version) == ("New", 2)
    card = (await opportunities.get(db, cast.mia, ident)).contact
    assert card is not None
    assert card.company_name == "New"


async def test_a_company_with_people_stays_a_company(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia, "Ann Lee Ltd", company_name="Holding")
    assert (company.contact.company_id, company.contact.company_name) == (None, "Holding")
    worker = await person(db, cast.mia, company_id=company.contact.id)
    with pytest.raises(Invalid) as caught:
        await contacts.change(db, cast.mia, company.contact.id, ContactChange(is_company=False))
    assert problems(caught) == {("is_company", "in_use")}
    await contacts.change(db, cast.mia, worker.contact.id, ContactChange(company_id=None))
    after = await contacts.change(db, cast.mia, company.contact.id, ContactChange(is_company=False))
    assert (after.contact.first_name, after.contact.last_name, after.contact.name) == ("Ann Lee", "Ltd", "")


async def test_a_company_belongs_to_no_company(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    with pytest.raises(Invalid) as caught:
        await firm(db, cast.mia, "Other", company_id=company.contact.id)
    assert problems(caught) == {("company_id", "not_allowed")}
