"""What a deed on an invoice comes to: the invoice as it will be and the writes that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions.deed import happened, new_uid, recorded, values_of
from dealwright.domain.actor import Actor
from dealwright.domain.contact_info import ContactInfo, address_parts
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.event import Event
from dealwright.domain.invoice import (
    MOVES,
    OUT,
    Invoice,
    InvoiceChange,
    Line,
    Status,
    changed,
    cost_problems,
    differences,
    priced,
    stock_moves,
    taking,
)
from dealwright.domain.values import UNSET
from dealwright.storage import invoice_rows as rows
from dealwright.storage.invoices import FullInvoice, Party, Refs, Wanted
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write

BILLING: Final = 3
DELIVERY: Final = 1
"""Categories of a contact's addresses (ONLYOFFICE's numbers, which are stored)."""


@dataclass(slots=True)
class Decision:
    """The invoice as it will be, and the writes that make it so (none: nothing differs)."""

    invoice: Invoice
    writes: list[Write] = field(default_factory=list)


def wanted_by(before: Invoice | None, change: InvoiceChange) -> Wanted:
    """Return what a change points at; what an address is looked up for is wanted too."""
    contact = change.contact_id if change.contact_id is not UNSET else before.contact_id if before else None
    consignee = change.consignee_id if change.consignee_id is not UNSET else before.consignee_id if before else None
    deal = change.opportunity_id if change.opportunity_id is not UNSET else None
    lines = () if change.lines is UNSET else change.lines
    return Wanted(contact, consignee, deal, sorted({line.item_id for line in lines if line.item_id is not None}))


def decide_creation(rules: Rules, actor: Actor, refs: Refs, change: InvoiceChange, at: datetime) -> Decision:
    """Return what the creation of an invoice comes to. Refuses with Invalid listing everything that is wrong."""
    start = Invoice(id=0, uid=new_uid(), version=1, created_at=at, updated_at=at, issued_at=at, due_at=at)
    start.created_by = start.updated_by = actor.id
    after = _after(rules, refs, start, change)
    after.updated_at = at if change.updated_at is UNSET else change.updated_at
    names = [name for name in differences(start, after) if getattr(after, name) not in (None, "")]
    facts = {**values_of(after, names), "lines": _told(after.lines)}
    event = happened(actor, at, "invoice", ["invoice.created"], None, facts)
    return Decision(after, [*rows.inserted(after), recorded(event, rows.NEW)])


def decide(rules: Rules, actor: Actor, full: FullInvoice, refs: Refs, change: InvoiceChange, at: datetime) -> Decision:
    """Return what a change of an invoice comes to. Refuses with Invalid listing everything that is wrong."""
    before = full.invoice
    after = _after(rules, refs, before, change)
    names = differences(before, after)
    if not names and before.lines == after.lines and change.updated_at is UNSET:
        return Decision(before)
    after.updated_by, after.updated_at = actor.id, at if change.updated_at is UNSET else change.updated_at
    event = _changed_event(actor, at, names, before, after)
    kept = names if before.status is not Status.DRAFT else [*{*names, "cost"}, "taxes"]
    writes: list[Write] = [rows.updated(after, kept, before.version), *rows.lined(after, before.lines, after.lines)]
    return Decision(after, [*writes, *rows.turned_to(before, after), recorded(event, after.id)])


def decide_move(actor: Actor, full: FullInvoice, to: Status, at: datetime) -> Decision:
    """Return what a move to another status comes to, none where there is no such move; the stock moves with it.

    What is sent keeps the taxes that it was sent with, and remembers what it took.
    """
    before = full.invoice
    move = (before.status, to)
    if move not in MOVES:
        return Decision(before)
    after = replace(before, status=to, updated_by=actor.id, updated_at=at)
    event = happened(actor, at, "invoice", [MOVES[move]], {"status": before.status}, {"status": to})
    if (before.status in OUT) is not (to in OUT):
        after.taken = taking(after, full.tracked)
    names = ["status", "taken", *(["cost", "taxes"] if before.status is Status.DRAFT else [])]
    writes: list[Write] = [rows.updated(after, names, before.version), recorded(event, before.id)]
    return Decision(after, [*writes, *_stocked(event, before, after)])


def _stocked(event: Event, before: Invoice, after: Invoice) -> list[Write]:
    """Return the writes that move the stock from what was taken to what is, an event for each item."""
    moves = stock_moves(before.taken, after.taken)
    told = replace(event, subject="invoice_item", kinds=["invoice_item.stocked"], before={})
    events = (
        recorded(replace(told, after={"moved": amount, "invoice_id": before.id}), item)
        for item, amount in moves.items()
    )
    return [*rows.stocked(moves, after.updated_by, event.at), *events]


def decide_removal(actor: Actor, full: FullInvoice, at: datetime) -> Decision:
    """Return what moving an invoice to the trash comes to; what it had out of the stock comes back."""
    gone = replace(full.invoice, updated_by=actor.id, taken={})
    event = happened(actor, at, "invoice", ["invoice.deleted"])
    writes: list[Write] = [rows.trashed(gone, gone.version, at), recorded(event, gone.id)]
    return Decision(full.invoice, [*writes, *_stocked(event, full.invoice, gone)])


def decide_return(actor: Actor, full: FullInvoice, refs: Refs, at: datetime) -> Decision:
    """Return what taking an invoice back from the trash comes to: what was sent leaves the stock again.

    Refuses with Invalid where its contact is gone.
    """
    if full.invoice.contact_id not in refs.parties:
        raise Invalid(Problem("contact_id", "unknown", "is no contact", full.invoice.contact_id))
    back = replace(full.invoice, updated_by=actor.id, updated_at=at)
    # What was deleted before the trash gave the stock back still has it out.
    back.taken = full.invoice.taken or taking(back, full.tracked)
    event = happened(actor, at, "invoice", ["invoice.restored"])
    writes: list[Write] = [rows.restored(back, full.invoice.version, at), recorded(event, back.id)]
    return Decision(back, [*writes, *_stocked(event, full.invoice, back)])


# The invoice as it will be -----------------------------------------------------------------------------------


def _after(rules: Rules, refs: Refs, before: Invoice, change: InvoiceChange) -> Invoice:
    after = changed(before, change)
    problems = [*_problems(rules, refs, before, after, change)]
    after.billing_address, wrong = _address(before, after, change, refs, "billing")
    problems += wrong
    after.delivery_address, wrong = _address(before, after, change, refs, "delivery")
    problems += wrong
    if before.status is Status.DRAFT:
        after = priced(after, refs.taxes)
        problems += cost_problems(after)
    if problems:
        raise Invalid(*problems)
    return after


def _problems(rules: Rules, refs: Refs, before: Invoice, after: Invoice, change: InvoiceChange) -> Iterator[Problem]:
    """Return everything that a change points at in vain; what stays as it was is never wrong."""
    for name in ("contact_id", "consignee_id"):
        one = getattr(after, name)
        if one is not None and one != getattr(before, name) and one not in refs.parties:
            yield Problem(name, "unknown", "is no contact", one)
    if after.currency != before.currency and after.currency not in rules.currencies:
        yield Problem("currency", "unknown", "is no currency", after.currency)
    deal, asked = after.opportunity_id, change.opportunity_id is not UNSET or after.contact_id != before.contact_id
    if deal is not None and change.opportunity_id is not UNSET and not refs.opportunity_found:
        yield Problem("opportunity_id", "unknown", "is no opportunity", deal)
    elif deal is not None and asked and after.contact_id not in refs.participants:
        yield Problem("opportunity_id", "not_allowed", "the contact takes no part in this opportunity", deal)
    if change.lines is not UNSET:
        yield from _line_problems(refs, before, after.lines)


def _line_problems(refs: Refs, before: Invoice, lines: Sequence[Line]) -> Iterator[Problem]:
    known = {line.item_id for line in before.lines}
    for place, line in enumerate(lines):
        if line.item_id is not None and line.item_id not in known and line.item_id not in refs.items:
            yield Problem(f"lines/{place}/item_id", "unknown", "is no item", line.item_id)
        for name in ("tax1_id", "tax2_id"):
            if (one := getattr(line, name)) is not None and one not in refs.taxes:
                yield Problem(f"lines/{place}/{name}", "unknown", "is no tax", one)


Address = Mapping[str, str] | None


def _address(
    before: Invoice, after: Invoice, change: InvoiceChange, refs: Refs, kind: str
) -> tuple[Address, list[Problem]]:
    """Return an address as it is kept: as said, by its id, or what the contact has where nothing is said at first."""
    name, category = f"{kind}_address", BILLING if kind == "billing" else DELIVERY
    owner = after.contact_id if kind == "billing" else after.consignee_id or after.contact_id
    party = refs.parties.get(owner)
    wanted = getattr(change, f"{name}_id")
    if wanted is not UNSET:
        chosen = _of_category(party, category)
        by_id = next((one for one in chosen if one.id == wanted), None)
        if by_id is None:
            return None, [Problem(f"{name}_id", "unknown", f"is no {kind} address of the contact", wanted)]
        return address_parts(by_id.data), []
    if getattr(change, name) is not UNSET or (before.id and _same_owner(before, after, kind)):
        return getattr(after, name), []
    usual = _of_category(party, category) or (_of_category(party, None) if kind == "billing" else [])
    return (address_parts(usual[0].data) if usual else None), []


def _same_owner(before: Invoice, after: Invoice, kind: str) -> bool:
    if kind == "billing":
        return before.contact_id == after.contact_id
    return (before.contact_id, before.consignee_id) == (after.contact_id, after.consignee_id)


def _of_category(party: Party | None, category: int | None) -> list[ContactInfo]:
    """Return the addresses of a category, of any where none is told, the primary one first."""
    found = [one for one in (party.addresses if party else ()) if category in (None, one.category)]
    return sorted(found, key=lambda one: (not one.is_primary, one.id))


# Events ------------------------------------------------------------------------------------------------------


def _changed_event(actor: Actor, at: datetime, names: Sequence[str], before: Invoice, after: Invoice) -> Event:
    old, new = values_of(before, names), values_of(after, names)
    if before.lines != after.lines:
        old["lines"], new["lines"] = _told(before.lines), _told(after.lines)
    return happened(actor, at, "invoice", ["invoice.changed"], old, new)


def _told(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return lines as an event keeps them; what is empty is left out."""
    facts = (values_of(line, [name for name in Line.__slots__ if name not in {"id", "position"}]) for line in lines)
    return [{name: value for name, value in one.items() if value not in (None, "")} for one in facts]
