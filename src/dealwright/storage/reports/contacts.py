"""Contacts as reports count them: by who made them, type, status and time, and what is going on with them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import exists, not_, select

from dealwright.domain.pipeline import Outcome
from dealwright.storage.query import any_number
from dealwright.storage.reports.tally import Family
from dealwright.storage.schema import contact as c
from dealwright.storage.schema import opportunity, task
from dealwright.storage.sight import contact_visible_to

_ON_DEAL: Final = select(opportunity.c.id).where(
    opportunity.c.contact_id == c.c.id,
    opportunity.c.deleted_at.is_(None),
    opportunity.c.outcome == int(Outcome.OPEN),
)
_ON_TASK: Final = select(task.c.id).where(task.c.contact_id == c.c.id, task.c.deleted_at.is_(None), not_(task.c.closed))

CONTACTS: Final = Family(
    source=c,
    visible=contact_visible_to,
    keys={"maker": c.c.created_by, "type": c.c.type_id, "status": c.c.status_id, "company": c.c.is_company},
    times={"made": c.c.created_at},
    only={
        "with deals": lambda: exists(_ON_DEAL.correlate(c)),
        "with tasks": lambda: exists(_ON_TASK.correlate(c)),
    },
    by_manager=lambda: any_number(c.c.created_by, "manager_ids"),
)
