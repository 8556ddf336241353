"""Long work as this dialect's progress objects (invoices-reports-voip §3, contacts-tasks-cases §5)."""

from __future__ import annotations

from dealwright.dialects.onlyoffice.file_shown import HANDLER
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.domain.work import Work


def progress(work: Work) -> Shown:
    """Return how far a work is: `percentage` from 0 to 100, `error` in words, and our own counts in `status`."""
    return {
        "id": work.uid,
        "status": {"state": str(work.state), "total": work.total, "done": work.done, "failed": work.failed},
        "error": work.error,
        "percentage": 100 if work.is_finished and not work.error else work.percentage,
        "isCompleted": work.is_finished,
    }


def export_progress(portal: Portal, work: Work) -> Shown:
    """Return how far an export is; its file has a name and an address as soon as there is one."""
    found, number = progress(work), work.result.get("file_id")
    found["fileName"] = work.result.get("title")
    found["fileUrl"] = None if number is None else f"{portal.url}{HANDLER}?action=download&fileid={number}"
    return found
