"""Invoices as reports count them: by who made them, status and when they were issued; drafts by the taxes of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import exists, or_, select

from dealwright.domain.actor import Actor
from dealwright.domain.invoice import Status
from dealwright.domain.values import join
from dealwright.storage.database import Database
from dealwright.storage.invoices import read_many
from dealwright.storage.query import Query, any_number, number
from dealwright.storage.reports.tally import Fact, Family, Priced, Scope, Tally, narrowed
from dealwright.storage.schema import invoice as i
from dealwright.storage.schema import invoice_line, invoice_tax
from dealwright.storage.sight import invoice_visible_to, seeing, sight_of

READ_AT_ONCE: Final = 500

INVOICES: Final = Family(
    source=i,
    visible=invoice_visible_to,
    keys={"maker": i.c.created_by, "status": i.c.status},
    times={"issued": i.c.issued_at, "due": i.c.due_at},
    only={"late": lambda: (i.c.status == int(Status.SENT)) & (i.c.due_at < number("at"))},
    by_manager=lambda: any_number(i.c.created_by, "manager_ids"),
    price=Priced(i.c.cost_units, i.c.cost_nanos, i.c.currency),
)


@cache
def _drafts(tally: Tally, sight: str, spanned: bool, managed: bool) -> Query:
    """Drafts with a tax that has ever changed: what is stored of them may be by the taxes of another day."""
    lines = select(invoice_line.c.id).join(
        invoice_tax, or_(invoice_tax.c.id == invoice_line.c.tax1_id, invoice_tax.c.id == invoice_line.c.tax2_id)
    )
    changed = exists(lines.where(invoice_line.c.invoice_id == i.c.id, invoice_tax.c.version > 1).correlate(i))
    columns = [i.c.id, i.c.cost_units, i.c.cost_nanos, i.c.currency, *(INVOICES.keys[key] for key in tally.by)]
    found = narrowed(select(*columns), INVOICES, tally, sight, spanned, managed)
    return Query(found.where(i.c.status == int(Status.DRAFT), changed), heavy=True)


async def corrected(db: Database, actor: Actor, tally: Tally, scope: Scope, facts: Sequence[Fact]) -> list[Fact]:
    """Return groups of invoices with the money of their drafts by the taxes of now."""
    query = _drafts(tally, sight_of(actor), scope.span is not None, scope.managers is not None)
    rows = await db.rows(query, **scope.given(), **seeing(actor))
    costs: dict[int, Decimal] = {}
    for start in range(0, len(rows), READ_AT_ONCE):
        ids = [row[0] for row in rows[start : start + READ_AT_ONCE]]
        costs |= {full.invoice.id: full.invoice.cost for full in await read_many(db, actor, ids)}
    drift: dict[Any, Decimal] = {}
    for ident, units, nanos, currency, *keys in rows:
        group, stored = (tuple(keys), currency), join(units, nanos)
        drift[group] = drift.get(group, Decimal(0)) + costs.get(ident, stored) - stored
    return [replace(fact, amount=fact.amount + drift.get((fact.keys, fact.currency), 0)) for fact in facts]
