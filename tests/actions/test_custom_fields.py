"""Deeds on custom fields and their values, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.actions import custom_fields as deeds
from dealwright.actions import opportunities as deals
from dealwright.domain.contact import ContactChange
from dealwright.domain.custom_field import CustomField, FieldChange, FieldType
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.actions.about_rules import events, make, problems, version
from tests.cast import Cast

COLORS = '["red","blue"]'


async def new(db: Database, cast: Cast, **values: Any) -> CustomField:
    """Make a field of deals by Carl."""
    return await deeds.create(db, cast.carl, FieldChange(**{"label": "Color", **values}))


async def test_a_new_field_stands_at_the_end_with_the_next_number(db: Database, cast: Cast) -> None:
    first, second = await new(db, cast), await new(db, cast, label="Size", number=40)
    third, other = await new(db, cast, label="Date", type=FieldType.DATE), await new(db, cast, subject="contact")
    assert [field.position for field in (first, second, third, other)] == [0, 1, 2, 0]
    assert [field.number for field in (first, second, third, other)] == [1, 40, 41, 1]
    assert (first.type, first.mask, third.mask) == (FieldType.TEXT, '{"size":40}', "")
    assert db.rules.fields_of("opportunity") == [first, second, third]
    assert await events(db, "custom_field", first.id) == ["custom_field.created"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"label": " "}, ("label", "required")),
        ({"subject": "invoice"}, ("subject", "unknown")),
        ({"mask": ""}, ("mask", "format")),
        ({"type": FieldType.CHOICE}, ("mask", "format")),
        ({"type": FieldType.CHOICE, "mask": "red,blue"}, ("mask", "format")),
        ({"location_id": 999}, ("location_id", "unknown")),
        ({"position": 2**31}, ("position", "out_of_range")),
        ({"number": 1}, ("number", "duplicate")),
    ],
)
async def test_what_makes_no_field_is_refused(
    db: Database, cast: Cast, said: dict[str, Any], problem: tuple[str, str]
) -> None:
    await new(db, cast)
    with pytest.raises(Invalid) as refused:
        await new(db, cast, **said)
    assert problems(refused) == {problem}


async def test_a_field_without_values_may_become_another(db: Database, cast: Cast) -> None:
    field = await new(db, cast)
    said = FieldChange(
        label="Shade", type=FieldType.CHOICE, mask=COLORS, position=7, number=9, extra={"Required": True}
    )
    changed = await deeds.change(db, cast.carl, field.id, said)
    assert (changed.label, changed.type, changed.options) == ("Shade", FieldType.CHOICE, ("red", "blue"))
    assert (changed.position, changed.number, changed.extra) == (7, 9, {"Required": True})
    with pytest.raises(Invalid) as refused:
        await deeds.change(db, cast.carl, field.id, FieldChange(mask=""))
    assert problems(refused) == {("mask", "format")}


async def test_a_type_that_comes_without_a_mask_gets_its_own(db: Database, cast: Cast) -> None:
    field = await new(db, cast, type=FieldType.CHOICE, mask=COLORS)
    changed = await deeds.change(db, cast.carl, field.id, FieldChange(type=FieldType.LONG_TEXT))
    assert changed.mask == '{"rows":2,"cols":40}'
    assert (await deeds.change(db, cast.carl, field.id, FieldChange(label="Words"))).mask == changed.mask


async def test_a_field_in_use_keeps_its_type_and_all_its_options(db: Database, cast: Cast) -> None:
    field = await new(db, cast, type=FieldType.CHOICE, mask=COLORS)
    deal = await make(db, cast, custom={field.id: "red"})
    said = FieldChange(type=FieldType.DATE, mask='["green","blue","red"]')
    changed = await deeds.change(db, cast.carl, field.id, said)
    assert (changed.type, changed.options) == (FieldType.CHOICE, ("green", "blue", "red"))
    with pytest.raises(Invalid) as refused:
        await deeds.change(db, cast.carl, field.id, FieldChange(mask='["green","red"]'))
    assert problems(refused) == {("mask", "format")}
    await deals.delete(db, cast.mia, deal.opportunity.id)
    assert (await deeds.change(db, cast.carl, field.id, FieldChange(mask='["pink"]'))).options == ("pink",)


async def test_a_deleted_field_takes_its_values_along_and_its_records_count_it(db: Database, cast: Cast) -> None:
    field, other = await new(db, cast), await new(db, cast, label="Size")
    deal = await make(db, cast, custom={field.id: "red", other.id: "big"})
    bare = await make(db, cast)
    assert (await deeds.delete(db, cast.carl, field.id)).label == "Color"
    assert field.id not in db.rules.fields
    assert (await deals.get(db, cast.mia, deal.opportunity.id)).custom == {other.id: "big"}
    assert [await version(db, found) for found in (deal, bare)] == [2, 1]
    assert await events(db, "custom_field", field.id) == ["custom_field.created", "custom_field.deleted"]


async def test_fields_of_contacts_come_and_go_the_same_way(db: Database, cast: Cast) -> None:
    field = await new(db, cast, subject="contact")
    ann = await contacts.create(db, cast.mia, ContactChange(first_name="Ann", last_name="Lee"))
    await deeds.set_value(db, cast.mia, "contact", ann.contact.id, field.id, "red")
    assert (await contacts.get(db, cast.mia, ann.contact.id)).custom == {field.id: "red"}
    assert await deeds.usage(db, "contact", "person") == {field.id: 1}
    before = (await contacts.get(db, cast.mia, ann.contact.id)).contact.version
    await deeds.delete(db, cast.carl, field.id)
    after = await contacts.get(db, cast.mia, ann.contact.id)
    assert (after.custom, after.contact.version) == ({}, before + 1)


async def test_a_field_of_cases_can_be_kept_and_deleted(db: Database, cast: Cast) -> None:
    field = await new(db, cast, subject="case")
    changed = await deeds.change(db, cast.carl, field.id, FieldChange(type=FieldType.YES_NO, mask=""))
    assert changed.type is FieldType.YES_NO
    assert await deeds.usage(db, "case") == {field.id: 0}
    assert (await deeds.delete(db, cast.carl, field.id)).id == field.id


async def test_fields_are_put_into_an_order(db: Database, cast: Cast) -> None:
    first, second, third = [await new(db, cast, label=label) for label in ("A", "B", "C")]
    after = await deeds.reorder(db, cast.carl, [third.id, first.id])
    assert [(field.label, field.position) for field in after] == [("C", 0), ("A", 1)]
    assert db.rules.fields[second.id] == second
    stamp = db.rules.stamp
    await deeds.reorder(db, cast.carl, [third.id, first.id])
    assert db.rules.stamp == stamp
    with pytest.raises(NotFound):
        await deeds.reorder(db, cast.carl, [first.id, 999])
    with pytest.raises(NotFound):
        await deeds.reorder(db, cast.carl, [first.id], subjects=["contact"])


async def test_a_value_is_set_checked_kept_and_cleared(db: Database, cast: Cast) -> None:
    field, deal = await new(db, cast, type=FieldType.CHOICE, mask=COLORS), await make(db, cast)

    async def value() -> str | None:
        return (await deals.get(db, cast.mia, deal.opportunity.id)).custom.get(field.id)

    ident = deal.opportunity.id
    assert await deeds.set_value(db, cast.noah, "opportunity", ident, field.id, "red") == field
    assert await value() == "red"
    with pytest.raises(Invalid):
        await deeds.set_value(db, cast.noah, "opportunity", ident, field.id, "green")
    await deeds.set_value(db, cast.noah, "opportunity", ident, field.id, "green", keep=True)
    assert await value() == "green"
    await deeds.set_value(db, cast.noah, "opportunity", ident, field.id, "")
    assert await value() is None


async def test_a_value_needs_a_field_and_a_record_that_are_there(db: Database, cast: Cast) -> None:
    field = await new(db, cast)
    hidden = await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    open_one = await make(db, cast)
    for subject, record, ident in (
        ("opportunity", hidden.opportunity.id, field.id),
        ("opportunity", 999, field.id),
        ("opportunity", open_one.opportunity.id, 999),
        ("contact", 1, field.id),
    ):
        with pytest.raises(NotFound):
            await deeds.set_value(db, cast.noah, subject, record, ident, "red", keep=True)


async def test_usage_counts_the_living(db: Database, cast: Cast) -> None:
    field, unused = await new(db, cast), await new(db, cast, label="Size")
    made = [await make(db, cast, custom={field.id: "red"}) for _ in range(3)]
    await make(db, cast)
    await deals.delete(db, cast.mia, made[0].opportunity.id)
    assert await deeds.usage(db, "opportunity") == {field.id: 2, unused.id: 0}


async def test_only_settings_people_shape_fields_unless_the_contract_asks_for_less(db: Database, cast: Cast) -> None:
    field = await new(db, cast)
    for deed in (
        deeds.create(db, cast.mia, FieldChange(label="Mine")),
        deeds.change(db, cast.mia, field.id, FieldChange(label="Mine")),
        deeds.reorder(db, cast.mia, [field.id]),
        deeds.delete(db, cast.mia, field.id),
    ):
        with pytest.raises(Forbidden):
            await deed
    renamed = await deeds.change(db, cast.mia, field.id, FieldChange(label="Ours"), right="CrmOpportunity-Edit")
    assert renamed.label == "Ours"
    with pytest.raises(Forbidden):
        await deeds.change(db, cast.rita, field.id, FieldChange(label="Mine"), right="CrmOpportunity-Edit")


async def test_a_field_of_other_records_is_not_there(db: Database, cast: Cast) -> None:
    field = await new(db, cast)
    for deed in (
        deeds.change(db, cast.carl, field.id, FieldChange(label="X"), subjects=["contact"]),
        deeds.change(db, cast.carl, 999, FieldChange(label="X", mask='{"size":9}')),
        deeds.delete(db, cast.carl, field.id, subjects=["contact"]),
    ):
        with pytest.raises(NotFound):
            await deed


async def test_deals_are_not_touched_by_fields_they_do_not_have(db: Database, cast: Cast) -> None:
    field = await new(db, cast)
    deal = await make(db, cast)
    await deals.change(db, cast.mia, deal.opportunity.id, Change(custom={field.id: None}))
    assert await version(db, deal) == 1
