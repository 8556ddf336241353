"""Deeds on taxes: CRM administrators keep them, whoever may list invoices reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dealwright.actions.deed import attempted, happened, new_uid, now, recorded, values_of, written
from dealwright.actions.rule_deeds import differing, refuse
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated, Problem, invalid
from dealwright.domain.invoice_item import TAX_FIELDS, InvoiceTax, TaxChange, changed, tax_problems
from dealwright.storage import invoice_taxes as store
from dealwright.storage.database import Database
from dealwright.storage.writes import Clash

LIST: Final = "Invoice-List"
READ: Final = "Invoice-Read"
CREATE, EDIT, DELETE = "Invoice-Create", "Invoice-Edit", "Invoice-Delete"


@dataclass(frozen=True, slots=True)
class FullTax:
    """A tax, and whether anything alive uses it, so that it must stay."""

    tax: InvoiceTax
    in_use: bool = False


async def find(db: Database, actor: Actor) -> list[FullTax]:
    """Return all taxes by name. Refuses with Forbidden."""
    actor.require(LIST)
    return [FullTax(*found) for found in (await store.read_all(db, actor)).values()]


async def get(db: Database, actor: Actor, tax_id: int) -> FullTax:
    """Return a tax. Refuses with Forbidden and NotFound."""
    actor.require(READ)
    return await _read(db, actor, tax_id)


async def create(db: Database, actor: Actor, change: TaxChange) -> FullTax:
    """Make a tax from a change that names at least it. Refuses with Forbidden and Invalid."""
    require_keeper(actor, CREATE)
    if not isinstance(change.name, str):
        raise invalid("name", "required", "is a required field")
    refuse(tax_problems(change))
    at = now()
    blank = InvoiceTax(id=0, uid=new_uid(), version=1, created_at=at, updated_at=at, created_by=actor.id)
    tax = changed(blank, change)
    tax.updated_by = actor.id
    event = happened(actor, at, "invoice_tax", ["invoice_tax.created"], None, values_of(tax, TAX_FIELDS))
    try:
        made = await written(db, [store.inserted(tax), recorded(event, store.NEW)], actor)
    except Clash as clash:
        raise _taken(tax.name) from clash
    tax.id = made[store.NEW.name]
    return FullTax(tax)


async def change(db: Database, actor: Actor, tax_id: int, change: TaxChange, version: int | None = None) -> FullTax:
    """Change a tax and return it; what differs in nothing writes nothing.

    Drafts come to something else at once, what was sent stays as it was. Refuses with Forbidden, NotFound, Invalid,
    Outdated and Conflict.
    """
    require_keeper(actor, EDIT)
    refuse(tax_problems(change))

    async def deed(_: int) -> FullTax:
        before = await _read(db, actor, tax_id)
        _check_version(before.tax, version)
        after = changed(before.tax, change)
        names = differing(before.tax, after, TAX_FIELDS)
        if not names:
            return before
        return await _changed(db, actor, before, after, names)

    async with db.turns.of("invoice_tax", tax_id):
        return await attempted(deed)


async def _changed(db: Database, actor: Actor, before: FullTax, after: InvoiceTax, names: list[str]) -> FullTax:
    after.updated_at, after.updated_by, after.version = now(), actor.id, before.tax.version + 1
    old, new = values_of(before.tax, names), values_of(after, names)
    event = happened(actor, after.updated_at, "invoice_tax", ["invoice_tax.changed"], old, new)
    try:
        await written(db, [*store.updated(after, names, before.tax.version), recorded(event, after.id)], actor)
    except Clash as clash:
        raise _taken(after.name) from clash
    return FullTax(after, before.in_use)


async def delete(db: Database, actor: Actor, tax_id: int, version: int | None = None) -> FullTax:
    """Delete a tax for good and return it as it was.

    Refuses with Forbidden, NotFound, Outdated, and Invalid "in_use" while an item or an invoice has it.
    """
    require_keeper(actor, DELETE)

    async def deed(_: int) -> FullTax:
        before = await _read(db, actor, tax_id)
        _check_version(before.tax, version)
        if before.in_use:
            raise invalid("invoices", "in_use", "items or invoices have this tax", tax_id)
        event = happened(actor, now(), "invoice_tax", ["invoice_tax.deleted"], values_of(before.tax, TAX_FIELDS))
        await written(db, [*store.removed(before.tax), recorded(event, tax_id)], actor)
        return before

    async with db.turns.of("invoice_tax", tax_id):
        return await attempted(deed)


def require_keeper(actor: Actor, right: str) -> None:
    """Refuse with Forbidden unless this person keeps the items and taxes: CRM administrators with this right do."""
    actor.require(right)
    if not actor.is_crm_admin:
        raise Forbidden("only CRM administrators keep the items and taxes")


async def _read(db: Database, actor: Actor, tax_id: int) -> FullTax:
    found = (await store.read_all(db, actor)).get(tax_id)
    if found is None:
        raise NotFound("invoice_tax")
    return FullTax(*found)


def _check_version(tax: InvoiceTax, version: int | None) -> None:
    if version is not None and tax.version != version:
        raise Outdated(f"the tax is at version {tax.version}, not {version}")


def _taken(name: str) -> Invalid:
    return Invalid(Problem("name", "duplicate", "is the name of another tax", name))
