"""Reading workbooks: what cells say as text, which sheet it is, and what is refused before it does harm."""

from __future__ import annotations

import csv
import io
import math
import resource
import struct
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from dealwright.domain.errors import Invalid
from dealwright.domain.table import rows
from dealwright.workbooks import archive, reading
from dealwright.workbooks.cells import plain
from dealwright.workbooks.reading import TABLE, as_text, is_workbook
from tests.support.sheets import MAIN, by_hand, workbook


def table(data: bytes, sheet: str = "", most: int | None = None) -> list[list[str]]:
    """Return the rows of a sheet, blank ones too."""
    out = io.BytesIO()
    for _ in as_text(io.BytesIO(data), out, sheet, most):
        pass
    return list(csv.reader(io.TextIOWrapper(out, "utf-8", newline="")))


def refusal(data: bytes, sheet: str = "") -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        table(data, sheet)
    [problem] = refused.value.problems
    return problem.field, problem.code


def one_cell(value: Any, code: str | None = None) -> str:
    book = Workbook()
    assert book.active is not None
    cell = book.active["A1"]
    cell.value = value
    if code is not None:
        cell.number_format = code
    data = io.BytesIO()
    book.save(data)
    return table(data.getvalue())[0][0]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (datetime(2027, 4, 3, 14, 30), None, "2027-04-03 14:30:00"),  # noqa: DTZ001
        (datetime(2027, 4, 3, 14, 30, 5, 250_000), None, "2027-04-03 14:30:05.250000"),  # noqa: DTZ001
        (date(2027, 4, 3), "dd/mm/yy", "2027-04-03"),
        (46480, '[$-409]d" of "mmm;@', "2027-04-03"),
        (time(9, 5), None, "09:05:00"),
        (timedelta(hours=30, minutes=5), None, "30:05:00"),
        (1200.5, '#,##0.00 "days"', "1200.5"),
        (12345678901234.56, None, "12345678901234.56"),
        (0.1 + 0.2, None, "0.3"),
        (1e21, None, "1000000000000000000000"),
        (-2.5e-7, None, "-0.00000025"),
        (40.0, None, "40"),
        (0, None, "0"),
        (0.425, "0.0%", "42.5%"),
        (1067, "00000", "01067"),
        (True, None, "true"),
        ("#N/A", None, "#N/A"),
        ('line\n"two", three', None, 'line\n"two", three'),
        (-0.0, None, "0"),
    ],
)
def test_a_cell_says_what_a_person_would_have_typed(value: Any, code: str | None, text: str) -> None:
    assert one_cell(value, code) == text


