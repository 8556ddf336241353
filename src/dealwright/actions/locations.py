"""Deeds on locations. They are read from `db.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from dealwright.actions.deed import now
from dealwright.actions.rule_deeds import altered, differing, mentioned, refuse, touched
from dealwright.domain.actor import Actor
from dealwright.domain.errors import NotFound, Problem
from dealwright.domain.naming import found, name_problem, text_problem
from dealwright.domain.pipeline import Location, LocationChange
from dealwright.domain.places import COUNTRIES, TIME_ZONES, ZONE_IDS
from dealwright.domain.values import UNSET
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.schema import location as table
from dealwright.storage.small_records import changed, columns_of
from dealwright.storage.writes import Write

FIELDS: Final = ("name", "currency", "time_zone", "time_zone_id", "country_id", "extra", "system_id")


async def change(db: Database, actor: Actor, location_id: int, change: LocationChange) -> Location:
    """Change a location and return it; a time zone may be said by its id or, which counts more, by its name.

    Deals keep their amounts and currencies. Refuses with Forbidden, Invalid (name, currency, time_zone,
    time_zone_id, country_id) and NotFound.
    """
    actor.require("Business-Edit")
    refuse(_problems(db.rules, change))
    before = db.rules.locations.get(location_id)
    if before is None:
        raise NotFound("location")
    after = _zoned(replace(before, **mentioned(change)), change)
    names = differing(before, after, FIELDS)
    if not names:
        return before
    at = now()
    writes: list[Write] = [changed(table, location_id, {**columns_of(after, names), **touched(actor, at)})]
    writes.append(altered(actor, at, "location", before, after, names))
    await db.apply_rules(writes, actor.stamp)
    return db.rules.locations[location_id]


def _zoned(location: Location, change: LocationChange) -> Location:
    """Return the location with name and id of its time zone in agreement."""
    if change.time_zone is not UNSET:
        return replace(location, time_zone_id=ZONE_IDS[location.time_zone])
    if change.time_zone_id is not UNSET:
        return replace(location, time_zone=TIME_ZONES[location.time_zone_id])
    return location


def _problems(rules: Rules, change: LocationChange) -> list[Problem]:
    problems = found(name_problem("name", change.name)) if change.name is not UNSET else []
    if change.system_id is not UNSET:
        problems += found(text_problem("system_id", change.system_id))
    known: Mapping[str, Mapping[Any, object]] = {
        "currency": rules.currencies,
        "time_zone": ZONE_IDS,
        "time_zone_id": TIME_ZONES,
        "country_id": COUNTRIES,
    }
    return problems + [
        Problem(name, "unknown", "is not known", value)
        for name, there in known.items()
        if (value := getattr(change, name)) is not UNSET and value not in there
    ]
