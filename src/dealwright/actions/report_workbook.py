"""A report as a workbook (.xlsx): a sheet for each table, a drawing beside it, and a last sheet about the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta, tzinfo
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from dealwright.domain.report import Cell, Chart, ChartKind, Column, Form, Report, Sheet

if TYPE_CHECKING:
    from openpyxl import Workbook

TITLE_LENGTH: Final = 31
"""Characters of a sheet's title, as the format has it."""
DRAWN: Final = 40
"""Rows that a drawing shows at most."""
NARROWEST, WIDEST = 10, 48
FORMATS: Final = {
    Form.TEXT: "General",
    Form.COUNT: "#,##0",
    Form.MONEY: "#,##0.00",
    Form.PERCENT: "0.0%",
    Form.DAYS: "0.00",
    Form.MINUTES: "0.0",
}
HEADING: Final = "DCE6F1"
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\]")


def workbook(report: Report, zone: tzinfo, managers: Sequence[str]) -> bytes:
    """Return the bytes of a workbook; `managers` are the names of those the report is narrowed to."""
    from openpyxl import Workbook  # noqa: PLC0415 - most processes never make a report

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = report.title, "Dealwright"
    taken = {"about"}
    for sheet in report.sheets:
        _write(book, sheet, _title(sheet.title, taken))
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 18, WIDEST
    for name, said in _about(report, zone, managers):
        about.append([_cell(about, name, Form.TEXT, bold=True), _cell(about, said, Form.TEXT)])
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _title(wanted: str, taken: set[str]) -> str:
    """Return a title that the format takes and no other sheet has, whatever the case."""
    bare = _NOT_IN_TITLES.sub(" ", _clean(wanted)).strip(" '") or "Report"
    title, number = bare[:TITLE_LENGTH].strip(), 2
    while title.lower() in taken:
        ending = f" {number}"
        title, number = bare[: TITLE_LENGTH - len(ending)].strip() + ending, number + 1
    taken.add(title.lower())
    return title


def _write(book: Workbook, sheet: Sheet, title: str) -> None:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    page = book.create_sheet(title)
    page.freeze_panes = "B2"
    for place, column in enumerate(sheet.columns):
        values = [str(row[place]) for row in [*sheet.rows[:200], sheet.totals or ()] if place < len(row)]
        longest = max([len(column.title) + 2, *(len(value) + 2 for value in values)])
        page.column_dimensions[get_column_letter(place + 1)].width = min(max(longest, NARROWEST), WIDEST)
    page.append([_cell(page, column.title, Form.TEXT, bold=True, fill=HEADING) for column in sheet.columns])
    for row in sheet.rows:
        page.append(_row(page, sheet.columns, row))
    if sheet.totals is not None:
        page.append(_row(page, sheet.columns, sheet.totals, bold=True))
    if sheet.chart is not None and sheet.rows:
        letter = get_column_letter(len(sheet.columns) + 2)
        page.add_chart(_drawing(page, sheet, sheet.chart, title), f"{letter}2")


def _row(page: Any, columns: Sequence[Column], values: Sequence[Cell], bold: bool = False) -> list[Any]:  # noqa: ANN401
    return [_cell(page, value, column.form, bold) for column, value in zip(columns, values, strict=True)]


def _cell(page: Any, value: Cell, form: Form, bold: bool = False, fill: str = "") -> Any:  # noqa: ANN401
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415

    if form is Form.PERCENT and isinstance(value, Decimal):
        value = value / 100
    kept: Any = _clean(value) if isinstance(value, str) else value
    cell = WriteOnlyCell(page, kept)
    if isinstance(value, str):
        cell.data_type = "s"  # or a person called "=1+1" would be a formula
    cell.number_format = FORMATS[form]
    if bold:
        cell.font = Font(bold=True)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    return cell


def _clean(text: str) -> str:
    """Return a text without the control characters that the format cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def _drawing(page: Any, sheet: Sheet, chart: Chart, title: str) -> Any:  # noqa: ANN401
    from openpyxl.chart import BarChart, Reference  # noqa: PLC0415

    drawn, last = BarChart(), min(len(sheet.rows), DRAWN) + 1
    drawn.type = "bar" if chart.kind is ChartKind.BARS else "col"
    drawn.title, drawn.width, drawn.height = title, 22, max(8, min(last, 30) * 0.7)
    for place in chart.columns:
        drawn.add_data(Reference(page, min_col=place + 1, min_row=1, max_row=last), titles_from_data=True)
    drawn.set_categories(Reference(page, min_col=1, min_row=2, max_row=last))
    if drawn.type == "bar":
        drawn.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the table
    if len(chart.columns) == 1:
        drawn.legend = None
    # Without this some programs hide both axes of a drawing made by a library.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    return drawn


def _about(report: Report, zone: tzinfo, managers: Sequence[str]) -> list[tuple[str, str]]:
    span = report.span
    if span is None:
        period = "All time"
    else:
        first, last = span.start.astimezone(zone).date(), (span.end - timedelta(microseconds=1)).astimezone(zone).date()
        period = str(first) if first == last else f"{first} – {last}"
    return [
        ("Report", report.title),
        ("Period", period),
        ("Managers", ", ".join(managers) or "Everybody"),
        ("Currency", report.currency),
        ("Without a rate", ", ".join(report.missing_rates) or "–"),
        ("Made", f"{report.made_at.astimezone(zone):%Y-%m-%d %H:%M} {zone}"),
    ]
