"""Importing tables: what becomes of good rows, bad ones, known ones and hostile ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import contacts, custom_fields, files, imports, opportunities, work
from dealwright.actions.work_runs import Run, Works
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import Info, address_of
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.importing import Duplicates, Order
from dealwright.domain.opportunity import Change
from dealwright.domain.table import Dialect
from dealwright.domain.work import State, Work
from dealwright.storage import case_lists, contact_lists, opportunity_lists, task_lists
from dealwright.storage.case_lists import CaseCriteria, CaseOrder
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.query import Page, Query
from dealwright.storage.schema import event
from dealwright.storage.task_lists import TaskCriteria, TaskOrder
from tests.cast import Cast
from tests.support.waiting import until

MANY = Page(limit=5000)


def places(*names: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return tuple((name, tuple(where)) for name, where in found.items())


PEOPLE = places("first_name", "last_name", "company_name", "email")


async def stored(db: Database, actor: Actor, table: str | bytes) -> int:
    return await imports.upload(db, actor, "table.csv", table.encode() if isinstance(table, str) else table)


async def begun(db: Database, actor: Actor, table: str | bytes, **said: Any) -> Work:
    order = Order(**{"subject": "contact", "columns": PEOPLE, **said})
    return await imports.start(db, actor, order, await stored(db, actor, table))


@asynccontextmanager
async def working(db: Database, worker: Any = None) -> AsyncIterator[Works]:
    works = Works(db, dict.fromkeys(imports.KINDS, worker or imports.worker()), "here")
    yield works
    await works.stop()


async def done(db: Database, actor: Actor, table: str | bytes, **said: Any) -> Work:
    started = await begun(db, actor, table, **said)
    return await finished(db, actor, started.id)


async def finished(db: Database, actor: Actor, ident: int) -> Work:
    async with working(db) as works:
        deadline = asyncio.get_running_loop().time() + 60
        while not (found := await work.status(db, actor, ident)).is_finished:
            assert asyncio.get_running_loop().time() < deadline
            if await works.is_due():
                await works.take()
            await asyncio.sleep(0.01)
    return found


async def people(db: Database, actor: Actor) -> dict[str, FullContact]:
    found = await contact_lists.find(db, actor, ContactCriteria(), MANY, ContactOrder.ID, False)
    assert len({one.contact.display_name for one in found.rows}) == found.total
    return {one.contact.display_name: one for one in found.rows}


async def names(db: Database, actor: Actor) -> list[str]:
    found = await contact_lists.find(db, actor, ContactCriteria(), MANY, ContactOrder.ID, False)
    return sorted(one.contact.display_name for one in found.rows)


async def deals(db: Database, actor: Actor) -> list[Deal]:
    return await opportunity_lists.find(db, actor, Criteria(), opportunity_lists.Order.ID, False, MANY)


async def wrong(db: Database, actor: Actor, ended: Work) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.code) for one in await work.problems(db, actor, ended.id, MANY)]


async def test_people_and_companies_come_with_all_that_a_row_says(db: Database, cast: Cast) -> None:
    columns = places(
        *("first_name", "last_name", "company_name", "job_title", "email", "info.email.0", "info.phone.1", "tag"),
        *("info.address.1.city", "info.address.1.zip", "about"),
    )
    table = (
        "f,l,c,j,e,e2,p,t,city,zip,a\n"
        'Ada,Lovelace,Engines,Analyst,ada@x.example,ada@home.example,+44 1,"red, blue",London,W1,first\n'
        ",,Engines,,info@engines.example,,,,,,\n"
    )
    ended = await done(db, cast.mia, table, columns=columns, tags=("fair",), managers=(cast.noah.uid,))
    assert (ended.state, ended.done, ended.failed, ended.total) == (State.DONE, 2, 0, 2)
    found = await people(db, cast.mia)
    ada, engines = found["Ada Lovelace"], found["Engines"]
    assert len(found) == 2
    assert engines.contact.is_company
    assert ada.contact.company_id == engines.contact.id
    assert (ada.contact.job_title, ada.contact.about, ada.contact.email) == ("Analyst", "first", "ada@x.example")
    assert set(ada.tags) == {"red", "blue", "fair"}
    assert engines.tags == ("fair",)
    assert address_of(ada.infos) == {"city": "London", "zip": "W1"}
    assert [(one.data, one.is_primary) for one in ada.infos if one.kind is Info.EMAIL] == [
        ("ada@x.example", True),
        ("ada@home.example", False),
    ]
    assert ada.managers == (cast.noah.uid,)
    assert ada.contact.created_by == cast.mia.id


async def test_every_new_record_has_its_event_in_its_own_name(db: Database, cast: Cast) -> None:
    await done(db, cast.mia, "f,l,c,e\nAda,L,,\nBo,M,Engines,\n")
    rows = await db.rows(
        Query(event.select().with_only_columns(event.c.kinds, event.c.actor_id).where(event.c.subject == "contact"))
    )
    assert [tuple(row) for row in rows] == [("contact.created", cast.mia.id)] * 3


async def test_a_company_that_is_there_is_linked_and_not_made_again(db: Database, cast: Cast) -> None:
    there = await contacts.create(db, cast.noah, ContactChange(is_company=True, name="Engines"))
    await done(db, cast.mia, "f,l,c,e\nAda,L,ENGINES,\nBo,M,engines,\n")
    found = await people(db, cast.mia)
    assert {one.contact.company_id for one in found.values()} == {None, there.contact.id}
    assert len(found) == 3


async def test_bad_rows_are_told_and_the_others_come(db: Database, cast: Cast) -> None:
    columns = places("first_name", "last_name", "currency", "email")
    table = (
        b"f,l,cur,e\nAda,L,EUR,\nBo,M,GOLD,\n,,,who@x.example\nCy\0,N,,\nD\xe9,O,,\n\nEve,P,,\n"
        + b"F" * 300
        + b",Q,,\n"
    )
    ended = await done(db, cast.mia, table, columns=columns)
    assert (ended.state, ended.done, ended.failed, ended.total) == (State.DONE, 2, 5, 7)
    assert await names(db, cast.mia) == ["Ada L", "Eve P"]
    assert await wrong(db, cast.mia, ended) == [
        (3, "currency", "unknown"),
        (4, "first_name", "required"),
        (5, "first_name", "format"),
        (6, "", "encoding"),
        (9, "first_name", "too_long"),
    ]


async def test_a_cell_of_a_megabyte_spoils_its_row_only(db: Database, cast: Cast) -> None:
    columns = places("first_name", "about")
    table = "f,a\nAda,short\nBo," + "x" * ((1 << 20) + 5) + "\nCy," + "y" * 300_000 + "\n"
    ended = await done(db, cast.mia, table, columns=columns)
    assert (ended.done, ended.failed) == (2, 1)
    assert len((await people(db, cast.mia))["Cy"].contact.about or "") == 300_000


@pytest.mark.parametrize(
    ("rule", "left", "titles"),
    [
        (Duplicates.SKIP, ["Ada L", "Bo M", "New N"], [None, None]),
        (Duplicates.CLONE, ["Ada L", "Ada X", "Ada Y", "Bo M", "New N", "New Z"], [None, None]),
        (Duplicates.OVERWRITE, ["Ada Y", "Bo M", "New Z"], ["chief", "boss"]),
    ],
)
async def test_who_is_there_already_is_skipped_overwritten_or_cloned(
    db: Database, cast: Cast, rule: Duplicates, left: list[str], titles: list[str | None]
) -> None:
    await contacts.create(
        db, cast.mia, ContactChange(first_name="Ada", last_name="L", email="Ada@x.example", tags=["old"])
    )
    await contacts.create(db, cast.mia, ContactChange(first_name="Bo", last_name="M", email="bo@x.example"))
    columns = places("first_name", "last_name", "email", "job_title", "tag")
    table = (
        "f,l,e,j,t\nAda,X,ada@x.example,boss,a\nNew,N,new@x.example,,\nNew,Z,NEW@x.example,boss,\n"
        "Ada,Y,ada@X.example,chief,b\n"
    )
    ended = await done(db, cast.mia, table, columns=columns, duplicates=rule)
    assert (ended.done, ended.failed) == (4, 0)
    assert await names(db, cast.mia) == left
    if rule is Duplicates.OVERWRITE:
        found = await people(db, cast.mia)
        assert [found[name].contact.job_title for name in ("Ada Y", "New Z")] == titles
        assert set(found["Ada Y"].tags) == {"old", "a", "b"}
        assert ended.result == {"imported": 1, "skipped": 0, "overwritten": 3}


async def test_a_contact_that_is_not_ones_own_is_not_overwritten(db: Database, cast: Cast) -> None:
    await contacts.create(
        db,
        cast.noah,
        ContactChange(first_name="Ada", email="ada@x.example", sharing=Share.READ, managers=[cast.noah.uid]),
    )
    ended = await done(db, cast.mia, "f,l,c,e\nEvil,L,,ada@x.example\n", duplicates=Duplicates.OVERWRITE)
    assert (ended.done, ended.failed) == (0, 1)
    assert await names(db, cast.noah) == ["Ada"]


async def test_a_contact_out_of_sight_is_no_duplicate(db: Database, cast: Cast) -> None:
    hidden = ContactChange(first_name="Ada", email="ada@x.example", sharing=Share.NOBODY, managers=[cast.noah.uid])
    await contacts.create(db, cast.noah, hidden)
    ended = await done(db, cast.mia, "f,l,c,e\nAda,L,,ada@x.example\n", duplicates=Duplicates.OVERWRITE)
    assert ended.result == {"imported": 1, "skipped": 0, "overwritten": 0}


async def test_private_contacts_are_seen_by_their_managers_only(db: Database, cast: Cast) -> None:
    await done(db, cast.mia, "f,l,c,e\nAda,L,Engines,\n", sharing=Share.NOBODY, managers=(cast.mia.uid,))
    assert await names(db, cast.noah) == []
    assert await names(db, cast.mia) == ["Ada L", "Engines"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
async def test_other_encodings_and_hands_are_read(db: Database, cast: Cast, encoding: str) -> None:
    dialect = Dialect(encoding=encoding, delimiter=";", quote="'", has_header=False)
    table = "Zoë;'O''Neil; Jr';;zoe@x.example\r\n".encode(encoding)
    await done(db, cast.mia, table, dialect=dialect)
    assert await names(db, cast.mia) == ["Zoë O'Neil; Jr"]


async def test_deals_come_with_stage_price_dates_and_contacts(db: Database, cast: Cast) -> None:
    ada = await contacts.create(db, cast.mia, ContactChange(first_name="Ada", last_name="L"))
    field = await custom_fields.create(
        db, cast.carl, FieldChange(subject="opportunity", label="Size", type=FieldType.INTEGER)
    )
    stages = db.rules.stages_of(db.rules.default_pipeline.id)
    columns = places(
        *("title", "stage", "amount", "currency", "expected_close", "contact", "responsible", "tag"),
        *("probability", "billing", "periods", f"custom.{field.id}"),
    )
    table = (
        "t,s,a,c,d,w,r,g,p,b,n,f\n"
        f'Ten desks,{stages[1].title.upper()},"1.234,50",EUR,12/31/2027,ada l,{cast.noah.name},vip,40%,per month,3,7\n'
        "Bare,,,,,,,,,,,\n"
        "Bad,Nowhere,x,GOLD,31/31/2027,nobody,nobody,,far,never,,seven\n"
    )
    ended = await done(db, cast.mia, table, subject="opportunity", columns=columns)
    assert (ended.done, ended.failed) == (2, 1)
    whole = {deal.opportunity.title: deal for deal in await deals(db, cast.mia)}
    desks, bare = whole["Ten desks"], whole["Bare"]
    own = desks.opportunity
    assert (own.stage_id, own.amount, own.currency) == (stages[1].id, Decimal("1234.5"), "EUR")
    assert (own.responsible, own.probability, own.billing, own.periods) == (cast.noah.uid, 40, 4, 3)
    assert str(own.expected_close)[:10] == "2027-12-31"
    assert own.contact_id == ada.contact.id
    assert [one.id for one in desks.members] == [ada.contact.id]
    assert desks.tags == ("vip",)
    assert desks.custom == {field.id: "7"}
    assert bare.opportunity.stage_id == stages[0].id
    assert bare.opportunity.amount is None
    assert {(field, code) for _, field, code in await wrong(db, cast.mia, ended)} >= {
        ("stage", "unknown"),
        ("amount", "format"),
        ("contact", "unknown"),
        ("responsible", "unknown"),
    }


async def test_deals_keep_the_order_of_their_rows_and_count_in_the_totals(db: Database, cast: Cast) -> None:
    table = "t,a\n" + "".join(f"Deal {place:03},{place}\n" for place in range(120))
    await done(db, cast.mia, table, subject="opportunity", columns=places("title", "amount"))
    placed = sorted(await deals(db, cast.mia), key=lambda deal: deal.opportunity.position or 0)
    assert [deal.opportunity.title for deal in placed] == [f"Deal {place:03}" for place in range(120)]
    after = await opportunities.create(db, cast.mia, Change(title="Later", stage_id=placed[0].opportunity.stage_id))
    assert (after.opportunity.position or 0) > (placed[-1].opportunity.position or 0)


async def test_cases_and_tasks_come_too(db: Database, cast: Cast) -> None:
    await contacts.create(db, cast.mia, ContactChange(first_name="Ada", last_name="L"))
    ended = await done(
        db,
        cast.mia,
        "t,m,g\nFair,Ada L,red\n,x,\nLost,Nobody,\n",
        subject="case",
        columns=places("title", "member", "tag"),
    )
    assert (ended.done, ended.failed) == (1, 2)
    [fair] = (await case_lists.find(db, cast.mia, CaseCriteria(), MANY, CaseOrder.TITLE, False, False)).rows
    assert (fair.case.title, [one.display_name for one in fair.members], fair.tags) == ("Fair", ["Ada L"], ("red",))
    columns = places("title", "deadline", "responsible", "contact", "closed")
    ended = await done(
        db,
        cast.mia,
        f"t,d,r,c,x\nCall,2027-03-04 10:00,{cast.noah.email},Ada L,no\nBad,soon,,,\n",
        subject="task",
        columns=columns,
    )
    assert (ended.done, ended.failed) == (1, 1)
    [call] = (await task_lists.find(db, cast.noah, TaskCriteria(), MANY, TaskOrder.ID, False, False)).rows
    assert (call.task.title, call.task.responsible, call.task.closed) == ("Call", cast.noah.uid, False)
    assert call.contact is not None
    assert call.contact.display_name == "Ada L"


async def test_who_may_not_create_may_not_import(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await begun(db, cast.rita, "f\nAda\n")
    file_id = await stored(db, cast.mia, "f\nAda\n")
    with pytest.raises(NotFound):
        await imports.start(db, cast.noah, Order(subject="contact", columns=PEOPLE), file_id)


@pytest.mark.parametrize(
    "order",
    [
        Order(subject="pigeon", columns=PEOPLE),
        Order(subject="contact", columns=places("title")),
        Order(subject="contact", columns=PEOPLE, dialect=Dialect(delimiter="")),
        Order(subject="contact", columns=PEOPLE, managers=("nobody",)),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_refused(db: Database, cast: Cast, order: Order) -> None:
    file_id = await stored(db, cast.mia, "f\nAda\n")
    with pytest.raises(Invalid):
        await imports.start(db, cast.mia, order, file_id)


async def test_an_empty_table_and_a_lost_file_fail_with_a_reason(db: Database, cast: Cast) -> None:
    ended = await done(db, cast.mia, "only,a,head\n")
    assert (ended.state, ended.error) == (State.FAILED, "file: has no rows")
    started = await begun(db, cast.mia, "f\nAda\n")
    await files.delete(db, cast.mia, started.input["file_id"])
    assert (await finished(db, cast.mia, started.id)).state is State.FAILED


async def test_an_address_of_our_own_network_is_not_fetched(db: Database, cast: Cast) -> None:
    started = await imports.start(db, cast.mia, Order(subject="contact", columns=PEOPLE), "http://127.0.0.1:1/x.csv")
    ended = await finished(db, cast.mia, started.id)
    assert ended.state is State.FAILED
    assert (ended.error or "").startswith("address:")


async def test_an_import_that_is_cut_off_again_and_again_loses_and_doubles_nothing(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 7)
    count = 60
    table = "f,l,c,e\n" + "".join(f"P{n:02},L,C{n % 9},p{n}@x.example\n" for n in range(count))
    started = await begun(db, cast.mia, table, duplicates=Duplicates.CLONE)
    worker, left = imports.worker(), 0

    async def cut(run: Run) -> Mapping[str, Any] | None:
        advance = run.advance

        async def some(**said: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                await asyncio.Event().wait()
            await advance(**said)

        monkeypatch.setattr(run, "advance", some)
        return await worker(run)

    def is_stuck() -> bool:
        return left < 0

    for _ in range(3):
        works, left = Works(db, dict.fromkeys(imports.KINDS, cut), "here"), 2
        assert await works.is_due()
        await works.take()
        await until(is_stuck)
        for task in works._running.values():
            task.cancel()
        await works.stop()
    halfway = await work.status(db, cast.mia, started.id)
    assert 0 < halfway.done < count
    ended = await finished(db, cast.mia, started.id)
    assert (ended.state, ended.done) == (State.DONE, count)
    assert await names(db, cast.mia) == sorted([f"P{n:02} L" for n in range(count)] + [f"C{n}" for n in range(9)])


async def test_a_cancelled_import_keeps_what_it_did(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 5)
    table = "f,l\n" + "".join(f"P{n},L\n" for n in range(50))
    started = await begun(db, cast.mia, table, columns=places("first_name", "last_name"))
    worker = imports.worker()

    async def cancelling(run: Run) -> Mapping[str, Any] | None:
        advance = run.advance

        async def then_cancel(**said: Any) -> None:
            await advance(**said)
            if run.work.done >= 10:
                await work.cancel(db, cast.mia, run.work.id)

        monkeypatch.setattr(run, "advance", then_cancel)
        return await worker(run)

    works = Works(db, dict.fromkeys(imports.KINDS, cancelling), "here")
    assert await works.is_due()
    await works.take()
    await asyncio.gather(*works._running.values())
    ended = await work.status(db, cast.mia, started.id)
    assert (ended.state, ended.done, len(await names(db, cast.mia))) == (State.CANCELLED, 10, 10)


async def test_a_look_into_a_table_shows_head_and_rows(db: Database, cast: Cast) -> None:
    file_id = await stored(db, cast.mia, "name,city\nAda,Rome\n\nBo,Bonn\n")
    first = await imports.sample(db, cast.mia, file_id, Dialect(), 0)
    assert (first.head, first.cells, first.is_last) == (["name", "city"], ["Ada", "Rome"], False)
    last = await imports.sample(db, cast.mia, file_id, Dialect(), 1)
    assert (last.cells, last.is_last) == (["Bo", "Bonn"], True)
    assert (await imports.sample(db, cast.mia, file_id, Dialect(), 9)).cells == ["Bo", "Bonn"]
    with pytest.raises(NotFound):
        await imports.sample(db, cast.noah, file_id, Dialect(), 0)
