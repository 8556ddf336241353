"""Deeds on contacts: what they keep, what they write beside, what they refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import contacts, teams
from dealwright.actions.deed import now
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.custom_field import FieldType
from dealwright.domain.errors import Conflict, Invalid, Outdated
from dealwright.domain.team import TeamChange
from dealwright.domain.values import micros
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from dealwright.storage.writes import Insert
from tests.actions.about_contacts import events, firm, person, problems
from tests.cast import Cast

# What is kept --------------------------------------------------------------------------------------------------


async def test_a_new_person_is_read_back_as_made(db: Database, cast: Cast) -> None:
    made = await person(
        db,
        cast.mia,
        email="ann@example.com",
        job_title="Pilot",
        firsts={(Info.PHONE, 2): "+371 1", (Info.PHONE, 1): "+371 2"},
        address={"street": "Main 1", "city": "Rīga", "state": ""},
        tags=["VIP", "quiet"],
        extra={"Gender": 3, "TaxRate": None},
    )
    assert await contacts.get(db, cast.noah, made.contact.id) == made
    assert (made.contact.display_name, made.contact.email, made.tags) == (
        "Ann Lee",
        "ann@example.com",
        ("VIP", "quiet"),
    )
    kept = {(info.kind, info.category, info.data, info.is_primary) for info in made.infos}
    assert kept == {
        (Info.EMAIL, 1, "ann@example.com", True),
        (Info.PHONE, 2, "+371 1", True),
        (Info.PHONE, 1, "+371 2", False),
        (Info.ADDRESS, 0, '{"street": "Main 1", "city": "Rīga"}', True),
    }


async def test_a_change_is_read_back_and_counts_the_version(db: Database, cast: Cast) -> None:
    made = await firm(db, cast.mia, extra={"a": 1, "b": 2}, tags=["old", "kept"], firsts={(Info.WEBSITE, None): "x.lv"})
    said = ContactChange(
        name="Acme Ltd",
        about="Desks",
        extra={"b": 3},
        tags=["Kept", "new"],
        firsts={(Info.WEBSITE, None): None, (Info.SKYPE, None): "acme"},
    )
    after = await contacts.change(db, cast.noah, made.contact.id, said, version=1)
    assert await contacts.get(db, cast.mia, made.contact.id) == after
    assert (after.contact.version, after.contact.name, after.contact.extra) == (2, "Acme Ltd", {"a": 1, "b": 3})
    assert (after.tags, [info.data for info in after.infos]) == (("kept", "new"), ["acme"])


async def test_a_change_that_differs_in_nothing_writes_nothing(db: Database, cast: Cast) -> None:
    values: dict[str, Any] = {"email": "a@example.com", "tags": ["VIP"], "address": {"city": "Rīga"}, "extra": {"x": 1}}
    made = await person(db, cast.mia, **values)
    pieces = [ContactInfo(kind=Info.EMAIL, data="a@example.com", category=1, is_primary=True)]
    same = ContactChange(first_name="Ann", infos={Info.EMAIL: pieces}, **values)
    assert await contacts.change(db, cast.mia, made.contact.id, same) == made
    assert len(await events(db, "contact", made.contact.id)) == 1


async def test_an_outdated_version_is_refused(db: Database, cast: Cast) -> None:
    made = await person(db, cast.mia)
    await contacts.change(db, cast.mia, made.contact.id, ContactChange(about="x"), version=1)
    with pytest.raises(Outdated):
        await contacts.change(db, cast.mia, made.contact.id, ContactChange(about="y"), version=1)


async def test_every_deed_leaves_one_event_with_before_and_after(db: Database, cast: Cast) -> None:
    made = await person(db, cast.mia, email="a@example.com", tags=["Customer"])
    ident = made.contact.id
    await contacts.change(db, cast.noah, ident, ContactChange(last_name="Fox", tags=[], extra={"x": 1}))
    await contacts.delete(db, cast.mia, ident)
    created, changed, deleted = await events(db, "contact", ident)
    assert created[0] == "contact.created"
    assert {created[2][name] for name in ("display_name", "email")} == {"Ann Lee", "a@example.com"}
    assert changed[:2] == (
        "contact.changed",
        {"last_name": "Lee", "display_name": "Ann Lee", "tags": ["Customer"], "extra": {"x": None}},
    )
    assert changed[2] == {"last_name": "Fox", "display_name": "Ann Fox", "tags": None, "extra": {"x": 1}}
    assert deleted == ("contact.deleted", {}, {})


async def test_replacing_one_kind_leaves_the_others_and_keeps_known_pieces(db: Database, cast: Cast) -> None:
    made = await person(db, cast.mia, email="a@example.com", firsts={(Info.PHONE, 0): "1", (Info.PHONE, 3): "2"})
    first = next(info for info in made.infos if info.data == "1")
    wanted = [
        ContactInfo(id=first.id, kind=Info.PHONE, data="1a", category=4),
        ContactInfo(kind=Info.PHONE, data="3", is_primary=True),
        ContactInfo(kind=Info.PHONE, data="4", is_primary=True),
    ]
    after = await contacts.change(db, cast.mia, made.contact.id, ContactChange(infos={Info.PHONE: wanted}))
    phones = [info for info in after.infos if info.kind is Info.PHONE]
    assert [(info.data, info.category, info.is_primary) for info in phones] == [
        ("1a", 4, False),
        ("3", 0, True),
        ("4", 0, False),
    ]
    assert phones[0].id == first.id
    assert after.contact.email == "a@example.com"
    assert await contacts.get(db, cast.mia, made.contact.id) == after


async def test_without_a_primary_mail_the_contact_has_none(db: Database, cast: Cast) -> None:
    made = await person(db, cast.mia, email="a@example.com")
    pieces = [ContactInfo(kind=Info.EMAIL, data="a@example.com")]
    after = await contacts.change(db, cast.mia, made.contact.id, ContactChange(infos={Info.EMAIL: pieces}))
    assert (after.contact.email, len(after.infos)) == (None, 1)
    again = await contacts.change(db, cast.mia, made.contact.id, ContactChange(email="A@example.com"))
    assert (again.contact.email, len(again.infos)) == ("A@example.com", 1)


async def test_tags_are_the_same_whatever_their_case_and_made_once(db: Database, cast: Cast) -> None:
    made = await asyncio.gather(*(person(db, cast.mia, str(n), tags=["Fair 2026", "customer"]) for n in range(12)))
    assert {full.tags for full in made} == {("Customer", "Fair 2026")}
    more = await person(db, cast.mia, tags=["FAIR 2026"])
    assert more.tags == ("Fair 2026",)
    rows = await db.rows(Query(select(schema.tag.c.title).where(schema.tag.c.subject == "contact")))
    assert [row[0] for row in rows].count("Fair 2026") == 1


# What is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"first_name": " ", "last_name": ""}, ("first_name", "required")),
        ({"is_company": True, "name": " "}, ("name", "required")),
        ({"first_name": "A\0"}, ("first_name", "format")),
        ({"first_name": "A", "extra": {"x": "\ud800"}}, ("extra", "format")),
        ({"first_name": "A" * 256}, ("first_name", "too_long")),
        ({"first_name": "A", "email": "a" * 255}, ("email", "too_long")),
        ({"first_name": "A", "infos": {Info.PHONE: [ContactInfo(kind=Info.PHONE, data="")]}}, ("infos", "required")),
        ({"first_name": "A", "currency": "XXX"}, ("currency", "unknown")),
        ({"first_name": "A", "status_id": 99999}, ("status_id", "unknown")),
        ({"first_name": "A", "company_id": 99999}, ("company_id", "unknown")),
        ({"first_name": "A", "teams": [99999]}, ("teams", "unknown")),
        ({"first_name": "A", "custom": {99999: "x"}}, ("custom.99999", "unknown")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
async def test_what_cannot_be_kept_is_refused_by_name(
    db: Database, cast: Cast, values: dict[str, Any], problem: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        await contacts.create(db, cast.mia, ContactChange(**values))
    assert problems(caught) == {problem}


async def test_everything_wrong_is_named_at_once(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        await contacts.create(db, cast.mia, ContactChange(currency="XXX", status_id=99999))
    assert problems(caught) == {("first_name", "required"), ("currency", "unknown"), ("status_id", "unknown")}


async def field(db: Database, cast: Cast, subject: str, kind: FieldType) -> int:
    """Add a custom field and return its id."""
    at = micros(now())
    stamps = {"created_at": at, "updated_at": at, "uid": f"{subject}-{kind}"}
    row = {"subject": subject, "label": "Size", "type": int(kind), **stamps}
    made = await db.apply_rules([Insert(schema.custom_field, row, made="field")], db.rules.stamp)
    return made["field"]


async def test_a_custom_value_is_checked_unless_the_caller_says_otherwise(db: Database, cast: Cast) -> None:
    number, of_companies = (
        await field(db, cast, "contact", FieldType.INTEGER),
        await field(db, cast, "company", FieldType.TEXT),
    )
    with pytest.raises(Invalid) as caught:
        await person(db, cast.mia, custom={number: "many", of_companies: "x"})
    assert problems(caught) == {(f"custom.{number}", "type"), (f"custom.{of_companies}", "unknown")}
    made = await person(db, cast.mia, custom={number: "many", of_companies: "x"}, keeps_values=True)
    assert made.custom == {number: "many"}
    said = ContactChange(custom={number: "12"})
    assert (await contacts.change(db, cast.mia, made.contact.id, said)).custom == {number: "12"}
    said = ContactChange(custom={number: None})
    assert (await contacts.change(db, cast.mia, made.contact.id, said)).custom == {}


# Together ------------------------------------------------------------------------------------------------------


async def test_of_many_changes_at_once_none_is_lost(db: Database, cast: Cast) -> None:
    made = await firm(db, cast.mia)
    changes = [ContactChange(extra={f"member {n}": n}) for n in range(20)]
    await asyncio.gather(*(contacts.change(db, cast.mia, made.contact.id, one) for one in changes))
    after = await contacts.get(db, cast.mia, made.contact.id)
    assert after.contact.extra == {f"member {n}": n for n in range(20)}
    assert after.contact.version == 21


async def test_two_servers_keep_every_change_they_acknowledge(db: Database, cast: Cast, database_url: str) -> None:
    made = await firm(db, cast.mia)
    other = await connect(database_url)

    async def says(server: Database, n: int) -> int | None:
        try:
            await contacts.change(server, cast.mia, made.contact.id, ContactChange(extra={str(n): n}))
        except Conflict:
            return None
        return n

    try:
        kept = await asyncio.gather(*(says(server, n) for n, server in enumerate([db, other] * 8)))
    finally:
        await other.close()
    after = await contacts.get(db, cast.mia, made.contact.id)
    assert after.contact.extra == {str(n): n for n in kept if n is not None}
    assert after.contact.version == 1 + len(after.contact.extra)


async def test_a_contact_joins_and_leaves_teams(db: Database, cast: Cast) -> None:
    red = await teams.create(db, cast.mia, TeamChange(name="Red"))
    blue = await teams.create(db, cast.mia, TeamChange(name="Blue"))
    made = await person(db, cast.mia, teams=[red.team.id])
    assert made.teams == {red.team.id: "Red"}
    said = ContactChange(added_teams=[blue.team.id], removed_teams=[red.team.id])
    after = await contacts.change(db, cast.mia, made.contact.id, said)
    assert after.teams == {blue.team.id: "Blue"}
    assert await contacts.get(db, cast.mia, made.contact.id) == after
    assert (await teams.get(db, cast.mia, red.team.id)).team.version == 3
    assert [kinds for kinds, *_ in await events(db, "team", blue.team.id)] == ["team.created", "team.changed"]
