"""Custom fields over the wire (opportunities §7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.actions import custom_fields
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids

KINDS = ["contact", "person", "company", "opportunity", "case"]


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made(clerk: Clerk, kind: str = "opportunity", by: str = "olga", **said: Any) -> Any:
    own = {"label": "Color", "fieldType": 0, "mask": '{"size":40}'}
    return await clerk.post(f"crm/{kind}/customfield", by, **{**own, **said})


async def definitions(clerk: Clerk, kind: str = "opportunity") -> Any:
    return await clerk.get(f"crm/{kind}/customfield/definitions", by="mia")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_field_is_answered_and_defined(clerk: Clerk, kind: str) -> None:
    field = await made(clerk, kind, by="carl", position=7)
    assert field == {
        "entityId": -1,
        "label": "Color",
        "fieldValue": " ",
        "fieldType": 0,
        "position": 0,
        "mask": '{"size":40}',
        "id": field["id"],
        "relativeItemsCount": 0,
    }
    assert await definitions(clerk, kind) == [field]


async def test_persons_and_companies_have_the_fields_of_every_contact_too(clerk: Clerk) -> None:
    both, person, company = [(await made(clerk, kind))["id"] for kind in ("contact", "person", "company")]
    assert ids(await definitions(clerk, "contact")) == [both]
    assert sorted(ids(await definitions(clerk, "person"))) == [both, person]
    assert sorted(ids(await definitions(clerk, "company"))) == [both, company]


@pytest.mark.parametrize(
    ("kind", "mask", "kept"),
    [
        (0, '{"size":0}', '{"size":1}'),
        (0, "what", '{"size":40}'),
        (1, '{"rows":2,"cols":40}', '{"rows":2,"cols":40}'),
        (2, '["red","blue"]', '["red","blue"]'),
        (3, "", ""),
        (4, "", ""),
        (5, "", ""),
    ],
)
async def test_a_field_of_each_type_keeps_its_mask(clerk: Clerk, kind: int, mask: str, kept: str) -> None:
    field = await made(clerk, fieldType=kind, mask=mask)
    assert (field["fieldType"], field["mask"]) == (kind, kept)


@pytest.mark.parametrize(("kind", "mask"), [(0, ""), (1, ""), (2, ""), (2, "red"), (2, '{"red":1}')])
async def test_a_mask_that_is_not_valid_is_refused(clerk: Clerk, kind: int, mask: str) -> None:
    no = await clerk.no("POST", "crm/opportunity/customfield", label="x", fieldType=kind, mask=mask)
    assert no == (400, "Mask is not valid")


@pytest.mark.parametrize("wrong", [{"label": ""}, {"fieldType": 6}, {"fieldType": -1}], ids=str)
async def test_a_field_needs_a_label_and_a_type_of_the_contract(clerk: Clerk, wrong: dict[str, Any]) -> None:
    said = {"label": "x", "fieldType": 3, **wrong}
    assert await clerk.no("POST", "crm/opportunity/customfield", **said) == (400, BAD_ARGUMENT)


async def test_administrators_alone_make_order_and_delete_fields(clerk: Clerk) -> None:
    field, path = await made(clerk), "crm/opportunity/customfield"
    assert await clerk.no("POST", path, by="mia", label="", fieldType=3) == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{path}/reorder", by="mia", fieldids=[field["id"]]) == (403, ACCESS_DENIED)
    assert await clerk.no("DELETE", f"{path}/{field['id']}", by="mia") == (403, ACCESS_DENIED)


async def test_a_member_renames_a_field(clerk: Clerk) -> None:
    field = await made(clerk)
    said: dict[str, Any] = {"label": "Hue", "fieldType": 1, "mask": '{"rows":3,"cols":30}'}
    changed = await clerk.put(f"crm/opportunity/customfield/{field['id']}", by="mia", **said)
    assert changed == {**field, **said}
    assert await definitions(clerk) == [changed]


async def test_a_field_of_another_entity_is_not_found(clerk: Clerk) -> None:
    field = await made(clerk, "company")
    said: dict[str, Any] = {"label": "Hue", "fieldType": 0, "mask": '{"size":9}'}
    for ident in (field["id"], UNKNOWN):
        assert await clerk.no("PUT", f"crm/opportunity/customfield/{ident}", **said) == (404, NOT_FOUND)
        assert await clerk.no("DELETE", f"crm/opportunity/customfield/{ident}") == (404, NOT_FOUND)
    assert (await clerk.put(f"crm/contact/customfield/{field['id']}", **said))["label"] == "Hue"


async def test_a_field_in_use_keeps_its_type_and_its_options(clerk: Clerk) -> None:
    field = await made(clerk, fieldType=2, mask='["red","blue"]')
    path = f"crm/opportunity/customfield/{field['id']}"
    await clerk.post(f"crm/opportunity/{await clerk.deal()}/customfield/{field['id']}", fieldValue="red")
    assert await clerk.no("PUT", path, label="Hue", fieldType=2, mask='["red"]') == (400, "Mask is not valid")
    changed = await clerk.put(path, label="Hue", fieldType=0, mask='["red","blue","green"]')
    assert (changed["fieldType"], changed["mask"]) == (2, '["red","blue","green"]')
    assert changed["relativeItemsCount"] == 1


async def test_renaming_a_number_leaves_it_a_number(clerk: Clerk) -> None:
    change = FieldChange(subject="opportunity", label="Seats", type=FieldType.INTEGER)
    number = await custom_fields.create(clerk.db, clerk.cast.olga, change)
    said: dict[str, Any] = {"label": "Chairs", "fieldType": 0, "mask": '{"size":40}'}
    changed = await clerk.put(f"crm/opportunity/customfield/{number.id}", **said)
    assert (changed["label"], changed["fieldType"]) == ("Chairs", 0)
    assert clerk.db.rules.fields[number.id].type is FieldType.INTEGER


@pytest.mark.parametrize("kind", ["opportunity", "company", "person", "contact", "case"])
async def test_a_value_is_set_read_counted_and_cleared(clerk: Clerk, kind: str) -> None:
    record = {"opportunity": clerk.deal, "company": clerk.company, "person": clerk.person, "contact": clerk.company}
    found = await (record[kind]() if kind in record else clerk.post("crm/case", title="Keys"))
    ident = found if isinstance(found, int) else found["id"]
    field, heading = await made(clerk, kind), await made(clerk, kind, fieldType=4, label="Looks")
    path = f"crm/{kind}/{ident}/customfield"
    shown = await clerk.post(f"{path}/{field['id']}", by="mia", fieldValue=" anything at all ")
    assert (shown["entityId"], shown["fieldValue"], shown["id"]) == (ident, "anything at all", field["id"])
    assert await clerk.get(path, by="noah") == [shown, {**shown, **_heading(heading)}]
    assert (await definitions(clerk, kind))[0]["relativeItemsCount"] == 1
    await clerk.post(f"{path}/{field['id']}", fieldValue="")
    assert ids(await clerk.get(path)) == [heading["id"]]


def _heading(field: dict[str, Any]) -> dict[str, Any]:
    return {**{name: field[name] for name in ("label", "fieldType", "position", "mask", "id")}, "fieldValue": ""}


async def test_a_value_of_an_unknown_field_or_no_value_at_all_is_a_500_as_the_contract_has_it(clerk: Clerk) -> None:
    deal, field, foreign = await clerk.deal(), await made(clerk), await made(clerk, "company")
    path = f"crm/opportunity/{deal}/customfield"
    assert (await clerk.no("POST", f"{path}/{UNKNOWN}", fieldValue="x"))[0] == 500
    assert (await clerk.no("POST", f"{path}/{foreign['id']}", fieldValue="x"))[0] == 500
    assert (await clerk.no("POST", f"{path}/{field['id']}"))[0] == 500


async def test_the_values_of_a_hidden_record_stay_hidden(clerk: Clerk) -> None:
    deal, field = await clerk.deal(by="mia", shared_with=["mia"]), await made(clerk)
    path = f"crm/opportunity/{deal}/customfield"
    assert await clerk.no("GET", path, by="noah") == (404, NOT_FOUND)
    assert await clerk.no("POST", f"{path}/{field['id']}", by="noah", fieldValue="x") == (404, NOT_FOUND)


async def test_a_deleted_field_is_answered_and_takes_its_values_along(clerk: Clerk) -> None:
    field, deal = await made(clerk), await clerk.deal()
    await clerk.post(f"crm/opportunity/{deal}/customfield/{field['id']}", fieldValue="blue")
    gone = await clerk.delete(f"crm/opportunity/customfield/{field['id']}")
    assert gone == {**field, "relativeItemsCount": 1}
    assert await definitions(clerk) == []
    assert (await clerk.get(f"crm/opportunity/{deal}"))["customFields"] == []


async def test_fields_are_put_into_another_order(clerk: Clerk) -> None:
    order = [(await made(clerk, label=label))["id"] for label in ("a", "b", "c")][::-1]
    answer = await clerk.put("crm/opportunity/customfield/reorder", fieldids=order)
    assert [(field["id"], field["position"]) for field in answer] == list(zip(order, (0, 1, 2), strict=True))
    assert "relativeItemsCount" not in answer[0]
    assert ids(await definitions(clerk)) == order
    no = await clerk.no("PUT", "crm/opportunity/customfield/reorder", fieldids=[order[0], UNKNOWN])
    assert no == (404, NOT_FOUND)
