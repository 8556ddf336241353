"""The reports about who has how much to do: contacts, tasks, invoices and calls of each manager."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from dealwright.actions.report_desk import Desk, Sums, sheet
from dealwright.domain.report import Cell, Chart, ChartKind, Column, Form, Sheet
from dealwright.storage.reports.calls import CALLS
from dealwright.storage.reports.contacts import CONTACTS
from dealwright.storage.reports.tasks import TASKS

STATUSES: Final = {1: "Draft", 2: "Sent", 3: "Rejected", 4: "Paid", 5: "Archived"}
PAID, SENT = STATUSES[4], STATUSES[2]
CALL_STATES: Final = {0: "Incoming", 1: "Outgoing", 2: "Answered", 3: "Missed"}
UNTOLD: Final = "Unknown"


async def workload_by_contacts(desk: Desk) -> list[Sheet]:
    """Return how many contacts each manager made in the period, of what type, and how many are worked on."""
    sums, types = Sums(), dict[str, None]()
    for fact in await desk.facts(CONTACTS, ("maker", "type"), time="made"):
        who, kind = desk.maker(fact.keys[0]), desk.item(fact.keys[1])
        types[kind] = None
        sums.add(who, "all", fact.count)
        sums.add(who, f"type {kind}", fact.count)
    for only in ("with deals", "with tasks"):
        for fact in await desk.facts(CONTACTS, ("maker",), (only,), "made"):
            sums.add(desk.maker(fact.keys[0]), only, fact.count)
    titles = ["Contacts", "With open opportunities", "With open tasks", *(f"Type: {kind}" for kind in sorted(types))]
    names = ["all", "with deals", "with tasks", *(f"type {kind}" for kind in sorted(types))]
    return [_counts("Workload by contacts", "Manager", titles, names, sums, (1, 2, 3))]


async def workload_by_tasks(desk: Desk) -> list[Sheet]:
    """Return how many tasks due in the period each manager has, open, late and done, and of what category."""
    sums, categories = Sums(), dict[str, None]()
    for fact in await desk.facts(TASKS, ("person", "category", "closed"), time="due"):
        who, kind = desk.person(fact.keys[0]), desk.item(fact.keys[1])
        categories[kind] = None
        sums.add(who, "all", fact.count)
        sums.add(who, "closed" if fact.keys[2] else "open", fact.count)
        sums.add(who, f"category {kind}", fact.count)
    for fact in await desk.facts(TASKS, ("person",), ("late",), "due"):
        sums.add(desk.person(fact.keys[0]), "late", fact.count)
    titles = ["Tasks", "Open", "Overdue", "Closed", *(f"Category: {kind}" for kind in sorted(categories))]
    names = ["all", "open", "late", "closed", *(f"category {kind}" for kind in sorted(categories))]
    return [_counts("Workload by tasks", "Manager", titles, names, sums, (2, 3, 4))]


async def workload_by_invoices(desk: Desk) -> list[Sheet]:
    """Return how many invoices issued in the period each manager made, by status, and what they come to."""
    sums = Sums()
    for fact in await desk.invoices(("maker", "status"), time="issued"):
        who, status, amount = desk.maker(fact.keys[0]), STATUSES.get(fact.keys[1], UNTOLD), desk.money(fact)
        sums.add(who, "all", fact.count)
        sums.add(who, "value", amount)
        sums.add(who, status, fact.count)
        sums.add(who, f"{status} value", amount)
    for fact in await desk.invoices(("maker",), ("late",), "issued"):
        sums.add(desk.maker(fact.keys[0]), "late", fact.count)
        sums.add(desk.maker(fact.keys[0]), "late value", desk.money(fact))
    columns = [Column("Manager"), Column("Invoices", Form.COUNT), Column("Value", Form.MONEY)]
    columns += [Column(title, Form.COUNT) for title in STATUSES.values()]
    columns += [Column("Paid, value", Form.MONEY), Column("Sent, value", Form.MONEY)]
    columns += [Column("Overdue", Form.COUNT), Column("Overdue, value", Form.MONEY)]
    rows = [_invoice_row(sums, who) for who in sums.rows("value")]
    made = sheet("Workload by invoices", columns, rows)
    made.chart = Chart(ChartKind.COLUMNS, (8, 9))
    return [made]


def _invoice_row(sums: Sums, who: str) -> tuple[Cell, ...]:
    by_status = [sums.count(who, title) for title in STATUSES.values()]
    values = [sums.money(who, f"{title} value") for title in (PAID, SENT)]
    start = (who, sums.count(who, "all"), sums.money(who, "value"))
    return (*start, *by_status, *values, sums.count(who, "late"), sums.money(who, "late value"))


async def workload_by_calls(desk: Desk) -> list[Sheet]:
    """Return how many calls of the period each manager took or made, and for how many minutes."""
    sums = Sums()
    for fact in await desk.facts(CALLS, ("person", "status"), ("whole",), "dialed"):
        who = desk.person(fact.keys[0])
        sums.add(who, "all", fact.count)
        sums.add(who, CALL_STATES.get(fact.keys[1], UNTOLD), fact.count)
        sums.add(who, "seconds", fact.amount)
    columns = [Column("Manager"), Column("Calls", Form.COUNT)]
    columns += [Column(title, Form.COUNT) for title in (*CALL_STATES.values(), UNTOLD)]
    columns.append(Column("Minutes", Form.MINUTES))
    rows: list[tuple[Cell, ...]] = []
    for who in sums.rows("all"):
        states = [sums.count(who, title) for title in (*CALL_STATES.values(), UNTOLD)]
        rows.append((who, sums.count(who, "all"), *states, (sums.money(who, "seconds") / 60).quantize(Decimal("0.1"))))
    made = sheet("Workload by calls", columns, rows)
    made.chart = Chart(ChartKind.COLUMNS, (1,))
    return [made]


def _counts(title: str, first: str, titles: list[str], names: list[str], sums: Sums, drawn: tuple[int, ...]) -> Sheet:
    columns = [Column(first), *(Column(one, Form.COUNT) for one in titles)]
    rows: list[tuple[Cell, ...]] = [(who, *(sums.count(who, name) for name in names)) for who in sums.rows("all")]
    made = sheet(title, columns, rows)
    made.chart = Chart(ChartKind.COLUMNS, drawn)
    return made
