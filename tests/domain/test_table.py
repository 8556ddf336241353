"""Tables as text: encodings, quotes, bad bytes, endless lines; and cells that a spreadsheet leaves alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.errors import Invalid
from dealwright.domain.table import BAD, CELL_LENGTH, LINE_LENGTH, Dialect, Written, dialect_of, head_of, inert, rows

HEADLESS = Dialect(has_header=False)


def cells(data: bytes, dialect: Dialect = HEADLESS, start: int = 0) -> list[list[str]]:
    return [row.cells for row in rows(io.BytesIO(data), dialect, start)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1252", "windows-1251"])
def test_rows_come_out_of_every_encoding(encoding: str) -> None:
    word = "Zoë" if encoding != "windows-1251" else "Анна"
    data = f"name,city\r\n{word},Rome\r\n".encode(encoding)
    assert cells(data, Dialect(encoding=encoding)) == [[word, "Rome"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_counts_more_than_what_was_said(encoding: str) -> None:
    assert cells("Zoë,1\n".encode(encoding), Dialect(encoding="windows-1252", has_header=False)) == [["Zoë", "1"]]


def test_bytes_that_are_no_characters_spoil_their_row_only() -> None:
    found = list(rows(io.BytesIO(b"good,1\nZo\xeb,2\ngood,3\n"), HEADLESS))
    assert [row.problem.code if row.problem else None for row in found] == [None, "encoding", None]
    assert BAD not in str(found[1].problem)


def test_half_a_character_of_utf_16_spoils_its_row_only() -> None:
    data = "a,1\n".encode("utf-16-le") + b"\x00\xd8b\x00" + ",2\nc,3\n".encode("utf-16-le")
    found = list(rows(io.BytesIO(data), Dialect(encoding="utf-16-le", has_header=False)))
    assert [bool(row.problem) for row in found] == [False, True, False]


def test_quotes_delimiters_and_lines_within_a_cell() -> None:
    data = b"a;'b;c';'it''s'\r\n'two\nlines';d;\r\n"
    assert cells(data, Dialect(delimiter=";", quote="'", has_header=False)) == [
        ["a", "b;c", "it's"],
        ["two\nlines", "d", ""],
    ]


def test_without_a_quote_a_quote_is_a_character() -> None:
    assert cells(b'5" pipe,"x\n', Dialect(quote="", has_header=False)) == [['5" pipe', '"x']]


def test_numbers_are_those_that_people_count_and_rows_can_be_gone_on_with() -> None:
    data = b"head\n1\n\n3\n4\n"
    assert [row.number for row in rows(io.BytesIO(data), Dialect()) if not row.is_blank] == [2, 4, 5]
    assert [row.number for row in rows(io.BytesIO(data), Dialect(), 4)] == [5]
    assert head_of(io.BytesIO(data), Dialect()) == ["head"]


def test_a_cell_that_is_too_long_spoils_its_row_only() -> None:
    data = b"a\n" + b"x" * (CELL_LENGTH + 1) + b"\nb\n"
    found = list(rows(io.BytesIO(data), HEADLESS))
    assert [row.problem.code if row.problem else row.cells for row in found] == [["a"], "format", ["b"]]


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(Invalid):
        cells(b"x," * (LINE_LENGTH // 2 + 1))


def test_what_was_made_inert_comes_back_as_it_was() -> None:
    assert cells(b"'=1+1,'+49 30,'tis\n") == [["=1+1", "+49 30", "'tis"]]


def test_nul_comes_through_for_the_rules_of_fields_to_refuse() -> None:
    assert cells(b"a\0b,c\n") == [["a\0b", "c"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"delimiter": ""}, "delimiter"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"delimiter": "\n"}, "delimiter"),
        ({"quote": ","}, "quote"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "base64"}, "encoding"),
        ({"encoding": "a\0b"}, "encoding"),
    ],
)
def test_a_dialect_that_cannot_be_read_is_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Dialect(**wrong).checked()
    assert refused.value.problems[0].field == field


@pytest.mark.parametrize("cell", ["=1+1", "+SUM(A1)", "-2+3", "@x", "\t=1", "\r=1", "＝1", "+-1", "-"])
def test_what_a_spreadsheet_would_run_is_made_inert(cell: str) -> None:
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a=1", "-12.50", "+49", "1", "0.5-", "'x"])
def test_what_is_harmless_stays(cell: str) -> None:
    assert inert(cell) == cell


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_what_is_written_is_read_back_and_starts_nothing(row: list[str]) -> None:
    out = Written()
    out.put(row)
    [back] = csv.reader(io.StringIO(out.taken().decode(), newline=""))
    assert [
        cell.removeprefix("'") if cell != original else cell for cell, original in zip(back, row, strict=True)
    ] == row
    assert not any(cell[:1] in tuple("=@\t\r\n") for cell in back)


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter"),
    [
        (b"a,b\n1,2", "utf-8", ","),
        ("größe;b\n1,5;2".encode(), "utf-8", ";"),
        ("größe\tb\n".encode("cp1252"), "windows-1252", "\t"),
        ("größe;b\n".encode("utf-16"), "windows-1252", ";"),  # the mark counts more than the encoding
        (b"a\n" + "ü".encode() * 40_000, "utf-8", ","),  # a character is cut where the look ends
        (b"", "utf-8", ","),
    ],
)
def test_how_a_table_is_written_is_found_out(data: bytes, encoding: str, delimiter: str) -> None:
    file = io.BytesIO(data)
    found = dialect_of(file)
    assert (found.encoding, found.delimiter, file.tell()) == (encoding, delimiter, 0)


def test_a_sheet_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Dialect(sheet="\0").checked()
    assert refused.value.problems[0].field == "sheet"
