"""What reports say is what is there: against sums made by hand, under the rights of who asks, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from dealwright.actions import (
    contacts,
    currencies,
    files,
    invoice_taxes,
    invoices,
    locations,
    opportunities,
    people,
    reports,
    tasks,
    work,
)
from dealwright.actions.deed import new_uid
from dealwright.actions.report_workbook import workbook
from dealwright.config import Settings
from dealwright.domain.contact import ContactChange
from dealwright.domain.currency import Quote
from dealwright.domain.errors import Forbidden, NotFound
from dealwright.domain.invoice import Status
from dealwright.domain.invoice_item import TaxChange
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.people import UserChange
from dealwright.domain.pipeline import LocationChange
from dealwright.domain.report import Period, ReportAsk, ReportKind, Sheet
from dealwright.domain.task import TaskChange
from dealwright.domain.values import micros, split
from dealwright.domain.work import State
from dealwright.jobs import Jobs
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Insert
from tests.actions.about_invoices import draft, line, tax
from tests.cast import Cast

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
LAST_WEEK = NOW - timedelta(days=7)
LAST_YEAR = NOW - timedelta(days=365)


def stage(db: Database, place: int) -> int:
    return db.rules.stages_of(db.rules.default_pipeline.id)[place].id


async def deal(db: Database, cast: Cast, who: str, amount: int | None, place: int = 0, **said: Any) -> int:
    """Make a deal of somebody's in a stage; at NOW unless told."""
    own = {"title": "Ten desks", "currency": "USD", "created_at": NOW, "responsible": cast.actor(who).uid}
    price = None if amount is None else Decimal(amount)
    change = Change(**{**own, "stage_id": stage(db, place), "amount": price, **said})
    return (await opportunities.create(db, cast.actor("olga"), change)).opportunity.id


async def said(db: Database, cast: Cast, kind: ReportKind, by: str = "olga", **ask: Any) -> list[Sheet]:
    """Return the sheets of a report as somebody sees it at NOW."""
    return (await reports.make(db, cast.actor(by), ReportAsk(kind=kind, **ask), NOW)).sheets


def table(sheet: Sheet) -> dict[Any, dict[str, Any]]:
    """Return a sheet as rows by name, each with its cells by heading."""
    names = [column.title for column in sheet.columns]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in sheet.rows}


async def test_what_each_manager_sold_is_the_sum_of_the_deals_won_in_the_period(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 100, -2, won_at=NOW)
    await deal(db, cast, "mia", 50, -2, won_at=LAST_WEEK)
    await deal(db, cast, "mia", 7, -2, won_at=LAST_YEAR)
    await deal(db, cast, "noah", 1000, -2, won_at=NOW)
    await deal(db, cast, "noah", 5000)  # open
    await deal(db, cast, "noah", 6000, -1)  # lost
    [sheet] = await said(db, cast, ReportKind.SALES_BY_MANAGERS, period=Period.CURRENT_MONTH)
    assert [row[:3] for row in sheet.rows] == [("Noah Example", 1, 1000), ("Mia Example", 2, 150)]
    assert sheet.totals is not None
    assert sheet.totals[:3] == ("Total", 3, 1150)
    mia = table(sheet)["Mia Example"]
    assert (mia["2026-11-18"], mia["2026-11-11"], mia["2026-11-12"]) == (100, 50, 0)
    [ever] = await said(db, cast, ReportKind.SALES_BY_MANAGERS)
    assert table(ever)["Mia Example"]["Value"] == 157
    assert table(ever)["Mia Example"]["2025-11"] == 7


async def test_money_is_converted_and_what_has_no_rate_is_named_and_only_counted(db: Database, cast: Cast) -> None:
    await currencies.set_rate(db, cast.olga, Quote("EUR", "USD", Decimal("1.25")))
    await deal(db, cast, "mia", 100, -2, currency="EUR", won_at=NOW)
    await deal(db, cast, "mia", 10, -2, currency="JPY", won_at=NOW)
    await deal(db, cast, "mia", 1, -2, currency="USD", won_at=NOW)
    await deal(db, cast, "mia", None, -2, won_at=NOW)
    report = await reports.make(db, cast.olga, ReportAsk(kind=ReportKind.SALES_BY_MANAGERS), NOW)
    assert report.missing_rates == ("JPY",)
    assert report.sheets[0].rows[0][:3] == ("Mia Example", 4, Decimal("126.00"))


