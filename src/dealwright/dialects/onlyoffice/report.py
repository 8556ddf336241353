"""Reports (invoices-reports-voip §4): made here as workbooks, where the vendor asks a document builder."""

from __future__ import annotations

from typing import Final

from dealwright.actions import reports as deeds
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, nothing, one
from dealwright.dialects.onlyoffice.failures import denied, unreadable
from dealwright.dialects.onlyoffice.file_shown import file_shown
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.domain.report import TITLES, Period, ReportAsk, ReportKind
from dealwright.domain.work import State, Work

KINDS: Final = Names(
    {
        "SalesByManagers": 0,
        "SalesForecast": 1,
        "SalesFunnel": 2,
        "WorkloadByContacts": 3,
        "WorkloadByTasks": 4,
        "WorkloadByDeals": 5,
        "WorkloadByInvoices": 6,
        "WorkloadByVoip": 7,
        "SummaryForThePeriod": 8,
        "SummaryAtThisMoment": 9,
    }
)
PERIODS: Final = Names(
    {
        **{"Today": 0, "Yesterday": 1, "Tomorrow": 2, "CurrentWeek": 3, "PreviousWeek": 4, "NextWeek": 5},
        **{"CurrentMonth": 6, "PreviousMonth": 7, "NextMonth": 8},
        **{"CurrentQuarter": 9, "PreviousQuarter": 10, "NextQuarter": 11},
        **{"CurrentYear": 12, "PreviousYear": 13, "NextYear": 14, "DuringAllTime": 15},
    }
)
QUEUED, STARTED, DONE, FAILED = range(4)
STATUSES: Final = {State.WAITING: QUEUED, State.RUNNING: STARTED, State.DONE: DONE}
NO_FILE: Final = {"file": "File not found"}


@routes.get("crm/report/files", right=deeds.LIST)
async def get_files(call: Call) -> Answer:
    """Answer the workbooks the caller had made, the newest first (§4). 403."""
    _require_admin(call)
    found = await deeds.made(call.db, call.actor)
    return listed([file_shown(call.portal, file) for file in found], call.page, "file")


@routes.delete("crm/report/file/{fileid:[0-9]+}", right=deeds.DELETE, words=NO_FILE)
async def delete_file(call: Call) -> Answer:
    """Delete one of them (§4). 403, 404."""
    _require_admin(call)
    await deeds.delete(call.db, call.actor, call.bag.integer("fileid"))
    return nothing()


@routes.get("crm/report/status", right=deeds.READ)
async def get_status(call: Call) -> Answer:
    """Answer how far the caller's last report is, nothing where there is none (§4). 403."""
    _require_admin(call)
    found = await deeds.latest(call.db, call.actor)
    return nothing() if found is None else one(_state(call, found))


@routes.get("crm/report/terminate", right=deeds.CREATE)
async def terminate(call: Call) -> Answer:
    """End the making of the caller's report (§4). 403."""
    _require_admin(call)
    await deeds.stop(call.db, call.actor)
    return nothing()


@routes.post("crm/report/check", right=deeds.READ)
async def check(call: Call) -> Answer:
    """Answer whether a report would say anything, and which rates it would lack (§4). 400, 403."""
    _require_admin(call)
    report = await deeds.make(call.db, call.actor, _ask(call))
    return one({"hasData": report.has_data, "missingRates": list(report.missing_rates)})


@routes.post("crm/report/generate", right=deeds.CREATE)
async def generate(call: Call) -> Answer:
    """Have a report made and answer how far it is; while one is being made, that one (§4). 400, 403."""
    _require_admin(call)
    return one(_state(call, await deeds.start(call.db, call.actor, _ask(call))))


def _require_admin(call: Call) -> None:
    if not call.actor.is_crm_admin:
        raise denied()


def _ask(call: Call) -> ReportAsk:
    bag = call.bag
    kind, period = bag.enum("type", KINDS), bag.enum("timePeriod", PERIODS)
    if kind not in TITLES or period not in list(Period):
        raise unreadable("There is no such report.")
    return ReportAsk(kind=ReportKind(kind), period=Period(period), managers=tuple(bag.guids("managers")))


def _state(call: Call, work: Work) -> Shown:
    """Return how far a report is; `origin` 0 is the CRM."""
    kind = deeds.asked(work.input).kind
    return {
        "id": f"0_{call.actor.uid}_0",
        "fileName": str(work.result.get("title") or f"{TITLES[kind]}.xlsx"),
        "fileId": work.result.get("file_id", 0),
        "reportType": int(kind),
        "exception": work.error,
        "status": STATUSES.get(work.state, FAILED),
        "origin": 0,
        "obj": None,
    }
