"""Deeds on locations, on both databases."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dealwright.actions import locations as deeds
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.pipeline import LocationChange
from dealwright.domain.places import COUNTRIES, TIME_ZONES, ZONE_IDS
from dealwright.storage.database import Database
from tests.actions.about_rules import events, problems
from tests.cast import Cast


async def test_a_location_is_changed(db: Database, cast: Cast) -> None:
    ident = db.rules.location.id
    said = LocationChange(name="Lyon", currency="EUR", country_id=250, extra={"TownCity": "Lyon"}, system_id="s")
    changed = await deeds.change(db, cast.olga, ident, said)
    assert (changed.name, changed.currency, changed.country_id) == ("Lyon", "EUR", 250)
    assert (changed.extra, changed.system_id) == ({"TownCity": "Lyon"}, "s")
    assert await events(db, "location", ident) == ["location.changed"]
    stamp = db.rules.stamp
    assert await deeds.change(db, cast.olga, ident, LocationChange(name="Lyon")) == changed
    assert db.rules.stamp == stamp


async def test_name_and_id_of_the_time_zone_agree(db: Database, cast: Cast) -> None:
    ident, paris, tokyo = db.rules.location.id, ZONE_IDS["Europe/Paris"], ZONE_IDS["Asia/Tokyo"]
    by_name = await deeds.change(db, cast.olga, ident, LocationChange(time_zone="Europe/Paris"))
    assert (by_name.time_zone, by_name.time_zone_id) == ("Europe/Paris", paris)
    by_id = await deeds.change(db, cast.olga, ident, LocationChange(time_zone_id=tokyo))
    assert (by_id.time_zone, by_id.time_zone_id) == ("Asia/Tokyo", tokyo)
    both = await deeds.change(db, cast.olga, ident, LocationChange(time_zone="Europe/Paris", time_zone_id=tokyo))
    assert both.time_zone_id == paris
    assert db.rules.zone == ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": ""}, ("name", "required")),
        ({"currency": "XQZ"}, ("currency", "unknown")),
        ({"time_zone": "Moon/Tranquility"}, ("time_zone", "unknown")),
        ({"time_zone_id": 0}, ("time_zone_id", "unknown")),
        ({"country_id": 1}, ("country_id", "unknown")),
        ({"system_id": "\0"}, ("system_id", "format")),
    ],
)
async def test_what_makes_no_location_is_refused(
    db: Database, cast: Cast, said: dict[str, Any], problem: tuple[str, str]
) -> None:
    for ident in (db.rules.location.id, 999):
        with pytest.raises(Invalid) as refused:
            await deeds.change(db, cast.olga, ident, LocationChange(**said))
        assert problems(refused) == {problem}


async def test_only_administrators_change_locations_that_are_there(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await deeds.change(db, cast.carl, db.rules.location.id, LocationChange(name="X"))
    with pytest.raises(NotFound):
        await deeds.change(db, cast.olga, 999, LocationChange(name="X"))


def test_every_time_zone_is_one() -> None:
    assert TIME_ZONES[1] == "UTC"
    assert len(set(TIME_ZONES.values())) == len(TIME_ZONES) == len(ZONE_IDS)
    assert all(ZoneInfo(name).key == name for name in TIME_ZONES.values())


@pytest.mark.parametrize(
    ("name", "ident"),
    [("Africa/Abidjan", 2), ("America/New_York", 155), ("Europe/London", 338), ("Pacific/Wallis", 419)],
)
def test_the_ids_of_time_zones_never_change(name: str, ident: int) -> None:
    assert TIME_ZONES[ident] == name


def test_every_country_has_its_own_two_letters() -> None:
    assert len(COUNTRIES) == len({letters for letters, _ in COUNTRIES.values()}) == 249
    assert (COUNTRIES[840][0], COUNTRIES[250][0], COUNTRIES[826][0], COUNTRIES[276][0]) == ("US", "FR", "GB", "DE")