async def test_a_period_is_about_days_of_the_portal_not_of_greenwich(db: Database, cast: Cast) -> None:
    await locations.change(db, cast.olga, db.rules.location.id, LocationChange(time_zone="Pacific/Auckland"))
    await deal(db, cast, "mia", 100, -2, won_at=datetime(2026, 11, 17, 12, tzinfo=UTC))  # the 18th in Auckland
    await deal(db, cast, "mia", 10, -2, won_at=datetime(2026, 11, 17, 10, tzinfo=UTC))  # still the 17th
    [sheet] = await said(db, cast, ReportKind.SALES_BY_MANAGERS, period=Period.YESTERDAY)
    # At noon in Greenwich it is the 19th in Auckland.
    assert [row[2] for row in sheet.rows] == [100]


async def test_a_forecast_weighs_open_deals_by_their_chance(db: Database, cast: Cast) -> None:
    soon, later = NOW + timedelta(days=2), NOW + timedelta(days=40)
    await deal(db, cast, "mia", 1000, expected_close=soon, probability=25)
    await deal(db, cast, "mia", 100, expected_close=soon, probability=50)
    await deal(db, cast, "noah", 10, expected_close=later, probability=10)
    await deal(db, cast, "noah", 1, probability=100)
    await deal(db, cast, "noah", 9999, -2, expected_close=soon)
    [month] = await said(db, cast, ReportKind.SALES_FORECAST, period=Period.CURRENT_MONTH)
    assert table(month)["2026-11-20"] == {"Opportunities": 2, "Value": 1100, "Value by chance": 300}
    assert month.totals == ("Total", 2, 1100, 300)
    [ever] = await said(db, cast, ReportKind.SALES_FORECAST)
    assert table(ever)["No date"] == {"Opportunities": 1, "Value": 1, "Value by chance": 1}
    assert ever.totals is not None
    assert ever.totals[1:] == (4, 1111, 302)


async def test_a_funnel_knows_who_went_through_a_stage(db: Database, cast: Cast) -> None:
    first, second = stage(db, 0), stage(db, 1)
    moved = await deal(db, cast, "mia", 10)
    await deal(db, cast, "mia", 20)
    await opportunities.change(db, cast.olga, moved, Change(stage_id=second))
    sheets = await said(db, cast, ReportKind.SALES_FUNNEL)
    rows = {row[0]: row[1:5] for row in sheets[0].rows}
    titles = [db.rules.stages[one].title for one in (first, second)]
    assert rows[titles[0]] == (1, 20, 2, Decimal("100.0"))
    assert rows[titles[1]] == (1, 10, 1, Decimal("50.0"))
    assert sheets[0].rows[0][5] is not None


async def test_a_workload_of_deals_counts_them_by_outcome(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 10)
    await deal(db, cast, "mia", 20, -2)
    await deal(db, cast, "mia", 30, -2)
    await deal(db, cast, "mia", 40, -1)
    [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_DEALS)
    assert sheet.rows == [("Mia Example", 4, 1, 10, 2, 50, 1, 40, Decimal("66.7"))]


async def test_a_report_is_narrowed_to_managers(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 10)
    await deal(db, cast, "noah", 20)
    await contacts.create(db, cast.mia, ContactChange(first_name="Ann"))
    await contacts.create(db, cast.noah, ContactChange(first_name="Bob"))
    only = (cast.mia.uid.upper(),)
    [deals] = await said(db, cast, ReportKind.WORKLOAD_BY_DEALS, managers=only)
    [made] = await said(db, cast, ReportKind.WORKLOAD_BY_CONTACTS, managers=only)
    assert [row[0] for row in deals.rows] == [row[0] for row in made.rows] == ["Mia Example"]


async def test_what_somebody_does_not_see_is_in_none_of_the_sums(db: Database, cast: Cast) -> None:
    await deal(db, cast, "noah", 10)
    await deal(db, cast, "noah", 5000, sharing=Sharing(True, (cast.noah.uid,)))
    for by, total in (("olga", 5010), ("noah", 5010), ("mia", 10)):
        [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_DEALS, by)
        assert sheet.rows[0][3] == total, by


