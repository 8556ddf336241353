"""Which column says what: read, refused, written down and read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dealwright.domain.contact import Share
from dealwright.domain.contact_info import Info
from dealwright.domain.errors import Invalid
from dealwright.domain.importing import Duplicates, Order, checked, columns_of, info_of, kept
from dealwright.domain.table import Dialect

FIELDS = [(7, "person"), (8, "opportunity")]


def order(*columns: tuple[str, tuple[int, ...]], subject: str = "contact", **said: Any) -> Order:
    return Order(subject=subject, columns=columns, **said)


def test_a_row_says_what_its_columns_mean() -> None:
    said = order(("first_name", (2,)), ("tag", (0, 1, 9))).said(["red", "", "Ada"])
    assert said == {"first_name": ["Ada"], "tag": ["red"]}


def test_an_order_survives_being_written_down() -> None:
    whole = order(
        ("last_name", (1,)),
        ("info.phone.1", (2, 3)),
        dialect=Dialect(encoding="windows-1252", delimiter=";"),
        duplicates=Duplicates.OVERWRITE,
        tags=("fair",),
        sharing=Share.NOBODY,
        managers=("x",),
        private=True,
        shared_with=("y",),
        day_first=True,
    )
    assert kept(json.loads(json.dumps(whole.plain()))) == whole


@pytest.mark.parametrize("name", ["last_name", "custom.7", "info.email.0", "info.address.1.city"])
def test_fields_that_can_be_imported_are_known(name: str) -> None:
    assert checked(order(("first_name", (0,)), (name, (1,))), FIELDS)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("title", "unknown"),
        ("custom.8", "unknown"),
        ("custom.x", "unknown"),
        ("info.pigeon.1", "unknown"),
        ("info.phone.1.city", "unknown"),
        ("info.address.1", "unknown"),
        ("info.address.1.moon", "unknown"),
        ("info.phone.x", "unknown"),
    ],
)
def test_others_are_refused_by_name(name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(order(("first_name", (0,)), (name, (1,))), FIELDS)
    assert [(one.field, one.code, one.value) for one in refused.value.problems] == [("columns", code, name)]


@pytest.mark.parametrize("wrong", [order(("about", (0,))), order(("first_name", ())), order(("first_name", (-1,)))])
def test_an_order_that_can_name_nobody_is_refused(wrong: Order) -> None:
    with pytest.raises(Invalid):
        checked(wrong, FIELDS)


def test_parts_of_an_address_are_told_apart() -> None:
    assert info_of("info.address.2.zip") == (Info.ADDRESS, 2, "zip")
    assert info_of("info.skype.0") == (Info.SKYPE, 0, None)


def test_headings_say_which_column_is_what() -> None:
    names = {"email": "contact_email", "coworkeremail": "contact_email", "value": "amount"}
    found = columns_of(["Value", "Colour", "EMAIL", " CoworkerEmail "], names)
    assert found == (("amount", (0,)), ("contact_email", (2, 3)))
    lead = Order(subject="lead", columns=found, location_id=3)
    assert kept(json.loads(json.dumps(lead.plain()))) == checked(lead, FIELDS)
    with pytest.raises(Invalid):
        checked(Order(subject="lead", columns=columns_of(["Value"], names)), FIELDS)
