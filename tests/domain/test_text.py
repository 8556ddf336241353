"""Text as people compare it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.naming import NAME_LENGTH, name_problem, text_problem
from dealwright.domain.text import KEY_LENGTH, fold, is_storable, search_words

texts = st.text(max_size=200)


@given(texts)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_case_and_blanks_do_not_matter(text: str) -> None:
    assert fold(f"  {text}\t") == fold(text)
    assert fold(text.upper().lower()) == fold(text.lower().upper())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, ""),
        ("", ""),
        (" ACME  Ltd ", "acme ltd"),
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Ångström", "angstrom"),
    ],
)
def test_a_key_has_no_case_no_accents_and_single_blanks(text: str | None, key: str) -> None:
    assert fold(text) == key


@given(st.text(min_size=300, max_size=600))
def test_a_key_is_never_longer_than_its_column_takes(text: str) -> None:
    assert len(fold(text)) <= KEY_LENGTH


@given(texts, texts)
def test_search_finds_folded_words_once_each(one: str, other: str) -> None:
    found = search_words(one, other)
    assert len(found) == len(set(found))
    assert all(word and not any(char.isspace() for char in word) for word in found)


def test_search_words_keep_their_order_and_lose_their_signs() -> None:
    assert search_words("Ten desks, by the window!", None, "Desks & Chairs") == [
        *("ten", "desks", "by", "the", "window"),
        "chairs",
    ]


@given(texts)
def test_what_search_is_fed_with_can_be_stored(text: str) -> None:
    if is_storable(text):
        assert all(map(is_storable, search_words(text)))


@pytest.mark.parametrize(("text", "storable"), [("", True), ("Grüße 🙂", True), ("a\0b", False), ("\ud800", False)])
def test_nul_and_lone_surrogates_cannot_be_kept(text: str, storable: bool) -> None:
    assert is_storable(text) is storable


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("\u0301", "required"),
        ("x" * (NAME_LENGTH + 1), "too_long"),
        ("a\0b", "format"),
    ],
)
def test_a_name_that_is_none_is_told_why(name: str, code: str) -> None:
    problem = name_problem("title", name)
    assert problem is not None
    assert (problem.field, problem.code) == ("title", code)


def test_a_name_may_be_as_long_as_the_contract_says() -> None:
    assert name_problem("title", "x" * NAME_LENGTH) is None


def test_a_free_text_may_be_empty() -> None:
    assert text_problem("description", None) is None
    assert text_problem("description", "") is None
    assert text_problem("description", "a\0") is not None
