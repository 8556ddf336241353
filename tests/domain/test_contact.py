"""How contacts are named, what is known of them and who manages them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.actor import Actor, Standing
from dealwright.domain.contact import (
    Brief,
    Contact,
    ContactChange,
    Share,
    changed,
    display_name,
    infos_after,
    managers_after,
    names_of,
    replaced,
    titles,
    wanted_email,
)
from dealwright.domain.contact_info import (
    ContactInfo,
    Info,
    address_of,
    address_parts,
    first_of,
    primary_email,
    with_kinds,
)
from dealwright.domain.values import UNSET

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def contact(**values: Any) -> Contact:
    """A contact as it may be stored."""
    return Contact(**{"id": 1, "uid": "u", "version": 1, "created_at": NOW, "updated_at": NOW, **values})


def actor(uid: str, standing: Standing = Standing.MEMBER) -> Actor:
    """Somebody."""
    return Actor(1, uid, "", "", standing, frozenset(), 1)


def info(kind: Info, data: str, ident: int = 0, **values: Any) -> ContactInfo:
    """A piece of information."""
    return ContactInfo(id=ident, kind=kind, data=data, **values)


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Ann Lee", ("Ann", "Lee")),
        ("Ann Mary  Lee", ("Ann Mary", "Lee")),
        ("  Cher ", ("Cher", "")),
        ("", ("", "")),
        ("Vincent van Gogh", ("Vincent van", "Gogh")),
    ],
)
def test_a_full_name_is_split_at_the_last_space(full: str, names: tuple[str, str]) -> None:
    assert names_of(full) == names


@given(st.text(), st.text())
def test_what_is_joined_splits_into_the_same_display_name(first: str, last: str) -> None:
    shown = display_name(False, first, last, "")
    again = display_name(False, *names_of(shown), "")
    assert again.split() == shown.split()


@pytest.mark.parametrize(
    ("before", "change", "expected"),
    [
        ({"first_name": "Ann", "last_name": "Lee"}, {"is_company": True}, ("", "", "Ann Lee")),
        ({"first_name": "Ann", "last_name": "Lee"}, {"is_company": True, "name": " Lee Ltd "}, ("", "", "Lee Ltd")),
        ({"is_company": True, "name": "Lee Ltd"}, {"is_company": False}, ("Lee", "Ltd", "")),
        ({"is_company": True, "name": "Lee Ltd"}, {"is_company": False, "first_name": "Ann"}, ("Ann", "", "")),
        ({"first_name": "Ann", "last_name": "Lee"}, {"first_name": "Eve "}, ("Eve", "Lee", "")),
    ],
)
def test_names_follow_what_a_contact_is(
    before: dict[str, Any], change: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    start = contact(**before)
    start.display_name = display_name(start.is_company, start.first_name, start.last_name, start.name)
    after = changed(start, ContactChange(**change))
    assert (after.first_name, after.last_name, after.name) == expected
    assert after.display_name == " ".join(part for part in expected if part)


def test_members_of_a_vendor_are_added_to_those_that_are_kept_and_taken_away_by_nothing() -> None:
    after = changed(contact(first_name="A", extra={"a": 1, "b": 2}), ContactChange(extra={"b": None, "c": 3}))
    assert after.extra == {"a": 1, "c": 3}


@pytest.mark.parametrize(
    ("sharing", "managers", "who", "sees", "edits"),
    [
        (Share.WRITE, (), actor("me"), True, True),
        (Share.READ, (), actor("me"), True, False),
        (Share.READ, ("me",), actor("me"), True, True),
        (Share.NOBODY, (), actor("me"), False, False),
        (Share.NOBODY, ("me",), actor("me"), True, True),
        (Share.NOBODY, (), actor("me", Standing.CRM_ADMIN), True, True),
        (Share.READ, (), actor("me", Standing.OWNER), True, True),
    ],
)
def test_sharing_and_managers_decide_who_sees_and_edits(
    sharing: Share, managers: tuple[str, ...], who: Actor, sees: bool, edits: bool
) -> None:
    card = Brief(1, False, "Ann", sharing, None, None, None, managers)
    assert (card.seen_by(who), card.edited_by(who)) == (sees, edits)


@pytest.mark.parametrize(
    ("sharing", "change", "who", "expected"),
    [
        (Share.NOBODY, {"sharing": Share.NOBODY}, actor("me"), ("me", "old")),
        (Share.NOBODY, {"managers": ["b", "a", "b"]}, actor("me"), ("a", "b", "me")),
        (Share.NOBODY, {"managers": ["b"]}, actor("me", Standing.CRM_ADMIN), ("b",)),
        (Share.NOBODY, {"about": "x"}, actor("me"), ("old",)),
        (Share.READ, {"managers": ["b"]}, actor("me"), ("b",)),
        (Share.WRITE, {"managers": []}, actor("me"), ()),
    ],
)
def test_who_makes_a_contact_private_is_among_its_managers(
    sharing: Share, change: dict[str, Any], who: Actor, expected: tuple[str, ...]
) -> None:
    assert managers_after(["old"], sharing, ContactChange(**change), who) == expected


def test_the_first_of_a_kind_is_the_primary_one_else_the_oldest() -> None:
    infos = [info(Info.PHONE, "new"), info(Info.PHONE, "b", 7), info(Info.PHONE, "a", 5, category=2)]
    assert getattr(first_of(infos, Info.PHONE), "data", None) == "a"
    assert getattr(first_of(infos, Info.PHONE, 0), "data", None) == "b"
    assert getattr(first_of([*infos, info(Info.PHONE, "p", 9, is_primary=True)], Info.PHONE), "data", None) == "p"
    assert first_of(infos, Info.EMAIL) is None


def test_setting_a_first_phone_touches_only_that_one() -> None:
    infos = [info(Info.PHONE, "1", 1, category=2, is_primary=True), info(Info.PHONE, "2", 2, category=1)]
    after = infos_after(
        infos, ContactChange(firsts={(Info.PHONE, 2): "1a", (Info.PHONE, 1): " ", (Info.PHONE, 3): "3"})
    )
    assert [(one.id, one.data, one.category, one.is_primary) for one in after] == [
        (1, "1a", 2, True),
        (0, "3", 3, False),
    ]


def test_parts_of_an_address_are_merged_and_an_empty_address_goes() -> None:
    infos = infos_after([], ContactChange(address={"street": "Main 1", "zip": "1010", "planet": "Earth"}))
    infos = infos_after(infos, ContactChange(address={"city": "Rīga", "zip": None}))
    assert address_of(infos) == {"street": "Main 1", "city": "Rīga"}
    assert infos_after(infos, ContactChange(address={"street": "", "city": None})) == []
    assert address_of([]) == {}


@pytest.mark.parametrize("data", ["Main 1", "[1]", "{", '"x"'])
def test_an_address_that_is_no_json_object_is_all_street(data: str) -> None:
    assert address_parts(data) == {"street": data}


def test_the_primary_mail_is_set_found_again_and_taken_away() -> None:
    infos = infos_after([], ContactChange(email=" a@example.com "))
    assert primary_email(infos) == "a@example.com"
    other = info(Info.EMAIL, "B@example.com", 3)
    assert [one.data for one in infos_after([*infos, other], ContactChange(email="c@example.com"))] == [
        "c@example.com",
        "B@example.com",
    ]
    assert infos_after([other], ContactChange(email="b@example.com")) == [
        info(Info.EMAIL, "b@example.com", 3, is_primary=True)
    ]
    assert infos_after([*infos, other], ContactChange(email=None)) == [other]
    assert infos_after([*infos, other], ContactChange()) == [*infos, other]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"email": None}, None),
        ({"email": "a@x"}, "a@x"),
        ({"infos": {Info.EMAIL: [info(Info.EMAIL, "a@x"), info(Info.EMAIL, "b@x", is_primary=True)]}}, "b@x"),
        ({"infos": {Info.EMAIL: [info(Info.EMAIL, "a@x", is_primary=True)]}, "email": "c@x"}, "c@x"),
    ],
)
def test_a_change_tells_which_mail_it_makes_the_primary_one(change: dict[str, Any], expected: str | None) -> None:
    assert wanted_email(ContactChange(**change)) == expected


def test_a_piece_with_an_id_stays_that_piece_even_as_another_kind() -> None:
    infos = [info(Info.PHONE, "1", 1), info(Info.SKYPE, "s", 2), info(Info.WEBSITE, "w", 3)]
    wanted = {
        Info.PHONE: [],
        Info.SKYPE: [info(Info.PHONE, "one", 1), info(Info.SKYPE, "s"), info(Info.SKYPE, "?", 99)],
    }
    after = with_kinds(infos, wanted)
    assert [(one.id, one.kind, one.data) for one in after] == [
        (3, Info.WEBSITE, "w"),
        (1, Info.SKYPE, "one"),
        (2, Info.SKYPE, "s"),
        (0, Info.SKYPE, "?"),
    ]


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.booleans())))
def test_replacing_a_kind_keeps_its_count_has_one_primary_at_most_and_is_settled(
    pieces: list[tuple[str, bool]],
) -> None:
    wanted = {Info.PHONE: [info(Info.PHONE, data, is_primary=primary) for data, primary in pieces]}
    once = with_kinds([info(Info.EMAIL, "a", 50)], wanted)
    assert len(once) == len(pieces) + 1
    assert sum(one.is_primary for one in once) == any(primary for _, primary in pieces)
    stored = [info(one.kind, one.data, one.id or place, is_primary=one.is_primary) for place, one in enumerate(once, 1)]
    again = with_kinds(stored, wanted)
    assert sorted(again, key=lambda one: one.id) == sorted(stored, key=lambda one: one.id)


def test_tags_are_told_apart_by_their_letters_alone() -> None:
    assert titles([" Žagars ", "zagars", "", "  ", "B"]) == {"zagars": "Žagars", "b": "B"}


@given(
    st.sets(st.integers(1, 9)),
    st.none() | st.sets(st.integers(1, 9)),
    st.sets(st.integers(1, 9)),
    st.sets(st.integers(1, 9)),
)
def test_what_is_taken_away_is_gone_and_what_is_added_is_there(
    present: set[int], whole: set[int] | None, added: set[int], gone: set[int]
) -> None:
    after = replaced(present, UNSET if whole is None else whole, added, gone)
    assert not after & gone
    assert added - gone <= after <= (present if whole is None else whole) | added
