"""Deeds on invoices: read, find, make, change, send, pay, reject, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from dealwright.actions import invoice_settings
from dealwright.actions.deed import attempted, now, written
from dealwright.actions.invoice_writes import (
    Decision,
    decide,
    decide_creation,
    decide_move,
    decide_removal,
    decide_return,
    wanted_by,
)
from dealwright.actions.rule_deeds import refuse
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, Outdated, Problem, RulesMoved, invalid
from dealwright.domain.invoice import Invoice, InvoiceChange, Line, Status, lines_problems, problems_of
from dealwright.domain.values import UNSET
from dealwright.storage import invoice_lists as lists
from dealwright.storage import invoice_rows
from dealwright.storage import invoices as store
from dealwright.storage.database import Database
from dealwright.storage.invoice_lists import InvoiceCriteria, InvoiceOrder
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.query import Found, Page
from dealwright.storage.writes import Clash

READ, LIST = "Invoice-Read", "Invoice-List"
CREATE, EDIT, DELETE = "Invoice-Create", "Invoice-Edit", "Invoice-Delete"
NEEDED: Final = ("contact_id", "currency", "issued_at", "due_at", "lines")
NUMBERS_TRIED: Final = 100


async def get(db: Database, actor: Actor, invoice_id: int) -> FullInvoice:
    """Return an invoice this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, invoice_id)


async def get_by_number(db: Database, actor: Actor, number: str) -> FullInvoice:
    """Return the invoice of a number, case and accents aside. Refuses as `get`."""
    actor.require(READ)
    return await store.read_by_number(db, actor, number)


async def is_taken(db: Database, actor: Actor, number: str) -> bool:
    """Tell whether an invoice has this number, whoever sees it. Refuses with Forbidden (no right)."""
    actor.require(READ)
    return await store.is_taken(db, number)


async def find(
    db: Database,
    actor: Actor,
    criteria: InvoiceCriteria,
    page: Page,
    order: InvoiceOrder = InvoiceOrder.NUMBER,
    descending: bool = False,
) -> Found[FullInvoice]:
    """Return a page of the invoices that match and this person may see, and exactly how many there are."""
    actor.require(LIST)
    return await lists.find(db, actor, criteria, page, order, descending)


async def next_number(db: Database) -> str:
    """Return the number that the next invoice gets by itself: the one behind the highest of the newest ones.

    Refuses with Conflict where the next hundred are taken.
    """
    numbering = invoice_settings.numbering(db.rules)
    last = numbering.highest(await store.latest_numbers(db, numbering.prefix))
    for distance in range(1, NUMBERS_TRIED + 1):
        said = numbering.following(last, distance)
        if not await store.is_taken(db, said):
            return said
    raise Conflict("the next hundred numbers are taken; say a number, or change the numbering")


async def create(db: Database, actor: Actor, change: InvoiceChange) -> FullInvoice:
    """Make a draft and return it. Without a number it gets the next one, where numbers are automatic.

    Refuses with Forbidden (no right) and Invalid.
    """
    actor.require(CREATE)
    missing = [name for name in NEEDED if getattr(change, name) is UNSET]
    if change.number is UNSET and not invoice_settings.numbering(db.rules).automatic:
        missing.append("number")
    refuse([*(Problem(name, "required", "is a required field") for name in missing), *problems_of(change)])

    async def deed(_: int) -> FullInvoice:
        refs = await store.refs(db, actor, wanted_by(None, change))
        if change.number is not UNSET:
            return await _apply(db, actor, decide_creation(db.rules, actor, refs, change, now()))
        return await _numbered(db, lambda said: _created(db, actor, replace(change, number=said), refs))

    return await attempted(deed)


async def _created(db: Database, actor: Actor, change: InvoiceChange, refs: store.Refs) -> FullInvoice:
    return await _apply(db, actor, decide_creation(db.rules, actor, refs, change, now()))


async def _numbered(db: Database, make: Callable[[str], Awaitable[FullInvoice]]) -> FullInvoice:
    """Make an invoice under the next number that is free; whoever is quicker takes it, and the next one is tried."""
    async with db.turns.of("invoice_number", 0):
        for _ in range(NUMBERS_TRIED):
            try:
                return await make(await next_number(db))
            except Invalid as refusal:
                if {(problem.field, problem.code) for problem in refusal.problems} != {("number", "duplicate")}:
                    raise
    raise Conflict("too many invoices are made at once; try again")


