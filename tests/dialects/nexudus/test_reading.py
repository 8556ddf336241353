"""Bodies in, typed values in our words out (conventions §3 and §6, crm §4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from time import process_time
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import CREATE_ONLY, Entity, Member, Verb
from dealwright.dialects.nexudus.reading import FORM, Body, Collection, Command, read, read_command
from dealwright.dialects.nexudus.typed import CustomValue
from dealwright.domain.errors import Invalid
from dealwright.domain.values import DERIVE

OPPORTUNITY = BY_NAME["CrmOpportunity"]
MINIMAL = {"Id": 99, "CrmBoardColumnId": 11, "CoworkerId": 7, "Position": 1}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def put(entity: Entity = OPPORTUNITY, /, **members: object) -> Body:
    document = MINIMAL | members if entity is OPPORTUNITY else members
    return read(entity, Verb.UPDATE, json.dumps(document).encode(), "application/json; charset=utf-8")


def post(entity: Entity = OPPORTUNITY, /, **members: object) -> Body:
    return read(entity, Verb.CREATE, json.dumps(members).encode(), "application/json")


def problems_of(entity: Entity, verb: Verb, raw: bytes, content_type: str = "") -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read(entity, verb, raw, content_type)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_minimal_put_resets_every_optional_member_and_nothing_else() -> None:
    body = put()
    assert body.id == 99
    assert body.values == {
        **{"stage_id": 11, "contact_id": 7, "position": 1},
        **dict.fromkeys(("title", "team_id", "kind_id", "responsible", "referrer_id", "agent_id", "description")),
        **dict.fromkeys(("follow_up_at", "amount", "lead_source", "loss_reason", "won_at", "lost_at")),
        **dict.fromkeys(("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")),
        **{"completed": DERIVE, "outcome": DERIVE, "reminded": False},
    }
    assert (body.extras, body.collections, body.owed) == ({}, {}, ())


def test_every_member_becomes_a_typed_value_in_our_words() -> None:
    body = put(
        **{"Name": "Corner office", "Value": 1250.5, "Completed": True, "DueDate": "2031-03-04T10:15:00Z"},
        **{"LeadSource": 13, "Status": 3, "ResponsibleId": 2, "UtmTerm": "hot desk", "SystemId": "crm-7"},
    )
    expected = {
        **{"title": "Corner office", "amount": Decimal("1250.5"), "completed": True, "outcome": 3},
        **{"follow_up_at": datetime(2031, 3, 4, 10, 15, tzinfo=UTC), "lead_source": 13, "responsible": 2},
        **{"utm_term": "hot desk", "system_id": "crm-7"},
    }
    assert expected.items() <= body.values.items()


def test_an_amount_of_24_digits_stays_exact() -> None:
    raw = b'{"Id":1,"CrmBoardColumnId":1,"CoworkerId":1,"Position":1,"Value":123456789012345.123456789}'
    assert read(OPPORTUNITY, Verb.UPDATE, raw).values["amount"] == Decimal("123456789012345.123456789")


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_the_empty_text_mean_absent(value: object) -> None:
    fields = ("Value", "LeadSource", "TeamId", "Completed", "Status", "DueDate", "Reminded")
    assert put(**dict.fromkeys(fields, value)).values == put().values


def test_an_empty_text_is_a_text() -> None:
    assert put(Notes="").values["description"] == ""


def test_an_explicit_null_clears_what_silence_keeps() -> None:
    assert "system_id" not in put().values
    assert put(SystemId=None).values["system_id"] is None


def test_a_null_password_says_nothing_because_it_always_reads_back_as_null() -> None:
    user = put(BY_NAME["User"], Id=1, FullName="Ann", Email="ann@example.com", Password=None)
    assert "password" not in user.values
    assert put(BY_NAME["User"], Id=1, FullName="A", Email="a@b.c", Password="x").values["password"] == "x"


def test_nobody_is_promoted_or_let_in_again_by_a_body_that_does_not_say_so() -> None:
    user = put(BY_NAME["User"], Id=1, FullName="Ann", Email="ann@example.com")
    assert not {"active", "is_admin", "api_access"} & user.values.keys()


def test_what_is_the_servers_or_unknown_is_ignored() -> None:
    ignored = {
        **{"CrmBoardColumnName": 5, "CoworkerEmail": [], "CrmUpdatedOn": "never", "UpdatedOn": "never", "IsNew": "x"},
        **{"TypeName": "CrmOpportunity", "BusinessId": "five", "IssuedById": {}, "ToStringText": 1, "UniqueId": 2},
    }
    assert put(**ignored) == put()


def test_names_ignore_case() -> None:
    raw = b'{"ID":99,"crmboardcolumnid":11,"COWORKERID":7,"position":1,"name":"x"}'
    assert read(OPPORTUNITY, Verb.UPDATE, raw) == put(Name="x")


def test_a_form_is_read_like_json() -> None:
    form = urlencode(
        MINIMAL | {"Name": "Größe", "Value": "12.5", "Completed": "true", "TeamId": "", "LossReason": "Need"}
    )
    body = read(OPPORTUNITY, Verb.UPDATE, form.encode(), "Application/X-WWW-Form-Urlencoded; charset=utf-8")
    assert body == put(Name="Größe", Value=12.5, Completed=True, LossReason=2)


def test_a_list_in_a_form_is_a_repeated_name_or_a_text() -> None:
    team = {"BusinessId": 1, "Name": "Founders"}
    for members in ([("TeamMembers", 3), ("TeamMembers", 4)], [("TeamMembers", "3,4")], [("TeamMembers", "[3,4]")]):
        form = urlencode([*team.items(), *members]).encode()
        assert read(BY_NAME["Team"], Verb.CREATE, form, FORM).collections["members"] == Collection((3, 4))


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(OPPORTUNITY, Verb.UPDATE, b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode()) == put()


@pytest.mark.parametrize(
    "raw",
    [
        *(b"{", b"nonsense", b"\xff", b'"\xed\xa0\x80"', b'{"Name":"\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000),
        *(b"NaN", b'{"Value":NaN}', b'{"Value":Infinity}', b"1" * 5000, b'{"Value":1e99999999999999999999}'),
    ],
    ids=lambda raw: raw[:12],
)
def test_a_body_that_is_no_json_is_refused_as_a_whole(raw: bytes) -> None:
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw) == [("", "format")]


@pytest.mark.parametrize("raw", [b"[]", b"5", b'"text"', b"null", b"true"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(raw: bytes) -> None:
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw) == [("", "type")]


@pytest.mark.parametrize("raw", [b"Name=\xff", b"Name=%FF", b"&".join(b"a=1" for _ in range(2000))], ids=len)
def test_a_form_that_is_none_is_refused_as_a_whole(raw: bytes) -> None:
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw, FORM) == [("", "format")]


@pytest.mark.parametrize("raw", [b"", b"  ", b"{}"])
def test_an_empty_body_misses_every_required_member_in_the_order_of_the_record(raw: bytes) -> None:
    required = [("stage_id", "required"), ("contact_id", "required"), ("position", "required")]
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw) == [("id", "required"), *required]
    assert problems_of(OPPORTUNITY, Verb.CREATE, raw) == required


def test_all_that_is_wrong_is_told_at_once() -> None:
    raw = b'{"Id":"x","Position":null,"Name":"\\u0000","Value":1e99,"LossReason":[],"Status":4,"CoworkerId":3000000000}'
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw) == [
        *(("id", "type"), ("title", "format"), ("stage_id", "required"), ("contact_id", "unknown")),
        *(("amount", "out_of_range"), ("loss_reason", "type"), ("outcome", "out_of_range"), ("position", "required")),
    ]


def test_what_was_sent_is_kept_with_the_problem() -> None:
    with pytest.raises(Invalid) as refused:
        put(DueDate="tomorrow")
    assert [problem.value for problem in refused.value.problems] == ["tomorrow"]


@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_required_text_must_say_something(value: object) -> None:
    raw = json.dumps({"BusinessId": 1, "Name": value}).encode()
    assert problems_of(BY_NAME["CrmBoard"], Verb.CREATE, raw) == [("name", "required")]


@pytest.mark.parametrize("member", ["CrmBoardColumnId", "TeamId", "ResponsibleId", "AgentId"])
@pytest.mark.parametrize("value", [0, -1, 2**31, 2**63 - 1])
def test_an_id_no_record_can_have_is_unknown(member: str, value: int) -> None:
    raw = json.dumps(MINIMAL | {member: value}).encode()
    assert [code for _, code in problems_of(OPPORTUNITY, Verb.UPDATE, raw)] == ["unknown"]


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**63, 10**300])
def test_a_position_beyond_32_bits_is_refused(value: int) -> None:
    raw = json.dumps(MINIMAL | {"Position": value}).encode()
    assert problems_of(OPPORTUNITY, Verb.UPDATE, raw) == [("position", "out_of_range")]


def test_a_post_ignores_the_id_and_knows_no_forgiveness() -> None:
    assert post(Id=0, CrmBoardColumnId=1, CoworkerId=2, Position=3).id == 0
    assert problems_of(OPPORTUNITY, Verb.CREATE, b'{"CrmBoardColumnId":1,"Position":1}') == [("contact_id", "required")]


def test_a_put_without_a_customer_is_owed_one_unless_the_stored_deal_has_none() -> None:
    body = put(CoworkerId=None)
    assert (body.owed, body.values["contact_id"]) == (("contact_id",), None)


def test_a_put_without_a_customer_that_misses_more_names_both() -> None:
    assert problems_of(OPPORTUNITY, Verb.UPDATE, b'{"Id":1,"CrmBoardColumnId":1}') == [
        ("contact_id", "required"),
        ("position", "required"),
    ]


def test_an_id_in_the_path_stands_in_for_one_in_the_body() -> None:
    body = {name: value for name, value in MINIMAL.items() if name != "Id"}
    raw = json.dumps(body).encode()
    assert read(OPPORTUNITY, Verb.UPDATE, raw, path_id=5).id == 5
    assert read(OPPORTUNITY, Verb.UPDATE, json.dumps(MINIMAL).encode(), path_id=5).id == 99


@pytest.mark.parametrize("value", [2**31, 2**62, -5])
def test_an_id_that_cannot_be_is_read_as_the_one_no_record_has(value: int) -> None:
    assert put(Id=value).id == 0


@pytest.mark.parametrize("value", [0, None, "", "0", False])
def test_a_put_of_no_id_asks_for_one(value: object) -> None:
    assert problems_of(OPPORTUNITY, Verb.UPDATE, json.dumps(MINIMAL | {"Id": value}).encode()) == [("id", "required")]


def test_what_we_only_keep_goes_beside_our_words_with_its_defaults() -> None:
    body = post(BY_NAME["CrmBoardColumn"], CrmBoardId=1, Name="Lead", Position=1, Bookings="true")
    assert body.values["wins"] is False
    assert (body.extras["Bookings"], body.extras["SignUps"]) == (True, False)


def test_a_customer_gets_the_live_defaults() -> None:
    body = post(BY_NAME["Coworker"], FullName="Ann Lee", Email="ann@example.com")
    assert (body.values["kind"], body.values["active"]) == (1, True)
    assert (body.extras["MondayAttendance"], body.extras["CanMakeBookings"], body.extras["TariffId"]) == (5, True, 0)
    assert not {"CountryId", "RegistrationDate", "AccessPincode"} & body.extras.keys()


def test_lists_change_as_a_whole_or_by_what_is_added_and_removed() -> None:
    column = {"CrmBoardId": 1, "Name": "Lead", "Position": 1}
    body = post(BY_NAME["CrmBoardColumn"], **column, Products=[3, 1, 3], AddedResources=[5], RemovedResources=[6])
    assert body.collections == {"Products": Collection((3, 1)), "Resources": Collection(None, (5,), (6,))}


def test_lists_that_are_not_mentioned_stay() -> None:
    column = {"CrmBoardId": 1, "Name": "Lead", "Position": 1}
    echoed = post(BY_NAME["CrmBoardColumn"], **column, Products=None, AddedProducts=None, RemovedProducts=None)
    assert echoed.collections == {}


@pytest.mark.parametrize(
    ("change", "present", "after"),
    [
        (Collection(), (1, 2), (1, 2)),
        (Collection(()), (1, 2), ()),
        (Collection((2, 3)), (1, 2), (2, 3)),
        (Collection(None, (3, 1)), (1, 2), (1, 2, 3)),
        (Collection(None, (), (1, 9)), (1, 2), (2,)),
        (Collection((4, 5), (6,), (4,)), (1, 2), (5, 6)),
        (Collection(None, (7,), (7,)), (1,), (1,)),
    ],
)
def test_a_list_after_its_change(change: Collection, present: tuple[int, ...], after: tuple[int, ...]) -> None:
    assert change.over(present) == after


def test_custom_fields_are_read_and_their_echo_of_nothing_says_nothing() -> None:
    data = {"Data": [{"Name": "Desks", "DisplayName": "Desks", "Value": "4", "FieldType": 6}]}
    assert put(CustomFields=data).values["custom"] == (CustomValue("Desks", "4"),)
    assert "custom" not in put(CustomFields=None).values


def test_a_create_only_member_is_read_by_post_alone() -> None:
    thing = Entity("Thing", "things", "crm", (Member("Tariff", "str?", CREATE_ONLY),))
    assert post(thing, Tariff="gold").extras == {"Tariff": "gold"}
    assert put(thing, Id=1, Tariff="gold").extras == {}


@settings(deadline=None)
@given(
    entity=st.sampled_from(ENTITIES),
    verb=st.sampled_from([Verb.CREATE, Verb.UPDATE]),
    values=st.lists(JSON, min_size=40, max_size=40),
    extra=JSON,
)
def test_any_json_is_read_or_refused(entity: Entity, verb: Verb, values: list[object], extra: object) -> None:
    members = dict(zip((member.name for member in entity.members[-40:]), values, strict=False))
    for document in (members, extra, {"CustomFields": extra, "AddedTeams": extra, "Value": extra, **members}):
        raw = json.dumps(document).encode()
        assert fields_refused(entity, verb, raw) <= {member.key for member in entity.members} | {""}


def fields_refused(entity: Entity, verb: Verb, raw: bytes) -> set[str]:
    try:
        read(entity, verb, raw)
    except Invalid as refused:
        return {problem.field for problem in refused.problems}
    return set()


@given(st.binary(), st.sampled_from(["", FORM, "application/json"]))
def test_any_bytes_are_read_or_refused(raw: bytes, content_type: str) -> None:
    try:
        body = read(BY_NAME["Business"], Verb.UPDATE, raw, content_type, path_id=3)
    except Invalid:
        return
    assert body.id == 3


def test_a_command_is_read_with_its_ids_and_parameters() -> None:
    raw = b'{"Key":"COWORKER_DELETE","Ids":[1,2],"Parameters":[{"Name":"Why","Type":"String","Value":"x"},{"a":1}]}'
    assert read_command(raw) == Command("COWORKER_DELETE", (1, 2), {"Why": "x"})
    assert read_command(b'{"key":"A","IDS":null}') == Command("A", (), {})


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{}", "Key"),
        (b'{"Key":null}', "Key"),
        (b'{"Key":"A","Ids":["x"]}', "Ids"),
        (b'{"Key":"A","Ids":7}', "Ids"),
        (b"[", ""),
    ],
)
def test_a_command_of_another_shape_is_refused(raw: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_command(raw)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_monstrous_number_is_refused_in_no_time() -> None:
    raw = b'{"Id":1,"Value":1e999999,"Position":7e999999999,"CoworkerId":0e999999999,"Status":1e-999999999}'
    start = process_time()
    problems_of(OPPORTUNITY, Verb.UPDATE, raw)
    assert process_time() - start < 1
