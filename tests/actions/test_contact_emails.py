"""One e-mail, one contact, where a deed asks for it; on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Invalid
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database, connect
from tests.actions.about_contacts import FIRST, person, problems
from tests.cast import Cast


async def test_of_fifty_who_want_an_email_at_once_one_gets_it(db: Database, cast: Cast) -> None:
    tries = [person(db, cast.mia, f"Ann {n}", email="Ann@example.com", email_is_unique=True) for n in range(50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Invalid)]
    assert len(refused) == 49
    assert all((one.problems[0].field, one.problems[0].code) == ("email", "duplicate") for one in refused)
    assert (await contacts.find(db, cast.mia, ContactCriteria(email="ann@EXAMPLE.com"), FIRST)).total == 1


async def test_two_servers_do_not_give_an_email_twice(db: Database, cast: Cast, database_url: str) -> None:
    other = await connect(database_url)
    try:
        tries = [
            person(server, cast.mia, email=f"{n % 5}@example.com", email_is_unique=True)
            for n in range(20)
            for server in (db, other)
        ]
        results = await asyncio.gather(*tries, return_exceptions=True)
    finally:
        await other.close()
    made = [result.contact.email for result in results if isinstance(result, FullContact)]
    assert sorted(str(email) for email in made) == [f"{n}@example.com" for n in range(5)]


async def test_an_email_is_free_again_when_its_contact_lets_go_of_it(db: Database, cast: Cast) -> None:
    own: dict[str, Any] = {"email": "a@example.com", "email_is_unique": True}
    first = await person(db, cast.mia, **own)
    assert (await contacts.change(db, cast.mia, first.contact.id, ContactChange(about="x", **own))).contact.version == 2
    await contacts.change(db, cast.mia, first.contact.id, ContactChange(email="b@example.com"))
    second = await person(db, cast.mia, **own)
    await contacts.delete(db, cast.mia, second.contact.id)
    third = await person(db, cast.mia, **own)
    with pytest.raises(Invalid) as caught:
        await contacts.change(db, cast.mia, first.contact.id, ContactChange(**own))
    assert problems(caught) == {("email", "duplicate")}
    assert third.contact.email == "a@example.com"


async def test_only_a_deed_that_says_so_wants_the_email_alone(db: Database, cast: Cast) -> None:
    await person(db, cast.mia, email="a@example.com", email_is_unique=True)
    twin = await person(db, cast.mia, email="a@example.com")
    same = ContactChange(email="a@example.com", about="x", email_is_unique=True)
    assert (await contacts.change(db, cast.mia, twin.contact.id, same)).contact.about == "x"
