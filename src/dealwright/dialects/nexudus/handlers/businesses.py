"""Locations, and the currencies that there are (related, Business and Currency)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from dealwright.actions import locations
from dealwright.dialects.nexudus.entities.businesses import BUSINESS, CURRENCY
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_after, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, stamped
from dealwright.dialects.nexudus.sources import InRules
from dealwright.domain.currency import Currency
from dealwright.domain.errors import invalid
from dealwright.domain.pipeline import Location, LocationChange
from dealwright.domain.places import COUNTRIES
from dealwright.storage.rules import Rules

_PLAIN: Final = ("name", "country_id", "time_zone_id", "system_id")


def location_shown(rules: Rules, place: Location) -> Values:
    """Return a location in our words."""
    country = COUNTRIES.get(place.country_id)
    return {
        **known(BUSINESS, place.extra),
        **stamped(rules, place),
        **{name: getattr(place, name) for name in _PLAIN},
        "currency_id": rules.currencies[place.currency].id,
        "currency.code": place.currency,
        "CountryName": country[1] if country else None,
    }


async def change_location(call: Call, body: Body) -> Done:
    """Change a location; see actions.locations.change."""
    rules, said = call.db.rules, body.values
    place = rules.locations.get(body.id)
    change = LocationChange(**_mentioned(said), extra=kept_after(BUSINESS, body, place.extra if place else {}))
    if "currency_id" in said:
        change.currency = _code(rules, said["currency_id"])
    changed = await locations.change(call.db, call.actor, body.id, change)
    return Done(changed.id, changed.stamps.updated_at)


def _mentioned(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in _PLAIN if name in said}


def _code(rules: Rules, currency_id: object) -> str:
    code = next((each.code for each in rules.currencies.values() if each.id == currency_id), None)
    if code is None:
        raise invalid("currency_id", "unknown", "does not exist", currency_id)
    return code


BUSINESSES: Final = Handler(
    entity=BUSINESS,
    source=InRules(BUSINESS, lambda rules: rules.locations.values(), location_shown),
    change=change_location,
)


def currency_shown(rules: Rules, currency: Currency) -> Values:
    """Return a currency in our words. It is as old as the portal, and its identity follows from its code."""
    made = rules.location.stamps.created_at
    return {
        "id": currency.id,
        "uid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"currency {currency.code}")),
        "created_at": made,
        "updated_at": made,
        "title": currency.title,
        "code": currency.code,
        "format": f"{currency.symbol}{{0:0.00}}",
    }


CURRENCIES: Final = Handler(
    entity=CURRENCY, source=InRules(CURRENCY, lambda rules: rules.currencies.values(), currency_shown)
)
