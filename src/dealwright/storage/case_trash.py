"""Many cases to the trash at once, with what hangs on them; all in statements over the whole set."""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import and_

from dealwright.storage.query import any_number
from dealwright.storage.schema import case
from dealwright.storage.sight import case_visible_to
from dealwright.storage.sweeping import STAMPED, TOLD, Parts, Picking, Swept, unworded

_GOING: Final = Picking("going_cases", case, lambda _: {}, f"deleted_at = CAST(:at AS BIGINT), {STAMPED}")
_HANGING: Final = "case_id IN (SELECT id FROM going_cases) AND deleted_at IS NULL"


def _parts(postgres: bool) -> Parts:
    return {
        "cases_gone_told": f"{TOLD}, 'case', id, 'case.deleted', '{{}}', '{{}}' FROM going_cases",
        "case_tasks_gone": f"UPDATE task SET deleted_at = CAST(:at AS BIGINT) WHERE {_HANGING}",
        "case_notes_gone": f"UPDATE note SET deleted_at = CAST(:at AS BIGINT) WHERE {_HANGING}",
        "cases_unworded": unworded("case", "going_cases", postgres),
    }


@cache
def going(sight: str) -> Swept:
    """Return the statements that move those of the cases `ids` to the trash that are there for this sight.

    Their tasks and notes go with them, and each has its event of the deed.
    """
    return _GOING.swept(and_(any_number(case.c.id, "ids"), case_visible_to(sight)), _parts)
