"""The history of stages as records (crm §5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dealwright.actions import stage_visits
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.crmopportunities import CRM_OPPORTUNITY_HISTORY
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, stamped
from dealwright.dialects.nexudus.sources import Tables
from dealwright.domain.pipeline import StageVisit, VisitChange
from dealwright.storage import stage_visits as store
from dealwright.storage.rules import Rules

_PLAIN: Final = ("opportunity_id", "from_stage_id", "to_stage_id", "from_time", "to_time", "user_id")


async def _one(call: Call, record_id: int) -> StageVisit:
    return await store.read(call.db, call.actor, record_id)


async def _many(call: Call, ids: Sequence[int]) -> list[StageVisit]:
    return await store.read_many(call.db, call.actor, ids)


def shown(rules: Rules, visit: StageVisit) -> Values:
    """Return a step in our words; a stage that is gone has no name any more."""
    left, entered = rules.stages.get(visit.from_stage_id or 0), rules.stages.get(visit.to_stage_id)
    user = rules.users.get(visit.user_id or 0)
    return {
        **stamped(rules, visit),
        **{name: getattr(visit, name) for name in _PLAIN},
        "from_stage.title": left.title if left else None,
        "to_stage.title": entered.title if entered else None,
        "user.name": user.name if user else None,
    }


def _change(body: Body) -> VisitChange:
    said: dict[str, Any] = {name: value for name, value in body.values.items() if name != "custom"}
    return VisitChange(**said)


async def create(call: Call, body: Body) -> Done:
    """Write a step; see actions.stage_visits.create."""
    visit = await stage_visits.create(call.db, call.actor, _change(body))
    return Done(visit.id, visit.stamps.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Replace a step; see actions.stage_visits.change."""
    visit = await stage_visits.change(call.db, call.actor, body.id, _change(body))
    return Done(visit.id, visit.stamps.updated_at)


async def remove(call: Call, record_id: int) -> Done:
    """Take a step away; see actions.stage_visits.delete."""
    return Done((await stage_visits.delete(call.db, call.actor, record_id)).id, now())


HISTORIES: Final = Handler(
    entity=CRM_OPPORTUNITY_HISTORY,
    source=Tables(CRM_OPPORTUNITY_HISTORY, "stage_visit", _one, _many, shown),
    create=create,
    change=change,
    remove=remove,
    checked=frozenset({Verb.UPDATE, Verb.DELETE}),
)
