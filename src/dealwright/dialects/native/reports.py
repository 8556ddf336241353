"""Reports in our own API: which there are, what one says, and having one made into a workbook."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import reports as deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Instant, Listing
from dealwright.domain.errors import Invalid, NotFound, Problem
from dealwright.domain.file import File
from dealwright.domain.report import TITLES, Cell, Form, Period, Report, ReportAsk, ReportKind, Sheet
from dealwright.domain.work import Work
from dealwright.storage.rules import Rules

KINDS: Final = {kind.name.lower(): kind for kind in ReportKind}
PERIODS: Final = {period.name.lower(): period for period in Period}
KindName = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]
PeriodName = Annotated[str, Meta(extra_json_schema={"enum": list(PERIODS)})]
Managers = Annotated[list[Id], Meta(max_length=200, description="Users to narrow it to; everybody without it.")]
DOWNLOAD: Final = "/Products/Files/HttpHandlers/filehandler.ashx?action=download&fileid="
ALL_TIME: Final = Period.ALL_TIME.name.lower()


class ReportType(Struct, kw_only=True):
    """A kind of report."""

    kind: KindName
    title: str


class ReportQuery(Query):
    """Which report is asked for."""

    kind: KindName
    period: PeriodName = ALL_TIME
    manager_id: Managers | UnsetType = UNSET


class ReportDraft(Body, kw_only=True):
    """Which report is to be made."""

    kind: KindName
    period: PeriodName = ALL_TIME
    manager_ids: Managers | UnsetType = UNSET


class ReportColumn(Struct, kw_only=True):
    """A column of a table; the cells of `money`, `percent`, `days` and `minutes` are decimal text."""

    title: str
    form: Annotated[str, Meta(extra_json_schema={"enum": [form.value for form in Form]})]


class ReportSheet(Struct, kw_only=True):
    """A table of a report; `totals` is null where there are none."""

    title: str
    columns: list[ReportColumn]
    rows: list[list[str | int | None]]
    totals: list[str | int | None] | None


class ReportData(Struct, kw_only=True):
    """What a report says. Money is in `currency`; what has no rate to it (`missing_rates`) is counted, not summed."""

    kind: KindName
    title: str
    period: PeriodName
    starts_at: Instant | None
    ends_at: Instant | None
    made_at: Instant
    currency: str
    missing_rates: list[str]
    has_data: bool
    sheets: list[ReportSheet]


class ReportWork(Struct, kw_only=True):
    """How far a report is. With `state` done, `file_id` is the workbook."""

    id: int
    kind: KindName
    period: PeriodName
    state: Annotated[str, Meta(extra_json_schema={"enum": ["waiting", "running", "done", "failed", "cancelled"]})]
    percentage: float
    error: str | None
    file_id: int | None
    created_at: Instant
    finished_at: Instant | None


class ReportFile(Struct, kw_only=True):
    """A workbook that was made; `url` is the path to download it, with the same credentials."""

    id: int
    uid: str
    title: str
    media_type: str
    size: int
    url: str
    created_at: Instant


async def list_reports(call: Call) -> Reply[Listing[ReportType]]:
    """List the kinds of reports."""
    return pages.whole([ReportType(kind=name, title=TITLES[kind]) for name, kind in KINDS.items()])


async def get_report_data(call: Call, query: ReportQuery) -> Reply[ReportData]:
    """Get what a report says, as rows: sums over the records the caller sees."""
    for name, said, known in (("kind", query.kind, KINDS), ("period", query.period, PERIODS)):
        if said not in known:
            raise bad_query(name, "not_allowed", f"there is no {name} {said!r}")
    ids = [] if query.manager_id is UNSET else query.manager_id
    unknown = next((one for one in ids if one not in call.db.rules.users), None)
    if unknown is not None:
        raise bad_query("manager_id", "unknown", f"{unknown} is no user")
    uids = tuple(call.db.rules.users[one].uid for one in ids)
    ask = ReportAsk(kind=KINDS[query.kind], period=PERIODS[query.period], managers=uids)
    return Reply(written(await deeds.make(call.db, call.actor, ask)))


async def make_report(call: Call, body: ReportDraft) -> Reply[ReportWork]:
    """Have a report made into a workbook; while one of yours is being made, that one is answered."""
    return Reply(progress(await deeds.start(call.db, call.actor, _ask(call.db.rules, body))))


async def get_report_work(call: Call) -> Reply[ReportWork]:
    """Get how far the report is that you had made last."""
    return Reply(progress(_present(await deeds.latest(call.db, call.actor))))


async def cancel_report(call: Call) -> Reply[None]:
    """End the making of your report."""
    await deeds.stop(call.db, call.actor)
    return Reply(None)


async def list_report_files(call: Call) -> Reply[Listing[ReportFile]]:
    """List the workbooks you had made, the newest first; the last thousand at most."""
    return pages.whole([workbook(file) for file in await deeds.made(call.db, call.actor)])


async def get_report_file(call: Call) -> Reply[ReportFile]:
    """Get what is known of a workbook and where to download it."""
    return Reply(workbook(await deeds.get(call.db, call.actor, call.id)))


async def delete_report_file(call: Call) -> Reply[None]:
    """Move a workbook to the trash."""
    await deeds.delete(call.db, call.actor, call.id)
    return Reply(None)


def _ask(rules: Rules, body: ReportDraft) -> ReportAsk:
    ids = [] if body.manager_ids is UNSET else body.manager_ids
    problems = [Problem("managers", "unknown", f"{one} is no user") for one in ids if one not in rules.users]
    problems += [Problem("kind", "not_allowed", "is no kind of report")] if body.kind not in KINDS else []
    problems += [Problem("period", "not_allowed", "is no period")] if body.period not in PERIODS else []
    if problems:
        raise Invalid(*problems)
    uids = tuple(rules.users[one].uid for one in ids)
    return ReportAsk(kind=KINDS[body.kind], period=PERIODS[body.period], managers=uids)


def _present(found: Work | None) -> Work:
    if found is None:
        raise NotFound("report")
    return found


def written(report: Report) -> ReportData:
    """Return what a report says as it goes over the wire."""
    return ReportData(
        kind=report.ask.kind.name.lower(),
        title=report.title,
        period=report.ask.period.name.lower(),
        starts_at=report.span.start if report.span else None,
        ends_at=report.span.end if report.span else None,
        made_at=report.made_at,
        currency=report.currency,
        missing_rates=list(report.missing_rates),
        has_data=report.has_data,
        sheets=[_sheet(sheet) for sheet in report.sheets],
    )


def _sheet(sheet: Sheet) -> ReportSheet:
    return ReportSheet(
        title=sheet.title,
        columns=[ReportColumn(title=column.title, form=column.form.value) for column in sheet.columns],
        rows=[[_cell(value) for value in row] for row in sheet.rows],
        totals=None if sheet.totals is None else [_cell(value) for value in sheet.totals],
    )


def _cell(value: Cell) -> str | int | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def progress(work: Work) -> ReportWork:
    """Return how far a report is as it goes over the wire."""
    ask, made = deeds.asked(work.input), work.result.get("file_id")
    return ReportWork(
        id=work.id,
        kind=ask.kind.name.lower(),
        period=ask.period.name.lower(),
        state=str(work.state),
        percentage=work.percentage,
        error=work.error,
        file_id=None if made is None else int(made),
        created_at=work.created_at,
        finished_at=work.finished_at,
    )


def workbook(file: File) -> ReportFile:
    """Return a workbook as it goes over the wire."""
    return ReportFile(
        id=file.id,
        uid=file.uid,
        title=file.title,
        media_type=file.media_type,
        size=file.size,
        url=f"{DOWNLOAD}{file.id}",
        created_at=file.created_at,
    )


_NAMES: Final = {"managers": "manager_ids"}

ROUTES: Final = (
    Route("GET", "/reports", list_reports, right=deeds.LIST),
    Route("GET", "/reports/data", get_report_data, right=deeds.READ),
    Route("POST", "/reports/work", make_report, 202, right=deeds.CREATE, names=_NAMES),
    Route("GET", "/reports/work", get_report_work, right=deeds.READ),
    Route("DELETE", "/reports/work", cancel_report, 204, right=deeds.CREATE),
    Route("GET", "/report-files", list_report_files, right=deeds.LIST),
    Route("GET", "/report-files/{id}", get_report_file, right=deeds.READ),
    Route("DELETE", "/report-files/{id}", delete_report_file, 204, right=deeds.DELETE),
)
