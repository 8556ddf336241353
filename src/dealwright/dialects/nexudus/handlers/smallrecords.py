"""Opportunity types, canned responses, task lists and their items (crm §7, §9, §10 and §11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from dealwright.actions import small_records as deeds
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.cannedresponses import CANNED_RESPONSE
from dealwright.dialects.nexudus.entities.coworkertasks import TASK_ITEM, TASK_LIST
from dealwright.dialects.nexudus.entities.crmopportunities import OPPORTUNITY_TYPE
from dealwright.dialects.nexudus.entity import Entity
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_after, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, stamped
from dealwright.dialects.nexudus.sources import InRules
from dealwright.storage.rules import Plain, Rules


def _expanded(rules: Rules, record: Plain) -> Values:
    """Return the names of what a record points at."""
    values = record.values
    found: Values = {}
    if "location_id" in values:
        found["location.name"] = rules.locations[values["location_id"]].name
    if "responsible_id" in values:
        found["responsible.name"] = rules.users[values["responsible_id"]].name
    return found


def _shown(entity: Entity) -> Callable[[Rules, Plain], Values]:
    """Return what makes values of a record: its columns by the keys of the entity, and what they point at."""
    own = [(member.ours, member.base == "bool") for member in entity.own if member.ours and "." not in member.ours]
    expanded = {member.ours for member in entity.own if "." in member.ours}

    def shown(rules: Rules, record: Plain) -> Values:
        values = {key: bool(record.values[key]) if is_flag else record.values[key] for key, is_flag in own}
        names = {key: value for key, value in _expanded(rules, record).items() if key in expanded}
        return {**known(entity, _extra(record)), **stamped(rules, record), **values, **names}

    return shown


def _extra(record: Plain) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(record.values.get("extra") or "{}")
    return found


def _values(entity: Entity, body: Body, present: Plain | None) -> dict[str, Any]:
    said = {key: value for key, value in body.values.items() if key != "custom"}
    if body.extras or body.collections:
        said["extra"] = kept_after(entity, body, _extra(present) if present else {})
    return said


def _handler(entity: Entity, deed: deeds.Entity) -> Handler:
    held_in = deed.record.held_in

    async def create(call: Call, body: Body) -> Done:
        record = await deeds.create(call.db, call.actor, deed, _values(entity, body, None))
        return Done(record.id, record.stamps.updated_at)

    async def change(call: Call, body: Body) -> Done:
        present = getattr(call.db.rules, held_in).get(body.id)
        record = await deeds.change(call.db, call.actor, deed, body.id, _values(entity, body, present))
        return Done(record.id, record.stamps.updated_at)

    async def remove(call: Call, record_id: int) -> Done:
        return Done((await deeds.delete(call.db, call.actor, deed, record_id)).id, now())

    source = InRules(entity, lambda rules: getattr(rules, held_in).values(), _shown(entity))
    return Handler(entity=entity, source=source, create=create, change=change, remove=remove)


OPPORTUNITY_TYPES: Final = _handler(OPPORTUNITY_TYPE, deeds.OPPORTUNITY_TYPE)
CANNED_RESPONSES: Final = _handler(CANNED_RESPONSE, deeds.CANNED_RESPONSE)
TASK_LISTS: Final = _handler(TASK_LIST, deeds.TASK_LIST)
TASK_ITEMS: Final = _handler(TASK_ITEM, deeds.TASK_ITEM)
