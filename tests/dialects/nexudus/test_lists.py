"""Lists over the wire: every documented filter of every entity, every order, and pages (conventions §4)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import Entity, Verb
from dealwright.dialects.nexudus.enums import ENUMS
from tests.dialects.nexudus.counter import Counter, Json, path_of
from tests.dialects.nexudus.documented import FILTERS
from tests.dialects.nexudus.specimens import specimen

EVERY_ENTITY = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)


# Names of records that there are none of here: nothing is found by them.
OF_OTHERS = {"Reminder_Product_Name", "Reminder_Survey_Name"}


def values_for(entity: str, name: str, record: Json) -> tuple[Any, Any]:
    """Return a value of a filter that a record satisfies, and one that it does not."""
    found = re.fullmatch(rf"(from_|to_)?{entity}_(\w+)", name)
    assert found is not None
    bound, member = found[1], BY_NAME[entity].filterable[found[2].replace("_", "").lower()]
    value = record[member.name]
    assert value is not None, f"the specimen holds nothing in {member.name}"
    if isinstance(value, bool):
        return str(value).lower(), str(not value).lower()
    if member.enum and isinstance(value, str):
        return value, next(name for name in ENUMS[member.enum].values() if name != value)
    if member.base == "dt":
        day = timedelta(days=-1 if bound == "to_" else 1)
        return value, (datetime.fromisoformat(value) + day).isoformat()
    if isinstance(value, int | float):
        return value, value - 1 if bound == "to_" else value + 1
    return value, f"{value} of another"


@pytest.mark.parametrize("entity", FILTERS)
async def test_every_documented_filter_finds_what_it_means_and_nothing_else(counter: Counter, entity: str) -> None:
    record = await specimen(counter, entity)
    wrong = []
    for name in set(FILTERS[entity]) & OF_OTHERS:
        assert await counter.ids(entity, **{name: "Desk"}) == []
    for name in set(FILTERS[entity]) - OF_OTHERS:
        match, other = values_for(entity, name, record)
        if await counter.ids(entity, Id=record["Id"], **{name: match}) != [record["Id"]]:
            wrong.append(f"{name}={match} misses it")
        if await counter.ids(entity, Id=record["Id"], **{name: other}):
            wrong.append(f"{name}={other} finds it")
    assert wrong == []


@EVERY_ENTITY
async def test_a_list_can_be_ordered_by_every_member_both_ways_alike(counter: Counter, entity: Entity) -> None:
    await specimen(counter, entity.name)
    await specimen(counter, entity.name, again=True)
    for member in {member.name: member for member in entity.sortable.values()}.values():
        up = await counter.ids(entity.name, orderby=member.name)
        assert await counter.ids(entity.name, orderby=member.name, dir=1) == up[::-1], member.name


@EVERY_ENTITY
async def test_every_member_that_may_filter_does_for_the_record_that_shows_it(counter: Counter, entity: Entity) -> None:
    record = await specimen(counter, entity.name)
    for member in entity.filterable.values():
        shown = record[member.name]
        if shown is None or member.base == "fields":
            continue
        params = {f"{entity.name}_{member.name}": str(shown).lower() if isinstance(shown, bool) else shown}
        assert record["Id"] in await counter.ids(entity.name, **params), member.name


@EVERY_ENTITY
async def test_a_row_of_a_list_is_the_record_without_its_collections(counter: Counter, entity: Entity) -> None:
    record = await specimen(counter, entity.name)
    (row,) = await counter.rows(entity.name, Id=record["Id"])
    empty: Json = {member.name: [] for member in entity.collections}
    assert row == {**record, **empty}
    reply = await counter.send("olga", "GET", f"{path_of(entity.name)}/?id=[{record['Id']},999999]")
    assert reply.json() == [record]


@pytest.mark.parametrize("entity", [each.name for each in ENTITIES if Verb.UPDATE in each.verbs])
async def test_a_record_that_is_sent_back_stays_as_it_is(counter: Counter, entity: str) -> None:
    record = await specimen(counter, entity)
    assert await counter.put(entity, record) == record


async def test_pages_tell_how_many_there_are_at_any_place(counter: Counter) -> None:
    ids = [(await counter.deal())["Id"] for _ in range(5)]
    for page, expected in ((1, ids[:2]), (2, ids[2:4]), (3, ids[4:]), (4, [])):
        answer = (await counter.send("mia", "GET", path_of("CrmOpportunity"), params={"page": page, "size": 2})).json()
        assert [row["Id"] for row in answer["Records"]] == expected
        assert (answer["TotalItems"], answer["TotalPages"], answer["HasNextPage"]) == (5, 3, page < 3)


async def test_equal_names_come_before_those_that_contain_them_whatever_the_order(counter: Counter) -> None:
    first = await counter.deal(Name="Desk by the window")
    exact = await counter.deal(Name="DESK")
    last = await counter.deal(Name="A desk")
    await counter.deal(Name="Chair")
    for order, direction in (("", 0), ("Name", 1), ("Id", 1)):
        found = await counter.ids("CrmOpportunity", CrmOpportunity_Name="desk", orderby=order, dir=direction)
        assert found[0] == exact["Id"]
        assert set(found) == {first["Id"], exact["Id"], last["Id"]}


async def test_a_list_holds_only_what_the_caller_may_see(counter: Counter) -> None:
    mine, theirs = await counter.deal("mia"), await counter.deal("noah")
    assert await counter.ids("CrmOpportunity", "rita") == [mine["Id"], theirs["Id"]]
    reply = await counter.send("rita", "GET", path_of("CrmBoard"))
    assert reply.status_code == 401


async def test_a_filter_whose_value_cannot_be_is_named(counter: Counter) -> None:
    reply = await counter.send("olga", "GET", path_of("CrmOpportunity"), params={"CrmOpportunity_Value": "much"})
    assert reply.status_code == 400
    assert [error["PropertyName"] for error in reply.json()["Errors"]] == ["CrmOpportunity_Value"]
