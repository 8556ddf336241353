"""Values in our words out as records (conventions §8 and §9, crm §4)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.nexudus import typed
from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import DELTA, EXPANDED, Entity, Verb
from dealwright.dialects.nexudus.reading import read
from dealwright.dialects.nexudus.writing import encoded, kept, printed_decimal, printed_instant, writer
from dealwright.domain.values import AMOUNT_LIMIT
from tests.dialects.nexudus.documented import MEMBERS, STANDARD

OPPORTUNITY = BY_NAME["CrmOpportunity"]
NOON = datetime(2026, 8, 27, 8, 29, 3, 583036, UTC)
AMOUNTS = st.decimals(-AMOUNT_LIMIT + 1, AMOUNT_LIMIT - 1, places=9)
DEAL = {
    "title": "Corner office",
    "stage_id": 11,
    "stage.title": "Lead",
    "contact_id": 7,
    "contact.display_name": "Ann Lee",
    "contact.kind": 1,
    "amount": Decimal(1200),
    "outcome": 1,
    "won_at": NOON,
    "position": 1,
    "id": 99,
    "created_at": NOON,
    "updated_at": NOON.replace(microsecond=0),
    "uid": "129265ee-4757-4760-ba1b-e1b98f4b5640",
    "updated_by": "admin@example.com",
}


def printed(entity: Entity, values: dict[str, object], extras: dict[str, object] | None = None) -> dict[str, object]:
    document: dict[str, object] = json.loads(encoded(writer(entity).record(values, extras)))
    return document


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 9, 26, tzinfo=UTC), "2026-09-26T00:00:00Z"),
        (datetime(2026, 8, 27, 8, 29, 3, 583036, UTC), "2026-08-27T08:29:03.583036Z"),
        (datetime(2026, 8, 27, 8, 29, 8, 606850, UTC), "2026-08-27T08:29:08.60685Z"),
        (datetime(2026, 8, 27, 8, 29, 8, 500000, UTC), "2026-08-27T08:29:08.5Z"),
        (datetime(2026, 8, 27, 8, 29, 10, tzinfo=UTC), "2026-08-27T08:29:10Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_moment_loses_the_zeros_at_its_end(moment: datetime, text: str) -> None:
    assert printed_instant(moment) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_printed_moment_reads_back_as_itself(moment: datetime) -> None:
    text = printed_instant(moment)
    assert typed.instant(text) == moment
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z", text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        *((Decimal(1200), b"1200.0"), (Decimal("1199.67"), b"1199.67"), (Decimal("1250.50"), b"1250.5"), (0, b"0.0")),
        *(
            (Decimal("1E+3"), b"1000.0"),
            (Decimal("1E-9"), b"0.000000001"),
            (Decimal("-0.50"), b"-0.5"),
            ("7.10", b"7.1"),
        ),
    ],
)
def test_an_amount_keeps_a_decimal_point(amount: Decimal | int | str, text: bytes) -> None:
    assert encoded(printed_decimal(amount)) == text


@given(AMOUNTS)
def test_a_printed_amount_reads_back_as_itself(amount: Decimal) -> None:
    text = encoded(printed_decimal(amount)).decode()
    assert Decimal(text) == typed.decimal(Decimal(text)) == amount
    assert re.fullmatch(r"-?\d+\.\d+", text)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_an_empty_record_has_every_member_in_documented_order(entity: Entity) -> None:
    record = printed(entity, {})
    documented = MEMBERS.get(entity.name, ["Name"])
    assert [name for name in record if name in documented or name in STANDARD] == [*documented, *STANDARD]
    assert set(record) == {member.name for member in entity.members}


def test_a_deal_is_printed_as_documented() -> None:
    record = printed(OPPORTUNITY, DEAL)
    assert (record["Name"], record["CrmBoardColumnId"], record["CrmBoardColumnName"]) == ("Corner office", 11, "Lead")
    assert (record["Status"], record["CoworkerCoworkerType"]) == (1, "Individual")
    assert (record["WonOn"], record["UpdatedOn"]) == ("2026-08-27T08:29:03.583036Z", "2026-08-27T08:29:03Z")
    assert (record["IsNew"], record["LocalizationDetails"], record["CustomFields"]) == (False, None, None)
    assert (record["TeamId"], record["Completed"], record["Reminded"]) == (None, False, False)
    assert b'"Value":1200.0,' in encoded(writer(OPPORTUNITY).record(DEAL))


def test_a_deal_without_customer_has_nulls_for_it() -> None:
    record = printed(OPPORTUNITY, DEAL | {"contact_id": None, "contact.display_name": None, "contact.kind": None})
    assert [record[f"Coworker{part}"] for part in ("Id", "FullName", "CoworkerType", "Email")] == [None] * 4


def test_an_enum_is_a_number_at_home_and_a_name_abroad() -> None:
    assert printed(BY_NAME["Coworker"], {"kind": 2})["CoworkerType"] == 2
    assert printed(OPPORTUNITY, {"contact.kind": 2})["CoworkerCoworkerType"] == "Company"


def test_lists_are_empty_and_deltas_null_until_somebody_fills_them() -> None:
    column = BY_NAME["CrmBoardColumn"]
    record = printed(column, {}, {"Products": (3, 1)})
    assert (record["Products"], record["Resources"]) == ([3, 1], [])
    assert {record[member.name] for member in column.members if member.kind is DELTA} == {None}


def test_custom_fields_are_null_or_data() -> None:
    item = {"Name": "Desks", "DisplayName": "Desks", "Value": "4", "FieldType": 6}
    assert printed(OPPORTUNITY, {"custom": [item]})["CustomFields"] == {"Data": [item]}
    assert printed(OPPORTUNITY, {"custom": []})["CustomFields"] is None


@pytest.mark.parametrize(
    ("entity", "values", "label"),
    [
        ("CrmBoard", {"name": "Sales"}, "Sales"),
        ("CrmBoardColumn", {"title": "Lead", "pipeline.name": "New Business"}, "New Business - Lead"),
        ("Coworker", {"display_name": "Ann Lee", "email": "ann@example.com"}, "Ann Lee - ann@example.com"),
        ("Coworker", {"display_name": "Ann Lee"}, "Ann Lee"),
        ("CoworkerTask", {"title": "Call"}, "Call"),
        ("CrmOpportunity", {"title": "Corner", "contact.display_name": "Ann Lee"}, "Corner"),
        ("CrmOpportunity", {"contact.display_name": "Ann Lee"}, "Ann Lee"),
        ("CrmOpportunity", {}, None),
        ("CrmOpportunityHistory", {"to_stage.title": "Lead"}, "Lead"),
        ("User", {"name": "Bob"}, "Bob"),
    ],
)
def test_a_record_is_called_by_what_names_it(entity: str, values: dict[str, object], label: str | None) -> None:
    assert printed(BY_NAME[entity], values)["ToStringText"] == label


def test_a_name_that_the_entity_does_not_have_is_our_mistake() -> None:
    with pytest.raises(KeyError, match="tittle"):
        writer(OPPORTUNITY).record({"tittle": "x"})


def test_no_secret_is_ever_printed() -> None:
    record = printed(BY_NAME["User"], {"name": "Ann", "email": "ann@example.com"})
    assert [record[name] for name in ("Password", "NewPassword", "PasswordSalt", "AccessToken")] == [None] * 4


def test_what_we_only_keep_survives_its_storage_as_json() -> None:
    raw = b'{"FullName":"Ann","Email":"a@b.c","DateOfBirth":"1990-05-06T00:00:00Z","TaxRate":19.10,"Custom1":"vip"}'
    extras = json.loads(json.dumps(kept(read(BY_NAME["Coworker"], Verb.CREATE, raw).extras)))
    record = encoded(writer(BY_NAME["Coworker"]).record({}, extras))
    assert b'"DateOfBirth":"1990-05-06T00:00:00Z"' in record
    assert b'"TaxRate":19.1,' in record
    assert b'"Custom1":"vip"' in record


@pytest.mark.parametrize("entity", [entity for entity in ENTITIES if Verb.UPDATE in entity.verbs], ids=lambda e: e.name)
def test_a_record_that_is_sent_back_says_what_it_said(entity: Entity) -> None:
    samples: dict[str, object] = {"int": 5, "bool": True, "dec": Decimal("1.5"), "dt": NOON, "str": "x", "enum": 1}
    given = {member.key: samples[member.base] for member in entity.own if member.base in samples}
    own = {key: value for key, value in given.items() if entity.by_name.get(key) is None}
    extras = {key: value for key, value in given.items() if key not in own}
    raw = encoded(writer(entity).record({**own, "id": 5}, kept(extras)))
    body = read(entity, Verb.UPDATE, raw)
    writable = {member.key for member in entity.own if Verb.UPDATE in member.is_written_by and member.base in samples}
    assert {key: value for key, value in (body.values | body.extras).items() if key in writable} == {
        key: value for key, value in given.items() if key in writable
    }
    assert not any(entity.by_name[name].kind is EXPANDED for name in body.extras)