async def test_nobody_reports_without_the_right(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await said(db, cast, ReportKind.WORKLOAD_BY_DEALS, "rita")


async def test_contacts_are_counted_by_who_made_them_and_what_is_going_on(db: Database, cast: Cast) -> None:
    kind = db.rules.items_of("contact_type")[0]
    busy = await contacts.create(db, cast.mia, ContactChange(first_name="Ann", type_id=kind.id))
    await contacts.create(db, cast.mia, ContactChange(first_name="Bob"))
    await deal(db, cast, "mia", 1, contact_id=busy.contact.id)
    await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=busy.contact.id, responsible=cast.mia.uid))
    [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_CONTACTS)
    row = table(sheet)["Mia Example"]
    assert row == {
        **{"Contacts": 2, "With open opportunities": 1, "With open tasks": 1},
        **{f"Type: {kind.title}": 1, "Type: None": 1},
    }


async def test_tasks_are_counted_open_late_and_done(db: Database, cast: Cast) -> None:
    for title, deadline, closed in (
        ("late", NOW - timedelta(hours=1), False),
        ("open", NOW + timedelta(hours=1), False),
        ("done", NOW - timedelta(hours=2), True),
        ("another day", NOW + timedelta(days=9), False),
    ):
        change = TaskChange(title=title, deadline=deadline, closed=closed, responsible=cast.noah.uid)
        await tasks.create(db, cast.noah, change)
    [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_TASKS, period=Period.TODAY)
    assert table(sheet)["Noah Example"] == {"Tasks": 3, "Open": 2, "Overdue": 1, "Closed": 1, "Category: None": 3}


async def invoice(db: Database, cast: Cast, by: str, contact_id: int, cost: str, status: int, due: datetime) -> None:
    """Insert an invoice as it is stored."""
    actor, at = cast.actor(by), micros(NOW)
    units, nanos = split(Decimal(cost))
    values = {
        **{"uid": new_uid(), "created_at": at, "created_by": actor.id, "updated_at": at, "status": status},
        **{"number": cost, "number_fold": cost, "issued_at": at, "due_at": micros(due), "contact_id": contact_id},
        **{"currency": "USD", "cost_units": units, "cost_nanos": nanos},
    }
    await db.apply([Insert(schema.invoice, values)])


async def test_invoices_are_counted_by_status_and_what_is_overdue(db: Database, cast: Cast) -> None:
    found = (await contacts.create(db, cast.mia, ContactChange(first_name="Ann"))).contact.id
    await invoice(db, cast, "mia", found, "10.50", 4, NOW)
    await invoice(db, cast, "mia", found, "20.25", 2, NOW - timedelta(days=1))
    await invoice(db, cast, "mia", found, "30.00", 2, NOW + timedelta(days=1))
    [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_INVOICES)
    row = table(sheet)["Mia Example"]
    assert (row["Invoices"], row["Sent"], row["Paid"], row["Overdue"]) == (3, 2, 1, 1)
    money = [row[name] for name in ("Value", "Paid, value", "Sent, value", "Overdue, value")]
    assert money == [Decimal(one) for one in ("60.75", "10.50", "50.25", "20.25")]


async def test_a_draft_is_worth_what_it_is_by_the_taxes_of_now(db: Database, cast: Cast) -> None:
    vat = await tax(db, cast, rate="10")
    for price in ("100", "50"):
        made = await draft(db, cast.mia, currency="USD", lines=[line(price=Decimal(price), tax1_id=vat.tax.id)])
    await invoices.move(db, cast.mia, made.invoice.id, Status.SENT)
    await draft(db, cast.mia, currency="USD", lines=[line(price=Decimal(1))])
    await invoice_taxes.change(db, cast.carl, vat.tax.id, TaxChange(rate=Decimal(20)))
    [workload] = await said(db, cast, ReportKind.WORKLOAD_BY_INVOICES)
    row = table(workload)["Mia Example"]
    assert (row["Invoices"], row["Value"], row["Sent, value"]) == (3, Decimal(240 + 110 + 2), Decimal(110))
    sheets = {sheet.title: sheet for sheet in await said(db, cast, ReportKind.SUMMARY_OF_NOW)}
    assert ("Draft", 2, Decimal(242)) in sheets["Invoices by status"].rows


async def test_calls_are_counted_with_their_minutes(db: Database, cast: Cast) -> None:
    for number, (status, seconds) in enumerate(((0, 90), (3, 0), (1, 60))):
        values = {
            **{"uid": new_uid(), "created_at": micros(NOW), "updated_at": micros(NOW), "external_id": str(number)},
            **{"answered_by": cast.mia.uid, "status": status, "dialed_at": micros(NOW), "seconds": seconds},
        }
        await db.apply([Insert(schema.call, values)])
    [sheet] = await said(db, cast, ReportKind.WORKLOAD_BY_CALLS)
    row = table(sheet)["Mia Example"]
    assert (row["Calls"], row["Incoming"], row["Outgoing"], row["Missed"]) == (3, 1, 1, 1)
    assert row["Minutes"] == Decimal("2.5")


