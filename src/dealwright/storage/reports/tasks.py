"""Tasks as reports count them: by who is responsible, category, state and deadline."""

from __future__ import annotations

from typing import Final

from sqlalchemy import not_

from dealwright.storage.query import any_text, number
from dealwright.storage.reports.tally import Family
from dealwright.storage.schema import task as t
from dealwright.storage.sight import task_visible_to

TASKS: Final = Family(
    source=t,
    visible=task_visible_to,
    keys={"person": t.c.responsible, "category": t.c.category_id, "closed": t.c.closed},
    times={"due": t.c.deadline, "made": t.c.created_at},
    only={
        "open": lambda: not_(t.c.closed),
        "closed": lambda: t.c.closed,
        "late": lambda: not_(t.c.closed) & (t.c.deadline < number("at")),
    },
    by_manager=lambda: any_text(t.c.responsible, "managers"),
)
