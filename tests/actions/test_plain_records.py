"""Deeds on settings, reminders, documents, forms, import files and webhooks, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dealwright.actions import contact_merge, contacts, webhooks
from dealwright.actions import plain_records as deeds
from dealwright.actions import small_records as small
from dealwright.actions import stages as stage_deeds
from dealwright.actions.plain_entities import (
    BUSINESS_SETTING,
    DOCUMENT,
    FORM_PAGE,
    FORM_REQUEST,
    IMPORT_FILE,
    REMINDER,
    WEBHOOK,
)
from dealwright.actions.plain_records import Entity
from dealwright.actions.proposals import PROPOSAL
from dealwright.actions.small_records import CANNED_RESPONSE
from dealwright.domain.actor import VERBS
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.pipeline import StageChange
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord
from tests.actions.about_rules import events, problems, stages
from tests.cast import Cast

ENTITIES = (BUSINESS_SETTING, REMINDER, DOCUMENT, FORM_PAGE, FORM_REQUEST, IMPORT_FILE, WEBHOOK, PROPOSAL)
every = pytest.mark.parametrize("entity", ENTITIES, ids=[entity.subject for entity in ENTITIES])
NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


async def customer(db: Database, cast: Cast, **values: Any) -> int:
    """Make a contact by Mia."""
    change = ContactChange(first_name="Ann", last_name="Lee", email="ann@example.com", **values)
    return (await contacts.create(db, cast.mia, change)).contact.id


async def needed(db: Database, cast: Cast, entity: Entity) -> dict[str, Any]:
    """What a record of a kind cannot do without."""
    given: dict[str, Any] = {"name": "First"} if "name" in entity.kind.texts else {}
    if "contact_id" in entity.needs:
        given["contact_id"] = await customer(db, cast)
    if entity is WEBHOOK:
        given |= {"url": "https://hooks.example.com/in", "owner_id": cast.olga.id}
    if entity is PROPOSAL:
        given |= {"reference": "P-1", "responsible_id": cast.mia.id}
    if entity is FORM_REQUEST:
        given["form_page_id"] = (await deeds.create(db, cast.olga, FORM_PAGE, {"name": "Tour"})).id
    return given


async def new(db: Database, cast: Cast, entity: Entity, **values: Any) -> PlainRecord:
    """Make a record by Olga, with what it cannot do without."""
    return await deeds.create(db, cast.olga, entity, {**await needed(db, cast, entity), **values})


def samples(entity: Entity) -> dict[str, Any]:
    """Something in every field that points at nothing and has no rule of its own."""
    kind = entity.kind
    ruled = {"status", "quantity", "action", "url", "work_id"} | ({"type"} if entity is REMINDER else set())
    said: dict[str, Any] = {
        **dict.fromkeys(kind.texts, "Words"),
        **dict.fromkeys(kind.flags, True),
        **dict.fromkeys(kind.numbers, 3),
        **dict.fromkeys(kind.instants, NOON),
        **{name: {"Tariffs": [1, 2]} for name in kind.mappings},
        "system_id": "ours",
    }
    return {name: value for name, value in said.items() if name not in ruled}


@every
async def test_every_field_is_kept_as_it_was_said(db: Database, cast: Cast, entity: Entity) -> None:
    said = samples(entity)
    made = await new(db, cast, entity, **said)
    assert {name: deeds.fields_of(entity.kind, made)[name] for name in said} == said
    plain: dict[str, Any] = {
        **dict.fromkeys(entity.kind.flags, False),
        **dict.fromkeys(entity.kind.instants),
        "system_id": None,
    }
    changed = await deeds.change(db, cast.olga, entity, made.id, plain)
    assert {name: deeds.fields_of(entity.kind, changed)[name] for name in plain} == plain
    assert (changed.version, changed.updated_by) == (2, cast.olga.id)


@every
async def test_a_record_is_made_changed_deleted_and_comes_back(db: Database, cast: Cast, entity: Entity) -> None:
    made = await new(db, cast, entity)
    assert (made.version, made.created_by, await deeds.get(db, cast.olga, entity, made.id)) == (1, cast.olga.id, made)
    changed = await deeds.change(db, cast.olga, entity, made.id, {"system_id": "x", "shoe_size": 44})
    assert await deeds.change(db, cast.olga, entity, made.id, {"system_id": "x"}) == changed
    with pytest.raises(Outdated):
        await deeds.change(db, cast.olga, entity, made.id, {"system_id": "y"}, version=1)
    with pytest.raises(Outdated):
        await deeds.delete(db, cast.olga, entity, made.id, version=1)
    assert await deeds.delete(db, cast.olga, entity, made.id, version=2) == changed
    with pytest.raises(NotFound):
        await deeds.get(db, cast.olga, entity, made.id)
    told = ["created", "changed", "deleted"]
    if entity.kind.has_trash:
        back = await deeds.restore(db, cast.olga, entity, made.id)
        assert (back.values, back.version) == (changed.values, 4)
        told.append("restored")
    with pytest.raises(NotFound):
        await deeds.restore(db, cast.olga, entity, made.id)
    assert await events(db, entity.subject, made.id) == [f"{entity.subject}.{kind}" for kind in told]


@every
async def test_what_a_record_needs_and_points_at_must_be_there(db: Database, cast: Cast, entity: Entity) -> None:
    made, given = await new(db, cast, entity), await needed(db, cast, entity)
    pointing = [*entity.kind.links, *entity.kind.parents, *(["contact_id"] if entity.kind.on_contact else [])]
    for name in entity.needs:
        if name != "location_id":
            with pytest.raises(Invalid) as refused:
                await deeds.create(db, cast.olga, entity, {**given, name: None})
            assert (name, "required") in problems(refused)
    for name in pointing:
        for deed in (
            deeds.create(db, cast.olga, entity, {**given, name: 999_999}),
            deeds.change(db, cast.olga, entity, made.id, {name: 999_999}),
        ):
            with pytest.raises(Invalid) as refused:
                await deed
            assert (name, "unknown") in problems(refused)


@every
async def test_each_verb_needs_its_right(db: Database, cast: Cast, entity: Entity) -> None:
    made, given = await new(db, cast, entity), await needed(db, cast, entity)
    rest = {verb: replace(cast.olga, rights=cast.olga.rights - {f"{entity.stem}-{verb}"}) for verb in VERBS}
    for deed in (
        deeds.get(db, rest["Read"], entity, made.id),
        deeds.create(db, rest["Create"], entity, given),
        deeds.change(db, rest["Edit"], entity, made.id, {"system_id": "x"}),
        deeds.delete(db, rest["Delete"], entity, made.id),
        deeds.restore(db, rest["Delete"], entity, made.id),
    ):
        with pytest.raises(Forbidden):
            await deed


@pytest.mark.parametrize("entity", [DOCUMENT, PROPOSAL, FORM_REQUEST, REMINDER], ids=lambda entity: entity.subject)
async def test_what_hangs_on_a_contact_is_seen_with_it(db: Database, cast: Cast, entity: Entity) -> None:
    hidden = await customer(db, cast, sharing=Share.NOBODY, managers=[cast.mia.uid])
    made = await new(db, cast, entity, contact_id=hidden)
    assert (await deeds.get(db, cast.mia, entity, made.id)).id == made.id
    with pytest.raises(NotFound):
        await deeds.get(db, cast.noah, entity, made.id)
    with pytest.raises(Invalid) as refused:
        await deeds.create(db, cast.noah, entity, {**await needed(db, cast, entity), "contact_id": hidden})
    assert problems(refused) == {("contact_id", "unknown")}
    await contacts.delete(db, cast.olga, hidden)
    with pytest.raises(NotFound):
        await deeds.get(db, cast.olga, entity, made.id)
    await contacts.restore(db, cast.olga, hidden)
    assert (await deeds.get(db, cast.olga, entity, made.id)).contact is not None


@pytest.mark.parametrize("entity", [DOCUMENT, PROPOSAL, FORM_REQUEST, REMINDER], ids=lambda entity: entity.subject)
async def test_what_hangs_on_a_contact_goes_with_it_into_another(db: Database, cast: Cast, entity: Entity) -> None:
    into, made = await customer(db, cast), await new(db, cast, entity, contact_id=await customer(db, cast))
    await contact_merge.merge(db, cast.mia, made.values["contact_id"], into)
    moved = await deeds.get(db, cast.mia, entity, made.id)
    assert (moved.values["contact_id"], moved.version) == (into, 2)
    assert await events(db, entity.subject, made.id) == [f"{entity.subject}.{kind}" for kind in ("created", "changed")]


async def test_a_setting_has_its_name_alone_in_its_location(db: Database, cast: Cast) -> None:
    await new(db, cast, BUSINESS_SETTING, name="Colour")
    with pytest.raises(Invalid) as refused:
        await new(db, cast, BUSINESS_SETTING, name="COLOUR ")
    assert problems(refused) == {("name", "duplicate")}


async def test_an_import_file_is_there_for_who_brought_it_and_administrators(db: Database, cast: Cast) -> None:
    made = await deeds.create(db, cast.mia, IMPORT_FILE, {"name": "Fair"})
    assert (await deeds.get(db, cast.carl, IMPORT_FILE, made.id)).id == made.id
    with pytest.raises(NotFound):
        await deeds.get(db, cast.noah, IMPORT_FILE, made.id)


async def test_what_is_only_kept_is_said_member_by_member(db: Database, cast: Cast) -> None:
    made = await new(db, cast, REMINDER, extra={"Email": "a@example.com", "DaysAfterSignup": 3, "ProductId": None})
    assert made.values["extra"] == {"Email": "a@example.com", "DaysAfterSignup": 3}
    changed = await deeds.change(db, cast.olga, REMINDER, made.id, {"extra": {"Email": None, "SurveyId": 7}})
    assert changed.values["extra"] == {"DaysAfterSignup": 3, "SurveyId": 7}


async def test_a_form_and_a_reminder_forget_what_is_taken_away(db: Database, cast: Cast) -> None:
    place = db.rules.location.id
    stage = await stage_deeds.create(db, cast.olga, StageChange(title="Web", pipeline_id=db.rules.default_pipeline.id))
    words = await small.create(db, cast.olga, CANNED_RESPONSE, {"name": "Hello"})
    form = await new(db, cast, FORM_PAGE, stage_id=stage.id, location_id=place)
    reminder = await new(db, cast, REMINDER, canned_response_id=words.id)
    await stage_deeds.delete(db, cast.olga, stage.id)
    await small.delete(db, cast.olga, CANNED_RESPONSE, words.id)
    assert (await deeds.get(db, cast.olga, FORM_PAGE, form.id)).values["stage_id"] is None
    assert (await deeds.get(db, cast.olga, REMINDER, reminder.id)).values["canned_response_id"] is None
    assert len(stages(db)) > 1


async def test_a_webhook_belongs_to_who_made_it_and_keeps_its_secret(db: Database, cast: Cast) -> None:
    said = {"name": "CRM", "url": "https://hooks.example.com/in", "secret": "hush", "error_count": 9}
    made = await webhooks.create(db, cast.olga, said)
    assert (made.values["owner_id"], made.values["error_count"], made.values["secret"]) == (cast.olga.id, 0, "hush")
    limited = replace(cast.mia, rights=cast.olga.rights)
    for deed in (webhooks.change(db, limited, made.id, {"active": True}), deeds.get(db, limited, WEBHOOK, made.id)):
        with pytest.raises(NotFound):
            await deed
    rows = await db.text("SELECT after FROM event WHERE subject = 'webhook'")
    assert len(rows) == 1
    assert "hush" not in rows[0][0]


async def test_a_webhook_that_is_switched_on_again_begins_without_errors(db: Database, cast: Cast) -> None:
    made = await webhooks.create(db, cast.olga, {"name": "CRM", "url": "https://hooks.example.com/in"})
    await deeds.change(db, cast.olga, WEBHOOK, made.id, {"error_count": 5, "last_error": "no answer"})
    assert (await webhooks.change(db, cast.olga, made.id, {"name": "Deals"})).values["error_count"] == 5
    again = await webhooks.change(db, cast.olga, made.id, {"active": True})
    assert (again.values["error_count"], again.values["last_error"], again.values["active"]) == (0, None, True)
