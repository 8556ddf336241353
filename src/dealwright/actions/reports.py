"""Deeds on reports: say what one says, have it made into a file, and the files that were made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from dealwright.actions import files, work, work_files
from dealwright.actions.report_desk import Desk
from dealwright.actions.report_sales import sales_by_managers, sales_forecast, sales_funnel, workload_by_deals
from dealwright.actions.report_summary import summary_of_now, summary_of_period
from dealwright.actions.report_workbook import workbook
from dealwright.actions.report_workload import (
    workload_by_calls,
    workload_by_contacts,
    workload_by_invoices,
    workload_by_tasks,
)
from dealwright.actions.work_runs import Run
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.file import File, Purpose, titled
from dealwright.domain.report import TITLES, Period, Report, ReportAsk, ReportKind, Sheet
from dealwright.domain.work import Work
from dealwright.storage.database import Database, TooWide
from dealwright.storage.opportunities import confirm
from dealwright.storage.reports import files as store

READ, LIST, CREATE, DELETE = "Report-Read", "Report-List", "Report-Create", "Report-Delete"
KIND: Final = "report"
STEPS: Final = 3
"""What a report is made in: the numbers, the workbook, the file."""

_MAKERS: Final[Mapping[ReportKind, Callable[[Desk], Awaitable[list[Sheet]]]]] = {
    ReportKind.SALES_BY_MANAGERS: sales_by_managers,
    ReportKind.SALES_FORECAST: sales_forecast,
    ReportKind.SALES_FUNNEL: sales_funnel,
    ReportKind.WORKLOAD_BY_CONTACTS: workload_by_contacts,
    ReportKind.WORKLOAD_BY_TASKS: workload_by_tasks,
    ReportKind.WORKLOAD_BY_DEALS: workload_by_deals,
    ReportKind.WORKLOAD_BY_INVOICES: workload_by_invoices,
    ReportKind.WORKLOAD_BY_CALLS: workload_by_calls,
    ReportKind.SUMMARY_OF_PERIOD: summary_of_period,
    ReportKind.SUMMARY_OF_NOW: summary_of_now,
}


async def make(db: Database, actor: Actor, ask: ReportAsk, at: datetime | None = None) -> Report:
    """Return what a report says of the records this person sees, at an instant (None: now). Refuses with Forbidden."""
    actor.require(READ)
    desk = Desk(db, actor, ask, at)
    sheets = await _MAKERS[ask.kind](desk)
    return Report(
        ask=ask,
        made_at=desk.at,
        span=None if ask.kind is ReportKind.SUMMARY_OF_NOW else desk.scope.span,
        currency=desk.currency,
        sheets=sheets,
        missing_rates=tuple(sorted(desk.missing)),
        has_data=desk.has_data,
    )


async def start(db: Database, actor: Actor, ask: ReportAsk) -> Work:
    """Start to make a report into a file, or return the work on the one this person is having made. Forbidden."""
    actor.require(CREATE)
    given = {"kind": int(ask.kind), "period": int(ask.period), "managers": list(ask.managers)}
    return await work.start_or_join(db, actor, KIND, given)


async def latest(db: Database, actor: Actor) -> Work | None:
    """Return how far the last report is that this person is having made, None where there is nothing any more."""
    return await work.latest(db, actor, KIND)


async def stop(db: Database, actor: Actor) -> Work | None:
    """End the making of a report and return how far it was, None where none was being made."""
    found = await latest(db, actor)
    return None if found is None or found.is_finished else await work.cancel(db, actor, found.id)


async def made(db: Database, actor: Actor) -> list[File]:
    """Return the reports this person had made, the newest first. Refuses with Forbidden."""
    actor.require(LIST)
    return await store.own(db, actor)


async def delete(db: Database, actor: Actor, file_id: int) -> File:
    """Move a report to the trash and return it. Refuses with Forbidden, and NotFound what is no report one sees."""
    actor.require(DELETE)
    return await files.delete(db, actor, (await get(db, actor, file_id)).id)


async def get(db: Database, actor: Actor, file_id: int) -> File:
    """Return what is known of a report that was made. Refuses as `delete`."""
    actor.require(READ)
    file = await files.get(db, actor, file_id)
    if file.purpose is not Purpose.REPORT:
        raise NotFound("file")
    return file


async def run(run: Run) -> Mapping[str, Any]:
    """Make a report into a file: the work that `start` starts. Its result holds `file_id`, `title` and `has_data`."""
    if "file_id" in run.cursor:
        return run.cursor
    ask = asked(run.input)
    await run.advance(done=0, total=STEPS)
    await confirm(run.db, run.actor)
    try:
        report = await make(run.db, run.actor, ask)
    except TooWide:
        raise invalid("period", "out_of_range", "there is too much to sum; choose a shorter time") from None
    await run.advance(done=1)
    users, zone = run.db.rules.users_by_uid, run.db.rules.zone
    names = [users[uid].name if uid in users else uid for uid in ask.managers]
    data = await asyncio.to_thread(workbook, report, zone, names)
    await run.advance(done=2)
    title = f"{TITLES[ask.kind]} {report.made_at.astimezone(zone):%Y-%m-%d %H-%M}.xlsx"
    facts = {"kind": int(ask.kind), "period": int(ask.period)}
    said = {"title": titled(title), "has_data": report.has_data}
    await work_files.kept(run, Purpose.REPORT, title, None, data, said, facts)
    await run.advance(done=STEPS)
    return run.cursor


def asked(given: Mapping[str, Any]) -> ReportAsk:
    """Return what a work was started with."""
    return ReportAsk(
        kind=ReportKind(given["kind"]), period=Period(given["period"]), managers=tuple(given.get("managers", ()))
    )
