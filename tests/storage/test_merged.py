"""Writes of single records merged into a few: the same rows, found by the same words, with ids nobody else gets."""

from __future__ import annotations

import asyncio

import pytest

from dealwright.actions.contact_writes import decide_creation
from dealwright.actions.deed import now
from dealwright.domain.contact import ContactChange
from dealwright.domain.contact_info import Info
from dealwright.storage import contact_lists, contacts
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contacts import Wanted
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids, Merger, reserve
from dealwright.storage.query import Page, Query
from dealwright.storage.schema import event, tag
from dealwright.storage.writes import Change
from tests.cast import Cast, company


async def made(db: Database, cast: Cast, count: int) -> list[int]:
    merger = Merger(Ids(db))
    loaded = await contacts.prepare(db, cast.mia, Wanted())
    changes = [
        ContactChange(
            first_name="Ada",
            last_name=f"Number {place}",
            tags=["vip"] if not place else [],
            email=f"a{place}@x.example",
            firsts={(Info.PHONE, None): f"+49 {place}"},
        )
        for place in range(count)
    ]
    decided = [decide_creation(db.rules, cast.mia, loaded, change, now()) for change in changes]
    ids = await merger.add([decision.writes for decision in decided])
    await db.apply(merger.writes(), cast.mia.stamp)
    return [one["contact"] for one in ids]


async def test_merged_records_are_whole(db: Database) -> None:
    cast = await company(db)
    ids = await made(db, cast, 3)
    full = await contacts.read_many(db, cast.mia, ids)
    assert [one.contact.display_name for one in full] == ["Ada Number 0", "Ada Number 1", "Ada Number 2"]
    assert [one.contact.email for one in full] == ["a0@x.example", "a1@x.example", "a2@x.example"]
    assert [[info.data for info in one.infos if info.kind is Info.PHONE] for one in full] == [
        ["+49 0"],
        ["+49 1"],
        ["+49 2"],
    ]
    assert [one.tags for one in full] == [("vip",), (), ()]
    found = await contact_lists.find(db, cast.mia, ContactCriteria(text="numb 1"), Page(), ContactOrder.ID, False)
    assert [one.contact.id for one in found.rows] == ids[1:2]
    told = await db.rows(Query(event.select().where(event.c.subject == "contact")))
    assert len(told) == 3


async def test_nobody_else_gets_a_reserved_id(db: Database) -> None:
    cast = await company(db)
    first = await reserve(db, "tag", 3)
    both = await asyncio.gather(reserve(db, "tag", 2), reserve(db, "tag", 2))
    await made(db, cast, 1)
    vip = await db.rows(Query(tag.select().where(tag.c.title == "vip")))
    numbers = [*first, *both[0], *both[1], *(row[0] for row in vip)]
    assert len(set(numbers)) == len(numbers) == 8


async def test_what_is_no_creation_is_refused(db: Database) -> None:
    with pytest.raises(TypeError):
        await Merger(Ids(db)).add([[Change(tag, {"title": "x"}, {"id": 1})]])
