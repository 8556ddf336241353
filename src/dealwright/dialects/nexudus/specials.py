"""What somebody signed in asks outside the entities: who am I, enums, a token for links (conventions §1, §2.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dealwright.actions import sign_in
from dealwright.actions.deed import now
from dealwright.dialects.nexudus import enums, envelope
from dealwright.dialects.nexudus.entity import Record
from dealwright.dialects.nexudus.handling import Call
from dealwright.dialects.nexudus.routing import Special
from dealwright.storage.rules import Rules

_LISTS: Final = {"ecrmopportunitysource": "lead_source", "ecrmopportunitylossreason": "loss_reason"}
_LINK_LIFE: Final = timedelta(minutes=5)


async def me(call: Call, _: Request) -> Response:
    """Answer who the caller is, with the location that new records belong to (related, User)."""
    user = call.db.rules.users[call.actor.id]
    location = call.db.rules.locations.get(user.location_id or 0, call.db.rules.location)
    record: Record = {
        "Id": user.id,
        "FullName": user.name,
        "Email": user.email,
        "Businesses": businesses_of(call.db.rules, user.extra.get("Businesses")),
        "DefaultBusinessId": location.id,
        "DefaultBusinessName": location.name,
        "DefaultCurrencyId": call.db.rules.currencies[location.currency].id,
        "DefaultCurrencyCode": location.currency,
        "DefaultCountryId": location.country_id,
        "DefaultSimpleTimeZoneId": location.time_zone_id,
        "DefaultSimpleTimeZoneNameIana": location.time_zone,
    }
    return envelope.answer(record)


def businesses_of(rules: Rules, chosen: object) -> list[int]:
    """Return the locations that somebody works in: those that were chosen and still are, else all."""
    wanted = chosen if isinstance(chosen, list) else []
    return [one for one in wanted if one in rules.locations] or sorted(rules.locations)


async def enum(call: Call, request: Request) -> Response:
    """Answer an enum by its name; the lists that a portal manages as it keeps them (conventions §8)."""
    name = request.query_params.get("name", "")
    managed = _LISTS.get(name.lower())
    if managed is not None:
        items = call.db.rules.items_of(managed)
        return envelope.answer([{"Id": item.number, "Name": item.title} for item in items if item.number is not None])
    found = enums.listed(name)
    return envelope.not_found() if found is None else envelope.answer(found)


async def link_token(call: Call, _: Request) -> Response:
    """Answer a short-lived token without any right, for building links (conventions §2.2)."""
    issued = await sign_in.issue(call.db, call.actor.id, "link", _LINK_LIFE, label="link", scope=())
    return envelope.done("User was successfully updated.", issued.secret, now(), call.actor.email)


ANSWERS: Final[Mapping[Special, Callable[[Call, Request], Awaitable[Response]]]] = {
    Special.ME: me,
    Special.PANEL_ME: me,
    Special.ENUMS: enum,
    Special.LINK_TOKEN: link_token,
}
