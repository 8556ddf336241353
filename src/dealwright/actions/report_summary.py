"""The two reports about everything: what happened in a period, and how things stand at this moment."""

from __future__ import annotations

from collections.abc import Sequence

from dealwright.actions.report_desk import Desk, Sums, named, sheet
from dealwright.actions.report_workload import CALL_STATES, STATUSES, UNTOLD
from dealwright.domain.pipeline import Stage
from dealwright.domain.report import Cell, Chart, ChartKind, Column, Form, Sheet
from dealwright.storage.reports.calls import CALLS
from dealwright.storage.reports.contacts import CONTACTS
from dealwright.storage.reports.deals import DEALS
from dealwright.storage.reports.tasks import TASKS

VALUED = (Column(""), Column("Number", Form.COUNT), Column("Value", Form.MONEY))
NUMBERED = (Column(""), Column("Number", Form.COUNT))
TASKED = (Column("Category"), Column("Open", Form.COUNT), Column("Overdue", Form.COUNT), Column("Closed", Form.COUNT))


async def summary_of_period(desk: Desk) -> list[Sheet]:
    """Return what was made, won, lost, done, issued and said in the period."""
    deals = Sums()
    for title, only, time in (("New", (), "made"), ("Won", ("won",), "won"), ("Lost", ("lost",), "lost")):
        for fact in await desk.facts(DEALS, (), only, time):
            deals.add(title, "count", fact.count)
            deals.add(title, "value", desk.money(fact))
    contacts, calls = Sums(), Sums()
    named(await desk.facts(CONTACTS, ("type",), time="made"), desk.item, contacts, "count")
    found = await desk.facts(CALLS, ("status",), ("whole",), "dialed")
    named(found, lambda status: CALL_STATES.get(status, UNTOLD), calls, "count")
    return [
        _valued("Opportunities", deals, ("New", "Won", "Lost")),
        _numbered("New contacts by type", contacts),
        await _tasks(desk, "Tasks due in the period", "due"),
        await _invoices(desk, "Invoices issued", "issued"),
        _numbered("Calls", calls),
    ]


async def summary_of_now(desk: Desk) -> list[Sheet]:
    """Return what is open at this moment: deals by stage, contacts by status, tasks and invoices."""
    stages, late, contacts = Sums(), Sums(), Sums()
    for fact in await desk.facts(DEALS, ("stage",), ("open",)):
        title = desk.rules.stages[fact.keys[0]].title if fact.keys[0] in desk.rules.stages else "None"
        stages.add(title, "count", fact.count)
        stages.add(title, "value", desk.money(fact))
    for fact in await desk.facts(DEALS, (), ("open", "late")):
        late.add("Expected by now", "count", fact.count)
        late.add("Expected by now", "value", desk.money(fact))
    named(await desk.facts(CONTACTS, ("status",)), desk.item, contacts, "count")
    ordered = list(dict.fromkeys(stage.title for stage in _in_order(desk)))
    open_deals = _valued("Open opportunities by stage", stages, [*ordered, "None"])
    open_deals.chart = Chart(ChartKind.COLUMNS, (2,))
    return [
        open_deals,
        _valued("Overdue opportunities", late, late.rows()),
        _numbered("Contacts by status", contacts),
        await _tasks(desk, "Tasks by category", None),
        await _invoices(desk, "Invoices by status", None),
    ]


def _in_order(desk: Desk) -> list[Stage]:
    return sorted(desk.rules.stages.values(), key=lambda one: (one.pipeline_id, one.position, one.id))


def _valued(title: str, sums: Sums, names: Sequence[str]) -> Sheet:
    """Return what is counted and valued, in the order of these names, without those that never were."""
    there = set(sums.rows())
    rows: list[tuple[Cell, ...]] = [
        (name, sums.count(name, "count"), sums.money(name, "value")) for name in names if name in there
    ]
    return sheet(title, VALUED, rows, with_totals=False)


def _numbered(title: str, sums: Sums) -> Sheet:
    rows: list[tuple[Cell, ...]] = [(name, sums.count(name, "count")) for name in sums.rows("count")]
    return sheet(title, NUMBERED, rows)


async def _tasks(desk: Desk, title: str, time: str | None) -> Sheet:
    sums = Sums()
    for column in ("open", "late", "closed"):
        named(await desk.facts(TASKS, ("category",), (column,), time), desk.item, sums, column)
    rows: list[tuple[Cell, ...]] = [
        (name, sums.count(name, "open"), sums.count(name, "late"), sums.count(name, "closed"))
        for name in sums.rows("open")
    ]
    return sheet(title, TASKED, rows)


async def _invoices(desk: Desk, title: str, time: str | None) -> Sheet:
    sums = Sums()
    for fact in await desk.invoices(("status",), time=time):
        name = STATUSES.get(fact.keys[0], UNTOLD)
        sums.add(name, "count", fact.count)
        sums.add(name, "value", desk.money(fact))
    for fact in await desk.invoices((), ("late",), time):
        sums.add("Overdue", "count", fact.count)
        sums.add("Overdue", "value", desk.money(fact))
    return _valued(title, sums, [*STATUSES.values(), UNTOLD, "Overdue"])
