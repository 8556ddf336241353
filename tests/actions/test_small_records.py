"""Deeds on opportunity types, canned responses, task lists and task items, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import small_records as deeds
from dealwright.actions import stages as stage_deeds
from dealwright.actions.small_records import CANNED_RESPONSE, OPPORTUNITY_TYPE, TASK_ITEM, TASK_LIST, Entity
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.pipeline import StageChange
from dealwright.storage.database import Database
from dealwright.storage.rules import Plain
from tests.actions.about_rules import events, make, problems, stages
from tests.cast import Cast

ENTITIES = (OPPORTUNITY_TYPE, CANNED_RESPONSE, TASK_LIST, TASK_ITEM)
IDS = [entity.subject for entity in ENTITIES]
every = pytest.mark.parametrize("entity", ENTITIES, ids=IDS)


async def new(db: Database, cast: Cast, entity: Entity, **values: Any) -> Plain:
    """Make a record by Carl, with what it cannot do without."""
    given = {"name": "First", **values}
    if entity is TASK_ITEM and "task_list_id" not in values:
        tasks = await deeds.create(db, cast.carl, TASK_LIST, {"name": "Welcome"})
        given = {"task_list_id": tasks.id, "responsible_id": cast.ids["mia"], **given}
    return await deeds.create(db, cast.carl, entity, given)


@every
async def test_a_record_is_made_renamed_and_deleted(db: Database, cast: Cast, entity: Entity) -> None:
    made = await new(db, cast, entity, system_id="x")
    assert (made.values["name"], made.system_id, made.stamps.created_by) == ("First", "x", cast.carl.id)
    changed = await deeds.change(db, cast.carl, entity, made.id, {"name": "Second", "shoe_size": 44})
    assert changed.values == {**made.values, "name": "Second", "updated_at": changed.values["updated_at"]}
    stamp = db.rules.stamp
    assert await deeds.change(db, cast.carl, entity, made.id, {"name": "Second"}) == changed
    assert db.rules.stamp == stamp
    assert await deeds.delete(db, cast.carl, entity, made.id) == changed
    assert made.id not in getattr(db.rules, entity.record.held_in)
    assert await events(db, entity.subject, made.id) == [
        f"{entity.subject}.{kind}" for kind in ("created", "changed", "deleted")
    ]


@every
async def test_every_field_is_kept_as_it_was_said(db: Database, cast: Cast, entity: Entity) -> None:
    record = entity.record
    said: dict[str, Any] = {
        **dict.fromkeys(record.texts, "Words"),
        **dict.fromkeys(record.flags, True),
        **dict.fromkeys(record.numbers, 48),
        **{name: {"Tariffs": [1, 2]} for name in record.mappings},
    }
    made = await new(db, cast, entity, **said)
    kept = {name: json.loads(made.values[name]) if name in record.mappings else made.values[name] for name in said}
    assert kept == said
    plain = {**dict.fromkeys(record.texts), **dict.fromkeys(record.flags, False), **dict.fromkeys(record.numbers, 0)}
    changed = await deeds.change(db, cast.carl, entity, made.id, plain)
    assert {name: changed.values[name] for name in plain} == plain


@every
async def test_a_record_needs_a_name_and_places_that_are_there(db: Database, cast: Cast, entity: Entity) -> None:
    made = await new(db, cast, entity)
    wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"name": None}, ("name", "required")),
        ({"name": " "}, ("name", "required")),
        ({"name": "\0"}, ("name", "format")),
        *(({name: 999}, (name, "unknown")) for name in entity.record.links),
        *(({name: None}, (name, "required")) for name in entity.record.links),
        *(({name: -1}, (name, "out_of_range")) for name in entity.record.numbers),
    ]
    for values, problem in wrong:
        for deed in (
            deeds.change(db, cast.carl, entity, made.id, values),
            deeds.change(db, cast.carl, entity, 999, values),
            new(db, cast, entity, **{"task_list_id": made.values.get("task_list_id"), **values}),
        ):
            with pytest.raises(Invalid) as refused:
                await deed
            assert problem in problems(refused)


@every
async def test_a_record_that_is_not_there_is_not_found(db: Database, cast: Cast, entity: Entity) -> None:
    for deed in (
        deeds.change(db, cast.carl, entity, 999, {"name": "X"}),
        deeds.delete(db, cast.carl, entity, 999),
    ):
        with pytest.raises(NotFound):
            await deed


async def test_a_record_belongs_to_the_first_location_unless_told(db: Database, cast: Cast) -> None:
    made = await new(db, cast, CANNED_RESPONSE)
    assert made.values["location_id"] == db.rules.location.id


async def test_a_type_of_living_deals_stays_and_the_trash_forgets_it(db: Database, cast: Cast) -> None:
    kind = await new(db, cast, OPPORTUNITY_TYPE, notes_template="Ask about the lift.")
    deal = await make(db, cast, kind_id=kind.id)
    assert deal.opportunity.description == "Ask about the lift."
    with pytest.raises(Invalid) as refused:
        await deeds.delete(db, cast.carl, OPPORTUNITY_TYPE, kind.id)
    assert problems(refused) == {("opportunities", "in_use")}
    await deals.delete(db, cast.mia, deal.opportunity.id)
    await deeds.delete(db, cast.carl, OPPORTUNITY_TYPE, kind.id)
    assert (await deals.restore(db, cast.mia, deal.opportunity.id)).opportunity.kind_id is None


async def test_what_stages_use_stays(db: Database, cast: Cast) -> None:
    words, tasks = await new(db, cast, CANNED_RESPONSE), await new(db, cast, TASK_LIST)
    said = StageChange(canned_response_id=words.id, task_list_id=tasks.id)
    await stage_deeds.change(db, cast.carl, stages(db)[1], said)
    for entity, ident in ((CANNED_RESPONSE, words.id), (TASK_LIST, tasks.id)):
        with pytest.raises(Invalid) as refused:
            await deeds.delete(db, cast.carl, entity, ident)
        assert problems(refused) == {("stages", "in_use")}
    await stage_deeds.change(db, cast.carl, stages(db)[1], StageChange(canned_response_id=None, task_list_id=None))
    await deeds.delete(db, cast.carl, CANNED_RESPONSE, words.id)
    await deeds.delete(db, cast.carl, TASK_LIST, tasks.id)


async def test_a_list_with_items_stays(db: Database, cast: Cast) -> None:
    item = await new(db, cast, TASK_ITEM, name="Call back")
    with pytest.raises(Invalid) as refused:
        await deeds.delete(db, cast.carl, TASK_LIST, item.values["task_list_id"])
    assert problems(refused) == {("task_items", "in_use")}
    assert "Call back" in str(refused.value)


@pytest.mark.parametrize("entity", [OPPORTUNITY_TYPE, CANNED_RESPONSE], ids=["kind", "canned_response"])
async def test_members_shape_no_settings(db: Database, cast: Cast, entity: Entity) -> None:
    made = await new(db, cast, entity)
    for deed in (
        deeds.create(db, cast.mia, entity, {"name": "Mine"}),
        deeds.change(db, cast.mia, entity, made.id, {"name": "Mine"}),
        deeds.delete(db, cast.mia, entity, made.id),
    ):
        with pytest.raises(Forbidden):
            await deed
