"""Deeds on invoices, on both databases: what they keep, whom they refuse, what happens side by side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dealwright.actions import contacts, invoice_settings, invoice_taxes, invoices
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.invoice import InvoiceChange, Line, Numbering, Status
from dealwright.domain.invoice_item import TaxChange
from dealwright.storage.database import Database
from dealwright.storage.invoice_lists import InvoiceOrder
from dealwright.storage.invoices import FullInvoice
from tests.actions.about_contacts import deal, events, firm, person, problems
from tests.actions.about_invoices import DUE, ISSUED, draft, item, line, numbers, sent, tax
from tests.cast import Cast
from tests.support.turns import without_turns

# Making and changing ----------------------------------------------------------------------------------------


async def test_a_new_invoice_is_read_back_as_made(db: Database, cast: Cast) -> None:
    vat, company, other = await tax(db, cast), await firm(db, cast.mia), await person(db, cast.mia)
    desk, on = await item(db, cast), await deal(db, cast, contact_id=company.contact.id)
    made = await draft(
        db,
        cast.mia,
        company.contact.id,
        number=" A-1 ",
        consignee_id=other.contact.id,
        opportunity_id=on,
        billing_address={"street": "High Street 1", "city": "Riga"},
        language="en-GB",
        rate=Decimal("1.25"),
        purchase_order="PO 1",
        terms="30 days",
        description="Thanks",
        lines=[line(desk, tax1_id=vat.tax.id, discount=Decimal(10), description="Oak")],
    )
    own = made.invoice
    assert await invoices.get(db, cast.noah, own.id) == made
    assert (own.number, own.status, own.cost) == ("A-1", Status.DRAFT, Decimal("22.68"))
    assert (own.created_by, own.billing_address) == (cast.mia.id, {"street": "High Street 1", "city": "Riga"})
    assert (made.contact, made.consignee, made.opportunity_title) == (
        (await contacts.get(db, cast.mia, company.contact.id)).brief,
        (await contacts.get(db, cast.mia, other.contact.id)).brief,
        "Ten desks",
    )
    assert own.lines[0].id
    assert made.items[desk.item.id].title == "Desk"


async def test_making_one_is_one_event_with_its_lines(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia, number="A-1")
    [(kinds, before, after)] = await events(db, "invoice", made.invoice.id)
    assert (kinds, before) == ("invoice.created", {})
    assert after["lines"] == [{"quantity": "2", "price": "10.5", "discount": "0"}]
    assert (after["number"], after["cost"]) == ("A-1", "21.00")


@pytest.mark.parametrize("name", ["contact_id", "currency", "issued_at", "due_at", "lines"])
async def test_what_is_needed_is_named(db: Database, cast: Cast, name: str) -> None:
    company = await firm(db, cast.mia)
    said: dict[str, Any] = {"contact_id": company.contact.id, "currency": "EUR", "issued_at": ISSUED, "due_at": DUE}
    said["lines"] = [line()]
    del said[name]
    with pytest.raises(Invalid) as caught:
        await invoices.create(db, cast.mia, InvoiceChange(**said))
    assert problems(caught) == {(name, "required")}


async def test_everything_that_points_nowhere_is_named_together(db: Database, cast: Cast) -> None:
    wrong = line(tax1_id=99)
    with pytest.raises(Invalid) as caught:
        await draft(
            db, cast.mia, 99, consignee_id=98, opportunity_id=97, currency="XXX", lines=[wrong, Line(item_id=96)]
        )
    assert problems(caught) == {
        *{("contact_id", "unknown"), ("consignee_id", "unknown"), ("opportunity_id", "unknown")},
        *{("currency", "unknown"), ("lines/0/tax1_id", "unknown"), ("lines/1/item_id", "unknown")},
    }


async def test_the_deal_must_be_about_the_contact(db: Database, cast: Cast) -> None:
    company, member, other = await firm(db, cast.mia), await person(db, cast.mia), await person(db, cast.mia, "Bo")
    on = await deal(db, cast, contact_id=company.contact.id, members=[member.contact.id])
    for one in (company, member):
        made = await draft(db, cast.mia, one.contact.id, opportunity_id=on)
        assert made.invoice.opportunity_id == on
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.mia, other.contact.id, opportunity_id=on)
    assert problems(caught) == {("opportunity_id", "not_allowed")}
    with pytest.raises(Invalid) as caught:
        await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(contact_id=other.contact.id))
    assert problems(caught) == {("opportunity_id", "not_allowed")}


async def test_a_hidden_contact_is_none(db: Database, cast: Cast) -> None:
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY)
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.noah, hidden.contact.id)
    assert problems(caught) == {("contact_id", "unknown")}


async def test_a_change_replaces_lines_and_counts_one_version(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia, lines=[line(), line(quantity="3")])
    first, second = made.invoice.lines
    new = [Line(id=second.id, quantity=Decimal(1), price=Decimal(7)), line(quantity="4")]
    changed = await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(lines=new, terms="At once"))
    ids = [one.id for one in changed.invoice.lines]
    assert first.id not in ids
    assert ids[0] == second.id
    assert (changed.invoice.cost, changed.invoice.version) == (Decimal(49), 2)
    assert await invoices.get(db, cast.mia, made.invoice.id) == changed
    assert [kinds for kinds, _, _ in await events(db, "invoice", made.invoice.id)] == [
        "invoice.created",
        "invoice.changed",
    ]


async def test_what_differs_in_nothing_writes_nothing(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia, terms="At once")
    again = InvoiceChange(terms="At once", lines=list(made.invoice.lines), currency="EUR")
    assert await invoices.change(db, cast.mia, made.invoice.id, again) == made


async def test_a_change_of_another_version_is_outdated(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(terms="a"), version=1)
    with pytest.raises(Outdated):
        await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(terms="b"), version=1)


async def test_what_comes_to_too_much_is_refused(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.mia, lines=[line(quantity="99999999", price=Decimal("99999999.99"))])
    assert problems(caught) == {("lines", "out_of_range")}


# Addresses --------------------------------------------------------------------------------------------------


async def placed(db: Database, actor: Actor) -> tuple[int, dict[int, int]]:
    """Make a company with a home, a delivery and a billing address; return its id and theirs by category."""
    pieces = [
        ContactInfo(kind=Info.ADDRESS, data=json.dumps({"city": city}), category=category)
        for category, city in ((0, "Home"), (1, "Depot"), (3, "Office"))
    ]
    company = await firm(db, actor, infos={Info.ADDRESS: pieces})
    return company.contact.id, {one.category: one.id for one in company.infos}


async def test_without_a_word_an_invoice_takes_the_addresses_of_its_contact(db: Database, cast: Cast) -> None:
    company, _ = await placed(db, cast.mia)
    own = (await draft(db, cast.mia, company)).invoice
    assert (own.billing_address, own.delivery_address) == ({"city": "Office"}, {"city": "Depot"})


async def test_an_address_is_named_by_its_id_and_must_be_of_the_right_kind(db: Database, cast: Cast) -> None:
    company, ids = await placed(db, cast.mia)
    own = (await draft(db, cast.mia, company, billing_address_id=ids[3], delivery_address_id=ids[1])).invoice
    assert (own.billing_address, own.delivery_address) == ({"city": "Office"}, {"city": "Depot"})
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.mia, company, billing_address_id=ids[1], delivery_address_id=ids[3])
    assert problems(caught) == {("billing_address_id", "unknown"), ("delivery_address_id", "unknown")}


async def test_addresses_stay_when_the_contact_moves(db: Database, cast: Cast) -> None:
    company, _ = await placed(db, cast.mia)
    made = await draft(db, cast.mia, company)
    await contacts.change(db, cast.mia, company, ContactChange(infos={Info.ADDRESS: []}))
    changed = await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(terms="Now"))
    assert changed.invoice.billing_address == {"city": "Office"}


async def test_another_contact_brings_its_own_addresses(db: Database, cast: Cast) -> None:
    company, _ = await placed(db, cast.mia)
    made = await draft(db, cast.mia)
    assert made.invoice.billing_address is None
    changed = await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(contact_id=company))
    assert changed.invoice.billing_address == {"city": "Office"}


# Numbers ----------------------------------------------------------------------------------------------------


async def test_a_number_is_taken_once_case_aside_until_its_invoice_is_gone(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia, number="inv-5")
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.mia, number="INV-5")
    assert problems(caught) == {("number", "duplicate")}
    assert (await invoices.get_by_number(db, cast.mia, "Inv-5")).invoice.id == made.invoice.id
    assert await invoices.is_taken(db, cast.mia, "INV-5")
    await invoices.delete(db, cast.mia, made.invoice.id)
    assert not await invoices.is_taken(db, cast.mia, "INV-5")
    again = await draft(db, cast.mia, number="INV-5")
    with pytest.raises(Invalid) as caught:
        await invoices.restore(db, cast.mia, made.invoice.id)
    assert problems(caught) == {("number", "duplicate")}
    await invoices.delete(db, cast.mia, again.invoice.id)
    assert (await invoices.restore(db, cast.mia, made.invoice.id)).invoice.number == "inv-5"


async def test_numbers_go_on_by_themselves_and_never_return(db: Database, cast: Cast) -> None:
    assert (await draft(db, cast.mia)).invoice.number == "INV-0000001"
    await draft(db, cast.mia, number="INV-0000007")
    await draft(db, cast.mia, number="ACME-1")
    made = await draft(db, cast.mia)
    assert made.invoice.number == "INV-0000008"
    await invoices.delete(db, cast.mia, made.invoice.id)
    assert (await draft(db, cast.mia)).invoice.number == "INV-0000009"


async def test_another_numbering_begins_with_its_own_first(db: Database, cast: Cast) -> None:
    await draft(db, cast.mia)
    await invoice_settings.set_numbering(db, cast.carl, Numbering(True, "2031/", "100"))
    assert [(await draft(db, cast.mia)).invoice.number for _ in range(2)] == ["2031/100", "2031/101"]


async def test_without_automatic_numbers_one_must_be_said(db: Database, cast: Cast) -> None:
    await invoice_settings.set_numbering(db, cast.carl, Numbering(False, "", ""))
    with pytest.raises(Invalid) as caught:
        await draft(db, cast.mia)
    assert problems(caught) == {("number", "required")}
    assert (await draft(db, cast.mia, number="7")).invoice.number == "7"


async def test_fifty_at_once_get_fifty_numbers_without_a_gap(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    made = await asyncio.gather(*(draft(db, cast.mia, company.contact.id) for _ in range(50)))
    assert sorted(full.invoice.number for full in made) == [f"INV-{one:07}" for one in range(1, 51)]


async def test_numbers_are_unique_without_the_queue_of_a_single_process_too(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    without_turns(db)
    made = await asyncio.gather(*(draft(db, cast.mia, company.contact.id) for _ in range(20)))
    assert sorted(full.invoice.number for full in made) == [f"INV-{one:07}" for one in range(1, 21)]


async def test_of_fifty_who_say_the_same_number_one_has_it(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    tries = (draft(db, cast.mia, company.contact.id, number="A-1") for _ in range(50))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, FullInvoice) for one in outcomes) == 1
    assert {type(one) for one in outcomes} == {FullInvoice, Invalid}
    assert await numbers(db, cast.mia) == ["A-1"]


# Moves ----------------------------------------------------------------------------------------


async def test_an_invoice_moves_only_along_its_ways(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    steps = [(Status.PAID, False), (Status.SENT, True), (Status.PAID, True), (Status.REJECTED, False)]
    steps += [(Status.SENT, True), (Status.REJECTED, True), (Status.SENT, False), (Status.DRAFT, True)]
    for to, goes in steps:
        full, moved = await invoices.move(db, cast.mia, made.invoice.id, to)
        assert (moved, full.invoice.status is to) == (goes, goes)
    told = [kinds for kinds, _, _ in await events(db, "invoice", made.invoice.id)]
    assert [kind.removeprefix("invoice.") for kind in told] == [
        *("created", "sent", "paid", "unpaid", "rejected", "reopened")
    ]


async def test_what_was_sent_keeps_its_taxes_a_draft_follows_them(db: Database, cast: Cast) -> None:
    vat = await tax(db, cast)
    lines = [line(tax1_id=vat.tax.id)]
    one, other = await draft(db, cast.mia, lines=lines), await draft(db, cast.mia, lines=lines)
    await sent(db, cast.mia, one)
    await invoice_taxes.change(db, cast.carl, vat.tax.id, TaxChange(rate=Decimal(50), name="More"))
    kept, follows = await invoices.get(db, cast.mia, one.invoice.id), await invoices.get(db, cast.mia, other.invoice.id)
    assert (kept.invoice.cost, kept.invoice.taxes[vat.tax.id].name) == (Decimal("25.20"), "VAT")
    assert (follows.invoice.cost, follows.invoice.version) == (Decimal("31.50"), 2)
    assert (await sent(db, cast.mia, other)).invoice.cost == Decimal("31.50")
    assert kept.invoice.version == 2


async def test_several_are_moved_and_those_that_cannot_stay(db: Database, cast: Cast) -> None:
    one, other, foreign = await draft(db, cast.mia), await draft(db, cast.mia), await draft(db, cast.noah)
    await sent(db, cast.mia, other)
    ids = [one.invoice.id, other.invoice.id, foreign.invoice.id, 999, one.invoice.id]
    moved = await invoices.move_many(db, cast.mia, ids, Status.SENT)
    assert [full.invoice.id for full in moved] == [one.invoice.id]


# Lines ------------------------------------------------------------------------------------------------------


async def test_lines_come_change_and_go_but_the_last_one_stays(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    ident, first = made.invoice.id, made.invoice.lines[0]
    full, added = await invoices.add_line(db, cast.mia, ident, line(quantity="4"))
    assert ([one.id for one in full.invoice.lines], full.invoice.cost) == ([first.id, added.id], Decimal(63))
    said = Line(id=added.id, quantity=Decimal(1), price=Decimal(5))
    assert (await invoices.change_line(db, cast.mia, said, ident)).price == 5
    assert (await invoices.remove_line(db, cast.mia, first.id)).invoice.cost == 5
    with pytest.raises(Invalid):
        await invoices.remove_line(db, cast.mia, added.id)
    with pytest.raises(NotFound):
        await invoices.remove_line(db, cast.mia, first.id)


async def test_a_line_of_another_invoice_is_not_there(db: Database, cast: Cast) -> None:
    one, other = await draft(db, cast.mia), await draft(db, cast.mia)
    said = Line(id=other.invoice.lines[0].id, quantity=Decimal(1))
    with pytest.raises(NotFound):
        await invoices.change_line(db, cast.mia, said, one.invoice.id)


# Rights and sight -------------------------------------------------------------------------------------------


async def outcome(db: Database, actor: Actor, verb: str, ident: int) -> str:
    """What comes of somebody's deed: ok, or the refusal's name."""
    deeds: dict[str, Callable[[], Awaitable[object]]] = {
        "see": lambda: invoices.get(db, actor, ident),
        "edit": lambda: invoices.change(db, actor, ident, InvoiceChange(terms=f"by {actor.name}")),
        "move": lambda: invoices.move(db, actor, ident, Status.SENT),
        "delete": lambda: invoices.delete(db, actor, ident),
    }
    try:
        await deeds[verb]()
    except (Forbidden, NotFound) as refusal:
        return type(refusal).__name__
    return "ok"


@pytest.mark.parametrize("verb", ["see", "edit", "move", "delete"])
async def test_creators_and_administrators_do_everything_others_look_at_what_they_see(
    db: Database, cast: Cast, verb: str
) -> None:
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY)
    for name, shared, private in (
        ("mia", "ok", "ok"),
        ("carl", "ok", "ok"),
        ("noah", "ok" if verb == "see" else "Forbidden", "NotFound"),
        ("rita", "Forbidden", "Forbidden"),
        ("gus", "Forbidden", "Forbidden"),
    ):
        actor = cast.actor(name)
        made = await draft(db, cast.mia)
        assert await outcome(db, actor, verb, made.invoice.id) == shared, name
        made = await draft(db, cast.mia, hidden.contact.id)
        assert await outcome(db, actor, verb, made.invoice.id) == private, name


async def test_the_creator_sees_an_invoice_to_a_contact_that_is_hidden_now(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.carl)
    made = await draft(db, cast.noah, company.contact.id)
    hiding = ContactChange(sharing=Share.NOBODY, managers=[cast.carl.uid])
    await contacts.change(db, cast.carl, company.contact.id, hiding)
    assert (await invoices.get(db, cast.noah, made.invoice.id)).contact is not None
    assert await numbers(db, cast.noah) == [made.invoice.number]
    assert await numbers(db, cast.mia) == []
    changed = await invoices.change(db, cast.noah, made.invoice.id, InvoiceChange(terms="Now"))
    assert changed.invoice.terms == "Now"


async def test_only_a_draft_is_changed(db: Database, cast: Cast) -> None:
    made = await sent(db, cast.mia, await draft(db, cast.mia))
    for actor in (cast.mia, cast.carl):
        with pytest.raises(Forbidden):
            await invoices.change(db, actor, made.invoice.id, InvoiceChange(terms="x"))
        with pytest.raises(Forbidden):
            await invoices.add_line(db, actor, made.invoice.id, line())


async def test_its_dates_are_said_whatever_its_status(db: Database, cast: Cast) -> None:
    made = await sent(db, cast.mia, await draft(db, cast.mia))
    full = await invoices.set_dates(db, cast.mia, made.invoice.id, InvoiceChange(created_at=ISSUED, updated_at=DUE))
    assert (full.invoice.created_at, full.invoice.updated_at, full.invoice.cost) == (ISSUED, DUE, made.invoice.cost)


async def test_a_contact_that_an_invoice_goes_to_must_stay(db: Database, cast: Cast) -> None:
    company, other = await firm(db, cast.mia), await person(db, cast.mia)
    made = await draft(db, cast.mia, company.contact.id, consignee_id=other.contact.id)
    for one in (company, other):
        with pytest.raises(Invalid) as caught:
            await contacts.delete(db, cast.mia, one.contact.id)
        assert problems(caught) == {("contact", "in_use")}
    await invoices.delete(db, cast.mia, made.invoice.id)
    await contacts.delete(db, cast.mia, company.contact.id)
    with pytest.raises(Invalid) as caught:
        await invoices.restore(db, cast.mia, made.invoice.id)
    assert problems(caught) == {("contact_id", "unknown")}


async def test_a_contact_is_deleted_or_invoiced_never_both(db: Database, cast: Cast) -> None:
    for _ in range(5):
        company = (await firm(db, cast.mia)).contact.id
        await asyncio.gather(
            contacts.delete(db, cast.mia, company), draft(db, cast.mia, company), return_exceptions=True
        )
        there = await contacts.exists_for_anybody(db, company)
        assert bool(await numbers(db, cast.carl, contact_id=company)) is there


async def test_the_trash_is_out_of_sight_and_back_again(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    await invoices.delete(db, cast.mia, made.invoice.id)
    assert await numbers(db, cast.carl) == []
    with pytest.raises(NotFound):
        await invoices.get(db, cast.carl, made.invoice.id)
    with pytest.raises(Forbidden):
        await invoices.restore(db, cast.noah, made.invoice.id)
    back = await invoices.restore(db, cast.mia, made.invoice.id)
    assert (back.invoice.version, back.invoice.lines) == (3, made.invoice.lines)


# Finding ----------------------------------------------------------------------------------------------------


async def test_invoices_are_found_by_what_is_known_of_them(db: Database, cast: Cast) -> None:
    acme, zoe = await firm(db, cast.mia, "Ácme"), await firm(db, cast.mia, "Zoë")
    on = await deal(db, cast, contact_id=acme.contact.id)
    a, b, c = acme.contact.id, zoe.contact.id, timedelta(days=1)
    await draft(db, cast.mia, a, number="B-1", opportunity_id=on, issued_at=ISSUED + c, due_at=DUE + c)
    made = await draft(db, cast.mia, b, number="A-2", currency="USD")
    await draft(db, cast.mia, b, number="C-3", issued_at=ISSUED - c, due_at=DUE - c)
    await sent(db, cast.mia, made)
    for criteria, expected in (
        ({}, "A-2 B-1 C-3"),
        ({"contact_id": a}, "B-1"),
        ({"opportunity_id": on}, "B-1"),
        ({"statuses": [Status.SENT]}, "A-2"),
        ({"currency": "USD"}, "A-2"),
        ({"issued_from": ISSUED}, "A-2 B-1"),
        ({"issued_to": ISSUED}, "A-2 C-3"),
        ({"due_from": DUE, "due_to": DUE}, "A-2"),
        ({"text": "acme"}, "B-1"),
        ({"text": "-3"}, "C-3"),
        ({"ids": [made.invoice.id]}, "A-2"),
    ):
        assert " ".join(await numbers(db, cast.mia, **criteria)) == expected, criteria
    for order, expected in (
        (InvoiceOrder.ISSUED, "C-3 A-2 B-1"),
        (InvoiceOrder.DUE, "C-3 A-2 B-1"),
        (InvoiceOrder.STATUS, "B-1 C-3 A-2"),
        (InvoiceOrder.CONTACT, "B-1 A-2 C-3"),
        (InvoiceOrder.ID, "B-1 A-2 C-3"),
    ):
        assert " ".join(await numbers(db, cast.mia, order)) == expected, order
        turned = " ".join(reversed(expected.split()))
        if order is not InvoiceOrder.STATUS:
            assert " ".join(await numbers(db, cast.mia, order, True)) == turned, order
