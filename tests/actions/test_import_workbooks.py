"""Importing workbooks: as tables are, with what their cells mean."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from dealwright.actions import contacts, files, imports, work
from dealwright.domain.contact import ContactChange
from dealwright.domain.importing import Order
from dealwright.domain.table import Dialect
from dealwright.domain.work import State
from dealwright.storage.database import Database
from tests.actions.test_imports import deals, done, names, places, stored, working, wrong
from tests.cast import Cast
from tests.support.sheets import by_hand, workbook

DEALS = places("title", "amount", "expected_close", "closed_at", "probability")


async def test_dates_numbers_and_percentages_of_cells_are_understood(db: Database, cast: Cast) -> None:
    rows: list[list[Any]] = [
        ["t", "a", "d", "c", "p"],
        ["Desks", 1234.56, datetime(2027, 4, 3, 14, 30), date(2027, 5, 1), 0.4],  # noqa: DTZ001
        ["Ünicode", 10**9, date(1999, 12, 31), None, 25],
    ]
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.active["E2"].number_format = "0%"
    data = io.BytesIO()
    book.save(data)
    ended = await done(db, cast.mia, data.getvalue(), subject="opportunity", columns=DEALS)
    assert (ended.state, ended.done, ended.failed, ended.total) == (State.DONE, 2, 0, 2)
    desks, other = (one.opportunity for one in await deals(db, cast.mia))
    assert (desks.title, desks.amount, desks.probability) == ("Desks", Decimal("1234.56"), 40)
    assert desks.expected_close == datetime(2027, 4, 3, 14, 30, tzinfo=UTC)
    assert (other.title, other.amount, other.probability) == ("Ünicode", Decimal(10**9), 25)
    assert other.expected_close == datetime(1999, 12, 31, tzinfo=UTC)


async def test_rows_that_are_wrong_have_the_numbers_that_the_sheet_shows(db: Database, cast: Cast) -> None:
    cells = (
        '<row r="3"><c t="str"><v>Good</v></c><c><f>A9</f><v>5</v></c></row>'
        '<row r="9"><c t="str"><v>Bad</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="12"><c r="B12" t="str"><v>7</v></c></row>'
    )
    ended = await done(
        db, cast.mia, by_hand(cells), subject="opportunity", columns=DEALS, dialect=Dialect(has_header=False)
    )
    assert (ended.done, ended.failed) == (1, 2)
    assert await wrong(db, cast.mia, ended) == [(9, "amount", "format"), (12, "title", "required")]


async def test_a_sheet_is_chosen_by_its_name_and_one_that_is_not_there_is_told(db: Database, cast: Cast) -> None:
    data = workbook(Notes=[["x"]], People=[["f", "l", "c", "e"], ["Ada", "L", None, "ada@x.example"]])
    await done(db, cast.mia, data, dialect=Dialect(sheet="people"))
    assert await names(db, cast.mia) == ["Ada L"]
    ended = await done(db, cast.mia, data, dialect=Dialect(sheet="Nobody"))
    assert (ended.state, ended.error) == (State.FAILED, "sheet: is no sheet of this workbook")


async def test_many_rows_go_through_in_chunks_and_known_people_are_skipped(db: Database, cast: Cast) -> None:
    await contacts.create(db, cast.mia, ContactChange(first_name="Known", email="p7@x.example"))
    people = ([f"F{row}", f"L{row}", "Co", f"p{row}@x.example"] for row in range(2500))
    ended = await done(db, cast.mia, workbook([["f", "l", "c", "e"], *people]))
    assert ended.result == {"imported": 2499, "skipped": 1, "overwritten": 0}


async def test_one_that_was_cut_off_goes_on_at_the_row_it_was_at(db: Database, cast: Cast) -> None:
    rows: list[list[Any]] = [["f", "l", "c", "e"], *([f"F{row}", f"L{row}", None, None] for row in range(3000))]
    order = Order(subject="contact", columns=places("first_name", "last_name", "company_name", "email"))
    begun = await imports.start(db, cast.mia, order, await stored(db, cast.mia, workbook(rows)))
    async with working(db) as works:
        assert await works.is_due()
        await works.take()
        while (await work.status(db, cast.mia, begun.id)).done == 0:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
    assert not (await work.status(db, cast.mia, begun.id)).is_finished
    async with asyncio.timeout(60):
        async with working(db) as works:
            while not (found := await work.status(db, cast.mia, begun.id)).is_finished:
                if await works.is_due():
                    await works.take()
                await asyncio.sleep(0.01)
    assert (found.state, found.done) == (State.DONE, 3000)
    assert len(await names(db, cast.mia)) == 3000


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"PK\x03\x04 and nothing", "file: is no workbook (.xlsx) that can be read"),
        (
            b"\xd0\xcf\x11\xe0 and more",
            "file: is a workbook of the old form or with a password; save it as .xlsx or CSV",
        ),
        (workbook([["only", "a", "head"]]), "file: has no rows"),
        (by_hand('<row r="99999999"/>'), "file: is a workbook that unfolds to more than can be taken"),
    ],
)
async def test_what_cannot_be_read_ends_the_work_with_the_reason(
    db: Database, cast: Cast, data: bytes, error: str
) -> None:
    ended = await done(db, cast.mia, data)
    assert (ended.state, ended.error) == (State.FAILED, error)


async def test_a_look_into_a_workbook_shows_its_head_and_the_row_asked_for(db: Database, cast: Cast) -> None:
    data = workbook([["Name", "Due"], [], ["Ada", date(2027, 1, 2)], ["Bo", None], ["Cy", None]])
    ident = await stored(db, cast.mia, data)
    seen = [await imports.sample(db, cast.mia, ident, Dialect(delimiter=";"), index) for index in (0, 1, 2, 9)]
    assert {tuple(one.head) for one in seen} == {("Name", "Due")}
    assert [one.cells for one in seen] == [["Ada", "2027-01-02"], ["Bo"], ["Cy"], ["Cy"]]
    assert [one.is_last for one in seen] == [False, False, True, True]


async def test_a_workbook_is_kept_as_what_it_is(db: Database, cast: Cast) -> None:
    ident = await imports.upload(db, cast.mia, "People.XLSX", workbook([["x"]]))
    file = await files.get(db, cast.mia, ident)
    assert file.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert file.created_at > datetime.now(UTC) - timedelta(minutes=5)


async def test_the_error_of_a_formula_is_no_name(db: Database, cast: Cast) -> None:
    ended = await done(db, cast.mia, "f,l,c,e\nAda,#N/A,,\nBo,Lee,,#unmapped\n")
    assert (ended.done, ended.failed) == (1, 1)
    assert await wrong(db, cast.mia, ended) == [(2, "last_name", "format")]
    assert await names(db, cast.mia) == ["Bo Lee"]