async def change(
    db: Database, actor: Actor, invoice_id: int, change: InvoiceChange, version: int | None = None
) -> FullInvoice:
    """Change a draft and return it; what differs in nothing writes nothing.

    Refuses with Forbidden (no right, not this person's, no draft any more), NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    refuse(problems_of(change))
    return await _edited(db, actor, invoice_id, lambda _: change, version)


async def set_dates(db: Database, actor: Actor, invoice_id: int, dates: InvoiceChange) -> FullInvoice:
    """Say when an invoice was made or last touched, whatever its status. Refuses as `change`."""
    actor.require(EDIT)

    async def deed(_: int) -> FullInvoice:
        full = await store.read(db, actor, invoice_id)
        _check_managed(actor, full.invoice, None)
        refs = await store.refs(db, actor, wanted_by(None, InvoiceChange()))
        return await _apply(db, actor, decide(db.rules, actor, full, refs, dates, now()))

    async with db.turns.of("invoice", invoice_id):
        return await attempted(deed)


async def _edited(
    db: Database,
    actor: Actor,
    invoice_id: int,
    change_of: Callable[[Invoice], InvoiceChange],
    version: int | None = None,
) -> FullInvoice:
    async def deed(_: int) -> FullInvoice:
        full = await store.read(db, actor, invoice_id)
        _check_managed(actor, full.invoice, version)
        if full.invoice.status is not Status.DRAFT:
            raise Forbidden("only a draft can be changed")
        wanted = change_of(full.invoice)
        refs = await store.refs(db, actor, _wanted(full.invoice, wanted))
        return await _apply(db, actor, decide(db.rules, actor, full, refs, wanted, now()))

    async with db.turns.of("invoice", invoice_id):
        return await attempted(deed)


def _wanted(before: Invoice, change: InvoiceChange) -> store.Wanted:
    """Return what a change points at; with another contact the deal that stays is looked at again."""
    wanted = wanted_by(before, change)
    if change.contact_id is not UNSET and change.opportunity_id is UNSET:
        wanted.opportunity_id = before.opportunity_id
    return wanted


async def move(
    db: Database, actor: Actor, invoice_id: int, to: Status, version: int | None = None
) -> tuple[FullInvoice, bool]:
    """Move an invoice to another status; return it, and whether there is such a move (else nothing is done).

    Sending takes what is sold from the stock, a rejection brings it back, in the same transaction. Refuses with
    Forbidden (no right, not this person's), NotFound, Outdated and Conflict.
    """
    actor.require(EDIT)

    async def deed(_: int) -> tuple[FullInvoice, bool]:
        full = await store.read(db, actor, invoice_id)
        _check_managed(actor, full.invoice, version)
        decision = decide_move(actor, full, to, now())
        return (await _apply(db, actor, decision) if decision.writes else full), bool(decision.writes)

    async with db.turns.of("invoice", invoice_id):
        return await attempted(deed)


async def move_many(db: Database, actor: Actor, ids: Sequence[int], to: Status) -> list[FullInvoice]:
    """Move several invoices and return those that moved; those that cannot, or are not this person's, stay."""
    actor.require(EDIT)
    moved: list[FullInvoice] = []
    for one in dict.fromkeys(ids):
        try:
            full, has_moved = await move(db, actor, one, to)
        except (Forbidden, NotFound):
            continue
        except RulesMoved:
            if not moved:
                raise
            # The request must not be repeated from its start: what has moved would not be told of any more.
            raise Conflict("the portal's rules changed meanwhile; not all invoices were moved") from None
        if has_moved:
            moved.append(full)
    return moved


async def delete(db: Database, actor: Actor, invoice_id: int, version: int | None = None) -> FullInvoice:
    """Move an invoice to the trash and return it as it was.

    Refuses with Forbidden (no right, not this person's), NotFound, Outdated and Conflict.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullInvoice:
        full = await store.read(db, actor, invoice_id)
        _check_managed(actor, full.invoice, version)
        await written(db, decide_removal(actor, full, now()).writes, actor)
        return full

    async with db.turns.of("invoice", invoice_id):
        return await attempted(deed)


async def delete_many(db: Database, actor: Actor, ids: Sequence[int]) -> list[FullInvoice]:
    """Move several invoices to the trash and return those that were this person's to delete."""
    actor.require(DELETE)
    gone = []
    for one in dict.fromkeys(ids):
        try:
            gone.append(await delete(db, actor, one))
        except (Forbidden, NotFound):
            continue
    return gone


async def restore(db: Database, actor: Actor, invoice_id: int) -> FullInvoice:
    """Take an invoice back from the trash and return it.

    Refuses with Forbidden (no right, not this person's), NotFound, and Invalid where its number is taken meanwhile or
    its contact is gone.
    """
    actor.require(DELETE)

    async def deed(_: int) -> FullInvoice:
        full = await store.read(db, actor, invoice_id, trashed=True)
        _check_managed(actor, full.invoice, None)
        refs = await store.refs(db, actor, wanted_by(full.invoice, InvoiceChange()))
        return await _apply(db, actor, decide_return(actor, full, refs, now()))

    return await attempted(deed)


# Lines -------------------------------------------------------------------------------------------------------


async def add_line(db: Database, actor: Actor, invoice_id: int, line: Line) -> tuple[FullInvoice, Line]:
    """Add a line to a draft; return the draft and the line. Refuses as `change`."""
    actor.require(EDIT)
    refuse(lines_problems([line]))
    known: set[int] = set()

    def change_of(invoice: Invoice) -> InvoiceChange:
        known.clear()
        known.update(each.id for each in invoice.lines)
        return InvoiceChange(lines=[*invoice.lines, line])

    full = await _edited(db, actor, invoice_id, change_of)
    return full, next(each for each in full.invoice.lines if each.id not in known)


async def change_line(db: Database, actor: Actor, line: Line, invoice_id: int | None = None) -> Line:
    """Make a line of a draft say something else and return it. Refuses as `change`.

    NotFound also where the line is not one of the invoice that is named.
    """
    actor.require(EDIT)
    refuse(lines_problems([line]))
    of = await _invoice_of(db, line.id)
    if invoice_id is not None and invoice_id != of:
        raise NotFound("invoice_line")

    def change_of(invoice: Invoice) -> InvoiceChange:
        if all(each.id != line.id for each in invoice.lines):
            raise NotFound("invoice_line")
        return InvoiceChange(lines=[line if each.id == line.id else each for each in invoice.lines])

    full = await _edited(db, actor, of, change_of)
    return next(each for each in full.invoice.lines if each.id == line.id)


async def remove_line(db: Database, actor: Actor, line_id: int) -> FullInvoice:
    """Take a line out of a draft. Refuses as `change`, and with Invalid ("lines", "required") the last one."""
    actor.require(EDIT)

    def change_of(invoice: Invoice) -> InvoiceChange:
        rest = [each for each in invoice.lines if each.id != line_id]
        if len(rest) == len(invoice.lines):
            raise NotFound("invoice_line")
        if not rest:
            raise invalid("lines", "required", "the last line cannot be deleted")
        return InvoiceChange(lines=rest)

    return await _edited(db, actor, await _invoice_of(db, line_id), change_of)


async def _invoice_of(db: Database, line_id: int) -> int:
    found = await store.invoice_of_line(db, line_id)
    if found is None:
        raise NotFound("invoice_line")
    return found


async def exists_for_anybody(db: Database, invoice_id: int) -> bool:
    """Tell whether an invoice is there at all: for the contracts that answer hidden and missing differently."""
    return await store.exists_for_anybody(db, invoice_id)


# -------------------------------------------------------------------------------------------------------------


def _check_managed(actor: Actor, invoice: Invoice, version: int | None) -> None:
    if not invoice.managed_by(actor):
        raise Forbidden("this invoice is not yours to change")
    if version is not None and invoice.version != version:
        raise Outdated(f"the invoice is at version {invoice.version}, not {version}")


async def _apply(db: Database, actor: Actor, decision: Decision) -> FullInvoice:
    own = decision.invoice
    if decision.writes:
        try:
            made = await written(db, decision.writes, actor)
        except Clash as clash:
            if "number" in clash.key:
                raise invalid("number", "duplicate", "is the number of another invoice", own.number) from clash
            raise
        own.id = made.get(invoice_rows.NEW.name, own.id)
    return await store.reread(db, own.id)
