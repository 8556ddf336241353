"""Exports (invoices-reports-voip §3): everything as an archive of tables, or one kind of record as a table."""

from __future__ import annotations

from typing import Final

from dealwright.actions import exports, work
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, nothing, one
from dealwright.dialects.onlyoffice.export_filter import criteria_of
from dealwright.dialects.onlyoffice.failures import denied
from dealwright.dialects.onlyoffice.progress import export_progress
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.work import Work

SUBJECTS: Final = {"invoiceitem": "invoice_item"}
NOTHING_MATCHES: Final[list[int]] = []


@routes.post("crm/export/start")
async def start(call: Call) -> Answer:
    """Start to export everything and answer how far it is; while that is being done, that one. 403."""
    _require_admin(call)
    return _shown(call, await exports.start_whole(call.db, call.actor))


@routes.get("crm/export/status")
async def get_status(call: Call) -> Answer:
    """Answer how far the caller's last whole export is, nothing where there is none. 403."""
    _require_admin(call)
    return _shown(call, await work.latest(call.db, call.actor, exports.WHOLE))


@routes.put("crm/export/cancel")
async def cancel(call: Call) -> Answer:
    """End the caller's whole export and answer how far it came. 403."""
    _require_admin(call)
    return await _cancelled(call, exports.WHOLE)


@routes.post("crm/export/partial/{entityType:(contact|opportunity|case|task|invoiceitem)}/start")
async def start_partial(call: Call) -> Answer:
    """Start to export what matches a filter and the caller sees; while one is being done, that one.

    Refuses with 400 without a filter and one that cannot be read, with 403 who may not list such records.
    """
    kind = (call.bag.text("entityType") or "").lower()
    criteria, subject = await criteria_of(call, kind), SUBJECTS.get(kind, kind)
    if criteria is None:
        criteria = exports.SUBJECTS[subject].criteria(ids=NOTHING_MATCHES)
    return _shown(call, await exports.start_or_join(call.db, call.actor, subject, criteria))


@routes.get("crm/export/partial/status")
async def get_partial_status(call: Call) -> Answer:
    """Answer how far the caller's last partial export is, nothing where there is none."""
    return _shown(call, await work.latest(call.db, call.actor, exports.KIND))


@routes.put("crm/export/partial/cancel")
async def cancel_partial(call: Call) -> Answer:
    """End the caller's partial export and answer how far it came."""
    return await _cancelled(call, exports.KIND)


async def _cancelled(call: Call, kind: str) -> Answer:
    found = await work.latest(call.db, call.actor, kind)
    return _shown(call, None if found is None else await work.cancel(call.db, call.actor, found.id))


def _shown(call: Call, found: Work | None) -> Answer:
    return nothing() if found is None else one(export_progress(call.portal, found))


def _require_admin(call: Call) -> None:
    if not call.actor.is_crm_admin:
        raise denied()
