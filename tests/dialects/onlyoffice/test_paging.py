"""Which part of a list is asked for (conventions §7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.onlyoffice.envelope import listed, many
from dealwright.dialects.onlyoffice.paging import FURTHEST, Page, Shown, member, only, page_of
from dealwright.dialects.onlyoffice.values import Amount

ANNA: Shown = {"id": 1, "displayName": "Anna Berg", "rate": Amount("1.5"), "company": {"title": "Boats, Inc"}}
BERT: Shown = {"id": 2, "displayName": "bert Ames", "rate": Amount("10.0"), "company": None}
CARA: Shown = {"id": 3, "displayName": "Cara Zorn", "rate": Amount("2.0"), "company": {"title": "Aviation"}}
PEOPLE: list[Shown] = [CARA, ANNA, BERT]


def page(**query: str) -> Page:
    return page_of(query.items())


def shown(**query: str) -> object:
    return listed(PEOPLE, page(**query)).response


def test_without_a_query_a_page_is_a_thousand_rows_from_the_start() -> None:
    assert page() == Page(count=1000, start=0)
    assert page().rows == 1001


@pytest.mark.parametrize(
    ("text", "count"), [("5", 5), (" 7 ", 7), ("0", 0), ("5000", 1000), ("9" * 5000, 1000), ("x", 1000), ("-1", 1000)]
)
def test_count_is_at_most_a_thousand_and_nonsense_is_ignored(text: str, count: int) -> None:
    assert page(count=text).count == count


@pytest.mark.parametrize(("text", "start"), [("5", 5), ("-5", 0), ("x", 0), ("9" * 5000, FURTHEST), ("٣", 0), ("", 0)])
def test_start_index_is_not_negative_and_nonsense_is_ignored(text: str, start: int) -> None:
    assert page(startIndex=text).start == start


def test_names_ignore_case_and_the_first_value_wins() -> None:
    asked = page_of([("STARTINDEX", "3"), ("startindex", "4"), ("SortBy", "Title")])
    assert (asked.start, asked.sort_by) == (3, "Title")


@pytest.mark.parametrize(("text", "descending"), [("descending", True), ("Descending", False), ("desc", False)])
def test_only_the_exact_word_turns_the_order_around(text: str, descending: bool) -> None:
    assert page(sortOrder=text).descending is descending


def test_the_search_text_is_the_first_part_of_a_single_value() -> None:
    assert page(filterValue="blue boat,red").search == "blue boat"
    assert page_of([("filterValue[]", "a,b"), ("filterValue[]", "c")]).search == "a,b"
    assert page(filterValue=",").search == ""


def test_a_page_of_the_database_hides_the_row_too_many() -> None:
    answer = many([1, 2, 3], page(count="2", startIndex="4"), 9)
    assert (answer.response, answer.start, answer.following, answer.total) == ([1, 2], 4, 7, 9)


def test_the_last_page_has_no_next_one() -> None:
    answer = many([1, 2], page(count="2", startIndex="4"))
    assert (answer.response, answer.start, answer.following, answer.total) == ([1, 2], 4, None, None)


def test_the_total_is_known_when_the_end_was_reached() -> None:
    asked = page(count="2", startIndex="4")
    assert [asked.total_of(rows) for rows in (0, 1, 2, 3)] == [4, 5, 6, None]


def test_a_page_of_the_database_keeps_the_kind_asked_for() -> None:
    assert many(PEOPLE, page(type="Person"), kind="person").response == PEOPLE
    assert many(PEOPLE, page(type="task"), kind="person").response == []
    assert many(PEOPLE, page(type="task")).response == PEOPLE


def test_a_list_in_memory_is_cut_and_counted() -> None:
    answer = listed(PEOPLE, page(count="2"))
    assert (answer.response, answer.following, answer.total) == ([CARA, ANNA], 3, 3)


def test_a_list_in_memory_that_fits_has_no_total() -> None:
    answer = listed(PEOPLE, page(startIndex="1"))
    assert (answer.response, answer.start, answer.following, answer.total) == ([ANNA, BERT], 1, None, None)


def test_a_count_of_zero_does_not_cut() -> None:
    assert listed([{"id": number} for number in range(1500)], page(count="0")).total is None
    assert shown(count="0") == PEOPLE
    assert many(PEOPLE, page(count="0")).response == PEOPLE
    assert page(count="0").rows == 1000


def test_a_list_in_memory_may_say_its_total() -> None:
    assert listed(PEOPLE, page(), total=3).total == 3


def test_a_list_in_memory_is_sorted_by_a_member() -> None:
    assert shown(sortBy="displayname") == [ANNA, BERT, CARA]
    assert shown(sortBy="rate", sortOrder="descending") == [BERT, CARA, ANNA]


def test_rows_without_the_member_drop_out_of_the_order() -> None:
    assert shown(sortBy="company.title,id") == [CARA, ANNA]
    assert shown(sortBy="nonsense") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"filterBy": "displayName", "filterValue": "anna berg"}, [ANNA]),
        ({"filterBy": "displayName", "filterOp": "contains", "filterValue": "A"}, [CARA, ANNA, BERT]),
        ({"filterBy": "DisplayName", "filterOp": "startsWith", "filterValue": "B"}, [BERT]),
        ({"filterBy": "displayName", "filterOp": "endswith", "filterValue": "zorn"}, [CARA]),
        ({"filterBy": "company", "filterOp": "present"}, [CARA, ANNA]),
        ({"filterBy": "displayName,company.title", "filterOp": "contains", "filterValue": "av"}, [CARA]),
        ({"filterBy": "id", "filterValue": "1,2"}, [ANNA, BERT]),
        ({"filterBy": "id", "filterOp": "nonsense", "filterValue": "1"}, PEOPLE),
        ({"filterValue": "anna"}, PEOPLE),
    ],
)
def test_a_list_in_memory_is_filtered_by_a_member(query: dict[str, str], expected: list[Shown]) -> None:
    assert shown(**query) == expected


def test_a_list_that_searched_itself_is_not_filtered_again() -> None:
    asked = page(filterBy="displayName", filterValue="anna").unfiltered()
    assert listed(PEOPLE, asked).response == PEOPLE


def test_rows_may_each_have_their_own_kind() -> None:
    answer = listed(PEOPLE, page(type="company"), lambda row: "company" if member(row, "id") == 2 else "person")
    assert answer.response == [BERT]


def test_texts_can_be_listed() -> None:
    assert listed(["a", "b", "c"], page(count="2")).response == ["a", "b"]


def test_only_the_fields_asked_for_are_kept_at_the_top() -> None:
    asked = page(fields="ID, Company").fields
    assert only(PEOPLE, asked) == [{"id": row["id"], "company": row["company"]} for row in PEOPLE]
    assert only(ANNA, asked) == {"id": 1, "company": {"title": "Boats, Inc"}}
    assert only(["a"], asked) == ["a"]
    assert only("a", asked) == "a"
    assert only(ANNA, page().fields) is ANNA


def test_fields_may_be_repeated() -> None:
    assert page_of([("fields[]", "id"), ("fields[]", "rate")]).fields == {"id", "rate"}


NAMES = st.sampled_from(
    ["count", "startIndex", "sortBy", "sortOrder", "filterBy", "filterOp", "filterValue", "fields", "type", "x"]
)
TEXTS = st.sampled_from(["", "id", "1", "rate,id", "company.title", "descending", "contains", "present"]) | st.text()
ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "rate", "company"]),
        st.none() | st.integers() | st.text() | st.booleans() | st.just(ANNA) | st.lists(st.integers()),
    )
)


@given(st.lists(st.tuples(NAMES, TEXTS)), ROWS)
def test_no_query_breaks_a_list(query: list[tuple[str, str]], rows: list[Shown]) -> None:
    asked = page_of(query)
    answer = listed(rows, asked)
    only(answer.response, asked.fields)
    assert isinstance(answer.response, list)
    assert len(answer.response) <= (asked.count or len(rows))


@given(st.integers(0, 60), st.integers(1, 12))
def test_pages_after_each_other_are_the_whole_list(size: int, count: int) -> None:
    rows: list[Shown] = [{"id": number} for number in range(size)]
    seen: list[object] = []
    start: int | None = 0
    while start is not None:
        answer = listed(rows, Page(count=count, start=start))
        assert isinstance(answer.response, list)
        seen += answer.response
        start = start + count if answer.following else None
    assert seen == rows
