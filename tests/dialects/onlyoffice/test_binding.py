"""Reading parameters by name and type (conventions §6)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.onlyoffice.binding import DEEPEST, Bag, Fields
from dealwright.dialects.onlyoffice.failures import REFERENCE, Failure
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID

BID_TYPE = Names({"FixedBid": 0, "PerHour": 1})
GUID = "9924256a-739c-462b-af15-e652a3b1b6eb"

DEFAULTS: list[tuple[Callable[[Fields], object], object]] = [
    (lambda fields: fields.integer("x"), 0),
    (lambda fields: fields.long_integer("x"), 0),
    (lambda fields: fields.decimal("x"), Decimal(0)),
    (lambda fields: fields.boolean("x"), False),
    (lambda fields: fields.guid("x"), NO_GUID),
    (lambda fields: fields.enum("x", BID_TYPE), 0),
    (lambda fields: fields.date("x", UTC), None),
    (lambda fields: fields.nullable_integer("x"), None),
    (lambda fields: fields.nullable_decimal("x"), None),
    (lambda fields: fields.nullable_boolean("x"), None),
    (lambda fields: fields.nullable_guid("x"), None),
    (lambda fields: fields.nullable_enum("x", BID_TYPE), None),
]
LISTS: list[Callable[[Fields], object]] = [
    lambda fields: fields.texts("x"),
    lambda fields: fields.integers("x"),
    lambda fields: fields.guids("x"),
    lambda fields: fields.records("x"),
    lambda fields: fields.pairs("x"),
]


def bag(*pairs: tuple[str, str]) -> Bag:
    filled = Bag()
    for name, text in pairs:
        filled.add(name, text)
    return filled


def refused(read: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as refusal:
        read()
    return refusal.value


@pytest.mark.parametrize(("read", "default"), DEFAULTS)
def test_an_absent_value_is_the_default(read: Callable[[Fields], object], default: object) -> None:
    assert read(bag()) == default


@pytest.mark.parametrize(("read", "default"), DEFAULTS)
def test_an_empty_value_is_the_default(read: Callable[[Fields], object], default: object) -> None:
    assert read(bag(("x", ""))) == default


@pytest.mark.parametrize(("read", "default"), DEFAULTS)
def test_a_nonsensical_value_is_refused_with_400(read: Callable[[Fields], object], default: object) -> None:
    assert refused(lambda: read(bag(("x", "nonsense")))).status == 400


@pytest.mark.parametrize("read", LISTS)
def test_an_absent_list_is_empty(read: Callable[[Fields], object]) -> None:
    assert read(bag()) == []


@pytest.mark.parametrize("read", LISTS[1:])
def test_an_empty_entry_of_a_list_that_is_no_list_of_texts_is_refused(read: Callable[[Fields], object]) -> None:
    assert refused(lambda: read(bag(("x", "")))).status == 400


def test_an_empty_entry_of_a_list_of_texts_is_a_text() -> None:
    assert bag(("x", "")).texts("x") == [""]


def test_an_absent_text_is_none_and_an_empty_one_is_empty() -> None:
    assert (bag().text("title"), bag(("title", "")).text("title")) == (None, "")


@pytest.mark.parametrize("name", ["bidValue", "BIDVALUE", "bidvalue", "BidValue"])
def test_a_name_matches_in_any_case(name: str) -> None:
    sent = bag((name, "1.5"))
    assert (sent.decimal("bidValue"), "BidVALUE" in sent, "bid" in sent) == (Decimal("1.5"), True, False)


def test_the_first_value_wins() -> None:
    assert bag(("id", "1"), ("ID", "2")).integer("id") == 1


def test_each_type_is_read() -> None:
    sent = bag(("i", "5"), ("n", "1.50"), ("b", "TRUE"), ("g", GUID.upper()), ("e", "perhour"), ("d", "2031-05-06"))
    assert (sent.integer("i"), sent.nullable_integer("i"), sent.long_integer("i")) == (5, 5, 5)
    assert str(sent.decimal("n")) == str(sent.nullable_decimal("n")) == "1.50"
    assert (sent.boolean("b"), sent.nullable_boolean("b")) == (True, True)
    assert (sent.guid("g"), sent.nullable_guid("g")) == (GUID, GUID)
    assert (sent.enum("e", BID_TYPE), sent.nullable_enum("e", BID_TYPE)) == (1, 1)
    assert sent.date("d", UTC) == datetime(2031, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "names",
    [
        ("members", "members"),
        ("members[]", "members[]"),
        ("members[0]", "members[1]"),
        ("Members", "mEmbers[]"),
        ("members", "members[0]"),
    ],
)
def test_a_list_is_read_in_each_spelling(names: tuple[str, str]) -> None:
    assert bag(*zip(names, "12", strict=True)).integers("members") == [1, 2]


def test_numbered_entries_are_read_in_the_order_of_their_numbers() -> None:
    entries = [("x[10]", "c"), ("x[2]", "b"), ("x[0]", "a")]
    assert bag(*entries).texts("x") == ["a", "b", "c"]


def test_commas_do_not_make_a_list() -> None:
    assert refused(lambda: bag(("members", "1,2")).integers("members")).status == 400
    assert refused(lambda: bag(("members", "[1,2]")).integers("members")).status == 400


def test_a_list_with_brackets_is_no_single_value() -> None:
    assert bag(("title[]", "x")).text("title") is None


@pytest.mark.parametrize(("key", "value"), [("key", "value"), ("Key", "Value")])
def test_pairs_are_read_in_both_casings(key: str, value: str) -> None:
    sent = bag(
        (f"customFieldList[1][{key}]", "7"),
        (f"customFieldList[1][{value}]", "b"),
        (f"CUSTOMFIELDLIST[0][{key}]", "3"),
        (f"customfieldlist[0][{value}]", "a"),
    )
    assert sent.pairs("customFieldList") == [(3, "a"), (7, "b")]


def test_another_casing_of_a_member_is_ignored() -> None:
    assert bag(("customFieldList[0][KEY]", "3"), ("customFieldList[0][vALUE]", "x")).pairs("customFieldList") == [
        (0, "")
    ]


def test_a_member_may_be_lower_case_only() -> None:
    lines = bag(("invoiceLines[0][invoiceitemid]", "3")).records("invoiceLines")
    assert [line.integer("invoiceItemID") for line in lines] == [3]


@pytest.mark.parametrize("numbers", [("1",), ("0", "2"), ("00",), ("x",), ("",), ("0", "-1"), ("9" * 10_000,)])
def test_a_list_of_objects_with_a_gap_is_the_500_of_the_contract(numbers: tuple[str, ...]) -> None:
    sent = bag(*[(f"items[{number}][key]", "1") for number in numbers])
    refusal = refused(lambda: sent.pairs("items"))
    assert (refusal.status, refusal.hresult) == (500, REFERENCE)


def test_a_key_that_is_no_number_is_refused() -> None:
    assert refused(lambda: bag(("x[0][key]", "three")).pairs("x")).status == 400


def test_an_object_is_read() -> None:
    address = bag(("address[street]", "Elm Street"), ("address[category]", "3"), ("address[isPrimary]", "true")).nested(
        "Address"
    )
    assert address
    assert (address.text("street"), address.integer("category"), address.boolean("isPrimary")) == (
        "Elm Street",
        3,
        True,
    )
    assert (address.text("city"), "city" in address, "street" in address) == (None, False, True)


def test_an_absent_object_is_none() -> None:
    assert bag(("address", "x")).nested("address") is None


def test_objects_may_hold_lists_and_objects() -> None:
    sent = bag(("q[size]", "5"), ("q[days][]", "1"), ("q[days][]", "2"), ("q[hours][from]", "9:00"))
    queue = sent.nested("q")
    assert queue
    hours = queue.nested("hours")
    assert hours
    assert (queue.integers("days"), hours.text("from")) == ([1, 2], "9:00")


@pytest.mark.parametrize("name", ["x[", "x]", "x[0", "x[0]]", "x[[0]]", "x[0]y", "[", "[]", "", "]["])
def test_a_name_with_broken_brackets_is_nobodys(name: str) -> None:
    sent = bag((name, "1"))
    assert (sent.integers("x"), sent.records("x"), sent.nested("x")) == ([], [], None)


@pytest.mark.parametrize(("name", "text"), [("title", "a\x00b"), ("ti\x00tle", "a"), ("x[\x00]", "a")])
def test_a_nul_character_is_refused(name: str, text: str) -> None:
    assert refused(lambda: bag((name, text))).status == 400


def test_objects_nested_too_deeply_are_refused() -> None:
    bag(("x" + "[a]" * DEEPEST, "1"))
    assert refused(lambda: bag(("x" + "[a]" * (DEEPEST + 1), "1"))).status == 400


NAMES = st.text("xX[]01k\x00", max_size=12) | st.text(max_size=5)


@given(st.lists(st.tuples(NAMES, st.text(max_size=5)), max_size=8))
def test_nothing_that_is_sent_raises_anything_but_a_failure(pairs: list[tuple[str, str]]) -> None:
    sent = Bag()
    with suppress(Failure):
        for name, text in pairs:
            sent.add(name, text)
    for read in [read for read, _ in DEFAULTS] + LISTS + [lambda fields: fields.nested("x")]:
        with suppress(Failure):
            read(sent)
