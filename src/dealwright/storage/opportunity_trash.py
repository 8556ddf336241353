"""Many deals to the trash at once, with what hangs on them; all in statements over the whole set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from sqlalchemy import and_

from dealwright.storage import deal_sums
from dealwright.storage.deal_sums import Side
from dealwright.storage.query import any_number
from dealwright.storage.schema import opportunity
from dealwright.storage.sight import visible_to
from dealwright.storage.sweeping import STAMPED, TOLD, Picking, Swept, unworded

_GOING: Final = Picking(
    "going_deals",
    opportunity,
    lambda _: deal_sums.COLUMNS,
    f"deleted_at = CAST(:at AS BIGINT), position = NULL, {STAMPED}",
)
_HANGING: Final = "opportunity_id IN (SELECT id FROM going_deals) AND deleted_at IS NULL"


def _parts(postgres: bool) -> Mapping[str, str]:
    return {
        "deals_gone_told": f"{TOLD}, 'opportunity', id, 'opportunity.deleted', '{{}}', '{{}}' FROM going_deals",
        **deal_sums.carried("deals_gone", Side("going_deals", "-")),
        "deal_tasks_gone": f"UPDATE task SET deleted_at = CAST(:at AS BIGINT) WHERE {_HANGING}",
        "deal_notes_gone": f"UPDATE note SET deleted_at = CAST(:at AS BIGINT) WHERE {_HANGING}",
        "deals_unworded": unworded("opportunity", "going_deals", postgres),
    }


@cache
def going(sight: str) -> Swept:
    """Return the statements that move those of the deals `ids` to the trash that are there for this sight.

    Their tasks and notes go with them, the totals follow, and each has its event of the deed.
    """
    return _GOING.swept(and_(any_number(opportunity.c.id, "ids"), visible_to(sight)), _parts)
