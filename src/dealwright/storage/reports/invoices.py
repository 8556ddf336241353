"""Invoices as reports count them: by who made them, status and when they were issued."""

from __future__ import annotations

from typing import Final

from dealwright.storage.query import any_number, number
from dealwright.storage.reports.tally import Family, Priced
from dealwright.storage.schema import invoice as i
from dealwright.storage.sight import invoice_visible_to

SENT: Final = 2


INVOICES: Final = Family(
    source=i,
    visible=invoice_visible_to,
    keys={"maker": i.c.created_by, "status": i.c.status},
    times={"issued": i.c.issued_at, "due": i.c.due_at},
    only={"late": lambda: (i.c.status == SENT) & (i.c.due_at < number("at"))},
    by_manager=lambda: any_number(i.c.created_by, "manager_ids"),
    price=Priced(i.c.cost_units, i.c.cost_nanos, i.c.currency),
)
