"""Query strings in, list envelopes out (conventions §3 and §4)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import Entity, Record
from dealwright.dialects.nexudus.listing import (
    Filter,
    ListQuery,
    Op,
    Pairs,
    is_batch,
    list_envelope,
    parameters,
    read_batch,
    read_query,
)
from dealwright.domain.errors import Invalid

OPPORTUNITY = BY_NAME["CrmOpportunity"]
AT = datetime(2026, 8, 27, 8, 29, tzinfo=UTC)


def asked(query: str, entity: Entity = OPPORTUNITY) -> ListQuery:
    return read_query(entity, parameters(query))


def conditions(query: str, entity: Entity = OPPORTUNITY) -> list[tuple[str, Op, object]]:
    return [(each.path, each.op, each.value) for each in asked(query, entity).filters]


def test_an_empty_query_asks_for_the_first_25_by_id() -> None:
    query = asked("")
    assert (query.page, query.size, query.order.name, query.descending, query.filters) == (1, 25, "Id", False, ())


@pytest.mark.parametrize(
    ("entity", "order"), [("CoworkerTask", "DueDate"), ("TaskItem", "DelayInHours"), ("Currency", "Name")]
)
def test_some_entities_have_an_order_of_their_own(entity: str, order: str) -> None:
    assert asked("", BY_NAME[entity]).order.name == order


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        *(("page=3&size=2", 3, 2), ("size=5000", 1, 1000), ("PAGE=2&Size=10", 2, 10), ("page=0&size=0", 1, 25)),
        *(
            ("page=-1&size=-5", 1, 25),
            ("page=x&size=y", 1, 25),
            ("page=&size=", 1, 25),
            ("PageNumber=4&PageSize=1", 1, 25),
        ),
        ("page=99999999999999999999&size=1e9", 1, 25),
        ("page=9000000000000000000", 2**31 - 1, 25),
    ],
)
def test_page_and_size_are_clamped_not_rejected(query: str, page: int, size: int) -> None:
    assert (asked(query).page, asked(query).size) == (page, size)


@pytest.mark.parametrize(
    ("direction", "descending"),
    [
        *(("0", False), ("asc", False), ("Ascending", False), ("", False), ("up", False)),
        *(("1", True), ("-1", True), ("desc", True), ("Descending", True), ("DESC", True)),
    ],
)
def test_every_spelling_of_the_direction_is_understood(direction: str, descending: bool) -> None:
    assert asked(f"orderby=Value&dir={direction}").descending is descending


@pytest.mark.parametrize(
    ("name", "order"),
    [
        *(("Value", "Value"), ("crmupdatedon", "CrmUpdatedOn"), ("CoworkerFullName", "CoworkerFullName")),
        *(("Coworker_FullName", "CoworkerFullName"), ("CrmBoardColumn", "CrmBoardColumnId"), ("Nonsense", "Id")),
    ],
)
def test_any_single_member_can_be_the_order(name: str, order: str) -> None:
    assert asked(f"orderBy={name}").order.name == order


@pytest.mark.parametrize("name", ["Password", "UserRoles", "AddedUserRoles", "CustomFields"])
def test_secrets_and_lists_are_no_order(name: str) -> None:
    assert asked(f"orderby={name}", BY_NAME["User"]).order.name == "Id"


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("CrmOpportunity_Name=Ann%20Lee", ("title", Op.EQ, "Ann Lee")),
        ("CrmOpportunity_Coworker=12", ("contact_id", Op.EQ, 12)),
        ("crmopportunity_COWORKER=12", ("contact_id", Op.EQ, 12)),
        ("CrmOpportunity_Completed=true", ("completed", Op.EQ, True)),
        ("CrmOpportunity_Value=1250.5", ("amount", Op.EQ, Decimal("1250.5"))),
        ("from_CrmOpportunity_Value=10", ("amount", Op.GE, Decimal(10))),
        ("To_CrmOpportunity_Value=100", ("amount", Op.LE, Decimal(100))),
        ("CrmOpportunity_Status=2", ("outcome", Op.EQ, 2)),
        ("CrmOpportunity_Status=won", ("outcome", Op.EQ, 2)),
        ("CrmOpportunity_Status=9", ("outcome", Op.IN, ())),
        ("CrmOpportunity_LeadSource=1001", ("lead_source", Op.EQ, 1001)),
        ("CrmOpportunity_Coworker_CoworkerType=1", ("contact.kind", Op.EQ, 1)),
        ("CrmOpportunity_Coworker_CoworkerType=Company", ("contact.kind", Op.EQ, 2)),
        ("CrmOpportunity_CrmBoardColumn_CrmBoard_Id=3", ("stage.pipeline_id", Op.EQ, 3)),
        ("CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Id=3", ("stage.pipeline.location_id", Op.EQ, 3)),
        (
            "CrmOpportunity_CrmBoardColumn_CrmBoard_Business_Currency_Code=GBP",
            ("stage.pipeline.location.currency.code", Op.EQ, "GBP"),
        ),
        ("from_CrmOpportunity_CrmBoardColumnCrmBoardId=3", ("stage.pipeline_id", Op.GE, 3)),
        ("from_CrmOpportunity_CreatedOn=2026-08-27T08:29", ("created_at", Op.GE, AT)),
        ("to_CrmOpportunity_UpdatedOn=2026-08-27T08:29:00Z", ("updated_at", Op.LE, AT)),
        ("to_CrmOpportunity_UpdatedOn=2026-08-27T10:29:00+02:00", ("updated_at", Op.LE, AT)),
        ("to_CrmOpportunity_UpdatedOn=2026-08-27T08:29:00%2B00:00", ("updated_at", Op.LE, AT)),
        ("Id=7", ("id", Op.EQ, 7)),
        ("id=7", ("id", Op.EQ, 7)),
        ("CrmOpportunity_Id=[3,1,3]", ("id", Op.IN, (3, 1))),
        ("CrmOpportunity_Id=[]", ("id", Op.IN, ())),
        ("UniqueId=129265ee-4757-4760-ba1b-e1b98f4b5640", ("uid", Op.EQ, "129265ee-4757-4760-ba1b-e1b98f4b5640")),
        ("CrmOpportunity_SystemId=crm-7", ("system_id", Op.EQ, "crm-7")),
    ],
)
def test_a_filter_says_what_is_compared_and_how(query: str, condition: tuple[str, Op, object]) -> None:
    assert conditions(query) == [condition]


def test_a_filter_by_what_we_only_keep_goes_by_the_members_name() -> None:
    assert conditions("CrmBoardColumn_Bookings=1", BY_NAME["CrmBoardColumn"]) == [("Bookings", Op.EQ, True)]


def test_several_filters_all_hold_and_the_last_of_a_name_wins() -> None:
    assert conditions("CrmOpportunity_Team=1&from_CrmOpportunity_Value=1&CRMOPPORTUNITY_TEAM=2") == [
        ("team_id", Op.EQ, 2),
        ("amount", Op.GE, Decimal(1)),
    ]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "Bogus=1",
            "CrmOpportunity_Bogus=1",
            "CrmOpportunity_=1",
            "CrmOpportunity=1",
            "_=_",
            "=",
            "&&&",
            "Coworker_Email=x",
        ),
        *("from_=1", "from_CrmOpportunity_Name=x", "to_CrmOpportunity_Coworker=1", "from_CrmOpportunity_Status=1"),
        *("CrmOpportunity_Name=", "from_CrmOpportunity_CreatedOn=", "Id=", "CrmOpportunity_CustomFields=1"),
    ],
)
def test_unknown_names_and_empty_values_are_no_filter(query: str) -> None:
    assert conditions(query) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("CrmOpportunity_Coworker=x", "CrmOpportunity_Coworker"),
        ("from_CrmOpportunity_CreatedOn=soon", "from_CrmOpportunity_CreatedOn"),
        ("CRMOPPORTUNITY_Completed=maybe", "CRMOPPORTUNITY_Completed"),
        ("CrmOpportunity_Value=1,5", "CrmOpportunity_Value"),
        ("CrmOpportunity_Status=Maybe", "CrmOpportunity_Status"),
        ("CrmOpportunity_Name=%00", "CrmOpportunity_Name"),
        ("CrmOpportunity_Id=[1,x]", "CrmOpportunity_Id"),
        ("Id=99999999999999999999", "Id"),
    ],
)
def test_a_value_that_its_type_does_not_allow_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(query)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_all_filters_that_make_no_sense_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        asked("CrmOpportunity_Team=x&CrmOpportunity_Name=ok&CrmOpportunity_Value=y")
    assert [problem.value for problem in refused.value.problems] == ["x", "y"]


def test_brackets_decide_what_is_a_batch_not_case() -> None:
    assert is_batch(parameters("id=[1,2]"))
    assert is_batch(parameters("Id=[1]&page=2"))
    assert is_batch(parameters("ID=%5B1,2%5D"))
    assert not is_batch(parameters("id=1"))
    assert not is_batch(parameters("CrmOpportunity_Id=[1,2]"))


@pytest.mark.parametrize(
    ("query", "ids"), [("id=[2,1,2]", (2, 1)), ("Id=[]", ()), ("id=%5B%203%20%5D", (3,)), ("id=1&id=[4]", (4,))]
)
def test_a_batch_is_its_ids_in_order(query: str, ids: tuple[int, ...]) -> None:
    assert read_batch(parameters(query)) == ids


def test_a_batch_of_something_else_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_batch(parameters("id=[1,x]"))
    assert [problem.field for problem in refused.value.problems] == ["id"]


def test_a_query_of_a_senseless_length_is_refused_as_a_whole() -> None:
    with pytest.raises(Invalid) as refused:
        parameters("&".join(["a=1"] * 1001))
    assert [problem.field for problem in refused.value.problems] == [""]


NAMES = st.sampled_from(["Id", "page", "size", "orderby", "dir", "UniqueId"]) | st.text(max_size=20)


@given(st.sampled_from(ENTITIES), st.data())
def test_any_query_is_read_or_refused(entity: Entity, data: st.DataObject) -> None:
    members = st.sampled_from(
        [f"{mark}{entity.name}_{member.name}" for member in entity.members for mark in ("", "from_", "to_")]
    )
    pairs = data.draw(st.lists(st.tuples(NAMES | members, st.text(max_size=12)), max_size=6))
    query = read_or_refused(entity, pairs)
    assert query is None or (1 <= query.size <= 1000 and query.offset >= 0)


def read_or_refused(entity: Entity, pairs: Pairs) -> ListQuery | None:
    try:
        return read_query(entity, pairs)
    except Invalid:
        return None


@given(st.binary(max_size=60))
def test_any_raw_query_string_is_read_or_refused(raw: bytes) -> None:
    pairs = parameters(raw)
    assert isinstance(is_batch(pairs), bool)
    query = read_or_refused(OPPORTUNITY, pairs)
    assert query is None or query.page >= 1


def rows(count: int) -> list[Record]:
    return [{"Id": number} for number in range(count)]


def test_the_envelope_has_its_thirteen_members_in_order() -> None:
    assert list(list_envelope(asked(""), 60, rows(25)).items()) == [
        *(("Records", rows(25)), ("CurrentPageSize", 25), ("CurrentPage", 1), ("CurrentOrderField", "Id")),
        *(("CurrentSortDirection", 0), ("FirstItem", 1), ("HasNextPage", True), ("HasPreviousPage", False)),
        *(("LastItem", 25), ("PageNumber", 1), ("PageSize", 25), ("TotalItems", 60), ("TotalPages", 3)),
    ]


@pytest.mark.parametrize(
    ("page", "on_page", "total", "items", "neighbours"),
    [(1, 2, 5, (1, 2), (False, True)), (2, 2, 5, (3, 4), (True, True)), (3, 1, 5, (5, 5), (True, False))],
)
def test_the_envelope_knows_where_the_page_stands(
    page: int, on_page: int, total: int, items: tuple[int, int], neighbours: tuple[bool, bool]
) -> None:
    envelope = list_envelope(asked(f"page={page}&size=2&dir=desc"), total, rows(on_page))
    assert (envelope["FirstItem"], envelope["LastItem"]) == items
    assert (envelope["HasPreviousPage"], envelope["HasNextPage"]) == neighbours
    assert (envelope["TotalPages"], envelope["CurrentSortDirection"]) == (3, 1)


@pytest.mark.parametrize(("page", "total"), [(1, 0), (99, 5)])
def test_a_page_without_records_has_none_after_it(page: int, total: int) -> None:
    envelope = list_envelope(asked(f"page={page}"), total, [])
    assert (envelope["Records"], envelope["HasNextPage"]) == ([], False)
    assert envelope["LastItem"] == (page - 1) * 25


def test_a_filter_is_a_plain_value() -> None:
    member = OPPORTUNITY.by_name["Name"]
    assert Filter(member, Op.EQ, "x") == Filter(member, Op.EQ, "x")