async def test_a_summary_of_a_period_says_what_was_new_won_and_lost(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 10)
    await deal(db, cast, "mia", 20, -2, won_at=NOW, created_at=LAST_YEAR)
    await deal(db, cast, "mia", 30, -1, lost_at=NOW)
    sheets = {sheet.title: sheet for sheet in await said(db, cast, ReportKind.SUMMARY_OF_PERIOD, period=Period.TODAY)}
    assert sheets["Opportunities"].rows == [("New", 2, 40), ("Won", 1, 20), ("Lost", 1, 30)]


async def test_a_summary_of_this_moment_says_what_is_open(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 10, 0, expected_close=NOW - timedelta(days=1), created_at=LAST_YEAR)
    await deal(db, cast, "mia", 20, 1)
    await deal(db, cast, "mia", 99, -2)
    sheets = {sheet.title: sheet for sheet in await said(db, cast, ReportKind.SUMMARY_OF_NOW, period=Period.TODAY)}
    first, second = (db.rules.stages[stage(db, place)].title for place in (0, 1))
    assert sheets["Open opportunities by stage"].rows == [(first, 1, 10), (second, 1, 20)]
    assert sheets["Overdue opportunities"].rows == [("Expected by now", 1, 10)]


@pytest.mark.parametrize("kind", list(ReportKind))
async def test_a_report_about_nothing_says_so_and_can_still_be_made(db: Database, cast: Cast, kind: ReportKind) -> None:
    for by in ("olga", "mia"):
        report = await reports.make(db, cast.actor(by), ReportAsk(kind=kind, period=Period.TODAY))
        assert not report.has_data
        assert load_workbook(BytesIO(workbook(report, UTC, [])))["About"]["B1"].value == report.title


async def test_a_workbook_holds_the_numbers_as_numbers_and_names_as_names(db: Database, cast: Cast) -> None:
    await people.change_user(db, cast.olga, cast.mia.id, UserChange(first_name="=1+1", last_name="Mia\x0b"))
    await deal(db, cast, "mia", 100, -2, won_at=NOW)
    await deal(db, cast, "noah", 1000, -2, won_at=NOW)
    report = await reports.make(db, cast.olga, ReportAsk(kind=ReportKind.SALES_BY_MANAGERS), NOW)
    book = load_workbook(BytesIO(workbook(report, UTC, ["Noah"])))
    page: Any = book["Sales by managers"]
    assert page.freeze_panes == "B2"
    found = {row[0].value: row for row in page.iter_rows(min_row=2)}
    assert (found["=1+1 Mia"][0].data_type, found["=1+1 Mia"][2].value) == ("s", 100)
    assert found["Total"][2].value == 1100
    assert found["Total"][2].number_format == "#,##0.00"
    assert len(page._charts) == 1
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert (about["Currency"], about["Managers"], about["Period"]) == ("USD", "Noah", "All time")


async def test_a_report_is_made_by_long_work_listed_and_deleted(db: Database, cast: Cast) -> None:
    await deal(db, cast, "mia", 100, -2)
    ask = ReportAsk(kind=ReportKind.SALES_BY_MANAGERS, managers=(cast.mia.uid,))
    jobs = Jobs(db, Settings())
    jobs.start()
    try:
        begun = await reports.start(db, cast.olga, ask)
        found = await finished(db, cast, begun.id)
    finally:
        await jobs.stop()
    assert (found.state, found.done, found.total) == (State.DONE, 3, 3)
    [file] = await reports.made(db, cast.olga)
    assert file.id == found.result["file_id"]
    assert file.media_type.endswith("spreadsheetml.sheet")
    _, data = await files.read(db, cast.olga, file.id)
    assert load_workbook(BytesIO(data))["Sales by managers"]["C2"].value == 100
    assert await reports.made(db, cast.carl) == []
    await reports.delete(db, cast.olga, file.id)
    assert await reports.made(db, cast.olga) == []
    with pytest.raises(NotFound):
        await reports.delete(db, cast.olga, file.id)


async def finished(db: Database, cast: Cast, work_id: int) -> Any:
    """Return a work once it has come to an end."""
    for _ in range(1000):
        if (found := await work.status(db, cast.olga, work_id)).is_finished:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("the report was not made in time")
