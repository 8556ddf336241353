"""Workbooks for tests: as a spreadsheet program writes them, and put together by hand, however strange."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(*sheets: Iterable[Sequence[Any]], **named: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook with these rows in its sheets; those without a name are called 1, 2, 3."""
    book = Workbook(write_only=True)
    for title, rows in {**{str(place): rows for place, rows in enumerate(sheets, 1)}, **named}.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def by_hand(rows: str, *, strings: str = "", styles: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return a workbook whose one sheet has this XML as its rows; `parts` replace whole parts."""
    whole = {
        "_rels/.rels": _relations(officeDocument="/xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets><sheet name="Data" sheetId="1"'
        ' r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            worksheet="worksheets/data.xml", sharedStrings="sharedStrings.xml", styles="/xl/styles.xml"
        ),
        "xl/worksheets/data.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        **(parts or {}),
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return data.getvalue()


def _relations(**targets: str) -> str:
    each = "".join(
        f'<Relationship Id="{kind}" Type="{RELATED}/{kind}" Target="{target}"/>' for kind, target in targets.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'
