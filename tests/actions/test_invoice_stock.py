"""The stock follows the life of invoices, on both databases: taken once, given back once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from importlib import import_module

from dealwright.actions import invoice_items, invoices
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, NotFound
from dealwright.domain.invoice import Status
from dealwright.domain.invoice_item import ItemChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.invoice_lists import InvoiceCriteria
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.migrate import on_connection
from dealwright.storage.query import Page
from dealwright.storage.writes import Change
from tests.actions.about_contacts import events, firm
from tests.actions.about_invoices import draft, item, line, sent, stock
from tests.cast import Cast
from tests.support.turns import without_turns


async def test_what_is_sent_leaves_the_stock_and_comes_back_when_rejected(db: Database, cast: Cast) -> None:
    desk, arm = await item(db, cast, stock=Decimal("10.25")), await item(db, cast, "Arm")
    lines = [line(desk, "1.5"), line(arm, "3"), line(desk, "0.8")]
    made = await draft(db, cast.mia, lines=lines)
    assert await stock(db, cast, desk) == Decimal("10.25")
    await invoices.move(db, cast.mia, made.invoice.id, Status.SENT)
    assert (await stock(db, cast, desk), await stock(db, cast, arm)) == (Decimal("7.95"), Decimal(0))
    await invoices.move(db, cast.mia, made.invoice.id, Status.PAID)
    await invoices.move(db, cast.mia, made.invoice.id, Status.SENT)
    assert await stock(db, cast, desk) == Decimal("7.95")
    await invoices.move(db, cast.mia, made.invoice.id, Status.REJECTED)
    assert await stock(db, cast, desk) == Decimal("10.25")
    told = [(kinds, after) for kinds, _, after in await events(db, "invoice_item", desk.item.id)]
    assert told[1:] == [
        ("invoice_item.stocked", {"moved": "-2.3", "invoice_id": made.invoice.id}),
        ("invoice_item.stocked", {"moved": "2.3", "invoice_id": made.invoice.id}),
    ]


async def test_what_is_deleted_comes_back_to_the_stock_and_leaves_it_again_when_restored(
    db: Database, cast: Cast
) -> None:
    desk = await item(db, cast, stock=Decimal(10))
    for to in ([], [Status.SENT], [Status.SENT, Status.PAID], [Status.SENT, Status.REJECTED]):
        made = await draft(db, cast.mia, lines=[line(desk, "2.5")])
        for status in to:
            await invoices.move(db, cast.mia, made.invoice.id, status)
        out = await stock(db, cast, desk)
        assert out == (Decimal("7.5") if to and to[-1] is not Status.REJECTED else 10)
        await invoices.delete(db, cast.mia, made.invoice.id)
        assert await stock(db, cast, desk) == 10, to
        await invoices.restore(db, cast.mia, made.invoice.id)
        assert await stock(db, cast, desk) == out, to
        await invoices.delete(db, cast.mia, made.invoice.id)
    told = [after for kinds, _, after in await events(db, "invoice_item", desk.item.id) if "stocked" in kinds]
    assert sum(Decimal(one["moved"]) for one in told) == 0


async def test_what_comes_back_is_what_was_taken_whatever_the_item_is_now(db: Database, cast: Cast) -> None:
    desk, arm = await item(db, cast, stock=Decimal(10)), await item(db, cast, "Arm")
    made = await sent(db, cast.mia, await draft(db, cast.mia, lines=[line(desk, "2"), line(arm, "3")]))
    await invoice_items.change(db, cast.carl, desk.item.id, ItemChange(tracked=False))
    await invoice_items.change(db, cast.carl, arm.item.id, ItemChange(tracked=True, stock=Decimal(5)))
    await invoices.move(db, cast.mia, made.invoice.id, Status.REJECTED)
    assert (await stock(db, cast, desk), await stock(db, cast, arm)) == (Decimal(10), Decimal(5))


async def test_whatever_is_done_at_once_the_stock_lacks_what_living_invoices_sold(db: Database, cast: Cast) -> None:
    desk, company = await item(db, cast, stock=Decimal(100)), (await firm(db, cast.mia)).contact.id
    made = [(await draft(db, cast.mia, company, lines=[line(desk, str(one + 1))])).invoice.id for one in range(3)]
    without_turns(db)
    chance = random.Random(5)
    for _ in range(12):
        deeds = [chance.choice(_DEEDS)(db, cast.mia, chance.choice(made)) for _ in range(8)]
        outcomes = await asyncio.gather(*deeds, return_exceptions=True)
        assert {type(one) for one in outcomes} <= {tuple, FullInvoice, Conflict, NotFound}
        kept = (await invoices.find(db, cast.carl, InvoiceCriteria(), Page())).rows
        gone = sum(full.invoice.lines[0].quantity for full in kept if full.invoice.status in (Status.SENT, Status.PAID))
        assert await stock(db, cast, desk) == 100 - gone


_DEEDS: list[Callable[[Database, Actor, int], Awaitable[object]]] = [
    *(lambda db, actor, one, to=to: invoices.move(db, actor, one, to) for to in list(Status)[:4]),
    invoices.delete,
    *[invoices.restore] * 2,
]


async def test_a_stock_may_fall_below_nothing(db: Database, cast: Cast) -> None:
    desk = await item(db, cast, stock=Decimal("0.5"))
    await sent(db, cast.mia, await draft(db, cast.mia, lines=[line(desk, "2.75")]))
    assert await stock(db, cast, desk) == Decimal("-2.25")


async def test_two_who_send_the_same_invoice_count_once(db: Database, cast: Cast) -> None:
    desk = await item(db, cast, stock=Decimal(10))
    made = await draft(db, cast.mia, lines=[line(desk, "3")])
    moves = (invoices.move(db, actor, made.invoice.id, Status.SENT) for actor in (cast.mia, cast.carl) * 5)
    without_turns(db)
    outcomes = await asyncio.gather(*moves, return_exceptions=True)
    assert sum(isinstance(one, tuple) and one[1] for one in outcomes) == 1
    assert {type(one) for one in outcomes} <= {tuple, Conflict}
    assert await stock(db, cast, desk) == 7


async def test_many_who_sell_the_same_items_lose_no_count(db: Database, cast: Cast) -> None:
    desk, arm = await item(db, cast, stock=Decimal(100)), await item(db, cast, "Arm", stock=Decimal(100))
    company = await firm(db, cast.mia)
    orders = [[line(desk, "1.1"), line(arm)], [line(arm), line(desk, "1.1")]] * 8
    made = [await draft(db, cast.mia, company.contact.id, lines=lines) for lines in orders]
    await asyncio.gather(*(sent(db, cast.mia, full) for full in made))
    assert (await stock(db, cast, desk), await stock(db, cast, arm)) == (Decimal("82.4"), Decimal(68))


async def test_what_was_sent_before_invoices_remembered_what_they_took_gives_it_back_too(
    db: Database, cast: Cast, database_url: str
) -> None:
    desk, arm = await item(db, cast, stock=Decimal(10)), await item(db, cast, "Arm")
    lines = [line(desk, "0.25"), line(desk, "2"), line(arm, "3")]
    made = [(await sent(db, cast.mia, await draft(db, cast.mia, lines=lines))).invoice.id for _ in range(3)]
    await invoices.move(db, cast.mia, made[1], Status.PAID)
    await invoices.move(db, cast.mia, made[2], Status.REJECTED)
    await db.apply([Change(schema.invoice, {"taken": "{}"}, {"id": made})])
    fill = import_module("dealwright.storage.migrations.versions.v0004_fourth_floor").remember_what_invoices_took
    await asyncio.to_thread(on_connection, database_url, fill)
    for one, left in zip(made, ("7.75", "10", "10"), strict=True):
        await invoices.delete(db, cast.mia, one)
        assert await stock(db, cast, desk) == Decimal(left)