def test_a_whole_number_stays_as_it_is_however_long() -> None:
    assert table(by_hand("<row><c><v>1234567890123456789</v></c></row>")) == [["1234567890123456789"]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_loses_more_than_the_last_step_of_a_float(value: float) -> None:
    assert abs(float(plain(repr(value))) - value) <= 2 * math.ulp(value)
    assert "e" not in plain(repr(value)).lower()


def test_rows_keep_their_numbers_and_gaps_their_room() -> None:
    data = by_hand('<row r="2"><c r="B2"><v>1</v></c></row><row r="5"><c r="A5"><v>2</v></c><c><v>3</v></c></row>')
    assert table(data) == [[], ["", "1"], [], [], ["2", "3"]]
    out = io.BytesIO()
    assert list(as_text(io.BytesIO(data), out)) == [5]
    assert [(row.number, row.cells) for row in rows(out, TABLE) if row.cells] == [(2, ["", "1"]), (5, ["2", "3"])]


def test_texts_come_from_wherever_a_workbook_keeps_them() -> None:
    strings = "<si><t>a_x000D_b</t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></si>"
    cells = (
        '<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>own</t><rPh><t>no</t></rPh></is></c>'
        '<c t="str"><f>A1&amp;"x"</f><v>cached</v></c><c t="s"><v>99</v></c><c t="d"><v>2027-04-03T00:00:00</v></c>'
        '<c t="e"><v>#REF!</v></c><c t="b"><v>0</v></c><c><f>1+1</f></c><c s="7"><v>5</v></c>'
    )
    [row] = table(by_hand(f"<row>{cells}</row>", strings=strings))
    assert row == ["a\rb", "rich", "own", "cached", "", "2027-04-03", "#REF!", "false", "", "5"]


def test_a_formula_gives_the_value_that_was_computed_last() -> None:
    assert table(by_hand("<row><c><f>SUM(B1:B9)</f><v>12.5</v></c></row>")) == [["12.5"]]


def test_days_may_begin_in_1904_and_formats_be_of_the_east() -> None:
    sheets = '<workbookPr date1904="1"/><sheets><sheet name="x" r:id="worksheet"/></sheets>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="r">{sheets}</workbook>'
    styles = '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs>'
    cells = '<row><c s="1"><v>45018</v></c><c s="0"><v>45018</v></c></row>'
    assert table(by_hand(cells, styles=styles, parts={"xl/workbook.xml": book})) == [["2027-04-03", "45018"]]


def test_the_first_sheet_that_is_shown_is_meant_or_the_one_of_a_name() -> None:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "Lists", "hidden"
    hidden.append(["no"])
    book.create_sheet("Data").append(["yes"])
    book.create_sheet("Größe").append(["named"])
    data = io.BytesIO()
    book.save(data)
    assert table(data.getvalue()) == [["yes"]]
    assert table(data.getvalue(), "GRÖSSE") == [["named"]]
    assert table(data.getvalue(), "lists") == [["no"]]
    assert refusal(data.getvalue(), "Nowhere") == ("sheet", "unknown")


def test_every_form_of_the_standard_is_read() -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    row = "<x:row><x:c><x:v>7</x:v></x:c></x:row>"
    sheet = f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    assert table(by_hand("", parts={"xl/worksheets/data.xml": sheet})) == [["7"]]
    assert table(by_hand("", parts={"xl/worksheets/data.xml": ("\ufeff" + sheet).encode("utf-16-le")})) == [["7"]]


def test_it_reads_what_the_library_reads() -> None:
    made = [[f"Name {row}", row * 1.25, date(2027, 1, 1 + row % 28), None, row % 2 == 0] for row in range(50)]
    data = workbook(made)
    sheet = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    theirs = [list(row) for row in sheet.iter_rows(values_only=True)]
    ours = table(data)
    assert len(ours) == len(theirs) == 50
    for mine, (name, number, day, _, flag) in zip(ours, theirs, strict=True):
        assert mine == [name, f"{number:g}", f"{day:%Y-%m-%d}", "", str(flag).lower()]


def test_only_as_many_rows_as_are_wanted_are_read() -> None:
    assert table(workbook([[row] for row in range(9000)]), most=3) == [["0"], ["1"], ["2"]]


# What is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04rest",
        b"PK\x03\x04" + b"\0" * 100 + b"PK\x05\x06",
        by_hand("", parts={"xl/workbook.xml": "<workbook"}),
        by_hand("", parts={"xl/workbook.xml": b"\x00\xff\x00\xff"}),
        by_hand("<row><c></row>"),
        by_hand("")[:-30],
        by_hand("", parts={"xl/_rels/workbook.xml.rels": "<Relationships/>"}),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    assert refusal(data) == ("file", "format")


def test_entities_are_never_unfolded() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">'
        '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>&b;&c;</v></c></row></sheetData></worksheet>'
    )
    assert refusal(by_hand("", parts={"xl/worksheets/data.xml": bomb})) == ("file", "format")


def test_what_unfolds_too_far_is_refused_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNFOLDED", 1 << 20)
    data = by_hand("", parts={"xl/worksheets/data.xml": b" " * (1 << 21)})
    assert len(data) < 10_000
    assert refusal(data) == ("file", "too_long")


@pytest.mark.parametrize(
    "data",
    [
        by_hand("", parts={"xl/workbook.xml": b" " * (archive.SMALL + 1)}),
        by_hand("", parts={"xl/worksheets/data.xml": b"<worksheet a='" + b"x" * (6 << 20) + b"'/>"}),
        by_hand(f'<row r="{reading.ROWS + 1}"><c><v>1</v></c></row>'),
        by_hand('<row r="999999999"><c><v>1</v></c></row>'),
    ],
)
def test_what_would_take_more_than_its_share_is_refused(data: bytes) -> None:
    assert refusal(data) == ("file", "too_long")


def test_a_list_of_parts_without_end_is_not_looked_at() -> None:
    data = bytearray(by_hand(""))
    place = data.rfind(b"PK\x05\x06")
    struct.pack_into("<L", data, place + 12, 1 << 30)
    assert refusal(bytes(data)) == ("file", "too_long")


def test_an_archive_of_the_large_form_is_read_too() -> None:
    sent = io.BytesIO(by_hand("<row><c><v>1</v></c></row>"))
    data = io.BytesIO()
    with zipfile.ZipFile(sent) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
    assert table(data.getvalue()) == [["1"]]


def test_a_cell_far_to_the_right_does_not_widen_the_table_without_end() -> None:
    [row] = table(by_hand('<row><c r="XFD1"><v>1</v></c></row>'))
    assert len(row) == 1001


def test_one_row_without_end_takes_little_memory() -> None:
    data = by_hand("<row>" + "<c><v>1</v></c>" * 3_000_000 + "</row>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [row] = table(data)
    assert len(row) == 1001
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def test_a_workbook_of_the_old_form_or_a_locked_one_is_told_so() -> None:
    with pytest.raises(Invalid, match="old form or with a password"):
        is_workbook(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
    assert not is_workbook(io.BytesIO(b"a,b\n"))
