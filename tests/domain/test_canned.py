"""Placeholders of canned responses: what stands for them, and that it stays text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.canned import filled, page_of, placeholders
from dealwright.domain.contact import Contact
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.values import EPOCH


def words(**values: Any) -> dict[str, str]:
    own = {"first_name": "Ada", "last_name": "Lovelace", "display_name": "Ada Lovelace", "email": "ada@example.com"}
    contact = Contact(id=1, uid="u", version=1, created_at=EPOCH, updated_at=EPOCH, **{**own, **values})
    phone = ContactInfo(id=1, kind=Info.PHONE, data="+44 1")
    return placeholders(contact, [phone], {"Favourite Colour": "blue"}, ["North", "South"], "Main", date(2026, 2, 3))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{firstname} {LastName}, {FULLNAME}", "Ada Lovelace, Ada Lovelace"),
        ("{email} {phone} {position}", "ada@example.com +44 1 Engineer"),
        ("{businessname} {date} {teamNames}", "Main 2026-02-03 North, South"),
        ("{favouritecolour}{custom1}{nosuchthing}.", "blue7."),
        ("{ firstname } {} {1} {{firstname}}", "{ firstname } {} {1} {Ada}"),
        ("p {color: red}", "p {color: red}"),
    ],
)
def test_what_stands_for_a_placeholder(template: str, text: str) -> None:
    known = words(job_title="Engineer", extra={"Custom1": 7, "ShowAlert": True, "Teams": [1]})
    assert filled(template, known, as_page=False) == text


def test_a_company_is_called_by_its_name() -> None:
    known = words(first_name="", last_name="", display_name="Desk & Co", is_company=True)
    assert filled("{firstname}|{companyname}|{fullname}", known, as_page=False) == "Desk & Co|Desk & Co|Desk & Co"


def test_flags_and_lists_stand_for_nothing() -> None:
    assert filled("{showalert}{teams}", words(extra={"ShowAlert": True, "Teams": [1]}), as_page=False) == ""


@given(st.text())
def test_whatever_somebody_is_called_stays_text_in_a_page(name: str) -> None:
    page = filled("<p>{fullname}</p>", {"fullname": name}, as_page=True)
    inside = page.removeprefix("<p>").removesuffix("</p>")
    assert not set("<>\"'") & set(inside)


@given(st.text())
def test_what_is_put_in_is_not_looked_at_again(name: str) -> None:
    assert filled("{fullname}", {"fullname": name, "email": "secret"}, as_page=False) == name


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("Hello\nyou & <me@example.com>", "Hello<br>\nyou &amp; &lt;me@example.com&gt;"),
        ("<p>Hello</p>\n& you", "<p>Hello</p>\n& you"),
        ("1 < 2 {firstname}", "1 &lt; 2 {firstname}"),
        ("", ""),
    ],
)
def test_a_text_becomes_a_page_and_a_page_stays_one(template: str, page: str) -> None:
    assert page_of(template) == page
