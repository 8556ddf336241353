"""What webhooks are told: an array with one record as this dialect shows it to the owner (conventions §10)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from dealwright.dialects.nexudus.entity import Entity, Record, Verb
from dealwright.dialects.nexudus.handlers import HANDLERS
from dealwright.dialects.nexudus.handling import Call, Handler
from dealwright.dialects.nexudus.listing import ListQuery, read_query
from dealwright.dialects.nexudus.sources import Tables
from dealwright.dialects.nexudus.writing import encoded, writer
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound
from dealwright.domain.webhook import subject_of
from dealwright.storage.database import Database
from dealwright.storage.webhooks import Happening, Hook

NEWEST: Final = (("size", "1"), ("orderby", "Id"), ("dir", "1"))
_ENTITIES: Final[Mapping[str, str]] = {
    "opportunity": "CrmOpportunity",
    "contact": "Coworker",
    "team": "Team",
    "task": "CoworkerTask",
    "note": "CoworkerNote",
    "message": "CoworkerMessage",
    "proposal": "Proposal",
    "location": "Business",
    "form_request": "FormPageRequest",
}
"""What this dialect calls the records that events are about."""
_PLACES: Final[Mapping[str, str]] = {
    "CrmOpportunity": "CrmBoardColumnCrmBoardBusinessId",
    "Team": "BusinessId",
    "CoworkerTask": "BusinessId",
    "Proposal": "IssuedById",
    "Business": "Id",
}
"""The member that says which location a record belongs to."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")


async def body(db: Database, actor: Actor, hook: Hook, found: Happening | None) -> bytes | None:
    """Return the body of a call, None where its owner may not see the record or it belongs to another location.

    Without a happening it is the newest record that the owner sees, or an empty one. It is ASCII alone, so that
    every way of computing the signature comes to the same.
    """
    subject = found.subject if found is not None else subject_of(hook.action)
    handler = HANDLERS.get(_ENTITIES.get(subject or "", ""))
    if handler is None:
        return b"[]"
    call = Call(db, actor)
    if found is None:
        return _array(await _sample(call, handler))
    if not actor.may(handler.entity.right(Verb.READ)):
        return None
    record = await _record(call, handler, found)
    return _array(record) if _is_at(handler.entity, record, hook.location_id) else None


async def _record(call: Call, handler: Handler, found: Happening) -> Record:
    """Return the record as it is now: in its place, or in the trash where it went meanwhile."""
    try:
        return await handler.source.one(call, found.subject_id)
    except NotFound:
        if not isinstance(handler.source, Tables):
            raise
        return await handler.source.trashed(call, found.subject_id)


async def _sample(call: Call, handler: Handler) -> Record:
    rights = (handler.entity.right(Verb.LIST), handler.entity.right(Verb.READ))
    query: ListQuery = read_query(handler.entity, NEWEST)
    rows = (await handler.source.page(call, query))[0] if all(call.actor.may(right) for right in rights) else []
    if not rows:
        return writer(handler.entity).record({})
    return await handler.source.one(call, int(str(rows[0]["Id"])))


def _is_at(entity: Entity, record: Record, location: int) -> bool:
    """Tell whether a record belongs to a location; what belongs to none belongs to all."""
    if entity.name == "Coworker":
        places = record["Businesses"]
        known = [*(places if isinstance(places, list) else ()), record["InvoicingBusinessId"]]
        named = [place for place in known if place]
        return not named or location in named
    place = record[_PLACES[entity.name]] if entity.name in _PLACES else None
    return place in (None, location)


def _array(record: Record) -> bytes:
    text = encoded([record]).decode()
    return _FOREIGN.sub(lambda char: json.dumps(char[0])[1:-1], text).encode()
